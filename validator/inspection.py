"""Everything a check may look at: the dataset, the protocol, and which variant fits each scan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache

from ..protocol_specs.matching import Match
from ..protocol_specs.parameter import is_number
from ..protocol_specs.spec import Spec
from ..protocol_specs.variant import Variant
from .changes import Changes
from .context import Contexts, Headers, Source
from .dataset import Dataset, Scan, Stage
from .gradients import Gradients
from .remote.knowledge import Knowledge
from .remote.reading import start_reading

_UNSAID = ("", "n/a", "-")


class Inspection:
    """One dataset under one protocol; what costs time is made when first asked for, once."""

    def __init__(
        self,
        dataset: Dataset,
        spec: Spec,
        *,
        headers: bool = True,
        images: bool = True,
        source: Source | None = None,
        changes: Changes | None = None,
        knowledge: Callable[[], Knowledge] | None = None,
        ignore: bytes | None = None,
    ) -> None:
        self.dataset, self.spec, self.images, self.changes = dataset, spec, images, changes
        self.headers = Headers(dataset, enabled=headers, source=source)
        self.contexts = Contexts(dataset, self.headers)
        self._matches: dict[str, Match] = {}
        self._knowledge = knowledge
        self._ignore = ignore

    @property
    def gradients(self) -> Mapping[str, Gradients]:
        """All bval and bvec files by path."""
        return self.contexts.gradients

    @cached_property
    def knowledge(self) -> Knowledge:
        """What the git-annex branches say of where the contents lie."""
        if self._knowledge is None:
            annex = self.dataset.tree.annex
            return Knowledge() if annex is None else start_reading(annex)()
        return self._knowledge()

    @property
    def ignore(self) -> str:
        """The .bidsignore that counts: with a base, that of the base."""
        content = self.dataset.read(".bidsignore") if self._ignore is None else self._ignore
        return (content or b"").decode("utf-8", "replace")

    @cached_property
    def raw(self) -> tuple[Scan, ...]:
        """The scans on which protocol, series and header rules run: one per acquisition."""
        raw = [scan for scan in self.dataset.scans if scan.stage is Stage.RAW]
        return tuple(sorted(raw, key=lambda scan: scan.path))

    @cached_property
    def series(self) -> Mapping[tuple[str, str, str], tuple[Scan, ...]]:
        """(subject, session, run) -> its raw scans that have a contrast."""
        groups: dict[tuple[str, str, str], list[Scan]] = {}
        for scan in self.raw:
            if scan.contrast is not None:
                run = scan.name.entities.get("run", "") if scan.name else ""
                groups.setdefault((*session_of(scan), run), []).append(scan)
        return {key: tuple(scans) for key, scans in groups.items()}

    @cached_property
    def sessions(self) -> Mapping[tuple[str, str], tuple[Scan, ...]]:
        """(subject, session) -> all its raw scans."""
        groups: dict[tuple[str, str], list[Scan]] = {}
        for scan in self.raw:
            groups.setdefault(session_of(scan), []).append(scan)
        return {key: tuple(scans) for key, scans in groups.items()}

    def fact(self, scan: Scan, key: str, column: str) -> str | None:
        """Return what the sidecar says, else what participants.tsv says of the participant."""
        said = scan.sidecar.get(key)
        if said is None or said == "":
            said = self.dataset.by_participant.get(scan.subject, {}).get(column, "")
        text = str(said).strip()
        return None if text in _UNSAID else text

    def match(self, scan: Scan) -> Match:
        """Return which variant of the protocol a scan is judged by, and why."""
        found = self._matches.get(scan.path)
        if found is None:
            found = self._matches[scan.path] = self._match(scan)
        return found

    def _match(self, scan: Scan) -> Match:
        strength = scan.sidecar.get("MagneticFieldStrength")
        return self.spec.match(
            self.fact(scan, "Manufacturer", "manufacturer"),
            self.fact(scan, "ManufacturersModelName", "manufacturers_model_name"),
            self._software(scan),
            strength if is_number(strength) else None,
            self.date(scan),
        )

    def _software(self, scan: Scan) -> str:
        """Join what both say: sidecars write E11 where participants.tsv tells E11B from E11C."""
        row = self.dataset.by_participant.get(scan.subject, {})
        return f"{scan.sidecar.get('SoftwareVersions', '')} {row.get('software_versions', '')}"

    def variant(self, scan: Scan) -> Variant | None:
        """Return the variant of the protocol that a scan is judged by."""
        return self.match(scan).variant

    def date(self, scan: Scan) -> date | None:
        """Return the date of scan, where participants.tsv has it."""
        said = self.dataset.by_participant.get(scan.subject, {}).get("date_of_scan", "")
        return _date(said)

    def members(self, name: str) -> Iterator[list[Scan]]:
        """Yield the scans of each series of this name, in the protocol's order.

        Runs are series of their own; a member that has no run belongs to all of them.
        """
        contrasts = self.spec.series[name].members
        runs = {key[:2] for key in self.series if key[2]}
        for (subject, session, run), scans in self.series.items():
            own = _first_of_each(scans)
            if run and any(contrast in own for contrast in contrasts):
                own = _first_of_each(self.series.get((subject, session, ""), ())) | own
            elif not run and (subject, session) in runs and self._is_shared(name, scans):
                continue
            found = [own[contrast] for contrast in contrasts if contrast in own]
            if len(found) > 1:
                yield found

    def _is_shared(self, name: str, scans: Sequence[Scan]) -> bool:
        """Whether scans without a run are judged with each of the runs already."""
        contrasts = self.spec.series[name].members
        return any(
            scan.contrast in contrasts
            for (who, when, run), others in self.series.items()
            if run and (who, when) == session_of(scans[0])
            for scan in others
        )


def session_of(scan: Scan) -> tuple[str, str]:
    """Return whose exam a scan belongs to: subject and session, or its folder where none is named.

    The folder ends in a slash, which no label does.
    """
    if scan.subject:
        return scan.subject, scan.session
    return scan.path.rpartition("/")[0] + "/", scan.session


def _first_of_each(scans: Sequence[Scan]) -> dict[str, Scan]:
    """Return the first scan of each contrast."""
    return {scan.contrast: scan for scan in reversed(scans) if scan.contrast is not None}


@lru_cache(maxsize=4096)
def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
