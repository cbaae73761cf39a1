"""Whatever a stranger's dataset holds, the checks of tables and texts never fail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from spinegate.protocol_specs.loader import load_spec
from spinegate.validator.checks.table import load_check
from spinegate.validator.dataset import load_dataset
from spinegate.validator.finding import Outcome
from spinegate.validator.inspection import Inspection
from spinegate.validator.tree import EXECUTABLE, FILE, LINK, Entry, Unreadable
from spinegate.validator.verdict import Verdict

SPEC = load_spec("spine-generic")
MODULES = [
    "files",
    "annex",
    "links",
    "text",
    "orphans",
    "derivatives",
    "headers",
    "grids",
    "participants",
    "cells",
    "agreement",
    "description",
    "exclusions",
]
DESCRIPTION = b'{"Name": "X", "BIDSVersion": "1.10.0"}'

CELLS = st.text(max_size=12).filter(lambda text: "\t" not in text and "\n" not in text)
COLUMNS = st.sampled_from(
    [
        "participant_id",
        "sex",
        "age",
        "height",
        "date_of_scan",
        "institution_id",
        "manufacturer",
        "manufacturers_model_name",
        "software_versions",
        "receive_coil_name",
        "",
        "notes",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "Manufacturer",
        "ManufacturersModelName",
        "SoftwareVersions",
        "ReceiveCoilName",
        "InstitutionName",
        "AcquisitionDateTime",
        "SpatialReference",
        "EchoTime",
    ]
)
DESCRIBED = st.sampled_from(["Name", "BIDSVersion", "License", "Authors", "GeneratedBy"])
LEVELS = st.fixed_dictionaries({}, optional={"Levels": JSON, "Units": JSON})


@dataclass(frozen=True)
class Memory:
    """A tree that never touches a disk."""

    contents: Mapping[str, bytes]
    modes: Mapping[str, str]
    oid: str = ""
    name: str = "memory"
    annex: Path | None = None
    folder: Path | None = None

    @property
    def entries(self) -> list[Entry]:
        return [
            Entry(path, path.encode("utf-8", "replace"), self.modes.get(path, FILE), self.oid)
            for path in sorted(self.contents)
        ]

    def read(self, entries: Iterable[Entry], limit: int) -> Iterator[bytes | Unreadable]:
        for entry in entries:
            yield self.contents[entry.path][: limit + 1]


def judge(
    contents: Mapping[str, bytes], modes: Mapping[str, str] | None = None, oid: str = ""
) -> list[Verdict]:
    files = {"dataset_description.json": DESCRIPTION, **contents}
    inspection = Inspection(load_dataset(Memory(files, modes or {}, oid), SPEC), SPEC)
    verdicts = [verdict for name in MODULES for verdict in load_check(name)(inspection)]
    for verdict in verdicts:
        assert verdict.count >= 0
        if verdict.outcome is Outcome.NOT_MET:
            assert verdict.message.endswith("."), verdict
            json.dumps([verdict.observed, verdict.expected, verdict.fix])
    return verdicts


def codes(verdicts: Iterable[Verdict]) -> list[str]:
    return [verdict.code for verdict in verdicts if verdict.outcome is Outcome.NOT_MET]


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    columns = draw(st.lists(COLUMNS, min_size=1, max_size=6))
    row = st.lists(CELLS | st.sampled_from(["sub-a01", "n/a", "-"]), max_size=7)
    lines = [columns, *draw(st.lists(row, max_size=5))]
    return "\n".join("\t".join(line) for line in lines).encode("utf-8", "surrogatepass")


@settings(deadline=None)
@given(table=tables() | st.binary(max_size=80), meanings=st.dictionaries(COLUMNS, JSON | LEVELS))
def test_any_table(table: bytes, meanings: dict[str, object]) -> None:
    judge(
        {
            "participants.tsv": table,
            "participants.json": json.dumps(meanings).encode(),
            "sub-a01/anat/sub-a01_T1w.nii.gz": b"",
        }
    )


@settings(deadline=None)
@given(
    sidecar=st.dictionaries(KEYS, JSON, max_size=6),
    description=st.dictionaries(DESCRIBED, JSON, max_size=5),
    row=st.lists(CELLS, min_size=6, max_size=6),
)
def test_any_json(sidecar: dict[str, object], description: object, row: list[str]) -> None:
    header = "participant_id\tmanufacturer\tmanufacturers_model_name\tsoftware_versions\t"
    header += "receive_coil_name\tdate_of_scan\tinstitution_id\n"
    judge(
        {
            "dataset_description.json": json.dumps(description).encode(),
            "participants.tsv": (header + "\t".join(["sub-a01", *row])).encode(
                "utf-8", "surrogatepass"
            ),
            "sub-a01/anat/sub-a01_T1w.nii.gz": b"",
            "sub-a01/anat/sub-a01_T1w.json": json.dumps(sidecar).encode(),
            "derivatives/x/sub-a01/anat/sub-a01_T1w_label-SC_seg.nii.gz": b"",
            "derivatives/x/sub-a01/anat/sub-a01_T1w_label-SC_seg.json": json.dumps(
                sidecar
            ).encode(),
            "LICENSE": b"CC0",
        }
    )


@settings(deadline=None)
@given(
    text=st.binary(max_size=60)
    | st.lists(st.sampled_from(["csa_t1:", "- sub-a01", "  # why", "\n", ": ", "[", "&a", "'"]))
    .map("".join)
    .map(str.encode)
)
def test_any_exclusions(text: bytes) -> None:
    judge({"exclude.yml": text, "participants.tsv": b"participant_id\nsub-a01\n"})


@settings(max_examples=50, deadline=None)
@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12), unique=True
    ),
    mode=st.sampled_from([FILE, LINK, EXECUTABLE, "special", "unreadable: Permission denied"]),
    content=st.binary(max_size=40) | st.sampled_from([b"/annex/objects/x\n", b"../.git/annex/o"]),
    end=st.sampled_from(["", ".json", ".nii.gz", ".bval", "/sub-a01_T1w.nii", "_seg.nii.gz"]),
)
def test_any_name(names: list[str], mode: str, content: bytes, end: str) -> None:
    files = {f"{place}{name}{end}": content for name in names for place in ("", "derivatives/x/")}
    judge(files, dict.fromkeys(files, mode))


def test_a_table_of_many_wrong_rows_gives_few_findings() -> None:
    rows = "".join(f"sub-x{i}\t{i}.5.1\t-\n" for i in range(20_000))
    table = b"participant_id\tage\theight\n" + rows.encode()
    found = codes(judge({"participants.tsv": table}))
    assert found.count("PARTICIPANT_WITHOUT_FOLDER") == 101
    assert found.count("PARTICIPANT_VALUE_INVALID") == 101
    assert found.count("PARTICIPANT_CELL_LEGACY") == 1


def test_rows_behind_the_limit_are_counted() -> None:
    rows = "".join(f"sub-x{i}\n" for i in range(150))
    verdicts = judge({"participants.tsv": b"participant_id\n" + rows.encode()})
    missing = [v for v in verdicts if v.code == "PARTICIPANT_WITHOUT_FOLDER"]
    assert sum(v.count for v in missing) == 150


def test_the_whole_file_is_refused_where_exclusions_are_too_large() -> None:
    assert "EXCLUDE_MALFORMED" in codes(judge({"exclude.yml": b"# " + b"x" * (1 << 20)}))


def test_a_key_and_an_object_of_git_are_compared_apart() -> None:
    image = b"\x1f\x8b..."
    files = {f"sub-a0{i}/anat/sub-a0{i}_T1w.nii.gz": image for i in (1, 2)}
    assert "CONTENT_DUPLICATE" in codes(judge(files, oid="0" * 40))
    assert "CONTENT_DUPLICATE" not in codes(judge(files))
