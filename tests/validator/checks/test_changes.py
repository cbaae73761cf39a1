"""What a change took away, replaced and renamed, as a manager is told of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spinegate.protocol_specs.loader import load_spec
from spinegate.rules.loader import load_rules
from spinegate.validator.changes import Changes, find_changes
from spinegate.validator.checks.policy import is_policy
from spinegate.validator.checks.table import load_check
from spinegate.validator.dataset import Dataset, load_dataset
from spinegate.validator.disk import FILE, Entry, Unreadable, sorted_entries
from spinegate.validator.finding import Outcome, Severity
from spinegate.validator.inspection import Inspection
from spinegate.validator.verdict import Verdict

SPEC = load_spec("spine-generic")
MODULES = ("removals", "replacements", "rewrites", "renames", "policy")
CODES = {rule.code for rule in load_rules() if rule.group == "changes"}
REMOVALS = (
    "PARTICIPANT_REMOVED",
    "CONTRAST_LOST",
    "SCAN_REMOVED",
    "DERIVATIVE_REMOVED",
    "FILE_REMOVED",
)
DESCRIPTION = {"dataset_description.json": b'{"Name": "X"}'}


@dataclass(frozen=True)
class Memory:
    """A commit's files, without a repository."""

    entries: list[Entry]
    contents: Mapping[str, bytes]
    name: str = "memory"
    annex: Path | None = None
    folder: Path | None = None

    def read(self, entries: Iterable[Entry], limit: int) -> Iterator[bytes | Unreadable]:
        for entry in entries:
            yield self.contents[entry.path][: limit + 1]


def dataset(files: Mapping[str, bytes | int]) -> Dataset:
    contents = {
        path: pointer(data) if isinstance(data, int) else data for path, data in files.items()
    }
    entries = [
        Entry(path, path.encode("utf-8", "surrogatepass"), FILE, hashlib.sha1(data).hexdigest())
        for path, data in contents.items()
    ]
    return load_dataset(Memory(sorted_entries(entries), contents), SPEC)


def pointer(number: int) -> bytes:
    return f"/annex/objects/SHA256E-s9--{number:064x}.nii.gz\n".encode()


def change(base: Mapping[str, bytes | int], head: Mapping[str, bytes | int]) -> Changes:
    return find_changes(dataset({**DESCRIPTION, **base}), dataset({**DESCRIPTION, **head}))


def judge(changes: Changes) -> list[Verdict]:
    inspection = Inspection(changes.head, SPEC, changes=changes)
    return [verdict for name in MODULES for verdict in load_check(name)(inspection)]


def faults(changes: Changes) -> list[Verdict]:
    return [verdict for verdict in judge(changes) if verdict.outcome is Outcome.NOT_MET]


def image(name: str, label: str = "a01", folder: str = "") -> str:
    kind = "dwi" if name.endswith("dwi") else "anat"
    return f"{folder}sub-{label}/{kind}/sub-{label}_{name}.nii.gz"


EXAM = {image("T1w"): 1, image("T2w"): 2}


def test_without_a_base_there_is_nothing_to_say() -> None:
    inspection = Inspection(dataset(EXAM), SPEC)
    assert [v for name in MODULES for v in load_check(name)(inspection)] == []


def test_every_rule_is_counted_where_nothing_changed() -> None:
    verdicts = judge(change(EXAM, EXAM))
    assert {verdict.outcome for verdict in verdicts} == {Outcome.MET}
    assert {verdict.code for verdict in verdicts} == CODES
    number = Counter({v.code: 0 for v in verdicts})
    for verdict in verdicts:
        number[verdict.code] += verdict.count
    assert number["CONTRAST_LOST"] == 2
    assert number["PARTICIPANT_REMOVED"] == 1


def test_a_lost_contrast_names_all_that_goes_and_stays() -> None:
    mask = "derivatives/labels/sub-a01/anat/sub-a01_T2w_label-SC_seg"
    rest: dict[str, bytes | int] = {
        "sub-a01/anat/sub-a01_T2w.json": b"{}",
        image("T2w", folder="sourcedata/"): 3,
        "sourcedata/sub-a01/anat/sub-a01_T2w.json": b"{}",
        f"{mask}.nii.gz": 4,
        f"{mask}.json": b"{}",
    }
    (lost,) = faults(change({**EXAM, **rest}, {image("T1w"): 1, **rest}))
    assert (lost.code, lost.location, lost.contrast) == ("CONTRAST_LOST", image("T2w"), "T2w")
    assert set(lost.affects) == set(rest)
    assert lost.message == (
        f"sub-a01 loses its T2w image: this change takes away {image('T2w')}, and leaves its "
        "sidecar, its raw image under sourcedata/ and 1 derivative behind."
    )
    (lost,) = faults(change({**EXAM, **rest}, {image("T1w"): 1}))
    assert set(lost.affects) == set(rest)
    assert "with its sidecar, its raw image under sourcedata/ and 1 derivative." in lost.message


