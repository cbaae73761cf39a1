"""``spinegate validate``: the command line into a typed value, then a straight line."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Any

import click

from ..system.errors import ConfigError
from .options import Options, VariadicCommand, split_list

FORMAT_NAMES = ("text", "json", "jsonl", "github", "markdown", "sarif", "html")


@click.command(cls=VariadicCommand, name="validate", variadic=("--participant-label", "--only"))
@click.argument("dataset", default=".", type=click.Path(path_type=Path))
@click.option("--ref", metavar="REF", help="Read this commit, branch or tag, not the folder.")
@click.option(
    "--base", metavar="REF",
    help="Compare with this commit or branch: only what is new since then fails, and settings, "
    "baseline, .bidsignore and rules are those of REF.",
)  # fmt: skip
@click.option(
    "--spec", metavar="NAME|FILE",
    help="Protocol: a name, or your own YAML file or folder. "
    "[default: that of .spinegate.yml, else spine-generic]",
)  # fmt: skip
@click.option(
    "--profile", metavar="NAME",
    help="How severe each rule is: incoming, strict or release. "
    "[default: that of .spinegate.yml, else strict]",
)  # fmt: skip
@click.option(
    "--participant-label", "labels", multiple=True, metavar="LABEL...",
    help="Only these participants, with or without sub-.",
)  # fmt: skip
@click.option(
    "--only", multiple=True, metavar="FILE...",
    help="Only what concerns these files (for a pre-commit hook): their participants are read.",
)  # fmt: skip
@click.option(
    "--bids", type=click.Choice(["off", "names", "full"]), default="names", show_default=True,
    help="Names by the official BIDS schema, by the official validator as well, or neither.",
)  # fmt: skip
@click.option(
    "--headers", type=click.Choice(["off", "local", "remote"]), default="local",
    show_default=True,
    help="Read image headers: not, of images that are here, or of others from remotes too.",
)  # fmt: skip
@click.option(
    "--private-remotes", is_flag=True,
    help="With --headers remote: ask servers at private addresses and by plain http too.",
)  # fmt: skip
@click.option(
    "--images", type=click.Choice(["off", "local"]), default="local", show_default=True,
    help="Look at the voxels of MTon and MToff where both are here.",
)  # fmt: skip
@click.option(
    "--format", "formats", multiple=True, metavar="FORMAT",
    help=f"How to report: {', '.join(FORMAT_NAMES)}; repeatable. [default: text]",
)  # fmt: skip
@click.option(
    "--output", "outputs", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
    help="Write there, not to the screen (-); the n-th --output belongs to the n-th --format.",
)  # fmt: skip
@click.option("--letter", metavar="SITE", help="Write a letter to this site instead of a report.")
@click.option(
    "--with-plan", type=click.Path(path_type=Path), metavar="PLAN",
    help="Report what would be found after this curation plan; nothing is changed.",
)  # fmt: skip
@click.option(
    "--load", type=click.Path(path_type=Path), metavar="REPORT.jsonl",
    help="Render a saved report instead of reading a dataset.",
)  # fmt: skip
def command(**arguments: Any) -> int:
    """Check a dataset and report what is wrong.

    DATASET is a folder: a BIDS dataset, a git work tree of one, or a folder of converted images
    that is no dataset yet. Images are never downloaded.

    Exit status: 0 no finding at error level, 1 at least one, 2 usage or configuration.
    """
    options = Options(
        dataset=arguments["dataset"],
        ref=arguments["ref"],
        base=arguments["base"],
        spec=arguments["spec"],
        profile=arguments["profile"],
        labels=tuple(label.removeprefix("sub-") for label in split_list(arguments["labels"])),
        only=tuple(arguments["only"]),
        bids=arguments["bids"],
        headers=arguments["headers"],
        private_remotes=arguments["private_remotes"],
        images=arguments["images"],
        formats=split_list(arguments["formats"]) or ("text",),
        outputs=arguments["outputs"],
        letter=arguments["letter"],
        load=arguments["load"],
        with_plan=arguments["with_plan"],
    )
    options.check(FORMAT_NAMES)
    gc.disable()  # half a million small values are made and all are kept: nothing to collect
    report = _report(options)
    try:
        _write(report, options)
        sys.stdout.flush()
    except BrokenPipeError:  # its reader has seen enough; the status is that of the dataset
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1 if report.failed else 0


def _report(options: Options) -> Any:
    if options.load is not None:
        from .report.load import load_jsonl

        return load_jsonl(options.load)
    from .run import validate

    _say_what_it_is_part_of(options)
    return validate(options)


def _say_what_it_is_part_of(options: Options) -> None:
    """Tell who names a folder within a dataset that it is judged as if it stood alone."""
    name = "dataset_description.json"
    folder = Path(os.path.realpath(options.dataset))
    if options.ref is not None or (folder / name).exists():
        return
    top = next((above for above in folder.parents if (above / name).is_file()), None)
    if top is not None:
        click.echo(
            f"spinegate: {options.dataset} lies in the dataset {top} and is judged as if it stood "
            "alone; to judge a part of the dataset, name its top folder and --participant-label",
            err=True,
        )


def _write(report: Any, options: Options) -> None:
    from .report.formats import FORMATS

    if options.letter is not None:
        from .report.letter import write_letter

        _put(options.outputs[0] if options.outputs else None, write_letter(report, options.letter))
        return
    for index, name in enumerate(options.formats):
        target = options.outputs[index] if index < len(options.outputs) else None
        if target is None:
            FORMATS[name](report, sys.stdout)
            continue
        from io import StringIO

        page = StringIO()
        FORMATS[name](report, page)
        _put(target, page.getvalue())


def _put(target: Path | None, text: str) -> None:
    if target is None or str(target) == "-":
        click.echo(text, nl=False)
        return
    from ..system.files import write_atomic

    try:
        if target.exists() and not target.is_file():  # a pipe or a device is not replaced
            target.write_text(text, encoding="utf-8")
        else:
            write_atomic(target, text)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", str(target)) from None
