"""What git and git-annex hold of the images: keys, and contents that stand twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..annex import POINTER_LIMIT, link_key, pointer_key
from ..contents import Presence
from ..dataset import Dataset, Scan, Stage
from ..finding import Outcome, Severity
from ..inspection import Inspection
from ..tree import LINK, Unreadable, show
from ..verdict import Verdict, blind, met
from .places import listed, shortened
from .repair import add_command, can_be_typed


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield ANNEX_KEY_BROKEN, NIFTI_IN_GIT and CONTENT_DUPLICATE."""
    dataset = inspection.dataset
    yield from _broken(dataset)
    yield from _committed(inspection)
    yield from _duplicates(dataset)


def _broken(dataset: Dataset) -> Iterator[Verdict]:
    """Images whose pointer or link into the annex names no key; other links: `links`."""
    broken = [scan for scan in dataset.scans if scan.content.presence is Presence.BROKEN]
    texts = dataset.tree.read([scan.entry for scan in broken], POINTER_LIMIT)
    found = 0
    for scan, text in zip(broken, texts, strict=True):
        if isinstance(text, Unreadable):
            continue
        if scan.entry.mode == LINK and not text.startswith(b"/annex/") and link_key(text) is None:
            continue
        found += 1
        key = pointer_key(text) or link_key(text) or show(text[:80])
        yield Verdict(
            "ANNEX_KEY_BROKEN",
            Outcome.NOT_MET,
            scan.path,
            scan.site,
            scan.contrast or "",
            message=f"The annex is asked for {shortened(key)!r}, which is no key of git-annex: "
            "the image can't be found by it.",
            observed=shortened(key),
        )
    yield met("ANNEX_KEY_BROKEN", count=_annexed(dataset))


def _annexed(dataset: Dataset) -> int:
    return sum([scan.content.key is not None for scan in dataset.scans])


def _committed(inspection: Inspection) -> Iterator[Verdict]:
    """Find images whose content git itself holds, in a repository that has an annex."""
    code, dataset = "NIFTI_IN_GIT", inspection.dataset
    annexed = _annexed(dataset)
    inside = [scan for scan in dataset.scans if _in_git(scan)]
    if not annexed and not (inside and _uses_annex(inspection)):
        return
    for scan in inside:
        yield Verdict(
            code,
            Outcome.NOT_MET,
            scan.path,
            scan.site,
            scan.contrast or "",
            message=f"{scan.path} is committed to git itself; images of this dataset belong into "
            "git-annex.",
            command=add_command(scan.path) if can_be_typed(scan.path) else "",
        )
    yield met(code, count=annexed)


def _in_git(scan: Scan) -> bool:
    content = scan.content
    if content.key is not None or content.presence is not Presence.PRESENT:
        return False
    return bool(scan.entry.oid) and content.target is None and not content.edited


def _oid(scan: Scan) -> str:
    return "" if scan.content.edited else (scan.content.target or scan.entry).oid


def _uses_annex(inspection: Inspection) -> bool:
    annex = inspection.dataset.tree.annex
    return annex is not None and (
        (annex / "annex").is_dir() or bool(inspection.knowledge.refs.trees)
    )


def _duplicates(dataset: Dataset) -> Iterator[Verdict]:
    """Find contents that stand under two names; a twin under sourcedata/ is the same name."""
    code = "CONTENT_DUPLICATE"
    groups: dict[str, list[Scan]] = {}
    unknown: Counter[str] = Counter()
    for scan in dataset.scans:
        key = scan.content.key
        if key is not None:
            groups.setdefault(key.digest or key.text, []).append(scan)
        elif scan.content.presence is Presence.PRESENT and (oid := _oid(scan)):
            groups.setdefault(oid, []).append(scan)
        else:
            unknown[scan.site] += 1
    known = 0
    for scans in groups.values():
        if len(scans) == 1:
            known += 1
            continue
        names = {scan.path.removeprefix("sourcedata/"): scan for scan in reversed(scans)}
        if len(names) > 1:
            yield _duplicate(code, [names[name] for name in sorted(names)])
        else:
            known += len(scans)
    if known:
        yield met(code, count=known)
    for site, count in unknown.items():
        yield blind(code, "no key or git object says what the content is", site, count=count)


def _duplicate(code: str, scans: Sequence[Scan]) -> Verdict:
    originals = [scan for scan in scans if scan.stage is not Stage.DERIVATIVE]
    first = (originals or scans)[0]
    others = [scan for scan in scans if scan is not first]
    paths = [scan.path for scan in others]
    return Verdict(
        code,
        Outcome.NOT_MET,
        first.path,
        first.site,
        first.contrast or "",
        message=f"{first.path} has the same content as {listed(paths)}: {_meaning(originals)}.",
        severity=Severity.WARNING if len(originals) < 2 else None,
        affects=tuple(paths),
    )


def _meaning(originals: Sequence[Scan]) -> str:
    if len(originals) < 2:
        return "a result can't be that of several images unless both are empty"
    if len({scan.subject for scan in originals}) > 1:
        return "one measurement stands under the names of several participants"
    return "one measurement stands under several names"
