"""One run of ingest: what the source holds, what would enter, and what the validator says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...protocol_specs.loader import load_spec
from ...protocol_specs.spec import Spec
from ...system.errors import SpinegateError
from ...validator.entities import parse
from ...validator.own_files import load_protocol
from ...validator.report.visible import visible
from ...validator.result import Report
from ...validator.settings import read_settings
from ...validator.tree import open_tree
from ..deface.held import held_images
from ..place import find_place
from .check import find_taken, validate_new
from .enrich import Facts, determine
from .faces import answer_for
from .finish import Clean, Enrich, Finished, finish
from .headers import HeaderError
from .plan import IngestPlan, Row, Target
from .reading import Reading

_ENDINGS = (".nii.gz", ".json", ".bval", ".bvec")
_USUAL = "spine-generic"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Prepared:
    """The files as they would enter, and what is said of them.

    Attributes
    ----------
    failed
        (Row's path, reason) of images that couldn't be finished.
    """

    finished: tuple[Finished, ...]
    failed: tuple[tuple[str, str], ...]
    report: Report | None


@dataclass(frozen=True, slots=True)
class Ways:
    """How sidecars are completed and cleaned, and the protocol that was asked for.

    Attributes
    ----------
    answers
        Images that may show a face and keep it, with the reason that their sidecars then name.
    """

    enrich: Enrich
    clean: Clean
    spec: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)


def find_spec(dataset: Path, name: str | None) -> Spec:
    """Load the protocol that is asked for, else the dataset's own choice.

    Raises
    ------
    SpinegateError
        There is none such, or the dataset's settings can't be read.
    """
    if name is not None:
        return load_spec(name)
    tree = open_tree(dataset)
    return load_protocol(tree, read_settings(tree).protocol or _USUAL)


def find_present(dataset: Path, target: Target, spec: Spec) -> frozenset[str]:
    """Return the contrasts of this participant and session that are there, or wait, already."""
    place = dataset / target.place
    files = [path.relative_to(dataset).as_posix() for path in place.glob("*/*.nii*")]
    waiting = [held.path for held in held_images(find_place(dataset))]
    found = set()
    for path in (*files, *(path for path in waiting if path.startswith(f"{target.place}/"))):
        name = parse(path)
        if name is not None:
            found.add(spec.contrast_of(name.entities, name.suffix))
    return frozenset(contrast for contrast in found if contrast)


def check_names(plan: IngestPlan, dataset: Path) -> None:
    """Refuse names that two images would have, or that the dataset has already.

    Raises
    ------
    SpinegateError
        It names them.
    """
    seen: dict[str, Row] = {}
    for row in plan.chosen:
        first = seen.setdefault(row.path.casefold(), row)
        if first is not row:
            numbers = " and ".join(str(one.image.output.series.number) for one in (first, row))
            raise SpinegateError(
                f"two images (series {numbers}) would both become {row.path}: give them run-01 "
                "and run-02 in the plan, or say no to one"
            )
    wanted = [
        row.path.removesuffix(".nii.gz") + ending for row in plan.chosen for ending in _ENDINGS
    ]
    taken = find_taken(dataset, wanted)
    if taken:
        more = f" and {len(taken) - _SHOWN} more" if len(taken) > _SHOWN else ""
        raise SpinegateError(
            f"the dataset has these files already, and nothing is overwritten: "
            f"{', '.join(visible(path) for path in taken[:_SHOWN])}{more}. Say no to them in the "
            "plan, give them another run, or name another session (--session)"
        )


def read_facts(reading: Reading) -> Mapping[str, Facts]:
    """Read from the headers of each series what dcm2niix leaves out."""
    facts = {}
    for series in reading.series:
        try:
            facts[series.key] = determine(series.files)
        except HeaderError:
            continue
    return facts


def prepare(
    plan: IngestPlan,
    folder: Path,
    dataset: Path,
    ways: Ways,
    table: bytes | None,
) -> Prepared:
    """Write all files that the plan chooses below an empty folder, and validate them there.

    Parameters
    ----------
    table
        participants.tsv as it will be.
    """
    finished, failed = [], []
    for row in plan.chosen:
        try:
            finished.append(finish(row, folder, ways.enrich, ways.clean))
        except SpinegateError as error:
            _discard(folder, row.path)
            failed.append((row.path, str(error)))
    answer_for(folder, ways.answers, finished)
    report = None
    if finished:
        report = validate_new(folder, dataset, plan.target.subject, table, ways.spec)
    return Prepared(tuple(finished), tuple(failed), report)


def _discard(folder: Path, path: str) -> None:
    stem = path.removesuffix(".nii.gz")
    for ending in (*_ENDINGS, ".nii"):
        (folder / (stem + ending)).unlink(missing_ok=True)
