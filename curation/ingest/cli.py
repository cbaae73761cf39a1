"""``spinegate curate ingest``: DICOM of one person into the dataset, planned first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import click

from ..asked import apply_option, progress, say, settle
from .plan import Target

_LABEL = re.compile(r"[A-Za-z0-9+]+")


@click.command("ingest")
@click.argument("source", type=click.Path(path_type=Path), required=False)
@click.argument("dataset", default=".", type=click.Path(path_type=Path))
@click.option("--subject", metavar="LABEL", help="Whose images these are: sub-x, or x.")
@click.option("--session", metavar="LABEL", help="The session, for a dataset that has sessions.")
@click.option("--site", metavar="SITE", help="The site, as participants.tsv calls it.")
@click.option("--spec", metavar="NAME|FILE", help="Protocol; else as the dataset's settings say.")
@click.option(
    "--plan", "plan_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write the plan there, as a table (.tsv) that you may change.",
)  # fmt: skip
@click.option(
    "--from-plan", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Do what the table in FILE says.",
)  # fmt: skip
@click.option(
    "--every-run", is_flag=True, help="Keep every repetition (run-01...), not the last alone."
)
@click.option(
    "--below", type=click.Choice(["root", "sourcedata"]), default="root", show_default=True,
    help="Where the subject's folder goes.",
)  # fmt: skip
@click.option("--keep-dates", is_flag=True, help="Keep dates; else only the time of day stays.")
@click.option(
    "--salt-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="The secret for hashes; else the repository's own.",
)  # fmt: skip
@click.option(
    "--despite-errors", is_flag=True, help="Enter even where the validator finds errors."
)
@click.option(
    "--no-face", metavar="REASON",
    help="Enter images that may show a face as they are; the sidecar then says why.",
)  # fmt: skip
@apply_option
@click.option("--resume", is_flag=True, help="Finish a run that was stopped.")
@click.option("--undo", is_flag=True, help="Take back the last run, stopped or not.")
@click.option("--forget", is_flag=True, help="Delete the former files kept for --undo.")
def command(
    source: Path | None,
    dataset: Path,
    subject: str | None,
    session: str | None,
    site: str | None,
    spec: str | None,
    plan_file: Path | None,
    from_plan: Path | None,
    every_run: bool,
    below: str,
    keep_dates: bool,
    salt_file: Path | None,
    despite_errors: bool,
    no_face: str | None,
    apply_: bool,
    resume: bool,
    undo: bool,
    forget: bool,
) -> int:
    """Convert DICOM files of one person (SOURCE: a folder or a zip) into a BIDS DATASET.

    Series are recognised by what they are: sequence, parameters, MT pulse. Without --apply the
    plan is only shown: which series becomes which file and why, what is left out, what is missing,
    and what the validator says of the result. Images that may show a face wait outside of git
    until `spinegate curate deface` has taken it out.

    With --resume, --undo and --forget name only the dataset.
    """
    ways = [
        way for way, asked in (("resume", resume), ("undo", undo), ("forget", forget)) if asked
    ]
    if ways:
        if apply_ or plan_file or from_plan or subject or len(ways) > 1:
            raise click.UsageError(f"--{ways[0]} goes alone, with the dataset's folder")
        if undo:
            from .faces import take_back

            take_back(source or Path())
        else:
            settle(source or Path(), ways[0])
        return 0
    if source is None or not subject:
        raise click.UsageError("name the folder or zip of the DICOM files, and --subject")
    if no_face is not None and not no_face.strip():
        raise click.UsageError("--no-face needs a reason, such as 'the field of view ends below'")
    if plan_file is not None and apply_:
        raise click.UsageError("--plan only writes the plan; look at it, then --from-plan --apply")
    from .run import Request, ingest

    target = Target(
        _label(subject, "sub"),
        _label(session, "ses") if session else "",
        "" if below == "root" else below,
    )
    request = Request(
        source,
        dataset,
        target,
        site=site or "",
        spec=spec,
        plan_file=plan_file,
        from_plan=from_plan,
        every_run=every_run,
        keep_dates=keep_dates,
        salt_file=salt_file,
        despite_errors=despite_errors,
        no_face=(no_face or "").strip(),
        apply=apply_,
    )
    return ingest(request, _say, progress)


def _label(text: str, key: str) -> str:
    label = text.removeprefix(f"{key}-")
    if not _LABEL.fullmatch(label):
        raise click.UsageError(f"{text!r}: a label is letters and digits, such as {key}-x01")
    return label


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)
