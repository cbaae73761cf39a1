"""CHANGES: a release's entry, in the form that the file has."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from .history import Contribution

NAMES = ("CHANGES.md", "CHANGES", "CHANGES.txt", "CHANGES.rst")
_ENTRY = re.compile(r"^\S+[ \t]+[0-9]{4}-[0-9]{2}-[0-9]{2}[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^##[ \t]+\S", re.MULTILINE)
_TITLE = re.compile(r"\A\s*#[ \t]+[^\n]*\n+")


def file_of(present: Collection[str]) -> str:
    """Return which of the files a dataset keeps its changes in; CHANGES where it has none yet."""
    return next((name for name in NAMES if name in present), "CHANGES")


def items(found: Iterable[Contribution], repository: str) -> str:
    """Write one line per contribution."""
    lines = []
    for one in found:
        place = f"#{one.number}" if one.number else ""
        if place and repository:
            place = f"{repository}/pull/{one.number}"
        lines.append(f"- {one.title} by {one.who}" + (f" in {place}" if place else ""))
    return "\n".join(lines)


def knows(text: str, release: str) -> bool:
    """Whether a release has its entry already."""
    return re.search(rf"^(?:##[ \t]+)?{re.escape(release)}\b", text, re.MULTILINE) is not None


def with_entry(
    text: str, name: str, release: str, date: str, said: str, since: str, repository: str
) -> str:
    """Return the file with the release's entry before the others.

    Parameters
    ----------
    text
        What the file holds; "" where there is none.
    name
        The file's name: Markdown has headings, the others the form that BIDS asks for.
    said
        What is new, as lines that begin with a dash.
    since, repository
        The release before and the address on GitHub, for the link between them; may be "".
    """
    end = "\r\n" if "\r\n" in text else "\n"
    lines = [f" {line}" if line.strip() else "" for line in said.strip().splitlines()]
    if name.endswith(".md"):
        head = [f"## {release}"]
        if since and repository:
            span = f"{repository}/compare/{since}...{release}"
            head.append(f"[View detailed changelog]({span})")
        entry = end.join([*head, "", *lines, "", "", ""])
        first = _HEADING.search(text)
    else:
        entry = end.join([f"{release} {date}", *lines, "", ""])
        first = _ENTRY.search(text)
    if first is not None:
        at = first.start()
    else:
        title = _TITLE.match(text) if name.endswith(".md") else None
        at = title.end() if title else 0
    return (text[:at] + entry + text[at:]).rstrip("\r\n") + end
