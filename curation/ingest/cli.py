"""``spinegate curate ingest``: DICOM of one person into the dataset, planned first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import click

from ..asked import (
    afterwards_at,
    apply_option,
    from_plan_option,
    plan_option,
    progress,
    say,
    settle,
)
from ..top import require_top
from .plan import Target

_LABEL = re.compile(r"[A-Za-z0-9+]+")
_OF_SUFFIX = re.compile(r"([A-Za-z0-9-]+)=(.*)", re.DOTALL)


def _settle(dataset: Path, way: str) -> None:
    """Do as other commands do, but images that the last run holds go with it."""
    if way == "undo":
        from .faces import take_back

        take_back(dataset)
    else:
        settle(dataset, way)


@click.command("ingest")
@click.argument("source", type=click.Path(path_type=Path), required=False)
@click.argument("dataset", default=".", type=click.Path(path_type=Path))
@click.option("--subject", metavar="LABEL", help="Whose images these are: sub-x, or x.")
@click.option("--session", metavar="LABEL", help="The session, for a dataset that has sessions.")
@click.option("--site", metavar="SITE", help="The site, as participants.tsv calls it.")
@click.option("--spec", metavar="NAME|FILE", help="Protocol; else as the dataset's settings say.")
@plan_option
@from_plan_option
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
    "--no-face", multiple=True, metavar="[SUFFIX=]REASON",
    help="Enter images that may show a face as they are, those of one suffix or all; the sidecar "
    "then says why. Repeatable.",
)  # fmt: skip
@apply_option
@afterwards_at("source", _settle)
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
    no_face: tuple[str, ...],
    apply_: bool,
) -> int:
    """Convert DICOM files of one person (SOURCE: a folder or a zip) into a BIDS DATASET.

    Series are recognised by what they are: sequence, parameters, MT pulse. Without --apply the
    plan is only shown: which series becomes which file and why, what is left out, what is missing,
    and what the validator says of the result. Images that may show a face wait outside of git
    until `spinegate curate deface` has taken it out.

    With --resume, --undo and --forget name only the dataset.
    """
    if source is None or not subject:
        raise click.UsageError("name the folder or zip of the DICOM files, and --subject")
    answers = _answers(no_face)
    if plan_file is not None and apply_:
        raise click.UsageError("--plan only writes the plan; look at it, then --from-plan --apply")
    require_top(dataset, new=True)
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
        no_face=answers,
        apply=apply_,
    )
    return ingest(request, _say, progress)


def _label(text: str, key: str) -> str:
    label = text.removeprefix(f"{key}-")
    if not _LABEL.fullmatch(label):
        raise click.UsageError(f"{text!r}: a label is letters and digits, such as {key}-x01")
    return label


def _answers(given: Iterable[str]) -> dict[str, str]:
    """Return suffix to reason; "" is that of all others."""
    answers: dict[str, str] = {}
    for text in given:
        match = _OF_SUFFIX.fullmatch(text.strip())
        suffix, reason = match.groups() if match else ("", text)
        if not reason.strip():
            raise click.UsageError(
                "--no-face needs a reason, such as 'MTS=the slab ends below the mouth'"
            )
        if suffix in answers:
            raise click.UsageError(f"--no-face: two reasons for {suffix or 'all images'}")
        answers[suffix] = reason.strip()
    return answers


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)
