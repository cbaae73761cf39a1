"""CHANGES keeps its form, and git's history is told as it was written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.curation.release.changes import file_of, items, knows, with_entry
from spinegate.curation.release.history import (
    Contribution,
    contributions,
    last_release,
    repository_of,
)

Run = Callable[..., str]
SAID = "- One by A\n- Two by B"


def entry(text: str, name: str, since: str = "r20250101", repository: str = "") -> str:
    return with_entry(text, name, "r20261120", "2026-11-20", SAID, since, repository)


def test_markdown_gets_a_heading_before_the_others() -> None:
    old = "# Changes\n\n## r20250101\n\n - Old\n"
    assert entry(old, "CHANGES.md", repository="https://github.com/a/b") == (
        "# Changes\n\n## r20261120\n"
        "[View detailed changelog](https://github.com/a/b/compare/r20250101...r20261120)\n\n"
        " - One by A\n - Two by B\n\n\n## r20250101\n\n - Old\n"
    )
    assert entry("# Changes\n", "CHANGES.md").startswith("# Changes\n## r20261120\n")
    assert entry("", "CHANGES.md") == "## r20261120\n\n - One by A\n - Two by B\n"


def test_plain_text_gets_the_form_of_bids() -> None:
    new = "r20261120 2026-11-20\n - One by A\n - Two by B\n"
    assert entry("", "CHANGES") == new
    assert entry("About\n\n1.0.0 2020-01-01\n - Old\n", "CHANGES") == (
        f"About\n\n{new}\n1.0.0 2020-01-01\n - Old\n"
    )
    assert entry("1.0.0 2020-01-01\r\n - Old\r\n", "CHANGES").count("\r\n") == 6


def test_the_file_that_is_there_is_kept() -> None:
    assert file_of(["README", "CHANGES.md"]) == "CHANGES.md"
    assert file_of([]) == "CHANGES"
    assert knows("## r20261120\n", "r20261120")
    assert knows("r20261120 2026-11-20\n", "r20261120")
    assert not knows("## r202611201\n- in r20261120\n", "r20261120")


def test_contributions_are_lines_with_their_addresses() -> None:
    found = [Contribution("Add data", "@ann", "12"), Contribution("Fix", "Bob")]
    assert items(found, "https://github.com/a/b") == (
        "- Add data by @ann in https://github.com/a/b/pull/12\n- Fix by Bob"
    )
    assert items(found, "") == "- Add data by @ann in #12\n- Fix by Bob"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("git@github.com:a/b.git", "https://github.com/a/b"),
        ("https://tom:secret@github.com/a/b", "https://github.com/a/b"),
        ("ssh://git@github.com/a/b.git", "https://github.com/a/b"),
        ("https://example.org/a/b", ""),
        ("", ""),
    ],
)
def test_an_address_is_told_without_what_is_secret(
    address: str, shown: str, tmp_path: Path, run: Run
) -> None:
    run(tmp_path, "git", "init", "-q")
    if address:
        run(tmp_path, "git", "remote", "add", "origin", address)
    assert repository_of(tmp_path) == shown


def test_history_tells_what_came_in(tmp_path: Path, run: Run) -> None:
    def commit(*message: str) -> None:
        words = [word for part in message for word in ("-m", part)]
        run(tmp_path, "git", "commit", "-q", "--allow-empty", *words)

    run(tmp_path, "git", "init", "-q", "-b", "main")
    commit("The beginning")
    assert last_release(tmp_path, "HEAD") == ""
    for name in ("r20240101", "r20250101", "rubbish", "v1"):
        run(tmp_path, "git", "tag", name)
    commit("Correct ages (#7)")
    run(tmp_path, "git", "switch", "-q", "-c", "site")
    commit("inside a branch")
    run(tmp_path, "git", "switch", "-q", "main")
    pull = ["-m", "Merge pull request #12 from ann/site", "-m", "Data of\x1b[31m unf"]
    run(tmp_path, "git", "merge", "-q", "--no-ff", *pull, "site")
    commit("spinegate: merge: 3 participants of unf", "Contribution: unf-1")
    commit("spinegate: rename: 4 files")
    commit("A mistake")
    oid = run(tmp_path, "git", "rev-parse", "HEAD").strip()
    commit('Revert "A mistake"', f"This reverts commit {oid}.")
    assert last_release(tmp_path, "HEAD") == "r20250101"
    found = contributions(tmp_path, "r20250101", "HEAD")
    assert [(one.title, one.who, one.number) for one in found] == [
        ("Correct ages", "Tester", "7"),
        ("Data of\\x1b[31m unf", "@ann", "12"),
        ("Add 3 participants of unf", "Tester", ""),
        ("rename: 4 files", "Tester", ""),
    ]
    assert len(contributions(tmp_path, "", "HEAD")) == 5
