"""The phrases that all formats for people share: who, where, how many, what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ..finding import Finding, Remedy, Severity
from ..result import Report, RuleCount, Tally
from .groups import Group, Line, Place, advice, names_a_file
from .participants import compress
from .standing import commands, standing
from .visible import visible
from .wording import shorten

REMEDIES = {
    Remedy.REACQUIRE: "scan again with the protocol's settings, or waive it with a reason",
    Remedy.RECONVERT: "convert it again from DICOM with a current dcm2niix",
    Remedy.EDIT: "correct the file by hand",
    Remedy.RENAME: "give the file the name that the standard asks for",
    Remedy.WAIVE: "accept it with a reason, if it is known and does no harm",
}
_PATHS = 3
_SITES = 12
_NAMES = 8
_REASON = 160  # characters of why something could not be determined


def number(count: int, noun: str, plural: str = "") -> str:
    """Say a count with its noun.

    >>> number(1, 'scan'), number(1868, 'scan')
    ('1 scan', '1,868 scans')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def listed(items: Sequence[str], limit: int) -> str:
    """List at most `limit` items, and how many more there are."""
    more = len(items) - limit
    shown = items if more <= 1 else items[:limit]
    return ", ".join(shown) + (f" and {more} more" if more > 1 else "")


def who(line: Line) -> str:
    """Say whom a line concerns: 'amu: sub-amu01-03 (3 of 5), T2w', or '12 sites, T2w'."""
    contrasts = (", " if line.everywhere else " or ").join(line.contrasts)
    if len(line.places) > 1:
        return ", ".join(filter(None, (number(len(line.places), "site"), contrasts)))
    place = line.places[0]
    people = _people(place)
    if not people or (len(line.findings) == 1 and names_a_file(line.findings[0])):
        people = files(line)
    about = ", ".join(filter(None, (people, contrasts)))
    return ": ".join(filter(None, (place.site, about)))


def _people(place: Place) -> str:
    count = len(place.participants)
    if place.whole and count > 1:
        return "both participants" if count == 2 else f"all {count} participants"
    names = compress(place.participants, limit=6)
    return f"{names} ({count} of {place.of})" if count and place.of and not place.whole else names


def files(line: Line) -> str:
    """Name the files of a line's findings, but for those that its sentence names."""
    lines: dict[str, set[int]] = {}
    for finding in line.findings:
        path = "the dataset" if finding.location == "." else finding.location
        if path not in line.sentence:
            lines.setdefault(path, set()).update([finding.line] if finding.line else [])
    names = [shorten(path, 160) + _at(numbers) for path, numbers in sorted(lines.items())]
    if len(names) <= 1:
        return "".join(names)
    return f"{number(len(names), 'file')} ({listed(names, _PATHS)})"


def _at(lines: set[int]) -> str:
    if len(lines) <= 1:
        return "".join(f":{line}" for line in lines)
    return f" lines {listed([str(line) for line in sorted(lines)], 6)}"


def everywhere(line: Line) -> str:
    """Say where a line with several places holds: whole sites first, then parts of sites."""
    whole = [place.site for place in line.places if place.whole]
    some = [place for place in line.places if not place.whole]
    people = [name for place in some for name in place.participants]
    if len(people) <= _NAMES and all(place.participants for place in some):
        parts = compress(people, limit=_NAMES)
    else:
        parts = listed([_part(place) for place in some], _SITES)
    all_of = f"all participants of {listed(whole, _SITES)}" if whole else ""
    return "; ".join(filter(None, (all_of, parts)))


def _part(place: Place) -> str:
    name = place.site or "no site"
    if not place.participants:
        return name
    return f"{name} {len(place.participants)}" + (f" of {place.of}" if place.of else "")


def told(line: Line) -> str:
    """Say a line in one piece: whom, what, and where else."""
    text = ": ".join(filter(None, (who(line), line.sentence)))
    return f"{text} ({everywhere(line)})" if len(line.places) > 1 else text


def size(group: Group) -> str:
    """Say how much a group holds: findings, participants, sites."""
    parts = [number(len(group.findings), "finding")]
    if group.participants:
        parts.append(number(len(group.participants), "participant"))
    if len(group.sites) > 1:
        parts.append(number(len(group.sites), "site"))
    return ", ".join(parts)


def doubt(group: Group) -> str:
    """Say what the findings put in doubt."""
    return f"Puts in doubt: {', '.join(group.concerns)}." if group.concerns else ""


def why(group: Group) -> str:
    """Say why a rule matters and what its failure puts in doubt."""
    return " ".join(filter(None, (group.rule.why, doubt(group))))


def remedies(group: Group) -> list[str]:
    """Say what to do about a group: a line a remedy, the most frequent first."""
    found = group.remedies
    lines = []
    for kind, count in found:
        share = f" ({count:,} of {len(group.findings):,})" if count < len(group.findings) else ""
        words = advice(f for f in group.findings if f.remedy is kind) or REMEDIES[kind]
        lines.append(f"{kind.value}{share}: {words}")
    return lines or list(filter(None, [advice(group.findings)]))


