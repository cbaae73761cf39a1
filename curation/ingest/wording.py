"""An ingest plan in words, for the person who decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...validator.finding import Severity
from ...validator.report.visible import visible
from ...validator.result import Report
from ..deface.candidates import ALWAYS
from .deidentify import Removed
from .enrich import Facts
from .faces import suffix_of
from .plan import IngestPlan, Row
from .reading import Reading

_SHOWN = 3
_REMOVED = ("gone", "hashed", "timed", "shortened", "header")
_FINDINGS = 40


def tell_plan(
    plan: IngestPlan,
    reading: Reading,
    missing: Sequence[str],
    faces: Mapping[str, str],
    answers: Mapping[str, str],
) -> Iterator[str]:
    """Yield what enters, what waits, what is left out and why, what is missing or damaged."""
    yield f"{_count(len(reading.series), 'series', 'series')}, {_count(len(plan.rows), 'image')}."
    studies = len({series.study for series in reading.series})
    if studies > 1:
        yield f"They come from {studies} studies: if these are sessions, bring in one by one."
    waiting = [row for row in plan.chosen if row.path in faces and row.path not in answers]
    entering = [row for row in plan.chosen if row not in waiting]
    yield ""
    yield f"Enter the dataset ({len(entering)}):"
    for row in entering:
        yield from _image(row)
        if row.path in faces:
            yield (
                f"      may show a face ({faces[row.path]}); enters as it is: you answer for it "
                f"({visible(answers[row.path])})"
            )
    if waiting:
        yield ""
        yield f"Wait outside of git until the face is taken out ({len(waiting)}):"
    for row in waiting:
        yield from _image(row)
        yield f"      {faces[row.path]}"
    if option := no_face(row.path for row in waiting):
        yield f"  Where no face is in view, say so: {option}"
    if plan.left:
        yield ""
        yield f"Left out ({len(plan.left)}):"
        for row in plan.left:
            yield f"  {_origin(row)}: {_why(row)}"
    for failure in reading.failures:
        series = failure.series
        yield f"  series {series.number} {_quoted(series.description)}: {visible(failure.reason)}"
    if missing:
        yield ""
        yield f"Missing, though the protocol has it: {', '.join(missing)}"
    yield from _skipped(reading)


def no_face(paths: Iterable[str]) -> str:
    """Return the option by which images enter with their faces; "" for those that always show it.

    Examples
    --------
    >>> no_face(["sub-x/anat/sub-x_T1w.nii.gz", "sub-x/anat/sub-x_mt-on_MTS.nii.gz"])
    '--no-face "MTS=the slab ends below the mouth"'
    """
    suffixes = sorted({suffix_of(path) for path in paths} - {*ALWAYS, ""})
    return f'--no-face "{suffixes[0]}=the slab ends below the mouth"' if suffixes else ""


def _image(row: Row) -> Iterator[str]:
    yield f"  {row.path}"
    yield f"      from {_origin(row)}: {_why(row)}"


def _origin(row: Row) -> str:
    output, shape = row.image.output, "x".join(map(str, row.image.shape))
    part = f" [{output.part}]" if output.part else ""
    return f"series {output.series.number}{part} {_quoted(output.series.description)} {shape}"


def _why(row: Row) -> str:
    return visible("; ".join(row.reasons)) or "nothing is known of it"


def _quoted(text: str) -> str:
    return f'"{visible(text)}"' if text else "(no description)"


def _skipped(reading: Reading) -> Iterator[str]:
    if reading.damaged:
        yield ""
        yield f"Damaged ({len(reading.damaged)}): get these files from the scanner again"
        for file in reading.damaged:
            yield f"  {visible(file.name)}: {visible(file.reason)}"
    kinds: dict[str, list[str]] = defaultdict(list)
    for file in reading.skipped:
        if not file.bad:
            kinds[file.reason].append(visible(file.name))
    if kinds:
        yield ""
        yield "Files that aren't used:"
        for reason, names in kinds.items():
            more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
            yield f"  {reason}: {', '.join(names[:_SHOWN])}{more}"


def tell_facts(told: Mapping[str, Facts], reading: Reading, keys: Sequence[str]) -> Iterator[str]:
    """Yield per series which of the keys that rules need could be determined from the headers."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for series in reading.series:
        facts = told.get(series.key)
        if facts is not None:
            known = ", ".join(key for key in keys if key in facts.values)
            unknown = "; ".join(
                f"{key}, {facts.missing[key]}" for key in keys if key in facts.missing
            )
            number = str(series.number)
            if number not in alike[known, unknown]:
                alike[known, unknown].append(number)
    if alike:
        yield ""
        yield "What the DICOM headers tell:"
    for (known, unknown), numbers in alike.items():
        yield f"  series {', '.join(numbers)}"
        if known:
            yield f"      determined: {known}"
        if unknown:
            yield f"      not determinable: {visible(unknown)}"


def tell_removed(removed: Sequence[Removed]) -> Iterator[str]:
    """Yield which keys de-identification took out of any image; never their values."""
    whole = Removed(
        {},
        *(
            tuple(sorted({key for one in removed for key in getattr(one, name)}))
            for name in _REMOVED
        ),
    )
    lines = list(whole.tell())
    if lines:
        yield ""
        yield "De-identified:"
    for line in lines:
        yield f"  {line}"


def tell_report(report: Report) -> Iterator[str]:
    """Yield what the validator says of the new files, errors by what mends them."""
    yield ""
    yield (
        f"Validation (profile incoming): {_count(report.summary.errors, 'error')}, "
        f"{_count(report.summary.warnings, 'warning')}"
    )
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    order = sorted(report.findings, key=lambda finding: finding.severity is not Severity.ERROR)
    for finding in order:
        if finding.severity is not Severity.IGNORE:
            remedy = finding.remedy.value if finding.remedy else "look"
            text = f"{visible(finding.location)}: {visible(finding.message)}"
            groups[finding.severity.value, remedy].append(text)
    for (severity, remedy), lines in groups.items():
        yield f"  {severity}, {remedy} ({len(lines)}):"
        for line in lines[:_FINDINGS]:
            yield f"    {line}"
        if len(lines) > _FINDINGS:
            yield f"    and {len(lines) - _FINDINGS} more"


def _count(number: int, word: str, plural: str = "") -> str:
    return f"{number:,} {word if number == 1 else plural or word + 's'}"
