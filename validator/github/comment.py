"""``spinegate github comment``: one comment on a pull request, from the report of its run."""

from __future__ import annotations

import re
from pathlib import Path

import click

from ...system.errors import SpinegateError
from ..result import Report
from .api import connect
from .body import load_untrusted, write_body
from .pull import Run, find_pull, read_run
from .sticky import find_own, write_comment

_PAGE = re.compile(r"https://[A-Za-z0-9.:/_-]+")
MARKER = "<!-- spinegate: report -->"


@click.command(name="comment")
@click.option(
    "--report", required=True, type=click.Path(path_type=Path), metavar="REPORT.jsonl",
    help="The report that the pull request's run has left.",
)  # fmt: skip
@click.option(
    "--repository", metavar="OWNER/NAME", envvar="GITHUB_REPOSITORY",
    help="Where the pull request is. [default: $GITHUB_REPOSITORY]",
)  # fmt: skip
@click.option(
    "--event", type=click.Path(path_type=Path), metavar="FILE", envvar="GITHUB_EVENT_PATH",
    help="The event that started this job. [default: $GITHUB_EVENT_PATH]",
)  # fmt: skip
def command(report: Path, repository: str | None, event: Path | None) -> int:
    """Write, or update, the one comment on a pull request.

    For a job on workflow_run, with GITHUB_TOKEN in its environment and the permission
    'pull-requests: write'. The report may come from a fork: it decides over nothing but the
    comment's text, and the pull request is found by GitHub's own event.
    """
    if event is None:
        raise SpinegateError("name the event's file: --event (GitHub sets GITHUB_EVENT_PATH)")
    click.echo(comment(report, repository, event))
    return 0


def comment(path: Path, repository: str | None, event: Path) -> str:
    """See `command`; return what was done.

    Raises
    ------
    SpinegateError
        The report or the event can't be read, or GitHub refuses.
    """
    client = connect(repository, "pull-requests: write")
    run = read_run(event)
    report = load_untrusted(path)
    number, reason = find_pull(client, run)
    if number is None:
        return f"no comment: {reason}"
    found = find_own(client, number, MARKER, client.viewer())
    if found is None and not is_worth_saying(report):
        return f"no comment on #{number}: nothing was found"
    return write_comment(client, number, found, write_body(report, MARKER, footer(run)))


def is_worth_saying(report: Report) -> bool:
    """Whether there is an error or a warning that the base doesn't have."""
    return report.summary.errors + report.summary.warnings > 0


def footer(run: Run) -> str:
    """Say what the comment is about; all of it comes from GitHub."""
    page = f" ([its run]({run.url}))" if _PAGE.fullmatch(run.url) else ""
    return (
        f"<sub>What the check of {run.head_sha[:10]} reported{page}. This comment is updated with "
        "every commit; whether the check passed is said by the check itself.</sub>"
    )
