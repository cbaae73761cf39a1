"""Images that have another content while what describes them stayed as it was."""

from __future__ import annotations

from collections.abc import Iterator

from ..changes import Changes, stem_of
from ..dataset import Scan, Stage
from ..finding import Outcome, Scope, Severity
from ..inspection import Inspection
from ..verdict import Verdict, met

CODE = "SCAN_REPLACED"
_KINDS = {Stage.RAW: "raw", Stage.PREPROCESSED: "preprocessed", Stage.DERIVATIVE: ""}


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield SCAN_REPLACED: one finding per site and contrast, of results one per folder."""
    changes = inspection.changes
    if changes is None:
        return
    groups: dict[tuple[str, str, str], list[Scan]] = {}
    for path in changes.replaced:
        if is_undescribed(changes, path):
            scan = changes.head.by_path[path]
            groups.setdefault(_place(scan), []).append(scan)
    number = sum(map(len, groups.values()))
    both = len(changes.head.scans) - sum(1 for p in changes.added if p in changes.head.by_path)
    yield met(CODE, count=max(0, both - number))
    for scans in groups.values():
        yield _finding(changes, scans)


def is_undescribed(changes: Changes, path: str) -> bool:
    """Whether an image has another content and no metadata of it changed."""
    before, after = changes.base.by_path[path], changes.head.by_path[path]
    stem = stem_of(path)
    gradients = (f"{stem}.bval", f"{stem}.bvec")
    return before.sidecar == after.sidecar and not any(
        text in changes.edited for text in gradients
    )


def _place(scan: Scan) -> tuple[str, str, str]:
    if scan.stage is Stage.DERIVATIVE:
        return "/".join(scan.path.split("/")[:2]), "", ""
    name = scan.contrast or (scan.name.suffix if scan.name else "")
    return scan.site, name, scan.stage.value


def _finding(changes: Changes, scans: list[Scan]) -> Verdict:
    first, *rest = scans
    stage = first.stage
    sites = {scan.site for scan in scans}
    contrast = (first.contrast or "") if stage is not Stage.DERIVATIVE else ""
    if rest:
        what = f"{_KINDS[stage]} {contrast}".rstrip() + " images"
        where = f" of {first.site}" if first.site else ""
        if stage is Stage.DERIVATIVE:
            what, where = "results", f" under {_place(first)[0]}"
        message = (
            f"{len(scans):,} {what}{where} have other contents, but their metadata didn't change"
        )
    else:
        message = f"{first.path} has another content, but its metadata didn't change"
        origin = next((old for old, new in changes.renamed.items() if new == first.path), "")
        message += f": it is now what {origin} was" if origin else ""
    return Verdict(
        CODE,
        Outcome.NOT_MET,
        first.path,
        min(sites) if len(sites) == 1 else "",
        contrast,
        message=f"{message}.",
        sub_code=stage.value,
        observed=_content(first),
        expected=_content(changes.base.by_path[first.path]),
        severity=Severity.ERROR if stage is Stage.RAW else Severity.WARNING,
        affects=tuple(scan.path for scan in rest),
        scope=(Scope.SITE if len(sites) == 1 else Scope.DATASET) if rest else None,
        count=len(scans),
    )


def _content(scan: Scan) -> str | None:
    """Return what tells one content from another, where there is one image to tell of."""
    return scan.content.key.text if scan.content.key else scan.entry.oid or None