@pytest.mark.parametrize(
    "to",
    [
        image("T2w", folder="derivatives/trash/"),
        image("T2w", folder="sourcedata/"),
        image("T2w", folder="sourcedata/old/"),
        image("T2w", folder="code/"),
        image("T2w", folder=".hidden/"),
        image("acq-x_FLAIR"),
        "old.nii.gz",
        image("T1w"),
    ],
)
def test_a_contrast_that_is_put_away_is_lost(to: str) -> None:
    (lost, *rest) = sorted(faults(change(EXAM, {image("T1w"): 1, to: 2})), key=lambda v: v.code)
    assert (lost.code, lost.location, lost.contrast) == ("CONTRAST_LOST", image("T2w"), "T2w")
    assert lost.affects == (to,)
    assert lost.message == (
        f"sub-a01 loses its T2w image: this change moves {image('T2w')} to {to}."
    )
    assert [v.code for v in rest] == (["SCAN_REPLACED"] if to == image("T1w") else [])


@pytest.mark.parametrize("to", [image("T2star"), image("acq-x_T2w"), image("T2w", "b02")])
def test_an_image_under_another_name_of_the_protocol_is_not_lost(to: str) -> None:
    (renamed,) = faults(change(EXAM, {image("T1w"): 1, to: 2}))
    assert (renamed.code, renamed.location) == ("SCAN_RENAMED", to)


def test_a_contrast_that_only_a_copy_elsewhere_keeps_is_lost() -> None:
    copy = {image("T2w", folder="code/"): 3}
    (lost,) = faults(change({**EXAM, **copy}, {image("T1w"): 1, **copy}))
    assert (lost.code, lost.location) == ("CONTRAST_LOST", image("T2w"))


@pytest.mark.parametrize("folder", ["sourcedata/", "code/", ".hidden/", "sourcedata/old/"])
def test_a_participant_who_is_put_away_is_removed(folder: str) -> None:
    away = {f"{folder}{path}": number for path, number in EXAM.items()}
    (gone,) = faults(change({**EXAM, image("T1w", "b02"): 3}, {**away, image("T1w", "b02"): 3}))
    assert (gone.code, gone.location) == ("PARTICIPANT_REMOVED", "sub-a01")
    assert set(gone.affects) == {*EXAM, *away}


def test_raw_images_move_to_sourcedata_when_they_are_preprocessed() -> None:
    head = {image("T1w", folder="sourcedata/"): 1, image("T1w"): 2}
    described = {"sub-a01/anat/sub-a01_T1w.json": b"{}"}
    (renamed, replaced) = sorted(
        faults(change({image("T1w"): 1, **described}, {**head, **described})), key=lambda v: v.code
    )
    assert (renamed.code, renamed.location) == ("SCAN_RENAMED", image("T1w", folder="sourcedata/"))
    assert (replaced.code, replaced.severity) == ("SCAN_REPLACED", Severity.WARNING)


def test_all_runs_of_a_contrast_are_one_loss() -> None:
    runs = {image("run-1_T2w"): 2, image("run-2_T2w"): 3}
    (lost,) = faults(change({image("T1w"): 1, **runs}, {image("T1w"): 1}))
    assert (lost.location, *lost.affects) == tuple(runs)
    assert "and 1 more" in lost.message


def test_raw_images_of_a_site_are_one_finding() -> None:
    root = {image("T1w", label): n for n, label in enumerate(("a01", "a02"))}
    raw = {image("T1w", label, "sourcedata/"): n + 5 for n, label in enumerate(("a01", "a02"))}
    (gone,) = faults(change({**root, **raw}, root))
    assert gone.code == "SCAN_REMOVED"
    assert (gone.location, *gone.affects) == tuple(raw)
    assert "2 raw images of 2 exams" in gone.message
    assert gone.message.endswith("; what was made from them stays.")


def test_a_folder_that_is_no_dataset_yet() -> None:
    base = dataset({"exam1/T1w.nii.gz": 1, "exam1/T2w.nii.gz": 2, "exam2/T1w.nii.gz": 3})
    head = dataset({"exam1/T1w.nii.gz": 1})
    found = faults(find_changes(base, head))
    assert {verdict.code for verdict in found} <= {*REMOVALS}
    assert {p for v in found for p in (v.location, *v.affects)} == {
        "exam1/T2w.nii.gz",
        "exam2/T1w.nii.gz",
    }
    assert not any("sub-" in verdict.message for verdict in found)


