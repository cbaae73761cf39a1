"""Which findings of a report are accepted from today on, and what becomes of the older records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase

from ..rules.records import PATTERN, Record
from .accepted import Matcher, plain_path
from .checks.waivers import was_seen
from .entities import subject_of
from .finding import Finding, Severity
from .policy import UNWAIVABLE
from .recorded import recorded, writable
from .result import Report


@dataclass(frozen=True, slots=True)
class Choice:
    """Which findings are accepted: all that is left empty doesn't choose.

    Attributes
    ----------
    codes, sites
        Names; of codes also patterns.
    labels
        Participants, without ``sub-``: of a finding that speaks of others too all must be chosen.
    errors_only
        Whether warnings are left out.
    """

    codes: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    errors_only: bool = False

    def takes(self, finding: Finding) -> bool:
        """Whether a finding is chosen."""
        return (
            (not self.codes or any(fnmatchcase(finding.code, code) for code in self.codes))
            and (not self.sites or finding.site in self.sites)
            and (not self.labels or all(subject_of(p) in self.labels for p in finding.paths))
            and (not self.errors_only or finding.severity is Severity.ERROR)
        )


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who accepts, why, until when, and where that is discussed."""

    reason: str
    by: str
    until: date | None
    issue: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a baseline is to hold, by what became of each record.

    Attributes
    ----------
    kept, new, renewed
        What it will hold: records from before, of findings not accepted before, and of those whose
        last day has passed.
    dropped
        Records from before that match nothing any more.
    nameless
        Findings whose names are too long for a record.
    """

    kept: tuple[Record, ...] = ()
    new: tuple[Record, ...] = ()
    renewed: tuple[Record, ...] = ()
    dropped: tuple[Record, ...] = ()
    nameless: tuple[Finding, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """All that it will hold, each once."""
        unique = {_key(record): record for record in (*self.kept, *self.new, *self.renewed)}
        return tuple(unique.values())


def accept(
    report: Report,
    old: Sequence[Record],
    others: Sequence[Record],
    acceptance: Acceptance,
    choice: Choice | None = None,
    *,
    today: date,
) -> Baseline:
    """Put a baseline together.

    Parameters
    ----------
    report
        What was found in the whole dataset.
    old
        Records of the baseline that is there.
    others
        Records of the settings: what they waive needs no second record.
    choice
        What is newly accepted; None for nothing (records that match nothing are dropped all the
        same).
    today
        Records that ended before it are renewed if their findings are chosen.
    """
    draft = _Draft(old, report)
    elsewhere = Matcher(others, today)
    for finding in report.findings:
        if finding.code in UNWAIVABLE or _is_waived(finding, elsewhere):
            continue
        record = draft.known.find(finding)
        chosen = choice is not None and choice.takes(finding)
        if record is not None and not (chosen and record.expired(today)):
            draft.keep(finding, record)
        elif not chosen:
            draft.leave(finding)
        else:
            draft.take(finding, record, acceptance)
    return draft.finish()


class _Draft:
    """A baseline while it is put together."""

    def __init__(self, old: Sequence[Record], report: Report) -> None:
        self.known = Matcher(old, date.min)  # of records that have ended too
        self._old = old
        self._counts = {count.code: count for count in report.rules}
        self._kept: list[Record] = []
        self._new: list[Record] = []
        self._renewed: list[Record] = []
        self._nameless: list[Finding] = []
        self._replaced: set[int] = set()
        self._needed: set[int] = set()

    def keep(self, finding: Finding, record: Record) -> None:
        """Keep a record, with the files and the value of today if all could be looked at."""
        if not was_seen(record, self._counts):
            self.leave(finding)
            return
        about = Acceptance(record.reason, record.by, record.until, record.issue)
        self._kept.append(replace(record_of(finding, about), severity=record.severity))
        self._replaced |= self._touching(finding)

    def leave(self, finding: Finding) -> None:
        """Leave records as they are that accept a part of a finding."""
        self._needed |= self._touching(finding)

    def take(self, finding: Finding, record: Record | None, acceptance: Acceptance) -> None:
        """Accept a finding; one that was accepted before keeps its reason, if none is given."""
        reason = acceptance.reason or (record.reason if record else "")
        fresh = record_of(finding, replace(acceptance, reason=reason))
        if max(map(len, (*fresh.location, *fresh.parameter, *fresh.site))) > PATTERN:
            self._nameless.append(finding)
            return
        (self._new if record is None else self._renewed).append(fresh)
        self._replaced |= self._touching(finding)

    def finish(self) -> Baseline:
        """Say what became of each record."""
        dropped = []
        for record in self._old:
            if id(record) in self._replaced:
                continue
            if id(record) in self._needed or not was_seen(record, self._counts):
                self._kept.append(record)
            else:
                dropped.append(record)
        return Baseline(
            tuple(self._kept),
            tuple(self._new),
            tuple(self._renewed),
            tuple(dropped),
            tuple(self._nameless),
        )

    def _touching(self, finding: Finding) -> set[int]:
        return {id(record) for record in self.known.touching(finding)}


def record_of(finding: Finding, acceptance: Acceptance) -> Record:
    """Return the record that accepts exactly this finding."""
    paths: dict[str, str] = {}
    for path in finding.paths:
        paths.setdefault(
            plain_path(path), writable(path)
        )  # the raw image stands for the one made from it
    return Record(
        "ignore",
        acceptance.reason,
        code=(finding.code,),
        parameter=(writable(finding.sub_code),) if finding.sub_code else (),
        site=(writable(finding.site),) if finding.site else (),
        location=tuple(paths[plain] for plain in sorted(paths)),
        observed=recorded(finding.observed),
        by=acceptance.by,
        issue=acceptance.issue,
        until=acceptance.until,
        exact=True,
    )


def _is_waived(finding: Finding, elsewhere: Matcher) -> bool:
    record = elsewhere.find(finding)
    if record is not None:
        return record.severity == Severity.IGNORE.value
    source = (finding.policy or {}).get("source", "")
    return finding.severity is Severity.IGNORE and source.startswith("profile ")


def _key(record: Record) -> str:
    """Return what a record accepts: two findings may be the same to it."""
    matched = (record.code, record.parameter, record.location, record.observed)
    return json.dumps(matched, sort_keys=True)
