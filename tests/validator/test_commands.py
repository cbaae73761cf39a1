"""Commands that mend a finding: safe to paste, whatever the files are called."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.commands import COMMANDS, NO_REPOSITORY, WITH_BASE, command_of
from spinegate.validator.finding import Finding, Origin, Scope, Severity

FOUND = Finding("X", Severity.ERROR, "a.json", "Wrong.", Origin("spinegate", "0"), Scope.FILE)
T1W = "sub-a/anat/sub-a_T1w.nii.gz"


def test_a_command_of_its_own_is_kept() -> None:
    fix = {"op": "rename", "path": "a", "to": "b"}
    assert command_of(replace(FOUND, command="git push", fix=fix)) == "git push"


def test_a_fix_is_named_by_the_findings_identity() -> None:
    found = replace(FOUND, fix={"op": "rename", "path": "a", "to": "b"})
    wanted = f"spinegate curate fix --finding {found.identity} --apply"
    assert command_of(found) == command_of(found, "main") == wanted
    changed = replace(found, rule="changes.X")
    assert command_of(changed, "main") == wanted.replace("fix ", "fix --base main ")
    assert command_of(replace(FOUND, fix={"op": "unheard"})) == ""


def test_a_code_without_a_command() -> None:
    assert command_of(FOUND) == ""
    assert command_of(FOUND, "main") == ""


@pytest.mark.parametrize("code", sorted(COMMANDS))
def test_names_are_quoted(code: str) -> None:
    found = replace(FOUND, code=code, location="-a b'$(touch pwned).json", affects=("*.tsv",))
    words = shlex.split(command_of(found))
    assert found.location in words
    assert "*.tsv" in words
    assert words.index("--") < words.index(found.location)


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31m", "a\\xff", "\u202etxt.exe", ".", ""])
def test_a_name_that_cannot_be_typed_has_no_command(name: str) -> None:
    for code in (*COMMANDS, *WITH_BASE):
        assert command_of(replace(FOUND, code=code, affects=(name,)), "main") == ""


def test_a_folder_without_git() -> None:
    for code in COMMANDS:
        command = command_of(replace(FOUND, code=code), repository=False)
        assert bool(command) == (code in NO_REPOSITORY)
        assert "git" not in command
    for code in WITH_BASE:
        assert command_of(replace(FOUND, code=code), "main", repository=False) == ""


@pytest.mark.parametrize("code", sorted(WITH_BASE - {"PARTICIPANT_REMOVED"}))
def test_what_is_gone_comes_back_from_the_base(code: str) -> None:
    found = replace(FOUND, code=code, location=T1W, affects=(T1W, "b c"))
    assert command_of(found, "origin/main") == f"git checkout origin/main -- {T1W} 'b c'"
    assert command_of(found) == ""
    assert command_of(found, "--output=x") == ""
    assert command_of(replace(found, affects=(":!x",)), "main").startswith("git --literal")


def test_many_files_by_what_their_names_share() -> None:
    paths = [f"sub-{number:03}/anat/sub-{number:03}_T1w.nii.gz" for number in range(300)]
    found = replace(FOUND, code="CONTRAST_LOST", location=paths[0], affects=tuple(paths[1:]))
    command = command_of(found, "main")
    assert "--diff-filter=D" in command
    assert "-- 'sub-*/anat/sub-*_T1w.nii.gz' |" in command
    assert len(command) < 300
    one = [f"sub-a/anat/sub-a_run-{number}_T1w.nii.gz" for number in range(8)]
    found = replace(found, location=one[0], affects=tuple(one[1:]))
    assert all(path in command_of(found, "main") for path in one)


def test_a_participant_comes_back_whole() -> None:
    found = replace(FOUND, code="PARTICIPANT_REMOVED", location="sub-a", affects=(T1W,))
    assert "-- '*sub-a/*' |" in command_of(found, "main")


def test_a_command_that_is_too_long_is_none() -> None:
    paths = tuple(f"sub-a/anat/sub-a_run-{number:04}_T1w.bval" for number in range(400))
    assert command_of(replace(FOUND, code="LINE_ENDS_CRLF", affects=paths)) == ""


TEXT = st.text(max_size=20)


@given(st.sampled_from(sorted([*COMMANDS, *WITH_BASE])), st.lists(TEXT, max_size=9), TEXT)
def test_any_name_gives_one_line_or_none(code: str, names: list[str], base: str) -> None:
    command = command_of(replace(FOUND, code=code, affects=tuple(names)), base)
    assert command.isprintable()
    if command:
        shlex.split(command)
