"""A folder that is no dataset yet: what each image looks like, and the name it should have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..dataset import Scan
from ..finding import Outcome
from ..inspection import Inspection
from ..recognise import MT_PAIR, Recognition, suggested_name
from ..verdict import Verdict, blind, met

FOREIGN, UNDECIDED = "NAME_FOREIGN", "NAME_UNDECIDED"
_OTHER = ("localizer", "other")
_BESIDE = (".json", ".bval", ".bvec")
_WORDS = ("SeriesDescription ", "ProtocolName ", "the file is called ")


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield an outcome per image of a folder without a single BIDS name."""
    dataset = inspection.dataset
    if not dataset.bare:
        return
    known = [(scan, scan.recognised) for scan in dataset.scans if scan.recognised is not None]
    echoes = _echoes(known)
    often = Counter((*_owner(scan), echo) for (scan, _), echo in zip(known, echoes, strict=True))
    seen = Counter[tuple[str, ...]]()
    for (scan, recognised), echo in zip(known, echoes, strict=True):
        if recognised.contrast is None:
            yield blind(FOREIGN, "neither parameters nor words tell which contrast it is")
            yield _undecided(scan, recognised)
            continue
        yield met(UNDECIDED, contrast=recognised.contrast)
        if recognised.contrast in _OTHER:
            yield met(FOREIGN, contrast=recognised.contrast)
            continue
        place = (*_owner(scan), echo)
        seen[place] += 1
        run = f"{seen[place]:02}" if often[place] > 1 else ""
        beside = [path for path in _companions(scan) if path in dataset.entries]
        yield _foreign(scan, recognised, run, echo, beside)


def _foreign(
    scan: Scan, recognised: Recognition, run: str, echo: str, beside: list[str]
) -> Verdict:
    extension = ".nii.gz" if scan.path.endswith(".gz") else ".nii"
    name = suggested_name(
        recognised, scan.subject or "01", session=scan.session, run=run, extension=extension
    )
    if echo:
        name = name.replace("_T2star.", f"_echo-{echo}_MEGRE.")
    alike = f", and {' and '.join(p[p.rfind('.') :] for p in beside)} beside it alike"
    return Verdict(
        FOREIGN,
        Outcome.NOT_MET,
        scan.path,
        contrast=recognised.contrast or "",
        message=f"This looks like {recognised.contrast}: {'; '.join(_reasons(recognised))}.",
        observed=scan.path,
        expected=name,
        suggestion=f"Rename it to {name}{alike if beside else ''}.",
        fix={"op": "rename", "path": scan.path, "to": name},
        affects=tuple(beside),
    )


def _undecided(scan: Scan, recognised: Recognition) -> Verdict:
    either = " or ".join(recognised.candidates)
    pair = set(recognised.candidates) == set(MT_PAIR)
    message = "; ".join(_reasons(recognised))
    return Verdict(
        UNDECIDED,
        Outcome.NOT_MET,
        scan.path,
        message=f"This may be {either or 'any contrast'}: {message}.",
        observed=scan.path,
        expected=list(recognised.candidates) or None,
        suggestion=(
            "Ask who measured it, or compare the two images: with the MT pulse (MTon) the cord is "
            "darker. Then rename it."
            if pair
            else "Look at the image, or convert it again with dcm2niix -b y; then rename it."
        ),
    )


def _reasons(recognised: Recognition) -> list[str]:
    """What speaks for the contrast and against it; of the names that speak for it only one."""
    told: list[str] = []
    named = False
    for reason in recognised.reasons:
        is_name = reason.startswith(_WORDS)
        if not (is_name and named):
            told.append(reason)
        named = named or is_name
    return told


def _owner(scan: Scan) -> tuple[str, str, str]:
    """What would get the same name, were it not for the run."""
    return scan.subject, scan.session, scan.contrast or ""


def _echoes(known: list[tuple[Scan, Recognition]]) -> list[str]:
    """Return each file's echo where a series was written as one file per echo, else ""."""
    series: dict[tuple[str, ...], set[str]] = {}
    found = []
    for scan, _ in known:
        number = scan.sidecar.get("EchoNumber")
        fits = scan.contrast == "T2star" and type(number) is int and 0 < number < 100
        place = (*_owner(scan), str(scan.sidecar.get("SeriesNumber"))[:20])
        found.append((place, str(number) if fits else ""))
        series.setdefault(place, set()).add(found[-1][1])
    return [echo if len(series[place] - {""}) > 1 else "" for place, echo in found]


def _companions(scan: Scan) -> list[str]:
    stem = scan.path.removesuffix(".gz").removesuffix(".nii")
    return [stem + extension for extension in _BESIDE]
