"""``spinegate github issues``: one issue a site, from the report of a nightly run."""

from __future__ import annotations

from pathlib import Path

import click

from ...system.errors import SpinegateError
from ..report.phrases import listed
from ..result import Report
from .api import Client, GitHubError, connect
from .body import load_untrusted, plain
from .site_issues import CREATED, Act, Issue, Plan, Step, plan_issues, read_issue

LABEL = "spinegate"
_COLOUR = "1d76db"
_PARTIAL = ("participants", "only", "base", "plan")
_STATES = {Act.REOPEN: "open", Act.CLOSE: "closed"}


@click.command(name="issues")
@click.option(
    "--report", required=True, type=click.Path(path_type=Path), metavar="REPORT.jsonl",
    help="The report of the whole dataset.",
)  # fmt: skip
@click.option(
    "--repository", metavar="OWNER/NAME", envvar="GITHUB_REPOSITORY",
    help="Where the issues are. [default: $GITHUB_REPOSITORY]",
)  # fmt: skip
@click.option(
    "--limit", type=click.IntRange(0), default=CREATED, show_default=True,
    help="Open at most so many issues in one run.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
def command(report: Path, repository: str | None, limit: int, dry_run: bool) -> int:
    """Open, update and close the issues that tell each site of its findings.

    For a nightly job with GITHUB_TOKEN in its environment and the permission 'issues: write'.
    Issues are found by the label spinegate, their author and a mark in their text.
    """
    loaded = load_untrusted(report)
    check_whole(loaded)
    client = connect(repository, "issues: write")
    plan = plan_issues(loaded, list_issues(client), limit)
    for step in plan.steps:
        if dry_run:
            click.echo(f"would {describe(step)}")
            continue
        take(client, step)
        click.echo(f"did {describe(step)}")
    if not plan.steps:
        click.echo("all issues say what they should")
    _say_what_waits(plan, limit)
    return 0


def check_whole(report: Report) -> None:
    """Refuse a report of a part: it says nothing of the sites that it leaves out.

    Raises
    ------
    SpinegateError
        With the option that made it one.
    """
    partial = next((key for key in _PARTIAL if report.header.options.get(key)), "")
    if partial or report.header.base:
        raise SpinegateError(
            f"this report is of a part of the dataset ({partial or 'base'}): issues need one of "
            "all of it"
        )
    if not report.summary.files:
        raise SpinegateError("this report is of no file at all: no issue is closed for that")


def list_issues(client: Client) -> list[Issue]:
    """Return the issues that we keep, open or closed."""
    author = client.viewer()
    items = client.pages("/issues", labels=LABEL, state="all", sort="created", direction="asc")
    own = [item for item in items if _login(item) == author]
    return [issue for issue in map(read_issue, own) if issue is not None]


def take(client: Client, step: Step) -> None:
    """Do one step of the plan."""
    if step.act is Act.OPEN:
        _ensure_label(client)
        client.send("POST", "/issues", title=step.title, body=step.body, labels=[LABEL])
        return
    place = f"/issues/{step.number}"
    if step.comment:
        client.send("POST", f"{place}/comments", body=step.comment)
    more: dict[str, str] = {"title": step.title} if step.title else {}
    if step.act in _STATES:
        more["state"] = _STATES[step.act]
    if step.act is Act.CLOSE:
        more["state_reason"] = "completed"
    client.send("PATCH", place, body=step.body, **more)


def describe(step: Step) -> str:
    """Say a step in a line."""
    number = f" #{step.number}" if step.number is not None else ""
    about = f": {step.title}" if step.title else f" of {plain(step.site)}" if step.site else ""
    return f"{step.act.value}{number}{about}"


def _login(item: dict[str, object]) -> str:
    user = item.get("user")
    login = user.get("login") if isinstance(user, dict) else ""
    return login if isinstance(login, str) else ""


def _ensure_label(client: Client) -> None:
    try:
        client.get(f"/labels/{LABEL}")
    except GitHubError as error:
        if error.status != 404:
            raise
        text = "Findings of a site, kept by spinegate"
        client.send("POST", "/labels", name=LABEL, color=_COLOUR, description=text)


def _say_what_waits(plan: Plan, limit: int) -> None:
    if plan.waiting:
        sites = [plain(site) or "the dataset" for site in plan.waiting]
        click.echo(
            f"spinegate: {len(sites)} more would be opened than the {limit} of one run "
            f"({listed(sites, 10)}): is the protocol the right one?",
            err=True,
        )
