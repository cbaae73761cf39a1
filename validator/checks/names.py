"""Names: by the official BIDS schema, or what a foreign name should have been."""

from __future__ import annotations

from collections.abc import Iterator

from ..bids.ignore import BidsIgnore
from ..bids.names import NameFault, check_names
from ..dataset import Scan
from ..finding import Outcome, Remedy
from ..inspection import Inspection
from ..recognise import MT_PAIR, suggested_name
from ..verdict import Verdict, blind, met

FOREIGN = "NAME_FOREIGN"
_OTHER = ("localizer", "other")


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield one finding per file whose name has to change."""
    dataset = inspection.dataset
    foreign = {scan.path: scan for scan in dataset.scans if scan.recognised is not None}
    yield from _check_foreign(inspection, foreign)
    if dataset.bare:
        return
    ignore = BidsIgnore.parse((dataset.read(".bidsignore") or b"").decode(errors="replace"))
    faults = list(check_names(dataset.entries, ignore))
    wrong = 0
    for fault in faults:
        wrong += fault.code == "NAME_NOT_BIDS"
        yield _verdict(inspection, fault, foreign.get(fault.path))
    yield met("NAME_NOT_BIDS", count=len(dataset.entries) - wrong)


def _verdict(inspection: Inspection, fault: NameFault, scan: Scan | None) -> Verdict:
    name = inspection.dataset.names.get(fault.path)
    message, suggestion = fault.message, fault.suggestion
    if scan is not None and scan.recognised is not None and scan.contrast not in (None, *_OTHER):
        message += f" The image looks like {scan.contrast}: {'; '.join(scan.recognised.reasons)}."
    return Verdict(
        fault.code,
        Outcome.NOT_MET,
        fault.path,
        inspection.dataset.sites.get(name.subject, "") if name else "",
        (scan.contrast or "") if scan else "",
        message=message,
        observed=fault.path,
        expected=suggestion or None,
        suggestion=f"Rename it to {suggestion}." if suggestion else "",
        fix={"op": "rename", "path": fault.path, "to": suggestion} if suggestion else None,
        remedy=Remedy.RENAME,
    )


def _check_foreign(inspection: Inspection, foreign: dict[str, Scan]) -> Iterator[Verdict]:
    """In a folder that is no dataset yet: what each image looks like, and its name to be."""
    if not inspection.dataset.bare:
        return
    taken: dict[tuple[str, str], int] = {}
    for scan in foreign.values():
        recognised = scan.recognised
        assert recognised is not None
        why = "; ".join(recognised.reasons) or "nothing in the sidecar or the name tells"
        if recognised.contrast is None:
            either = " or ".join(recognised.candidates) or "any contrast"
            yield blind(FOREIGN, f"can't tell which contrast: {either}")
            message = f"This may be {either}: {why}."
            remedy = "Rename it by hand" if recognised.candidates == MT_PAIR else "Look at it"
            yield Verdict(
                "NAME_UNDECIDED", Outcome.NOT_MET, scan.path, message=message,
                observed=scan.path, suggestion=f"{remedy}: only the site knows which it is.",
            )  # fmt: skip
            continue
        if recognised.contrast in _OTHER:
            yield met(FOREIGN, contrast=recognised.contrast)
            continue
        folder = scan.path.rpartition("/")[0]
        subject = _label(folder or inspection.dataset.tree.name.rpartition("/")[2])
        key = subject, recognised.contrast
        count = taken[key] = taken.get(key, 0) + 1
        extension = ".nii.gz" if scan.path.endswith(".gz") else ".nii"
        name = suggested_name(
            recognised, subject, run=f"{count:02}" if count > 1 else "", extension=extension
        )
        yield Verdict(
            FOREIGN, Outcome.NOT_MET, scan.path, contrast=recognised.contrast,
            message=f"This looks like {recognised.contrast}: {why}.",
            observed=scan.path, expected=name,
            suggestion=f"Rename it to {name}.",
            fix={"op": "rename", "path": scan.path, "to": name},
        )  # fmt: skip


def _label(folder: str) -> str:
    """Make a participant's label of a folder's name: letters and digits only."""
    last = folder.rpartition("/")[2].removeprefix("sub-")
    return "".join(char for char in last if char.isascii() and char.isalnum()) or "01"
