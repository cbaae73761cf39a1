"""Findings put together as people think of them: by rule, then by what is wrong, then by site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ..finding import Finding, Remedy, Scope, Severity
from ..result import Report, RuleCount
from .participants import participant_of
from .wording import anonymous, merge

LEVELS = (Severity.ERROR, Severity.WARNING)
_SHARED = 3  # from so many sites on, a sentence stands once and the sites after it


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence holds: a site and its participants, or files that belong to none.

    Attributes
    ----------
    of
        How many participants the site has; 0 where that is not known.
    paths
        The findings' locations.
    """

    site: str
    participants: tuple[str, ...]
    of: int
    paths: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether it holds for every participant of a site."""
        return 0 < self.of <= len(self.participants)


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, with the contrasts and places for which it holds."""

    text: str
    contrasts: tuple[str, ...]
    places: tuple[Place, ...]
    findings: tuple[Finding, ...]

    @property
    def participants(self) -> int:
        """How many participants it concerns."""
        return sum(len(place.participants) for place in self.places)


@dataclass(frozen=True, slots=True)
class Group:
    """All findings of one rule at one severity."""

    code: str
    severity: Severity
    rule: RuleCount
    concerns: tuple[str, ...]
    findings: tuple[Finding, ...]
    lines: tuple[Line, ...]

    @property
    def participants(self) -> frozenset[str]:
        """Whom it concerns."""
        return frozenset(
            p for line in self.lines for place in line.places for p in place.participants
        )

    @property
    def sites(self) -> frozenset[str]:
        """Which sites it concerns."""
        return frozenset(f.site for f in self.findings if f.site)

    @property
    def remedies(self) -> list[tuple[Remedy, int]]:
        """What to do, the most frequent first."""
        return Counter(f.remedy for f in self.findings if f.remedy).most_common()

    @property
    def suggestion(self) -> str:
        """The advice that most findings give, without a participant's name."""
        advice = ((f.suggestion, participant_of(f.location)) for f in self.findings)
        texts = Counter(anonymous(text, participant) for text, participant in advice if text)
        return texts.most_common(1)[0][0] if texts else ""


def group(report: Report, findings: Iterable[Finding] | None = None) -> list[Group]:
    """Put findings (default: all of the report that count) together, the gravest first.

    Errors stand before warnings; then what puts more metrics in doubt, concerns more participants,
    has more findings.
    """
    rules = {rule.code: rule for rule in report.rules}
    parts: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in report.findings if findings is None else findings:
        if finding.severity in LEVELS:
            parts.setdefault((finding.severity, finding.code), []).append(finding)
    groups = []
    for (severity, code), members in parts.items():
        rule = rules.get(code) or RuleCount(code)
        concerns = dict.fromkeys([*rule.concerns, *(c for f in members for c in f.concerns)])
        lines = tuple(_lines(members, report))
        groups.append(Group(code, severity, rule, tuple(concerns), tuple(members), lines))
    return sorted(groups, key=_weight)


def _weight(group: Group) -> tuple[int, int, int, int, str]:
    level = LEVELS.index(group.severity)
    return level, -len(group.concerns), -len(group.participants), -len(group.findings), group.code


def subjects(finding: Finding) -> list[str]:
    """Return the participants that a finding concerns."""
    names = dict.fromkeys(map(participant_of, (finding.location, *finding.affects)))
    names.pop("", None)
    return list(names)


def _lines(findings: list[Finding], report: Report) -> list[Line]:
    by_site: dict[str, list[Finding]] = {}
    for finding in findings:
        by_site.setdefault(finding.site, []).append(finding)
    lines = [
        line
        for site, members in by_site.items()
        for line in _join_contrasts(_sentences(site, members, report))
    ]
    return sorted(_join_sites(lines), key=_reach)


def _reach(line: Line) -> tuple[int, int, str, str]:
    return -line.participants, -len(line.findings), line.places[0].site, line.text


def _sentences(site: str, findings: list[Finding], report: Report) -> Iterable[Line]:
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.contrast, finding.sub_code), []).append(finding)
    for (contrast, _), members in kinds.items():
        texts = [anonymous(f.message, participant_of(f.location)) for f in members]
        for text, indices in merge(texts):
            chosen = [members[i] for i in indices]
            people = dict.fromkeys(name for f in chosen for name in subjects(f))
            place = Place(
                site, tuple(people), report.sites.get(site, 0), tuple(f.location for f in chosen)
            )
            contrasts = (contrast,) if contrast else ()
            words = chosen[0].message if len(chosen) == 1 else text
            yield Line(words, contrasts, (place,), tuple(chosen))


def _join_contrasts(lines: Iterable[Line]) -> list[Line]:
    """Make one line of what is said of the same participants in several contrasts."""
    joined: dict[tuple[str, frozenset[str]], Line] = {}
    for line in lines:
        key = line.text, frozenset(line.places[0].participants)
        joined[key] = _add(joined[key], line) if key in joined else line
    return list(joined.values())


def _add(one: Line, other: Line) -> Line:
    old, new = one.places[0], other.places[0]
    place = Place(old.site, old.participants, old.of, old.paths + new.paths)
    contrasts = tuple(dict.fromkeys(one.contrasts + other.contrasts))
    return Line(one.text, contrasts, (place,), one.findings + other.findings)


def _join_sites(lines: list[Line]) -> list[Line]:
    """Make one line of a sentence that holds at several sites."""
    alike: dict[tuple[str, tuple[str, ...]], list[Line]] = {}
    for line in lines:
        alike.setdefault((line.text, line.contrasts), []).append(line)
    result: list[Line] = []
    for (text, contrasts), members in alike.items():
        if len(members) < _SHARED:
            result += members
            continue
        places = sorted(
            (place for line in members for place in line.places),
            key=lambda place: (not place.whole, -len(place.participants), place.site),
        )
        findings = tuple(f for line in members for f in line.findings)
        result.append(Line(text, contrasts, tuple(places), findings))
    return result


def names_a_file(finding: Finding) -> bool:
    """Whether a reader needs the finding's path: its site and contrast don't say which file."""
    narrow = finding.scope in (Scope.FILE, Scope.SCAN, Scope.DATASET) and not finding.contrast
    return narrow or not subjects(finding)
