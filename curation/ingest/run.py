"""``curate ingest`` from the source to the dataset, and what it says on the way."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...protocol_specs.spec import Spec
from ...system.errors import SpinegateError
from ...system.git import find_common, find_root
from ..git_index import read_tracked
from ..place import find_place
from ..stopped import require_settled
from .annex_store import uses_annex
from .conclude import Entry, carry_out
from .deidentify import Options, Removed, deidentify
from .deidentify_names import read_identity
from .deidentify_salt import find_salt
from .enrich import REPORTED, enrich
from .enter import TABLE, require_in_git
from .faces import find_answers, find_faces, find_unanswered
from .participant import read_person
from .participant_row import propose_for
from .plan import IngestPlan, Target, find_missing, make_plan
from .plan_file import read_ingest_plan, write_ingest_plan
from .reading import Progress, Reading, read_source
from .session import Prepared, Ways, check_names, find_present, find_spec, prepare, read_facts
from .wording import tell_facts, tell_plan, tell_removed, tell_report
from .workplace import workplace

Say = Callable[[Iterable[str]], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of one run; see the command's help for what each means."""

    source: Path
    dataset: Path
    target: Target
    site: str = ""
    spec: str | None = None
    plan_file: Path | None = None
    from_plan: Path | None = None
    every_run: bool = False
    keep_dates: bool = False
    salt_file: Path | None = None
    despite_errors: bool = False
    no_face: Mapping[str, str] = field(default_factory=dict)
    apply: bool = False


def ingest(request: Request, say: Say, progress: Progress) -> int:
    """Do what is asked; return the exit status.

    Raises
    ------
    SpinegateError
        The source, the plan or the dataset stand in the way; the dataset is as it was.
    """
    if not request.dataset.is_dir():
        raise SpinegateError(f"{request.dataset} is not a folder: name the dataset")
    place = find_place(request.dataset)
    require_settled(place)
    hindrances = list(_hindered(request, lambda: uses_annex(place)))
    spec = find_spec(request.dataset, request.spec)
    with workplace() as work:
        reading = read_source(request.source, work, progress)
        plan = _plan(request, reading, spec)
        present = find_present(request.dataset, request.target, spec)
        faces = find_faces(plan, request.dataset)
        answers = find_answers(plan, faces, request.no_face)
        say(tell_plan(plan, reading, find_missing(plan, spec, present), faces, answers))
        say(tell_facts(read_facts(reading), reading, REPORTED))
        if request.plan_file is not None:
            write_ingest_plan(plan, request.plan_file)
            progress(f"Wrote {request.plan_file}; read it, change it, then --from-plan it.")
        for key in find_unanswered(plan, request.no_face):
            progress(f"--no-face {key}=...: no image here is one of {key}")
        check_names(plan, request.dataset)
        if not plan.chosen:
            progress("Nothing of it enters the dataset.")
            return _status(reading, None)
        former = _read_table(request)
        table = _propose(request, plan, say)
        if table is not None and place.in_git:
            tracked = read_tracked(place.dataset)
            hindrances += _hindered(request, lambda: require_in_git(place, tracked))
        prepared = _prepare(request, plan, table or former, answers, work, progress)
        say(tell_removed([one.removed for one in prepared.finished]))
        for path, reason in prepared.failed:
            say(["", f"{path} was left out: {reason}"])
        if prepared.report is not None:
            say(tell_report(prepared.report))
        if not _refused(request, prepared, hindrances, progress):
            entry = Entry(work / "new", request.target.place, table, former)
            held = frozenset(faces) - answers.keys()

            def again() -> Entry:
                progress(f"{TABLE} was changed meanwhile: its row is proposed again")
                now = _read_table(request)
                return replace(entry, table=_propose(request, plan, say), former=now)

            for line in carry_out(entry, prepared.finished, held, request.dataset, again):
                progress(line)
        elif request.apply:
            return 1
        return _status(reading, prepared)


def _plan(request: Request, reading: Reading, spec: Spec) -> IngestPlan:
    plan = make_plan(reading.images, spec, request.target, request.every_run)
    if request.from_plan is not None:
        plan = read_ingest_plan(request.from_plan, plan, spec)
    return plan


def _propose(request: Request, plan: IngestPlan, say: Say) -> bytes | None:
    """Show what participants.tsv gets, and return it whole; None where it stays."""
    outputs = [row.image.output for row in plan.chosen]
    files = [output.series.files[0] for output in outputs]
    person = read_person(files, [output.sidecar for output in outputs])
    name = f"sub-{request.target.subject}"
    proposed, table = propose_for(
        request.dataset, name, person, request.site, keep_dates=request.keep_dates
    )
    lines = list(proposed.tell())
    say(["", "participants.tsv:", *(f"  {line}" for line in lines)] if lines else [])
    return table


def _read_table(request: Request) -> bytes | None:
    file = request.dataset / TABLE
    return file.read_bytes() if file.is_file() else None


def _prepare(
    request: Request,
    plan: IngestPlan,
    table: bytes | None,
    answers: Mapping[str, str],
    work: Path,
    progress: Progress,
) -> Prepared:
    progress(f"Preparing {len(plan.chosen)} images")
    files = [path for row in plan.chosen for path in row.image.output.series.files[:1]]
    options = Options(_salt(request), read_identity(files), request.keep_dates)

    def clean(sidecar: dict[str, Any], image: Path) -> Removed:
        return deidentify(sidecar, image, options)

    folder = work / "new"
    folder.mkdir()
    ways = Ways(enrich, clean, request.spec, answers)
    return prepare(plan, folder, request.dataset, ways, table)


def _salt(request: Request) -> bytes:
    """Return the dataset's secret; a run that changes nothing doesn't make one either."""
    if request.apply:
        return find_salt(request.dataset, request.salt_file)
    known = request.salt_file
    if known is None and find_root(request.dataset) is not None:
        known = find_common(request.dataset) / "spinegate" / "salt"
    if known is not None and known.is_file():
        return find_salt(request.dataset, request.salt_file)
    return secrets.token_bytes(32)


def _hindered(request: Request, require: Callable[[], object]) -> Iterator[str]:
    """Refuse to apply what could not enter; of what is only shown, say it."""
    try:
        require()
    except SpinegateError as error:
        if request.apply:
            raise
        yield f"--apply will refuse: {error}."


def _refused(
    request: Request, prepared: Prepared, hindrances: Sequence[str], progress: Progress
) -> bool:
    """Whether nothing is to change, and why."""
    errors = prepared.report.summary.errors if prepared.report is not None else 0
    if not request.apply:
        if not hindrances:
            progress("Nothing was changed; --apply carries it out.")
            return True
        progress("Nothing was changed.")
        for line in hindrances:
            progress(line)
        return True
    if errors and not request.despite_errors:
        progress(
            f"Nothing was changed: the validator finds {errors} "
            f"error{'s' * (errors != 1)}. Mend the plan or the source, or say --despite-errors."
        )
        return True
    return False


def _status(reading: Reading, prepared: Prepared | None) -> int:
    failed = prepared.failed if prepared is not None else ()
    return 1 if reading.damaged or reading.failures or failed else 0
