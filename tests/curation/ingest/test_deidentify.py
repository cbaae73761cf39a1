"""Sidecars by the allow-list: what rules need stays, what tells of a person goes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from bidsschematools.schema import load_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from spinegate.curation.ingest.deidentify import (
    Options,
    Removed,
    deidentify,
    deidentify_sidecar,
)
from spinegate.curation.ingest.deidentify_allowed import load_allowed
from spinegate.curation.ingest.deidentify_names import Identity, make_identity, read_identity
from spinegate.protocol_specs.loader import load_spec
from spinegate.rules.vocabulary import load_vocabulary
from spinegate.validator.checks.privacy import DATE_KEYS, DEVICE_KEYS, PERSON_KEYS

SALT = b"0123456789abcdef"
PLAIN = Options(SALT)
ALLOWED = load_allowed()
PERSON = {"PatientSex", "PatientAge", "PatientSize", "PatientWeight"}
# No rule reads it, and operators write names there (DICOM PS3.15, table E.1-1 removes both).
UNNEEDED = {"InstitutionalDepartmentName", "ProcedureStepDescription"}
RULES = Path(__file__).parents[3] / "rules"
CHECKS = RULES.parent / "validator"


def clean(sidecar: dict[str, Any], **choices: Any) -> Removed:
    return deidentify_sidecar(sidecar, Options(SALT, **choices))


def test_every_key_of_the_vocabulary_is_allowed_but_what_identifies() -> None:
    keys = load_vocabulary().roots["sidecar"].fields.keys()
    private = PERSON_KEYS | DEVICE_KEYS | DATE_KEYS | PERSON | UNNEEDED
    assert {key for key in keys if not ALLOWED.knows(key)} == (keys & private) - {
        "DeviceSerialNumber"
    }


def test_every_key_that_a_rule_reads_is_allowed() -> None:
    text = "".join(path.read_text() for path in RULES.glob("*.yaml") if "vocab" not in path.name)
    read = set(re.findall(r"(?:series\.)?sidecar\.([A-Z]\w+)", text))
    for path in CHECKS.rglob("*.py"):
        read |= set(re.findall(r"sidecar(?:\.get\(|\[)\"([A-Z]\w+)\"", path.read_text()))
    spec = load_spec("spine-generic")
    for series in spec.series.values():
        read |= set(series.equal)
    known = load_vocabulary().roots["sidecar"].fields.keys()
    assert len(read & known) > 25
    assert {key for key in read & known if not ALLOWED.knows(key)} == set()


def test_no_key_that_identifies_is_allowed() -> None:
    told = (PERSON_KEYS | DEVICE_KEYS | PERSON | {"ImageComments", "StudyDescription"}) - {
        "DeviceSerialNumber"  # as a hash
    }
    assert not any(ALLOWED.knows(key) for key in told)
    assert not (DATE_KEYS & (ALLOWED.keep | ALLOWED.text))


def test_the_part_of_bids_is_in_its_schema() -> None:
    from spinegate.system.yaml import read_yaml

    folder = Path(__file__).parents[3] / "curation" / "ingest"
    named = read_yaml(folder / "allowed.yaml").value["keep"]
    metadata = load_schema().to_dict()["objects"]["metadata"]
    assert set(named["bids"]) <= metadata.keys()
    assert set(named["vocabulary"]) <= load_vocabulary().roots["sidecar"].fields.keys()


def test_no_key_is_listed_twice() -> None:
    assert not ALLOWED.keep & ALLOWED.text
    assert not (ALLOWED.keep | ALLOWED.text) & ALLOWED.dates


def test_what_nobody_has_thought_of_goes() -> None:
    removed = clean({"EchoTime": 0.003, "MyOwnKey": "Smith", "global": {"const": {"X": "Smith"}}})
    assert removed.sidecar == {"EchoTime": 0.003}
    assert removed.gone == ("MyOwnKey", "global")


def test_a_key_that_is_asked_for_stays_less_names() -> None:
    removed = clean({"PatientName": "Smith^John", "MyKey": "as Smith said"}, keep={"MyKey"})
    assert removed.sidecar == {"MyKey": "as said"}
    assert removed.shortened == ("MyKey",)


def test_serial_numbers_are_hashed_and_still_group() -> None:
    one, two, other = (
        clean({"DeviceSerialNumber": number}).sidecar["DeviceSerialNumber"]
        for number in ("40146", "40146", "40147")
    )
    assert one == two != other
    assert re.fullmatch("[0-9a-f]{32}", one)
    salted = Options(b"another secret!!!")
    assert deidentify_sidecar({"DeviceSerialNumber": "40146"}, salted).sidecar != {
        "DeviceSerialNumber": one
    }


def test_a_serial_number_of_digits_alone_is_never_taken_for_a_hash() -> None:
    removed = clean({"DeviceSerialNumber": "1" * 32})
    assert removed.sidecar["DeviceSerialNumber"] != "1" * 32


def test_the_frame_of_reference_becomes_a_hash_of_another_name() -> None:
    removed = clean({"FrameOfReferenceUID": "1.2.3.20180918"})
    assert list(removed.sidecar) == ["FrameOfReferenceHash"]
    assert "20180918" not in removed.sidecar["FrameOfReferenceHash"]
    assert removed.hashed == ("FrameOfReferenceUID",)


@pytest.mark.parametrize(
    ("sidecar", "left"),
    [
        ({"AcquisitionDateTime": "2019-02-12T12:49:35.5"}, {"AcquisitionTime": "12:49:35.5"}),
        ({"AcquisitionDateTime": "20190212124935.5"}, {"AcquisitionTime": "12:49:35.5"}),
        ({"AcquisitionTime": "2019-02-12 12:49:35"}, {"AcquisitionTime": "12:49:35"}),
        ({"AcquisitionTime": "9:4:5.25"}, {"AcquisitionTime": "9:4:5.25"}),
        ({"AcquisitionTime": "yesterday"}, {}),
        ({"AcquisitionTime": 124935}, {}),
        ({"AcquisitionDateTime": "2019-02-12"}, {}),
        ({"StudyDate": "20190212", "AcquisitionDate": "20190212"}, {}),
    ],
)
def test_of_dates_only_the_time_of_day_stays(
    sidecar: dict[str, Any], left: dict[str, Any]
) -> None:
    assert clean(sidecar).sidecar == left


def test_dates_stay_where_they_are_asked_for() -> None:
    sidecar = {"AcquisitionDateTime": "2019-02-12T12:49:35", "SeriesDescription": "t2 20190212"}
    assert clean(sidecar, keep_dates=True).sidecar == sidecar


def test_texts_lose_names_and_words_of_the_scanner_do_not() -> None:
    sidecar = {
        "PatientName": "Gre^Siemens", "Manufacturer": "Siemens", "ScanningSequence": "GRE",
        "ProtocolName": "T1w siemens", "SeriesDescription": "gre", "ImageType": ["ORIGINAL"],
    }  # fmt: skip
    removed = clean(sidecar)
    assert removed.sidecar == {
        "Manufacturer": "Siemens", "ScanningSequence": "GRE", "ProtocolName": "T1w",
        "ImageType": ["ORIGINAL"],
    }  # fmt: skip
    assert removed.gone == ("PatientName", "SeriesDescription")


def test_objects_are_cut_inside() -> None:
    made = [{"Name": "tool", "Description": "run by Smith", "Smith": 1}]
    removed = clean({"PatientName": "Smith", "GeneratedBy": made})
    assert removed.sidecar == {"GeneratedBy": [{"Name": "tool", "Description": "run by"}]}


def test_reports_tell_keys_and_never_values(tmp_path: Path) -> None:
    sidecar = {
        "PatientName": "Smith^John", "DeviceSerialNumber": "40146", "StudyDate": "20190212",
        "ProtocolName": "Smith T1", "Odd\nKey\x1b[31m": 1,
        "AcquisitionDateTime": "2019-02-12T1:2:3",
    }  # fmt: skip
    removed = clean(sidecar, identity=make_identity(["Smith^John"]))
    told = "\n".join(removed.tell())
    for value in ("Smith^", "John", "40146", "2019", "\x1b"):
        assert value not in told
        assert value not in repr(removed)
    for key in ("PatientName", "DeviceSerialNumber", "ProtocolName"):
        assert key in told


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(
    sorted(
        ALLOWED.keep
        | ALLOWED.text
        | ALLOWED.dates
        | PERSON_KEYS
        | DEVICE_KEYS
        | {"FooBar", "global"}
    )
) | st.text(max_size=5)
SIDECARS = st.dictionaries(KEYS, JSON, max_size=8)


@given(SIDECARS)
@settings(max_examples=150)
def test_anything_is_cleaned_twice_as_once(sidecar: dict[str, Any]) -> None:
    before = json.dumps(sidecar)
    options = Options(SALT, make_identity(["Smith^Li"], ["40146"], ["19800312"]))
    once = deidentify_sidecar(sidecar, options)
    assert json.dumps(sidecar) == before
    assert all(ALLOWED.knows(key) for key in once.sidecar)
    again = deidentify_sidecar(once.sidecar, options)
    assert again.sidecar == once.sidecar
    assert again.gone == again.hashed == again.timed == again.shortened == ()
    list(once.tell())


@given(
    name=st.text("abcdefghijklmnopqrstuvwxyzäöüß", min_size=6, max_size=12),
    key=st.sampled_from(sorted(ALLOWED.text)),
    around=st.tuples(st.text(max_size=8), st.text(max_size=8)),
)
def test_a_name_is_found_wherever_it_stands(name: str, key: str, around: tuple[str, str]) -> None:
    text = around[0] + name.title() + around[1]
    options = Options(SALT, make_identity([f"{name}^x"]))
    left = deidentify_sidecar({key: text}, options).sidecar.get(key, "")
    assert name not in left.casefold()


@pytest.mark.parametrize("vendor", ["siemens", "ge", "philips"])
def test_nothing_that_the_phantom_made_up_is_left(
    exams: Path, truth: Path, tmp_path: Path, vendor: str
) -> None:
    pytest.importorskip("pydicom")
    from spinegate.curation.ingest.enrich import enrich

    for folder in sorted((exams / f"{vendor}A01").iterdir()):
        files = sorted(folder.iterdir())
        sidecar = {
            "PatientName": f"Phantom^{vendor}A01", "StationName": f"PH{vendor.upper()}",
            "SeriesDescription": f"T1 {vendor}A01 Hantom", "DeviceSerialNumber": "000001",
            "AcquisitionDateTime": "2023-05-19T15:08:40",
        }  # fmt: skip
        options = Options(SALT, read_identity(files))
        removed = deidentify(enrich(sidecar, files), None, options)
        text = json.dumps(removed.sidecar)
        for secret in (
            "Phantom",
            f"{vendor}A01",
            "Hantom",
            '000001"',
            "2023",
            "Cord Street",
            "2.25.",
        ):
            assert secret not in text, (secret, removed.sidecar)
        assert removed.sidecar["SeriesDescription"] == "T1"
        assert removed.sidecar["AcquisitionTime"] == "15:08:40"
        assert len(removed.sidecar["FrameOfReferenceHash"]) == 32


def test_an_identity_never_shows_itself() -> None:
    identity = make_identity(["Smith^John"], ["40146"], ["19800312"])
    assert "smith" not in repr(identity)
    assert "40146" not in repr(Options(SALT, identity))
    assert repr(SALT) not in repr(Options(SALT))
    assert repr(Identity()) == "Identity(0 names, 0 numbers)"


@pytest.mark.real
@pytest.mark.parametrize(
    ("series", "reference", "protocol"),
    [
        ("ge/mr_0004", "DCM2NIIX_regression_test_4", "DCM2NIIX"),
        ("siemens/mr_0003", "EPI_PE=AP_3", "EPI PE=AP"),
    ],
)
def test_real_files_lose_the_name_and_keep_what_was_measured(
    shared_data: Path, series: str, reference: str, protocol: str
) -> None:
    pytest.importorskip("pydicom")
    from spinegate.curation.ingest.enrich import enrich

    files = sorted((shared_data / "dicom" / series).glob("*.dcm"))
    file = shared_data / "dicom" / "dcm2niix_reference" / f"{reference}.json"
    removed = deidentify_sidecar(
        enrich(json.loads(file.read_text()), files), Options(SALT, read_identity(files))
    )
    left = removed.sidecar
    assert left["ProtocolName"] == protocol  # the person is called Test^Regression
    for key in ("ShimSetting", "EchoTime", "AcquisitionTime", "ImagePositionPatientDICOM"):
        assert key in left
    text = json.dumps(left).casefold()
    for secret in ("regression", "45160", "000301496", "fmrif3tb", "2018", "1.2.840", "1.3.12"):
        assert secret not in text.replace("dv26.0", ""), secret


@given(name=st.text(max_size=64), comment=st.text(max_size=40))
def test_hostile_names_in_real_headers_are_no_crash(
    exams: Path, tmp_path_factory: pytest.TempPathFactory, name: str, comment: str
) -> None:
    pydicom = pytest.importorskip("pydicom")
    source = sorted(exams.glob("geA01/*/*.dcm"))
    with pydicom.config.disable_value_validation():
        header = pydicom.dcmread(source[0], stop_before_pixels=True)
        header.SpecificCharacterSet = "ISO_IR 192"
        header.PatientName = name.replace("\\", "")
        header.SeriesDescription = comment.replace("\\", "")
        path = tmp_path_factory.mktemp("x") / "x.dcm"
        try:
            header.save_as(path)
        except UnicodeError:  # half characters: no file can hold them
            return
    identity = read_identity([path])
    options = Options(SALT, identity)
    left = deidentify_sidecar({"SeriesDescription": comment}, options).sidecar
    assert deidentify_sidecar(left, options).sidecar == left
