"""Which git-annex branches are at hand, and whose word counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.examples.mutations import MUTATIONS
from spinegate.system.errors import ToolError
from spinegate.validator.remote.refs import LOCAL, ORIGIN, find_refs, list_remotes

Git = Callable[..., str]
FORK = "refs/remotes/fork/git-annex"


def branch(folder: Path, ref: str, text: str = "") -> None:
    MUTATIONS["branch"].apply(folder, {"ref": ref, "files": {"uuid.log": text or ref}})


@pytest.mark.parametrize(
    ("refs", "base", "trusted"),
    [
        ((LOCAL, ORIGIN, FORK), None, (LOCAL, FORK, ORIGIN)),
        ((LOCAL, ORIGIN, FORK), "origin/main", (ORIGIN,)),
        ((LOCAL, ORIGIN, FORK), "refs/remotes/fork/main", (FORK,)),
        ((LOCAL, ORIGIN, FORK), "0123abcd", (ORIGIN,)),
        ((LOCAL, ORIGIN), "main", (ORIGIN,)),
        ((FORK,), "origin/main", ()),
        ((LOCAL, FORK), "main", ()),
        ((LOCAL,), "main", (LOCAL,)),
        ((), "main", ()),
    ],
)
def test_whose_word_counts(
    refs: tuple[str, ...], base: str | None, trusted: tuple[str, ...], repository: Path
) -> None:
    for ref in refs:
        branch(repository, ref)
    found = find_refs(repository, base)
    assert set(found.trees) == set(refs)
    assert found.trusted == trusted
    assert set(found.others) == set(refs) - set(trusted)
    assert set(found.tracked) == set(refs) - {LOCAL}


def test_there_may_be_no_repository(tmp_path: Path) -> None:
    with pytest.raises(ToolError):
        find_refs(tmp_path)


def test_remotes_are_those_with_an_address(repository: Path, run: Git) -> None:
    assert list_remotes(repository) == []
    run(repository, "git", "remote", "add", "up.stream", "https://example.org/a")
    run(repository, "git", "remote", "add", "origin", "https://example.org/b")
    run(repository, "git", "config", "remote.our store.annex-uuid", "x")
    assert list_remotes(repository) == ["origin", "up.stream"]
