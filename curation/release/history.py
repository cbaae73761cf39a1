"""What has come into a dataset since its last release, from git's history."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ...system.errors import SpinegateError, ToolError
from ...system.git import git
from ...validator.report.visible import visible

RELEASE = re.compile(r"r[0-9]{8}(\.[0-9]+)?")
_MOST = 2000
_LONGEST = 200
_MERGED = re.compile(r"Merge pull request #(?P<number>[0-9]+) from (?P<who>[\w.-]+)/")
_SQUASHED = re.compile(r"(?P<title>.*\S) \(#(?P<number>[0-9]+)\)")
_OURS = re.compile(r"spinegate: (?P<kind>[\w-]+): (?P<summary>.*)")
_REVERTS = re.compile(r"^This reverts commit ([0-9a-f]{7,64})", re.MULTILINE)
_GITHUB = re.compile(
    r"(?:https://(?:[^@/\s]*@)?|ssh://git@|git@)github\.com[:/](?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?"
)


@dataclass(frozen=True, slots=True)
class Contribution:
    """One thing that came in: a merged branch, or a commit of its own.

    Attributes
    ----------
    title, who
        In one line each, as people wrote them.
    number
        Of the pull request; "" where there is none.
    """

    title: str
    who: str
    number: str = ""


def last_release(folder: Path, commit: str) -> str:
    """Return the tag of the last release that a commit holds; "" where there is none."""
    names = git(folder, "tag", "--merged", commit, "--list", "r*").decode(errors="replace")
    return max((name for name in names.split() if RELEASE.fullmatch(name)), default="")


def contributions(folder: Path, since: str, commit: str) -> list[Contribution]:
    """Return what has come in between a release and a commit, the oldest first.

    Parameters
    ----------
    since
        A tag, or "" for all there is.
    """
    span = f"refs/tags/{since}..{commit}" if since else commit
    form = "%x1e%H%x1f%an%x1f%s%x1f%b"
    log = git(folder, "log", "--first-parent", f"--max-count={_MOST}", f"--format={form}", span)
    found: list[tuple[str, Contribution]] = []
    gone: set[str] = set()
    for record in log.decode(errors="replace").split("\x1e")[1:]:
        oid, who, subject, body = (*record.split("\x1f", 3), "", "", "")[:4]
        if undone := _REVERTS.search(body):
            gone |= {oid, undone[1]}
        elif oid not in gone:
            found.append((oid, _contribution(who, subject, body)))
    kept = [one for oid, one in found if not any(oid.startswith(each) for each in gone)]
    return [one for one in reversed(kept) if one.title]


def lacking(folder: Path, commit: str) -> int:
    """Return how many commits of the published branch a commit lacks, as far as is known here."""
    try:
        return int(git(folder, "rev-list", "--count", f"{commit}..@{{upstream}}"))
    except ToolError:  # nothing is known of a published one
        return 0


def repository_of(folder: Path) -> str:
    """Return the address of the dataset's repository on GitHub; "" where it has none.

    What stands in a remote's address beside owner and name, such as a token, is left out.
    """
    try:
        address = git(folder, "config", "--get", "remote.origin.url").decode(errors="replace")
    except ToolError:
        return ""
    found = _GITHUB.fullmatch(address.strip())
    return f"https://github.com/{found['name']}" if found else ""


def read_commit(folder: Path, commit: str) -> str:
    """Return the message of a commit."""
    return git(folder, "log", "-1", "--format=%B", commit, "--").decode(errors="replace")


def head_of(folder: Path) -> str:
    """Return the id of the commit that is checked out.

    Raises
    ------
    SpinegateError
        No git, or no commit yet.
    """
    try:
        return git(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
    except ToolError:
        raise SpinegateError(f"{folder} is not in git, or has no commit yet") from None


def _contribution(who: str, subject: str, body: str) -> Contribution:
    if merged := _MERGED.match(subject):
        title = next((line for line in body.splitlines() if line.strip()), subject)
        return Contribution(_line(title), f"@{merged['who']}", merged["number"])
    if squashed := _SQUASHED.fullmatch(subject):
        return Contribution(_line(squashed["title"]), _line(who), squashed["number"])
    if ours := _OURS.fullmatch(subject):
        return Contribution(_line(_worded(ours["kind"], ours["summary"])), _line(who))
    return Contribution(_line(subject), _line(who))


def _worded(kind: str, summary: str) -> str:
    return f"Add {summary}" if kind in ("merge", "contribution") else f"{kind}: {summary}"


def _line(text: str) -> str:
    shown = visible(" ".join(text.split()))
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 3] + "..."
