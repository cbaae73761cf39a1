"""Whatever names and sidecars a stranger brings, the checks of both never fail."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from spinegate.protocol_specs.loader import load_spec
from spinegate.rules.loader import load_rules
from spinegate.validator.dataset import load_dataset
from spinegate.validator.engine import run_rules
from spinegate.validator.finding import Origin
from spinegate.validator.inspection import Inspection
from spinegate.validator.ledger import Ledger
from spinegate.validator.tree import FILE, Entry, Unreadable

SPEC = load_spec("spine-generic")
RULES = [rule for rule in load_rules() if rule.group in ("names", "sidecars")]
ORIGIN = Origin("spinegate", "0")
KEYS = st.sampled_from(
    [
        "EchoTime",
        "RepetitionTime",
        "RepetitionTimeExcitation",
        "InversionTime",
        "FlipAngle",
        "MTState",
        "ScanOptions",
        "SequenceVariant",
        "Manufacturer",
        "ImageType",
        "ShimSetting",
        "ImageOrientationPatientDICOM",
        "TablePosition",
        "PatientName",
        "PatientID",
        "DeviceSerialNumber",
        "AcquisitionDateTime",
        "PatientPosition",
        "EchoNumber",
        "ProtocolName",
        "SeriesDescription",
        "ScanningSequence",
        "SAR",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**400, max_value=10**401)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["0.0022,0.0085", "0,0022", "1e999", "MT", "sub-a1", "2019-01-01", "\ud800"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=4), inner),
    max_leaves=6,
)
SIDECARS = st.dictionaries(KEYS, VALUES, max_size=8).map(lambda value: json.dumps(value).encode())
TEXTS = SIDECARS | st.binary(max_size=20) | VALUES.map(lambda value: json.dumps(value).encode())
STEMS = st.sampled_from(
    [
        "sub-a1/anat/sub-a1_T1w",
        "sub-a1/anat/sub-a1_acq-MTon_MTS",
        "sub-a1/anat/sub-a1_flip-1_mt-off_MTS",
        "sub-a1/dwi/sub-a1_dwi",
        "sub-a1/dwi/sub-a1_T2W",
        "sub-a1/GRE-MT1_13",
        "sub-a1/anat/sub-b2_T1w",
        "sourcedata/sub-a1/anat/sub-a1_T1w",
        "derivatives/labels/sub-a1/anat/sub-a1_T1w_label-SC_seg",
        "patient/S501",
        "patient/visit 2/T1\u202e",
        "T1w",
    ]
)
FILES = st.dictionaries(
    st.tuples(STEMS, st.sampled_from([".nii.gz", ".json", ".json", ".bval"])).map("".join),
    TEXTS,
    max_size=8,
)


@dataclass(frozen=True)
class Memory:
    """A tree that never touches a disk."""

    contents: Mapping[str, bytes]
    name: str = "memory"
    annex: Path | None = None
    folder: Path | None = None

    @property
    def entries(self) -> list[Entry]:
        return [Entry(path, path.encode(), FILE) for path in sorted(self.contents)]

    def read(self, entries: Iterable[Entry], limit: int) -> Iterator[bytes | Unreadable]:
        return (self.contents[entry.path][: limit + 1] for entry in entries)


def run(contents: Mapping[str, bytes]) -> Ledger:
    ledger = Ledger(RULES, ORIGIN)
    run_rules(Inspection(load_dataset(Memory(contents), SPEC), SPEC), RULES, ledger)
    return ledger


@given(FILES, st.booleans(), st.text(max_size=30))
def test_anything_is_judged_and_can_be_reported(
    files: dict[str, bytes], described: bool, ignored: str
) -> None:
    contents = {**files, ".bidsignore": ignored.encode("utf-8", "surrogatepass")}
    if described:
        contents["dataset_description.json"] = b"{}"
    ledger = run(contents)
    for finding in ledger.findings:
        assert json.loads(json.dumps(finding.to_json())) == finding.to_json()
        finding.message.encode()
        assert finding.message.endswith(".")
        assert len(finding.message) < 3000
        assert len(set(finding.affects)) == len(finding.affects)
    identities = Counter((f.code, f.location, f.sub_code) for f in ledger.findings)
    assert not [place for place, count in identities.items() if count > 1]


@given(FILES, st.text(min_size=1, max_size=10))
def test_a_name_is_never_repeated_in_a_report(files: dict[str, bytes], name: str) -> None:
    secret = f"Hantom^{name}"
    value: dict[str, Any] = {"PatientName": secret, "a": {"PatientID": secret}}
    path = "sub-z/anat/sub-z_T1w"
    contents = {**files, f"{path}.nii.gz": b"", f"{path}.json": json.dumps(value).encode()}
    findings = run(contents).findings
    found = {f.sub_code for f in findings if f.location == f"{path}.json"}
    assert {"PatientName", "PatientID"} <= found
    assert "Hantom" not in json.dumps([finding.to_json() for finding in findings])
