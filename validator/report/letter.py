"""One message to a site's contact: what was found, what it does, what we ask them to do."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from ..finding import Finding, Remedy, Severity
from ..result import Report
from . import phrases
from .groups import Group, Line, advice, group
from .participants import compress
from .sites import find_site
from .visible import visible
from .wording import glued

_LACKING = re.compile(r"no (\w+) in the sidecars?")
_WIDTH = 76  # mail programs quote and wrap beyond it
_ORDER = {
    Remedy.REACQUIRE: "To scan again, where that is possible",
    Remedy.RECONVERT: "To convert again from DICOM",
    Remedy.EDIT: "To correct in a file",
    Remedy.RENAME: "To rename",
    Remedy.WAIVE: "To confirm: if it is known and intended, tell us the reason",
    None: "To look at",
}


_ASK = {
    Remedy.REACQUIRE: "please scan again with the protocol's settings; if that can't be, tell us",
    Remedy.RECONVERT: "please convert it again from DICOM with a current dcm2niix",
    Remedy.EDIT: "please correct it, or send us the right value",
    Remedy.RENAME: "please give the file the name that the standard asks for",
    Remedy.WAIVE: "please tell us whether this is known or intended, and why",
}


def write_letter(report: Report, site: str, contact: str = "") -> str:
    """Write the letter to one site, ordered by what is asked, the dearest first.

    Parameters
    ----------
    site
        As participants.tsv or the report names it, or another word that `find_site` knows.
    contact
        Who is addressed; the site where it is empty.

    Raises
    ------
    ConfigError
        No such site, or several that the word may mean.
    """
    site = find_site(report, site)
    findings = [f for f in report.findings if f.site == site and f.severity is not Severity.IGNORE]
    parts = [*_opening(report, site, contact, findings)]
    for remedy, title in _ORDER.items():
        groups = group(report, [f for f in findings if f.remedy is remedy])
        if groups:
            parts.append(f"{title.upper()}\n{'-' * len(title)}")
            said: set[str] = set()
            parts += [_matter(item, _ask(remedy, item), said) for item in groups]
    parts += _closing(report, site, findings)
    return "\n\n".join(parts) + "\n"


def _opening(report: Report, site: str, contact: str, findings: list[Finding]) -> Iterator[str]:
    dataset = visible(report.header.dataset)
    matters = phrases.number(len(findings), "finding") if findings else "nothing to do"
    yield visible(f"Subject: {dataset}: {matters} for {site}")
    yield f"Dear {visible(contact or f'colleagues of {site}')},"
    count = report.sites.get(site, 0)
    what = f"your {phrases.number(count, 'participant')}" if count > 1 else "your data"
    against = f" against the protocol {report.header.protocol}" if report.header.protocol else ""
    text = (
        f"thank you for the data of {site} in {dataset}. We have checked {what}"
        f"{against}, from the file names, sidecars and tables"
    )
    if not findings:
        yield _wrap(f"{text}, and found nothing that needs your attention.")
        return
    errors = sum(f.severity is Severity.ERROR for f in findings)
    grave = f" ({phrases.number(errors, 'error')})" if errors else " (no errors)"
    yield _wrap(
        f"{text}. There {'is' if len(findings) == 1 else 'are'} "
        f"{phrases.number(len(findings), 'finding')}{grave} that we would like to settle with "
        "you. They are ordered by what we ask of you, what only you can do at the scanner first."
    )


def _ask(remedy: Remedy | None, item: Group) -> str:
    """Say what the site should do; advice on a waiver speaks to the managers, not to them."""
    words = _ASK[remedy] if remedy else ""
    return words if remedy is Remedy.WAIVE else advice(item.findings) or words


def _matter(item: Group, ask: str, said: set[str]) -> str:
    rows = [_wrap(f"* {item.code} ({item.severity.value})", "", "  ")]
    rows += [_wrap(_said(line), "    - ", "      ") for line in item.lines]
    labels = {
        "Why it matters": item.rule.why,
        "Results in doubt": ", ".join(item.concerns),
        "What we ask": ask,
    }
    for label, text in labels.items():
        if text:
            words = "as above" if f"{label}: {text}" in said else text
            rows.append(_wrap(f"{label}: {words}", "    ", "      "))
            said.add(f"{label}: {text}")
    return "\n".join(rows)


def _said(line: Line) -> str:
    place = line.places[0]
    names = compress(place.participants, limit=len(place.participants))
    names = f"all participants ({names})" if place.whole and len(place.participants) > 1 else names
    about = ", ".join(filter(None, (names or phrases.files(line), *line.contrasts)))
    renames = "".join(f"; {pair}" for pair in phrases.renames(line, limit=1000))
    return (f"{about}: " if about else "") + line.sentence + renames.replace("→", "->")


def _closing(report: Report, site: str, findings: list[Finding]) -> Iterator[str]:
    blind: dict[str, list[str]] = {}
    for rule in report.rules:
        if any(t.not_determinable for (at, _), t in rule.breakdown.items() if at == site):
            reason = next(iter(rule.reasons)) if len(rule.reasons) == 1 else "several reasons"
            blind.setdefault(reason, []).append(rule.code)
    keys = dict.fromkeys(key[1] for key in map(_LACKING.fullmatch, blind) if key)
    lacking = f"the sidecars lack {', '.join(sorted(keys))}" if keys else ""
    told = [
        f"{reason} ({', '.join(codes)})"
        for reason, codes in blind.items()
        if not _LACKING.fullmatch(reason)
    ]
    spots = "; ".join(filter(None, [*told, lacking]))
    if blind:
        yield _wrap(
            "For completeness, this could not or not always be determined from the files that we "
            f"have of your site, and is therefore neither right nor wrong: {spots}."
        )
    if findings:
        yield _wrap(
            "If an exam can't be repeated or a deviation was intended, a short reply with the "
            "reason is enough: we then record it, and it will not come up again. If you think "
            "that we are mistaken, please tell us; the rule may be wrong."
        )
    yield f"With kind regards,\nthe data managers of {visible(report.header.dataset)}"
    origin = report.header.origin
    yield _wrap(visible(f"(Written with {origin.validator} {origin.version}.)"))


def _wrap(text: str, first: str = "", hang: str = "") -> str:
    rows = textwrap.fill(
        glued(visible(text)),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return rows.replace("\xa0", " ")
