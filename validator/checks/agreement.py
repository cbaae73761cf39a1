"""participants.tsv against the sidecars: scanner, software, coil, date, site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ..dataset import Scan
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met
from .likeness import same_coil, same_day, same_maker, same_model, same_software
from .participants import FILE, selected_rows
from .places import listed, shortened

CODE = "PARTICIPANT_DISAGREES"
_UNSAID = ("", "n/a", "-")

_COLUMNS: Mapping[str, tuple[str, Callable[[str, str], bool | None]]] = {
    "manufacturer": ("Manufacturer", same_maker),
    "manufacturers_model_name": ("ManufacturersModelName", same_model),
    "software_versions": ("SoftwareVersions", same_software),
    "receive_coil_name": ("ReceiveCoilName", same_coil),
    "date_of_scan": ("AcquisitionDateTime", same_day),
}


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield PARTICIPANT_DISAGREES: one finding per site and column."""
    dataset = inspection.dataset
    if dataset.bare or dataset.participants is None:
        return
    gathered = _gather(inspection)
    _add_institutions(inspection, gathered)
    good: Counter[str] = Counter()
    unknown: Counter[tuple[str, str]] = Counter()
    disagreeing: dict[tuple[str, str], list[_Said]] = {}
    for said in gathered.values():
        if said.agrees is None:
            unknown[said.site, said.reason] += 1
        elif said.agrees:
            good[said.site] += 1
        else:
            disagreeing.setdefault((said.site, said.column), []).append(said)
    for site, count in good.items():
        yield met(CODE, site, count=count)
    for (site, reason), count in unknown.items():
        yield blind(CODE, reason, site, count=count)
    rows = selected_rows(dataset) if disagreeing else []
    lines = {row.participant.removeprefix("sub-"): row.line for row in rows}
    for (site, column), found in disagreeing.items():
        yield _finding(site, column, found, lines.get(found[0].scan.subject))


@dataclass(slots=True)
class _Said:
    """What participants.tsv says of one participant in one column, and what the sidecars say."""

    site: str
    column: str
    value: str
    key: str
    scan: Scan
    values: dict[str, bool | None] = field(default_factory=dict)
    other: Scan | None = None

    @property
    def agrees(self) -> bool | None:
        outcomes = self.values.values()
        if self.key == "ReceiveCoilName":  # a sidecar names the first group of elements only
            return True if True in outcomes else False if False in outcomes else None
        return False if False in outcomes else True if True in outcomes else None

    @property
    def reason(self) -> str:
        if not self.values:
            return f"no {self.key} in the sidecars"
        return f"{self.key} and {self.column} can't be compared"


def _gather(inspection: Inspection) -> dict[tuple[str, str], _Said]:
    gathered: dict[str, list[tuple[_Said, Callable[[str, str], bool | None]]]] = {}
    for scan in inspection.raw:
        known = gathered.get(scan.subject)
        if known is None:
            row = inspection.dataset.by_participant.get(scan.subject, {})
            known = gathered[scan.subject] = [
                (_Said(scan.site, column, row[column], key, scan), compare)
                for column, (key, compare) in _COLUMNS.items()
                if row.get(column, "") not in _UNSAID
            ]
        sidecar = scan.sidecar
        for said, compare in known:
            text = sidecar.get(said.key)
            if not isinstance(text, str) or not text or text in said.values:
                continue
            if said.column == "date_of_scan":
                text = text[:10]
            outcome = said.values[text] = compare(said.value, text)
            if outcome is False and said.other is None:
                said.other = scan
    return {
        (subject, said.column): said for subject, known in gathered.items() for said, _ in known
    }


def _add_institutions(inspection: Inspection, gathered: dict[tuple[str, str], _Said]) -> None:
    """Judge institution_id: a sidecar may not name the institution of another site.

    Sites spell their institution in many ways, so names are compared among sidecars alone.
    """
    names: dict[str, Counter[str]] = {}
    sites: dict[str, str] = {}
    scans: dict[str, Scan] = {}
    for scan in inspection.raw:
        name = scan.sidecar.get("InstitutionName")
        if isinstance(name, str) and name and scan.subject:
            names.setdefault(scan.subject, Counter())[name] += 1
            sites[scan.subject] = scan.site
            scans.setdefault(scan.subject, scan)
    usual = {subject: _most(counter) for subject, counter in names.items()}
    of_site: dict[str, Counter[str]] = {}
    for subject, name in usual.items():
        of_site.setdefault(sites[subject], Counter())[name] += 1
    owners: dict[str, set[str]] = {}
    for site, counter in of_site.items():
        if counter.total() > 1:
            owners.setdefault(_most(counter), set()).add(site)
    for subject, name in usual.items():
        site, others = sites[subject], owners.get(name, set())
        said = _Said(site, "institution_id", site, "InstitutionName", scans[subject])
        shown = f"{name}, the institution of {listed(sorted(others))}" if others else name
        said.values[shown] = not others or site in others
        gathered[subject, "institution_id"] = said


def _hint(said: _Said) -> str:
    """Say where day and month changed places."""
    year, *rest = said.value.split("-")
    swapped = "-".join([year, *reversed(rest)])
    return " (are day and month exchanged?)" if swapped in said.values and len(rest) == 2 else ""


def _most(counter: Counter[str]) -> str:
    return min(counter, key=lambda name: (-counter[name], name))


def _finding(site: str, column: str, found: list[_Said], line: int | None) -> Verdict:
    first = found[0]
    values = dict.fromkeys(v for said in found for v, agrees in said.values.items() if not agrees)
    told = dict.fromkeys(said.value for said in found)
    shown = listed([shortened(value) for value in values])
    return Verdict(
        CODE,
        Outcome.NOT_MET,
        FILE,
        site,
        message=f"participants.tsv says {column} {listed([shortened(v) for v in told])}, the "
        f"sidecars say {first.key} {shown}{_hint(first)}.",
        sub_code=f"{column} {site}".strip(),
        observed=shown,
        expected=listed([shortened(value) for value in told]),
        affects=tuple((said.other or said.scan).path for said in found),
        line=line,
        count=len(found),
    )
