"""The site of a participant: participants.tsv's institution_id, and the label's prefix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met

CODE = "SITE_INCONSISTENT"


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield a finding per participant whose label starts with another site's name."""
    dataset = inspection.dataset
    if dataset.bare:
        return
    prefixes: dict[str, str] = {}
    for subject in dataset.subjects:
        prefixes[subject] = inspection.spec.site_of(subject) or ""
    named = {
        subject: dataset.by_participant.get(subject, {}).get("institution_id", "")
        for subject in dataset.subjects
    }
    owners: dict[str, Counter[str]] = {}
    for subject, prefix in prefixes.items():
        if named[subject] not in ("", "n/a", "-"):
            owners.setdefault(prefix.casefold(), Counter())[named[subject]] += 1
    for subject, prefix in prefixes.items():
        site = named[subject]
        if site in ("", "n/a", "-"):
            yield blind(CODE, "no institution_id in participants.tsv", dataset.sites[subject])
            continue
        usual, count = owners[prefix.casefold()].most_common(1)[0]
        # A site may number its participants after a scanner (tokyoIngenia01): what can't be is
        # one prefix at two sites, or a label that names another site.
        other = prefix != site and any(prefix == known for known in named.values())
        if (usual != site and count > owners[prefix.casefold()][site]) or other:
            yield Verdict(
                CODE,
                Outcome.NOT_MET,
                f"sub-{subject}",
                dataset.sites[subject],
                message=f"participants.tsv puts sub-{subject} at {site}, "
                f"its label says {usual if not other else prefix}.",
                observed=site,
                expected=prefix if other else usual,
            )
        else:
            yield met(CODE, dataset.sites[subject])