@pytest.mark.parametrize(
    ("path", "twin", "severity"),
    [
        (image("T1w"), None, Severity.ERROR),
        (image("T1w", folder="sourcedata/"), image("T1w"), Severity.ERROR),
        (image("T1w"), image("T1w", folder="sourcedata/"), Severity.WARNING),
        ("derivatives/x/sub-a01/anat/sub-a01_T1w_label-SC_seg.nii.gz", None, Severity.WARNING),
    ],
)
def test_how_bad_another_content_is(path: str, twin: str | None, severity: Severity) -> None:
    kept = {twin: 7} if twin else {}
    (verdict,) = faults(change({path: 1, **kept}, {path: 2, **kept}))
    assert (verdict.code, verdict.location, verdict.severity) == ("SCAN_REPLACED", path, severity)


@pytest.mark.parametrize(
    "described",
    ["sub-a01/dwi/sub-a01_dwi.json", "sub-a01/dwi/sub-a01_dwi.bvec", "dwi.json"],
)
def test_metadata_that_change_too_describe_the_new_content(described: str) -> None:
    base: dict[str, bytes | int] = {image("dwi"): 1, described: b'{"EchoTime": 1}'}
    head: dict[str, bytes | int] = {image("dwi"): 2, described: b'{"EchoTime": 2}'}
    assert faults(change(base, head)) == []


def test_what_kept_the_old_name_is_told_its_new_one() -> None:
    mask = "derivatives/labels/sub-a01/anat/sub-a01_T1w_label-SC_seg.nii.gz"
    (torn,) = faults(change({image("T1w"): 1, mask: 2}, {image("T1w", "b02"): 1, mask: 2}))
    assert torn.code == "RENAMED_WITHOUT_DERIVATIVES"
    to = mask.replace("a01", "b02")
    assert torn.fix == {"op": "rename", "path": mask, "to": to}
    assert (torn.observed, torn.expected) == ([mask], [to])
    assert torn.suggestion == f"Rename {mask} to {to}."
    assert torn.affects == (mask,)


def test_policy_that_the_settings_name() -> None:
    base = dataset({**DESCRIPTION, "rules/own.yaml": b"a", "rules/other.yaml": b"a"})
    head = dataset({**DESCRIPTION, "rules/own.yaml": b"b", "rules/other.yaml": b"b"})
    (verdict,) = faults(find_changes(base, head, ["rules/own.yaml"]))
    assert (verdict.code, verdict.location) == ("POLICY_CHANGED", "rules/own.yaml")


PARTS = st.sampled_from(
    ["sub-a01", "sub-b02", "ses-1", "anat", "dwi", "sourcedata", "derivatives"]
)
LAST = st.sampled_from(
    [
        f"{who}_{name}"
        for who in ("sub-a01", "sub-b02", "x")
        for name in ("T1w.nii.gz", "T1w.json", "dwi.nii", "dwi.bval", "T1w_label-SC_seg.nii.gz")
    ]
    + [".bidsignore", ".spinegate.yml", ".gitattributes", "participants.tsv", "a\nb\x1b", "\udc80"]
)
PATHS = st.builds(lambda parts, last: "/".join([*parts, last]), st.lists(PARTS, max_size=4), LAST)
CONTENTS = st.one_of(
    st.integers(0, 4), st.sampled_from([b"", b"{}", b'{"EchoTime": 1}', b"\xff", b"[1]"])
)
TREES = st.dictionaries(PATHS, CONTENTS, max_size=12)


@given(TREES, TREES, st.booleans())
@example({"x_T1w.nii.gz": 0, "sourcedata/x_T1w.nii.gz": 0}, {}, False)
@example(
    {
        "sub-a01_T1w.nii.gz": 0,
        "sub-a01_T1w_label-SC_seg.nii.gz": 0,
        "sourcedata/sub-a01_T1w_label-SC_seg.nii.gz": 0,
    },
    {"sub-a01_T1w.nii.gz": 0},
    False,
)
def test_whatever_changes_each_removed_file_is_told_of_once(
    base: dict[str, bytes | int], head: dict[str, bytes | int], bare: bool
) -> None:
    extra: dict[str, bytes | int] = {} if bare else dict(DESCRIPTION)
    changes = find_changes(dataset({**base, **extra}), dataset({**head, **extra}))
    verdicts = judge(changes)
    assert all(v.count >= 0 for v in verdicts)
    assert all(v.message.endswith(".") for v in verdicts if v.outcome is Outcome.NOT_MET)
    told = Counter(
        path
        for verdict in verdicts
        if verdict.code in REMOVALS and verdict.outcome is Outcome.NOT_MET
        for path in {verdict.location, *verdict.affects}
    )
    gone = [path for path in changes.removed if not is_policy(path)]
    assert {path: told[path] for path in gone} == dict.fromkeys(gone, 1)
