"""Facts that a change rewrites while the images stay: how they were measured, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..changes import Changes
from ..coverage import same
from ..dataset import Scan, Stage
from ..finding import Outcome, Scope
from ..inspection import Inspection
from ..verdict import Verdict, met
from .places import listed, shortened

REWRITTEN, MOVED = "METADATA_REWRITTEN", "SITE_REASSIGNED"
_TABLE = "participants.tsv"
_SCANNER = ("Manufacturer", "ManufacturersModelName", "SoftwareVersions", "MRAcquisitionType")
_SHOWN = 5


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield METADATA_REWRITTEN per site and contrast, SITE_REASSIGNED per pair of sites."""
    changes = inspection.changes
    if changes is None:
        return
    groups: dict[tuple[str, str], list[tuple[Scan, Scan]]] = {}
    judged = 0
    for before, after in _pairs(changes):
        judged += 1
        if any(_rewritten(before.sidecar, after.sidecar)):
            groups.setdefault((after.site, after.contrast or ""), []).append((before, after))
    yield met(REWRITTEN, count=judged - sum(map(len, groups.values())))
    for (site, contrast), pairs in groups.items():
        yield _finding(site, contrast, pairs)
    yield from _moved(changes)


def _pairs(changes: Changes) -> Iterator[tuple[Scan, Scan]]:
    """Yield the acquired images that both have, with the same content, before and after."""
    replaced = set(changes.replaced)
    for path, before in changes.base.by_path.items():
        new = changes.renamed.get(path, path)
        after = changes.head.by_path.get(new)
        if after is None or before.stage is not Stage.RAW or new in replaced:
            continue
        yield before, after


def _rewritten(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys that had a value and have another; free texts are nobody's measurement."""
    if before is after:
        return
    for key, value in before.items():
        if key not in after or (isinstance(value, str) and key not in _SCANNER):
            continue
        if not same(value, after[key]):
            yield key


def _finding(site: str, contrast: str, pairs: list[tuple[Scan, Scan]]) -> Verdict:
    keys = sorted({key for pair in pairs for key in _rewritten(pair[0].sidecar, pair[1].sidecar)})
    before, first = next(pair for pair in pairs if keys[0] in _rewritten(*_texts(pair)))
    paths = [after.path for _, after in pairs if after is not first]
    key = keys[0]
    change = (
        f"{key} was {shortened(str(before.sidecar[key]))} and is now "
        f"{shortened(str(first.sidecar[key]))}"
    )
    more = f"; {listed(keys[1 : 1 + _SHOWN])} changed too" if keys[1:] else ""
    where = f"{len(pairs)} sidecars" if paths else f"the sidecar of {first.path}"
    return Verdict(
        REWRITTEN,
        Outcome.NOT_MET,
        first.path,
        site,
        contrast,
        message=f"{change}{more}, in {where}, and the {'images' if paths else 'image'} stayed "
        "the same.",
        sub_code=contrast,
        observed=first.sidecar[key],
        expected=before.sidecar[key],
        affects=tuple(paths),
        scope=Scope.SITE if paths else None,
        count=len(pairs),
    )


def _texts(pair: tuple[Scan, Scan]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return pair[0].sidecar, pair[1].sidecar


def _moved(changes: Changes) -> Iterator[Verdict]:
    """Find participants who belong to another site than before: other variants judge them then."""
    groups: dict[tuple[str, str], list[str]] = {}
    known = 0
    for label, site in changes.base.sites.items():
        now = changes.head.sites.get(label)
        if now is None:
            continue
        known += 1
        if now != site:
            groups.setdefault((site, now), []).append(label)
    yield met(MOVED, count=known - sum(map(len, groups.values())))
    for (site, now), labels in groups.items():
        people = [f"sub-{label}" for label in labels]
        verb = "belongs" if len(people) == 1 else "belong"
        yield Verdict(
            MOVED,
            Outcome.NOT_MET,
            _TABLE if _TABLE in changes.head.entries else people[0],
            now,
            message=f"{listed(people)} {verb} to the site {now!r} now, and to {site!r} before.",
            sub_code=f"{site} {now}",
            observed=now,
            expected=site,
            count=len(people),
        )
