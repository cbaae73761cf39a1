"""What became of the waivers: those that match nothing any more, and those that have ended.

This needs the findings of all other rules under the policy, so it isn't run with the other checks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from ...rules.records import ANYTHING, MATCHES, Record, has_signs
from ..finding import Outcome
from ..policy import Applied, Expired, Unused
from ..result import RuleCount
from ..verdict import Verdict, blind, met
from .participants import limited
from .places import listed, shortened

UNUSED, EXPIRED = "WAIVER_UNUSED", "WAIVER_EXPIRED"
OF_CHANGES = (
    "PARTICIPANT_REMOVED",
    "CONTRAST_LOST",
    "SCAN_REMOVED",
    "DERIVATIVE_REMOVED",
    "FILE_REMOVED",
    "SCAN_REPLACED",
    "METADATA_REWRITTEN",
    "SITE_REASSIGNED",
    "RENAMED_WITHOUT_DERIVATIVES",
    "SCAN_RENAMED",
    "POLICY_CHANGED",
)
"""Codes of changes: a waiver of one is written before it comes, and has done its work after."""
_UNSEEN = "what it excuses could not be looked at here"
_CHANGED = "the fault is still there, but with another value or in other files"


def policy_verdicts(
    applied: Applied, counts: Iterable[RuleCount] = (), *, whole: bool = True
) -> Iterator[Verdict]:
    """Say which waivers match nothing and which have ended.

    Parameters
    ----------
    counts
        Outcomes of the rules: where a rule could not be determined, its waivers aren't unused.
    whole
        Whether the whole dataset was judged by all rules: of a part nothing can be said.
    """
    by_code = {count.code: count for count in counts}
    idle = [each for each in applied.unused if whole and was_seen(each.record, by_code)]
    yield from limited(idle, _unused)
    unseen = len(applied.unused) - len(idle)
    if unseen:
        yield blind(UNUSED, _UNSEEN, count=unseen)
    yield met(UNUSED, count=applied.records - len(applied.unused))
    ends: dict[tuple[str, date | None], list[Expired]] = {}
    for each in applied.expired:
        ends.setdefault((each.record.source, each.record.until), []).append(each)
    for group in ends.values():
        yield _expired(group)
    yield met(EXPIRED, count=applied.records - len(applied.expired))


def was_seen(record: Record, counts: Mapping[str, RuleCount]) -> bool:
    """Whether the rules that a record names could be determined where it names them.

    At a site that it names every unit counts; of a whole dataset some are always blind, and most
    of them count.
    """
    sites = [site for site in record.site if site and not has_signs(site)]
    if not set(record.code).isdisjoint(OF_CHANGES):
        return False
    for code in record.code:
        blind_units = judged = 0
        for (site, _), tally in counts[code].breakdown.items() if code in counts else ():
            if sites and site in sites and tally.not_determinable:
                return False
            if not sites or not site:
                blind_units += tally.not_determinable
                judged += tally.met + tally.not_met
        if blind_units > judged:
            return False
    return True


def what(record: Record) -> str:
    """Say in words what a record is for."""
    words = listed(record.code) if record.code else "any rule"
    if record.group:
        words += f" of the group {listed(record.group)}"
    if any(record.parameter):
        words += f" ({listed(record.parameter)})"
    if any(record.site):
        words += f" of {listed(record.site)}"
    if record.location:
        words += f" at {listed(record.location, 1)}"
    return shortened(words, 200)


def key_of(record: Record) -> str:
    """Return a hash of what a record matches, whatever it gives and why."""
    told = [getattr(record, key) for key in MATCHES]
    value = None if record.observed is ANYTHING else [record.observed]
    text = json.dumps([told, value], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _unused(unused: Unused) -> Verdict:
    record = unused.record
    why = _CHANGED if unused.changed else "nothing of the kind is found any more"
    return Verdict(
        UNUSED,
        Outcome.NOT_MET,
        record.source,
        message=f"The record for {what(record)} matches no finding: {why}.",
        sub_code=key_of(record),
        line=record.line,
        observed=shortened(record.reason, 200),
    )


def _expired(group: Sequence[Expired]) -> Verdict:
    record = group[0].record
    day = record.until.isoformat() if record.until else ""
    again = len({finding.identity for each in group for finding in each.findings})
    who = (
        f"The record for {what(record)}"
        if len(group) == 1
        else f"{len(group):,} records of {record.source}"
    )
    counts = "1 finding counts" if again == 1 else f"{again:,} findings count"
    return Verdict(
        EXPIRED,
        Outcome.NOT_MET,
        record.source,
        message=f"{who} ended with {day}: {counts} again.",
        sub_code=day,
        line=record.line,
        observed=day,
        expected="a later day, or nothing to excuse",
    )
