"""``spinegate curate queue``: the contributions that wait."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from ...validator.report.visible import fit, visible
from .place import find_main, find_remote, find_repository, refresh_main
from .queue import Waiting, fetch_queue, list_queue


@click.command("queue")
@click.argument("dataset", default=".", type=click.Path(path_type=Path))
@click.option("--remote", metavar="NAME", help="Git remote of the dataset. [default: origin]")
@click.option("--into", "main", metavar="BRANCH", help="The main branch.")
@click.option("--spec", metavar="NAME|FILE", help="Protocol; else as validate chooses.")
@click.option("--fast", is_flag=True, help="Don't validate them: errors aren't shown then.")
@click.option("--offline", is_flag=True, help="Go by what was fetched last.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="How to list them.",
)  # fmt: skip
def command(
    dataset: Path, remote: str | None, main: str | None, spec: str | None, fast: bool,
    offline: bool, form: str,
) -> None:  # fmt: skip
    """List the contributions that wait to be accepted, the oldest first."""
    repository = find_repository(dataset)
    published = find_remote(repository, remote)
    branch = find_main(repository, published, main)
    if published and not offline:
        fetch_queue(repository, published)
        base = refresh_main(repository, published, branch)
    else:
        base = f"refs/remotes/{published}/{branch}" if published else f"refs/heads/{branch}"
    today = datetime.now(UTC).date()
    waiting = list(list_queue(repository, published, base, judge=not fast, today=today, spec=spec))
    if form == "json":
        click.echo(json.dumps([one.to_json() for one in waiting], indent=2))
        return
    for one in waiting:
        for line in _lines(one):
            click.echo(fit(line, sys.stdout.encoding))
    if not waiting:
        click.echo("No contribution waits.")


def _lines(one: Waiting) -> list[str]:
    people = f"{len(one.participants):,} participant{'s' * (len(one.participants) != 1)}"
    days = f"{one.days:,} day{'s' * (one.days != 1)}"
    word = visible(one.contact) if one.attested else "no contributor's word"
    lines = [visible(one.branch), f"  {visible(one.site)}, {people}, waits {days}; {word}"]
    if one.errors is not None:
        told = ", ".join(f"{count:,} {remedy}" for remedy, count in sorted(one.errors.items()))
        lines.append(f"  errors: {told or 'none'}")
    missing = one.images - one.stored
    where = f"{missing:,} not stored anywhere" if missing else "all stored"
    lines.append(f"  images: {one.images:,}, {where}, {one.public:,} public")
    return lines
