"""exclude.yml against the findings: who should be left out, and who is without a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...validator.checks.exclusions import Exclusion
from ...validator.finding import Finding, Severity
from ...validator.report.participants import participant_of
from ...validator.report.visible import visible
from .choices import Choice
from .judge import Exclusions

_REASON = 160
_FEW = 2


@dataclass(frozen=True, slots=True)
class Concern:
    """Participants, or a site, whom a finding at error level puts in doubt for a metric.

    Attributes
    ----------
    metric, name
        As exclude.yml would name them.
    findings
        Why, the first of each rule.
    """

    metric: str
    name: str
    findings: tuple[Finding, ...]

    @property
    def proposal(self) -> Choice:
        """An entry for it, switched off: a person decides, and says it in their own words."""
        first = self.findings[0]
        others = sorted({f.code for f in self.findings} - {first.code})
        text = " ".join(visible(first.message).replace("#", "no. ").split()).rstrip(".")
        short = text if len(text) <= _REASON else text[: _REASON - 3] + "..."
        more = f"; also {', '.join(others)}" if others else ""
        return Choice("add", self.metric, self.name, f"{short} [{first.code}{more}]", apply=False)


def unlisted(known: Exclusions, findings: Iterable[Finding]) -> list[Concern]:
    """Return what findings at error level put in doubt and exclude.yml doesn't leave out.

    Where all participants of a site are concerned, the site stands for them.
    """
    listed = {(entry.metric, entry.name) for entry in known.entries}
    hits: dict[tuple[str, str], dict[str, Finding]] = {}
    for finding in findings:
        if finding.severity is not Severity.ERROR:
            continue
        for label in _labels(known, finding):
            names = known.names_of(label)
            for metric in finding.concerns:
                if not any((metric, name) in listed for name in names):
                    hits.setdefault((metric, label), {}).setdefault(finding.code, finding)
    return sorted(_by_site(known, hits), key=lambda c: (c.metric, c.name))


def unfounded(known: Exclusions, findings: Sequence[Finding]) -> list[Exclusion]:
    """Return the entries that no finding, of whatever severity, speaks for."""
    spoken = {
        (metric, label)
        for finding in findings
        for metric in finding.concerns
        for label in _labels(known, finding)
    }
    return [
        entry
        for entry in known.entries
        if not any((entry.metric, label) in spoken for label in known.labels_of(entry.name))
    ]


def _labels(known: Exclusions, finding: Finding) -> set[str]:
    named = {participant_of(path).removeprefix("sub-") for path in finding.paths} - {""}
    if not named and finding.site:
        named = {label for label, site in known.dataset.sites.items() if site == finding.site}
    return named & set(known.dataset.sites)


def _by_site(
    known: Exclusions, hits: dict[tuple[str, str], dict[str, Finding]]
) -> Iterator[Concern]:
    members: dict[str, set[str]] = {}
    for label, site in known.dataset.sites.items():
        members.setdefault(site, set()).add(label)
    for metric in dict.fromkeys(metric for metric, _ in hits):
        left = {label: found for (other, label), found in hits.items() if other == metric}
        for site, labels in members.items():
            if site and len(labels) >= _FEW and labels <= set(left):
                every = [left.pop(label) for label in sorted(labels)]
                shared = set.intersection(*map(set, every))
                found = {code: f for each in every for code, f in each.items()}
                if shared:
                    first = [found.pop(code) for code in sorted(shared)]
                    yield Concern(metric, site, (*first, *found.values()))
                else:
                    left |= dict(zip(sorted(labels), every, strict=True))
        for label, codes in left.items():
            yield Concern(metric, f"sub-{label}", tuple(codes.values()))
