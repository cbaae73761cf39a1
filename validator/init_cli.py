"""``spinegate init``: put a dataset repository under the gate."""

from __future__ import annotations

from pathlib import Path

import click

from ..system.errors import SpinegateError
from .init import OPTIONAL, SETTINGS, draft_files, write_drafts
from .pin import find_pin, parse_pin

_NEXT = """
Next:
1. Commit these files on the main branch and push it.
2. On GitHub, under Settings > Branches, make the check `validate` a requirement of merging.
3. Start the nightly workflow once by hand (Actions > spinegate nightly > Run workflow): it opens
   an issue for each site with what the dataset has today; pull requests fail for new findings
   only."""
_ORDERS = """\
4. Order changes in comments: whoever may write to the repository begins one on a pull request
   with /spinegate help, which lists the orders, or with /spinegate fix."""


@click.command(name="init")
@click.argument("dataset", default=".", type=click.Path(path_type=Path))
@click.option(
    "--uses", metavar="OWNER/REPO@COMMIT",
    help="The spinegate that the workflows use. [default: the one that is running]",
)  # fmt: skip
@click.option("--protocol", default="spine-generic", show_default=True, metavar="NAME")
@click.option("--profile", default="strict", show_default=True, metavar="NAME")
@click.option(
    "--with", "more", type=click.Choice(OPTIONAL), multiple=True,
    help="Also the workflow that does what managers order in comments (/spinegate fix).",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite workflows that differ from these.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, write nothing.")
def command(
    dataset: Path,
    uses: str | None,
    protocol: str,
    profile: str,
    more: tuple[str, ...],
    force: bool,
    dry_run: bool,
) -> int:
    """Write GitHub workflows and .spinegate.yml into a dataset repository.

    DATASET is the top folder of a dataset and of its repository. Files are only added: one that
    is there and differs is shown and kept, and then nothing is written. Settings that are there
    stay as they are, even with --force.
    """
    pin = parse_pin(uses) if uses else find_pin()
    drafts = draft_files(dataset, pin, protocol, profile, more)
    differing = [draft for draft in drafts if draft.differs]
    if differing and not force:
        for draft in differing:
            click.echo(draft.diff())
        names = ", ".join(str(draft.path) for draft in differing)
        raise SpinegateError(
            f"nothing was written, since these differ: {names}; --force overwrites them"
        )
    wanted = [draft for draft in drafts if draft.present != draft.text]
    if not dry_run:
        write_drafts(dataset, wanted)
    for draft in wanted:
        verb = "would write" if dry_run else "wrote"
        click.echo(f"{verb} {draft.path}")
    if not wanted:
        click.echo("nothing to write: all of it is there")
    if SETTINGS not in {str(draft.path) for draft in drafts}:
        click.echo(f"kept {SETTINGS}, which was there")
    if not pin.fixed:
        click.echo(
            f"{pin.repository}@{pin.ref} is no commit, and can be moved to another one: "
            "--uses OWNER/REPO@COMMIT pins it"
        )
    click.echo(f"The workflows use {pin.repository} at {pin.ref}; --uses names another.")
    click.echo(_NEXT)
    if any(draft.path.name == "spinegate-curate.yml" for draft in drafts):
        click.echo(_ORDERS)
    return 0
