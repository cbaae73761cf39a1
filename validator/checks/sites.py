"""The site of a participant: participants.tsv's institution_id, and the label's prefix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met

CODE = "SITE_INCONSISTENT"
_UNSAID = ("", "n/a", "-")
_ALIKE = 3  # letters at the start: tokyo, tokyoIngenia


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield an outcome per participant.

    A site may number its participants after a scanner (tokyoIngenia01 at tokyo), and another
    study's labels may say nothing of the site. What can't be is a label that starts with another
    site's name, or with what else only the participants of another site start with.
    """
    dataset = inspection.dataset
    if dataset.bare:
        return
    named = {
        subject: dataset.by_participant.get(subject, {}).get("institution_id", "")
        for subject in dataset.subjects
    }
    known = {site.casefold(): site for site in named.values() if site not in _UNSAID}
    prefixes = {subject: inspection.spec.site_of(subject) or "" for subject in dataset.subjects}
    owners: dict[str, Counter[str]] = {}
    for subject, prefix in prefixes.items():
        if named[subject] not in _UNSAID:
            owners.setdefault(prefix.casefold(), Counter())[named[subject]] += 1
    for subject, prefix in prefixes.items():
        site = named[subject]
        if site in _UNSAID:
            yield blind(CODE, "no institution_id in participants.tsv", dataset.sites[subject])
        elif not prefix:
            yield blind(CODE, "the label names no site", site)
        elif other := _other(prefix.casefold(), site, known, owners[prefix.casefold()]):
            yield _finding(subject, site, other)
        else:
            yield met(CODE, site)


def _other(prefix: str, site: str, known: dict[str, str], owners: Counter[str]) -> str:
    """Return the other site that a prefix speaks of; "" where it speaks of none."""
    if prefix == site.casefold():
        return ""
    if prefix in known:
        return known[prefix]
    usual, count = owners.most_common(1)[0]
    alone = len(owners) == 2 and owners[site] == 1 and count > 1
    return usual if alone and usual.casefold()[:_ALIKE] == prefix[:_ALIKE] else ""


def _finding(subject: str, site: str, other: str) -> Verdict:
    return Verdict(
        CODE,
        Outcome.NOT_MET,
        f"sub-{subject}",
        site,
        message=f"participants.tsv puts sub-{subject} at {site}; by its label it belongs to "
        f"{other}.",
        observed=site,
        expected=other,
        affects=("participants.tsv",),
    )