def renames(line: Line, limit: int = _PATHS) -> list[str]:
    """Return 'old → new' for the first renames that a line proposes."""
    pairs = []
    for finding in line.findings:
        fix = finding.fix or {}
        if fix.get("op") == "rename" and fix.get("to"):
            pairs.append(f"{fix.get('path', finding.location)} → {fix['to']}")
    more = [f"and {len(pairs) - limit:,} more"] if len(pairs) > limit else []
    return pairs[:limit] + more


def places(group: Group, limit: int) -> str:
    """Say in short where a group's findings are: at most `limit` lines of them."""
    shown = list(dict.fromkeys(who(line) or line.sentence for line in group.lines))
    return "; ".join(shown[:limit]) + (
        f"; and {len(shown) - limit} more" if len(shown) > limit else ""
    )


def typed(findings: Iterable[Finding], limit: int) -> tuple[list[str], int]:
    """Return at most `limit` commands that mend findings, and how many more there are.

    What can't be shown as it is would do something else than it says: it counts as more.
    """
    found = commands(findings)
    shown = [text for text in found if visible(text) == text][:limit]
    return shown, len(found) - len(shown)


def by_rule(findings: Iterable[Finding], limit: int) -> str:
    """Say how many findings each rule has, the most first: 'MT_STATE_MISSING 24, ...'."""
    counts = Counter(finding.code for finding in findings).most_common()
    shown = [f"{code} {count:,}" for code, count in counts[:limit]]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {number(more, 'more rule')}" if more else "")


def levels(findings: Iterable[Finding]) -> str:
    """Count findings by severity: '12 errors, 1 warning'."""
    counts = Counter(finding.severity for finding in findings)
    named = {Severity.ERROR: "error", Severity.WARNING: "warning"}
    return ", ".join(number(counts[level], noun) for level, noun in named.items())


def verdict(report: Report) -> str:
    """Say what matters most: '2 new errors', 'nothing new', 'no error, 1 warning'."""
    summary, new = report.summary, "new " if report.header.base else ""
    if summary.errors:
        return number(summary.errors, f"{new}error")
    if summary.warnings:
        return f"no {new}error, {number(summary.warnings, f'{new}warning')}"
    return "nothing new" if new else "no error, no warning"


def blind(report: Report) -> list[tuple[list[RuleCount], str]]:
    """Return the rules that could not always be judged, why and where; alike ones together."""
    alike: dict[str, list[RuleCount]] = {}
    for rule in sorted(report.rules, key=lambda rule: (-rule.not_determinable, rule.code)):
        if rule.not_determinable:
            alike.setdefault(_unknown(rule), []).append(rule)
    return [(rules, text) for text, rules in alike.items()]


def _unknown(rule: RuleCount) -> str:
    reasons = sorted(rule.reasons.items(), key=lambda item: (-item[1], item[0]))
    named = [(shorten(text, _REASON), count) for text, count in reasons]
    said = [f"{text} (×{count:,})" if len(named) > 1 else text for text, count in named]
    total = rule.met + rule.not_met + rule.not_determinable
    unknown: set[str] = set()
    known: set[str] = set()  # the sites of which something could be determined
    for (site, _), tally in rule.breakdown.items():
        if tally.met or tally.not_met:
            known.add(site)
        if site and tally.not_determinable:
            unknown.add(site)
    blind = sorted(unknown - known)
    partly = sorted(unknown & known)
    if rule.not_determinable == total:
        where = ["all, everywhere"]
    else:
        where = [f"{rule.not_determinable:,} of {total:,}"]
        where += [f"all of {listed(blind, _SITES)}"] if blind else []
        where += [f"some of {listed(partly, _SITES)}"] if partly else []
    return ": ".join(filter(None, ("; ".join(where), listed(said, 3))))


def worst_sites(report: Report, limit: int = 8) -> list[str]:
    """Return the sites with most errors (warnings where there are none), with their counts."""
    level = "error" if report.summary.errors else "warning"
    found = standing(report).open
    counts = Counter(f.site for f in found if f.site and f.severity.value == level)
    return [f"{site} {count:,}" for site, count in counts.most_common(limit)]


def last_line(report: Report) -> str:
    """Return the summary line: '12 errors, 34 warnings in 267 participants, ..., 0.62 s'."""
    summary, new = report.summary, "new " if report.header.base else ""
    counts = [number(summary.errors, f"{new}error"), number(summary.warnings, f"{new}warning")]
    if new:
        counts += [f"{summary.fixed:,} fixed", f"{summary.old:,} old"]
    if summary.waived or new:
        counts.append(f"{summary.waived:,} waived")
    people = sum(report.sites.values())
    size = [number(people, "participant")] if people else []
    size += [number(summary.files, "file"), number(summary.scans, "scan")]
    return f"{', '.join(counts)} in {', '.join(size)}, {summary.seconds:.2f} s"


def blind_line(report: Report) -> str:
    """Say how much was checked, and how much of it could be."""
    met, failed, unknown = (
        sum(getattr(rule, key) for rule in report.rules) for key in Tally._fields
    )
    total = met + failed + unknown
    if not total:
        return ""
    share = f"{100 * unknown / total:.0f} %" if unknown * 100 >= total else "below 1 %"
    of = f"{number(total, 'check')} of {number(len(report.rules), 'rule')}"
    return f"{of}: {met:,} met, {failed:,} not met, {unknown:,} ({share}) not determinable"
