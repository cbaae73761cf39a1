"""The answer to an order, as Markdown: what was said by strangers is text in it and no more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import accumulate

from ...validator.github.body import cut, plain, quiet, room
from ...validator.report.markdown import escape, fenced
from ...validator.report.visible import visible
from .admit import Pull
from .comment import Comment

DONE = "<!-- pushed -->"
"""Stands below the marker of an answer that a second run leaves as it is."""

_PATCH = 40_000  # bytes of a patch that is shown
_LISTED = 15_000  # bytes of a block that folds: with a patch and a few words it fits
_REST = "the artifact `spinegate-change` of the run has more"
_TEXT = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]*")
_FENCE = re.compile("`{3,}")
_PAGE = re.compile(r"https?://[A-Za-z0-9.:/_-]+")
HELD = (
    "GitHub may hold back the check of a commit that a workflow has pushed. If none starts, "
    "approve its run on this page, or close this pull request and open it again."
)
"""What to know after a push."""

_TAKE = """\
To take it over, {take}. Then, in a clone that has the branch of this pull request checked out:

```sh
git am {options}change.patch
git push
```"""


def pushed(pull: Pull, commit: str, count: int) -> str:
    """Say where the commit is."""
    files = f"{count:,} file{'s' * (count != 1)}" if count else ""
    return (
        f"Done: {f'{files} changed by ' if files else ''}the commit {commit} on the branch "
        f"{escape(pull.branch)} of {escape(pull.repository)}."
    )


def offered(reason: str, patch: bytes, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return what to say of a patch that could not be pushed, and the patch if it can be shown."""
    text, page = shown(patch), run_page(environment)
    artifact = (
        f"the artifact `spinegate-change` of {f'[this run]({page})' if page else 'this run'}"
    )
    take = f"take `change.patch` out of {artifact}"
    if text:
        take = f"save the patch below as `change.patch` ({artifact} has it too)"
    told = _TAKE.format(take=take, options="--keep-cr " if b"\r" in patch else "")
    return f"The change is made, but could not be pushed: {escape(reason)}.\n\n{told}", text


def shown(patch: bytes) -> str:
    """Return a patch as a block that can be copied; "" where a page would alter it or is full."""
    try:
        text = patch.decode()
    except UnicodeDecodeError:
        return ""
    if len(patch) > _PATCH or not _TEXT.fullmatch(text):
        return ""
    fence = "`" * (max((len(run) for run in _FENCE.findall(text)), default=2) + 1)
    return f"<details><summary>The patch</summary>\n\n{fence}diff\n{text}{fence}\n\n</details>"


def paragraphs(texts: Iterable[str]) -> str:
    """Return texts of others as paragraphs."""
    return "\n\n".join(map(escape, texts))


def block(lines: Iterable[str], title: str = "") -> str:
    """Return lines of others as code; below a title folded, and not too many. "" for none."""
    code = [quiet(visible(line)) for line in lines]
    if not code or not title:
        return fenced(code) if code else ""
    sizes = accumulate(len(line.encode()) + 1 for line in code)
    if more := sum(size > _LISTED for size in sizes):
        code[-more:] = [f"and {more:,} more line{'s' * (more != 1)}"]
    return f"<details><summary>{title}</summary>\n\n{fenced(code)}\n\n</details>"


def write_reply(comment: Comment, parts: Iterable[str], *, patch: str = "", done: bool) -> str:
    """Put the answer together, no longer than GitHub takes it."""
    ordered = f"[ordered]({comment.page})" if comment.page else "ordered"
    line = plain(comment.order.line, 200).replace("`", "'")
    footer = f"<sub>What {comment.login} {ordered}: <code>{_html(line)}</code></sub>"
    if patch:
        footer = f"{patch}\n\n{footer}"
    head = f"{comment.marker}\n{DONE}" if done else comment.marker
    text = "\n\n".join(part for part in parts if part)
    return f"{head}\n{cut(text, room(head, footer), _REST)}\n\n{footer}\n"


def run_page(environment: Mapping[str, str]) -> str:
    """Return the page of this workflow run; "" where it isn't known."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (environment.get(name, "") for name in names)
    page = f"{server}/{repository}/actions/runs/{run}"
    return page if run.isdigit() and _PAGE.fullmatch(page) else ""


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
