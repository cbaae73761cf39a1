"""The commands that bring contents to where they belong: each can be typed as it stands."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from spinegate.validator.checks.repair import (
    add_command,
    can_be_typed,
    copy_command,
    find_target,
    usual_remote,
)
from spinegate.validator.remote.branch import Branch, Remote, parse_branch

PUBLIC = "publicurl=https://example.org/"


def branch(*lines: str, trust: str = "") -> Branch:
    remotes = "\n".join(f"{line} timestamp=1s" for line in lines)
    return parse_branch(Path(), {"remote.log": remotes.encode(), "trust.log": trust.encode()}, {})


def remote(name: str = "store", **settings: str) -> Remote:
    return Remote("u", {"name": name, "type": "S3", **settings}, "u")


@pytest.mark.parametrize(
    ("lines", "held", "public", "name"),
    [
        ([f"a name=a type=S3 {PUBLIC}", "b name=b type=S3"], [], True, "a"),
        (["b name=b type=S3", f"z name=z type=S3 {PUBLIC}"], [], False, "z"),
        ([f"a name=a type=S3 {PUBLIC}", "b name=b type=S3"], ["a"], False, "b"),
        ([f"a name=a type=S3 {PUBLIC}", "b name=b type=S3"], ["a"], True, None),
        (["a name=a type=web", "b name=b type=httpalso url=https://x"], [], True, None),
        (
            [
                f"a name=a type=S3 {PUBLIC}",
                "b name=b type=S3",
                "m type=httpalso sameas-uuid=b url=https://x autoenable=true",
            ],
            [],
            True,
            "b",
        ),
    ],
)
def test_where_to_copy(lines: list[str], held: list[str], public: bool, name: str | None) -> None:
    found = find_target(branch(*lines), held, public=public)
    assert (found.name if found else None) == name


@pytest.mark.parametrize("level", ["X", "0"])
def test_nothing_is_copied_to_what_does_not_count(level: str) -> None:
    known = branch(f"a name=a type=S3 {PUBLIC}", trust=f"a {level} timestamp=1s")
    assert find_target(known, [], public=True) is None


def test_names_are_quoted() -> None:
    command = copy_command(remote("our store; rm"), ["-x y.nii.gz"])
    assert shlex.split(command) == [
        *("git", "annex", "copy", "--to", "our store; rm", "--", "-x y.nii.gz")
    ]
    assert shlex.split(add_command("$(touch x)"))[5] == "$(touch x)"


def test_many_files_are_named_by_their_folders() -> None:
    paths = [
        f"{top}sub-a{n}/anat/{i}.nii.gz"
        for top in ("", "derivatives/labels/")
        for n in (1, 2)
        for i in range(3)
    ]
    assert copy_command(remote(), paths[:6]).count(".nii.gz") == 6
    assert copy_command(remote(), paths).partition(" -- ")[2] == (
        "sub-a1 sub-a2 derivatives/labels/sub-a1 derivatives/labels/sub-a2"
    )
    many = [f"sub-a{n}/x.nii.gz" for n in range(30)]
    assert copy_command(remote(), many).endswith(" -- .")


def test_what_is_exported_is_exported() -> None:
    command = copy_command(remote(exporttree="yes"), ["x"])
    assert command == "git annex export HEAD --to store"


def test_the_usual_remote() -> None:
    assert usual_remote(["fork", "origin"]) == usual_remote([]) == "origin"
    assert usual_remote(["upstream"]) == "upstream"


def test_what_can_be_typed() -> None:
    assert can_be_typed("a b.nii.gz")
    assert not can_be_typed("a\nb")
    assert not can_be_typed("a\\xffb")
