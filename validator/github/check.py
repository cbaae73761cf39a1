"""``spinegate github check``: the dataset of a workflow run, judged once, in all formats."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ...system.errors import ConfigError, SpinegateError
from ..options import Options
from ..result import Report
from .event import read_event
from .log import annotate, quoted
from .outputs import append_summary, write_outputs
from .revisions import find_pair
from .trust import trust_clones

# format -> file; the log takes the eighth, github
FILES = {
    "json": "report.json",
    "jsonl": "report.jsonl",
    "html": "report.html",
    "sarif": "report.sarif",
    "markdown": "report.md",
}


@click.command(name="check")
@click.option(
    "--dataset", default=".", envvar="SPINEGATE_DATASET", metavar="DIR",
    help="The dataset, relative to the workspace.",
)  # fmt: skip
@click.option(
    "--spec", envvar="SPINEGATE_SPEC", metavar="NAME|FILE",
    help="Protocol: a name, or a YAML file outside the dataset. [default: that of .spinegate.yml]",
)  # fmt: skip
@click.option(
    "--profile", envvar="SPINEGATE_PROFILE", metavar="NAME",
    help="incoming, strict or release. [default: that of .spinegate.yml]",
)  # fmt: skip
@click.option(
    "--base", default="", envvar="SPINEGATE_BASE", metavar="REF",
    help="Compare with this commit. [default: what the event says]",
)  # fmt: skip
@click.option(
    "--ref", default="", envvar="SPINEGATE_REF", metavar="REF",
    help="Judge this commit. [default: what is checked out]",
)  # fmt: skip
@click.option(
    "--bids", type=click.Choice(["off", "names", "full"]), default="names",
    envvar="SPINEGATE_BIDS", help="As in validate.",
)  # fmt: skip
@click.option(
    "--headers", type=click.Choice(["off", "local", "remote"]), default="local",
    envvar="SPINEGATE_HEADERS", help="As in validate.",
)  # fmt: skip
@click.option(
    "--folder", type=click.Path(path_type=Path), required=True, envvar="SPINEGATE_FOLDER",
    help="Where the reports go; it is made.",
)  # fmt: skip
def command(**arguments: Any) -> int:
    """Judge the dataset of this workflow run.

    What started the run says which commits are compared; --base and --ref say otherwise. Reports
    go to a folder, annotations to the log, the rest to the files that GitHub names. Exit status:
    0 no new finding at error level, 1 at least one, 2 usage or configuration.
    """
    gc.disable()
    folder: Path = arguments["folder"]
    try:
        with quoted():
            trust_clones(folder.parent)
            report = _validate(arguments, os.environ)
            _write(report, folder)
    except SpinegateError as error:
        annotate("error", str(error))
        return 2
    from ..report.formats import FORMATS

    FORMATS["github"](report, sys.stdout)
    sys.stdout.flush()
    return 1 if report.failed else 0


def _validate(arguments: Mapping[str, Any], environment: Mapping[str, str]) -> Report:
    from ..run import validate

    workspace = Path(environment.get("GITHUB_WORKSPACE") or Path.cwd())
    dataset = workspace / arguments["dataset"]
    if not dataset.is_dir():
        raise SpinegateError(
            f"there is no folder {arguments['dataset']!r} in the workspace: actions/checkout "
            "comes before this action"
        )
    event = read_event(environment)
    pair = find_pair(dataset, event, arguments["ref"], arguments["base"])
    if pair.base is None:
        print("the dataset is judged whole", file=sys.stderr)
    else:
        print(f"{pair.ref} is compared with {pair.base}", file=sys.stderr)
    options = Options(
        dataset=dataset,
        ref=pair.ref,
        base=pair.base,
        spec=_find_spec(arguments["spec"], workspace, dataset if pair.base else None),
        profile=arguments["profile"],
        bids=arguments["bids"],
        headers=arguments["headers"],
    )
    return validate(options)


def _find_spec(spec: str | None, workspace: Path, dataset: Path | None) -> str | None:
    """Return the protocol: a name, or a file of the workspace that no change under test holds."""
    if not spec or not ("/" in spec or spec.endswith((".yaml", ".yml"))):
        return spec
    file = workspace / spec
    if dataset is not None and file.resolve().is_relative_to(dataset.resolve()):
        raise ConfigError(
            f"the protocol {spec} lies in the dataset, where a pull request could change it: name "
            "it in .spinegate.yml (protocol:), from where it is read as the base has it"
        )
    return str(file)


def _write(report: Report, folder: Path) -> None:
    """Write reports, summary and outputs: all of it before the step can fail."""
    from ..report.formats import FORMATS

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, file in FILES.items():
            with (folder / file).open("w", encoding="utf-8", newline="\n") as stream:
                FORMATS[name](report, stream)
        append_summary(os.environ, folder / FILES["markdown"])
        write_outputs(os.environ, _outputs(report, folder))
    except OSError as error:
        raise SpinegateError(f"the reports can't be written: {error}") from None


def _outputs(report: Report, folder: Path) -> dict[str, str]:
    summary = report.summary
    counts = {
        "errors": summary.errors,
        "warnings": summary.warnings,
        "old": summary.old,
        "fixed": summary.fixed,
        "waived": summary.waived,
    }
    told = {key: str(value) for key, value in counts.items()}
    told["result"] = "failed" if report.failed else "passed"
    told["folder"] = str(folder)
    return told | {name: str(folder / file) for name, file in FILES.items()}
