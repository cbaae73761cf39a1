from __future__ import annotations

import json
from pathlib import Path

import pytest

from spinegate.examples.dataset import Options, write_people
from spinegate.examples.faults import FAULTS, PER_SITE, choose_faults, load_faults, write_faulty
from spinegate.system.errors import ConfigError
from spinegate.system.git import git

TINY = Options(sites=1, size="tiny")


def parse(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "faults.yaml"
    path.write_text(text)
    return path


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_shipped_faults_change_their_own_participants_only(tmp_path: Path) -> None:
    for name in ("faulty", "clean"):
        (tmp_path / name).mkdir()
    people, faults = write_faulty(tmp_path / "faulty", TINY)
    write_people(tmp_path / "clean", people, TINY)
    faulty, clean = bytes_of(tmp_path / "faulty"), bytes_of(tmp_path / "clean")
    assert json.loads(faulty["faults.json"]) == {"faults": faults}
    assert len(faults) == len([fault for fault in choose_faults() if not fault.prepare])
    names = {one.name for one in people}
    named = {fault["location"].split("/")[0] for fault in faults} & names
    changed = {
        path for path in faulty.keys() | clean.keys() if faulty.get(path) != clean.get(path)
    }
    touched = {part for path in changed for part in path.split("/")} & names
    assert touched
    spare = {one.name for one in people if one.index == PER_SITE - 1}
    assert not spare & (touched | named)


def test_every_fault_has_a_participant_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    text = "".join(
        f"- code: CODE_{n}\n  summary: x\n  location: '{{sub}}/a'\n"
        f"  operations:\n    - write_text: {{file: '{{sub}}/a', text: 'x'}}\n"
        for n in range(12)
    )
    people, faults = write_faulty(tmp_path / "a", TINY, load_faults(parse(tmp_path, text)))
    assert len({fault["location"] for fault in faults}) == 12
    assert len(people) == 6 * PER_SITE
    assert all((tmp_path / "a" / fault["location"]).is_file() for fault in faults)


def test_claims_and_placeholders(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    text = """
- code: PAIR
  summary: "{sub} and {sub2}"
  location: "{sub}"
  affects: ["{sub2}", "{label3}"]
  claim: {vendor: philips, participants: 3}
  operations:
    - write_text: {file: "{sub2}/note", text: "{site} {label} {other}"}
- code: NOBODY
  summary: the dataset has no README
  location: README.md
  claim: {participants: 0}
  operations:
    - delete: {path: README.md}
- code: SITE
  summary: all of {site}
  location: "{sub4}"
  claim: {vendor: ge, site: true}
  operations:
    - delete: {path: "{each}/dwi"}
- prepare: true
  summary: a repository
  operations:
    - git: {args: [init, -q]}
"""
    people, faults = write_faulty(tmp_path / "a", TINY, load_faults(parse(tmp_path, text)))
    assert [fault["code"] for fault in faults] == ["PAIR", "NOBODY", "SITE"]
    assert faults[0]["location"] == "sub-philipsA01"
    assert faults[0]["affects"] == ["sub-philipsA02", "philipsA03"]
    note = tmp_path / "a" / "sub-philipsA02" / "note"
    assert note.read_text() == "philipsA philipsA01 {other}"
    assert faults[2]["location"] == "sub-geA04"
    assert not (tmp_path / "a" / "README.md").exists()
    left = [one.name for one in people if (tmp_path / "a" / one.name / "dwi").is_dir()]
    assert len(left) == 2 * PER_SITE
    assert (tmp_path / "a" / ".git").is_dir()
    assert len(people) == 3 * PER_SITE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code: X", "must be a list"),
        ("- 3", "must be a mapping"),
        ("- code: X\n  summary: s\n  operations: []", "needs code and location"),
        ("- code: X\n  location: l\n  operations: []", "lacks summary"),
        ("- code: X\n  summary: s\n  location: l\n  operation: []", ":4: "),
        (
            "- code: X\n  summary: s\n  location: l\n  operations:\n    - explode: {path: a}",
            ":5: .*unknown operation",
        ),
        (
            "- code: X\n  summary: s\n  location: l\n  operations:\n    - rename: {path: a}",
            ":5: .*lacks to",
        ),
        (
            "- code: X\n  summary: s\n  location: l\n  operations:\n    - delete: {path: a, b: c}",
            ":5: .*unknown; known are path",
        ),
        (
            "- code: X\n  summary: s\n  location: l\n  operations: []\n  before: []",
            ":5: .*since: true",
        ),
        (
            "- code: X\n  summary: s\n  location: l\n  operations: []\n  claim: {vendor: acme}",
            ":5: .*must be one of siemens",
        ),
        (
            "- code: X\n  summary: s\n  location: l\n  operations: []\n  claim: {participants: 9}",
            ":5: .*must be 0 to 3",
        ),
    ],
)
def test_a_wrong_entry_names_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_faults(parse(tmp_path, text))


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("delete: {path: nothing}", "X: delete failed"),
        ("delete: {path: '{sub2}'}", "does not claim"),
    ],
)
def test_a_fault_that_cannot_be_planted_is_named(
    tmp_path: Path, operation: str, message: str
) -> None:
    (tmp_path / "a").mkdir()
    text = f"- code: X\n  summary: s\n  location: l\n  operations:\n    - {operation}"
    with pytest.raises(ConfigError, match=message):
        write_faulty(tmp_path / "a", TINY, load_faults(parse(tmp_path, text)))


def test_a_vendor_that_is_left_out_cannot_be_claimed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    text = "- code: X\n  summary: s\n  location: l\n  operations: []\n  claim: {vendor: ge}"
    options = Options(sites=1, vendors=("siemens",), size="tiny")
    with pytest.raises(ConfigError, match="X needs a vendor"):
        write_faulty(tmp_path / "a", options, load_faults(parse(tmp_path, text)))


def test_a_fault_that_lies_in_what_changed_is_a_commit_on_the_clean_phantom(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    text = """
- code: GONE
  summary: the notes of {sub} are gone
  location: "{sub}/notes"
  since: true
  before:
    - write_text: {file: "{sub}/notes", text: "text"}
  operations:
    - delete: {path: "{sub}/notes"}
"""
    _, (fault,) = write_faulty(folder, TINY, load_faults(parse(tmp_path, text)))

    def ask(*arguments: str) -> str:
        return git(folder, *arguments).decode()

    assert ask("diff", "--name-status", "base", "change") == f"D\t{fault['location']}\n"
    assert ask("status", "--porcelain") == ""
    assert ask("symbolic-ref", "--short", "HEAD") == "change\n"
    assert ask("log", "-1", "--format=%s") == fault["summary"] + "\n"
    assert "faults.json" in ask("ls-tree", "--name-only", "base").split()


def test_the_shipped_list_has_each_code_once() -> None:
    codes = [fault.code for fault in load_faults(FAULTS) if not fault.prepare]
    assert len(codes) >= 5
    assert len(set(codes)) == len(codes)
