"""``spinegate curate``: commands that change a dataset, each imported when it is called."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "merge": ("spinegate.curation.merge.cli", "Take in a contribution, or accept one."),
    "queue": ("spinegate.curation.merge.queue_cli", "List the contributions that wait."),
    "exclude": ("spinegate.curation.exclude.cli", "Leave somebody out of a metric, and say why."),
    "participants": ("spinegate.curation.participants.cli", "Keep participants.tsv."),
    "release": ("spinegate.curation.release.cli", "Check, describe, tag and pack a release."),
    "ingest": ("spinegate.curation.ingest.cli", "Convert DICOM into the dataset."),
    "deidentify": ("spinegate.curation.ingest.deidentify_cli", "Take out who, when and where."),
    "rename": ("spinegate.curation.rename.cli", "Rename files, conventions, participants, sites."),
    "fix": ("spinegate.curation.fix_cli", "Mend what findings say can be mended."),
}


class CurateGroup(click.Group):
    """A group whose commands are imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import one command."""
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command("curate", cls=CurateGroup)
def command() -> None:
    """Plan changes of a dataset, look at them, and carry them out.

    Nothing changes without --apply. What a command did last can be taken back.
    """
