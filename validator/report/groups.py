"""Findings put together as people think of them: by rule, then by what is wrong, then by site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..finding import Finding, Remedy, Scope, Severity
from ..result import Report, RuleCount
from .participants import participant_of
from .standing import standing
from .wording import anonymous, merge

LEVELS = (Severity.ERROR, Severity.WARNING)
_ORDER = (*LEVELS, Severity.IGNORE)
_SCATTERED = 6  # lines that say the same of other contrasts
_SHARED = 3  # from so many sites on, a sentence stands once and the sites after it


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence holds: a site and its participants, or files that belong to none.

    Attributes
    ----------
    of
        How many participants the site has; 0 where that is not known.
    """

    site: str
    participants: tuple[str, ...]
    of: int

    @property
    def whole(self) -> bool:
        """Whether it holds for every participant of a site."""
        return 0 < self.of <= len(self.participants)


def said(finding: Finding) -> str:
    """Return a finding's message without its contrast, which stands before it anyway."""
    text = finding.message or finding.code
    return text.removeprefix(f"{finding.contrast}: ") if finding.contrast else text


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, with the contrasts and places for which it holds.

    Attributes
    ----------
    text
        With the participant's name masked.
    everywhere
        Whether it holds in each of the contrasts at each place, or only in some.
    """

    text: str
    contrasts: tuple[str, ...]
    places: tuple[Place, ...]
    findings: tuple[Finding, ...]
    everywhere: bool = True

    @property
    def sentence(self) -> str:
        """The text; a single finding speaks for itself."""
        return said(self.findings[0]) if len(self.findings) == 1 else self.text

    @property
    def participants(self) -> int:
        """How many participants it concerns."""
        return sum(len(place.participants) for place in self.places)


@dataclass(frozen=True, slots=True)
class Group:
    """All findings of one rule at one severity.

    Attributes
    ----------
    concerns
        The metrics that these findings put in doubt: theirs, else those of the rule.
    """

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


def advice(findings: Iterable[Finding]) -> str:
    """Return the suggestion that most findings share ('' where each has its own)."""
    given = [(f.suggestion, participant_of(f.location)) for f in findings if f.suggestion]
    raw = Counter(text for text, _ in given)
    if len(raw) == 1:
        return given[0][0]
    masked = Counter(anonymous(text, participant) for text, participant in given)
    text, count = masked.most_common(1)[0] if masked else ("", 0)
    return text if 2 * count > len(given) else ""


def group(report: Report, findings: Iterable[Finding] | None = None) -> list[Group]:
    """Put findings (default: those of the report that are open) together, the gravest first.

    Errors stand before warnings; then what puts more metrics in doubt, concerns more participants,
    has more findings.
    """
    rules = {rule.code: rule for rule in report.rules}
    parts: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in standing(report).open if findings is None else findings:
        parts.setdefault((finding.severity, finding.code), []).append(finding)
    groups = []
    for (severity, code), members in parts.items():
        rule = rules.get(code) or RuleCount(code)
        concerns = dict.fromkeys(c for f in members for c in f.concerns) or rule.concerns
        lines = tuple(_lines(members, report))
        groups.append(Group(code, severity, rule, tuple(concerns), tuple(members), lines))
    return sorted(groups, key=_weight)


def _weight(group: Group) -> tuple[int, int, int, int, str]:
    level = _ORDER.index(group.severity)
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
    lines: list[Line] = []
    for site, members in by_site.items():
        said = _sentences(site, members, report)
        people = _join(said, lambda line: (line.text, line.contrasts))
        lines += _join(people, lambda line: (line.text, frozenset(line.places[0].participants)))
    return sorted(_join_sites(lines), key=_reach)


def _reach(line: Line) -> tuple[int, int, str, str]:
    return -line.participants, -len(line.findings), line.places[0].site, line.text


def _sentences(site: str, findings: list[Finding], report: Report) -> Iterable[Line]:
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        part = finding.sub_code if subjects(finding) else ""  # a table's rows may share a line
        kinds.setdefault((finding.contrast, part), []).append(finding)
    for (contrast, _), members in kinds.items():
        texts = [anonymous(said(f), participant_of(f.location)) for f in members]
        for text, indices in merge(texts):
            chosen = tuple(members[i] for i in indices)
            people = dict.fromkeys(name for f in chosen for name in subjects(f))
            place = Place(site, tuple(people), report.sites.get(site, 0))
            yield Line(text, (contrast,) if contrast else (), (place,), chosen)


def _join(lines: Iterable[Line], key: Callable[[Line], object]) -> list[Line]:
    """Make one line of the lines of one site that agree in a key."""
    joined: dict[object, Line] = {}
    for line in lines:
        known = joined.get(key(line))
        joined[key(line)] = _add(known, line) if known else line
    return list(joined.values())


def _add(one: Line, other: Line) -> Line:
    old, new = one.places[0], other.places[0]
    people = tuple(dict.fromkeys(old.participants + new.participants))
    contrasts = tuple(dict.fromkeys(one.contrasts + other.contrasts))
    place = Place(old.site, people, old.of)
    return Line(one.text, contrasts, (place,), one.findings + other.findings)


def _join_sites(lines: list[Line]) -> list[Line]:
    """Make one line of a sentence that holds at several sites.

    Contrasts are kept apart, but for a sentence that is scattered over so many combinations of
    them that a reader would lose the thread.
    """
    texts = Counter(line.text for line in lines)
    alike: dict[tuple[str, tuple[str, ...]], list[Line]] = {}
    for line in lines:
        contrasts = () if texts[line.text] > _SCATTERED else line.contrasts
        alike.setdefault((line.text, contrasts), []).append(line)
    result: list[Line] = []
    for members in alike.values():
        few = len({line.places[0].site for line in members}) < _SHARED
        result += members if few else [_across(members)]
    return result


def _across(lines: list[Line]) -> Line:
    people: dict[str, Place] = {}
    for line in lines:
        (place,) = line.places
        old = people.get(place.site, Place(place.site, (), place.of))
        names = dict.fromkeys(old.participants + place.participants)
        people[place.site] = Place(place.site, tuple(names), place.of)
    contrasts = Counter(contrast for line in lines for contrast in line.contrasts)
    return Line(
        lines[0].text,
        tuple(name for name, _ in contrasts.most_common()),
        tuple(sorted(people.values(), key=_rank)),
        tuple(finding for line in lines for finding in line.findings),
        everywhere=len({line.contrasts for line in lines}) == 1,
    )


def _rank(place: Place) -> tuple[bool, int, str]:
    return not place.whole, 0 if place.whole else -len(place.participants), place.site


def names_a_file(finding: Finding) -> bool:
    """Whether a reader needs the finding's path: its site and contrast don't say which file."""
    narrow = finding.scope in (Scope.FILE, Scope.SCAN, Scope.DATASET) and not finding.contrast
    return narrow or not subjects(finding)
