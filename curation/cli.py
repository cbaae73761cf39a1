"""``spinegate curate``: commands that change a dataset, each imported when it is called."""

from __future__ import annotations

import click

from ..system.lazy_group import LazyGroup

COMMANDS = {
    "merge": ("spinegate.curation.merge.cli", "Take in a contribution, or accept one."),
    "queue": ("spinegate.curation.merge.queue_cli", "List the contributions that wait."),
    "exclude": ("spinegate.curation.exclude.cli", "Leave somebody out of a metric, and say why."),
    "participants": ("spinegate.curation.participants.cli", "Keep participants.tsv."),
    "release": ("spinegate.curation.release.cli", "Check, describe, tag and pack a release."),
    "ingest": ("spinegate.curation.ingest.cli", "Convert DICOM into the dataset."),
    "deidentify": ("spinegate.curation.ingest.deidentify_cli", "Take out who, when and where."),
    "deface": ("spinegate.curation.deface.cli", "Take faces out, and look at the result."),
    "rename": ("spinegate.curation.rename.cli", "Rename files, conventions, participants, sites."),
    "fix": ("spinegate.curation.fix_cli", "Mend what findings say can be mended."),
    "github": ("spinegate.curation.github.cli", "Answer orders in pull requests."),
}


@click.command("curate", cls=LazyGroup, modules=COMMANDS)
def command() -> None:
    """Plan changes of a dataset, look at them, and carry them out.

    Nothing changes without --apply. What a command did last can be taken back.
    """
