"""Finds the site that a user means: by its name, a beginning of it, or its participants' names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...system.errors import ConfigError
from ..result import Report
from .participants import participant_of
from .visible import visible

_NEAR = 3


def find_site(report: Report, wanted: str) -> str:
    """Return the site of a report that a word means.

    That is a site's name, in whatever case; else what its participants are named by
    (``tokyoIngenia`` for the site of sub-tokyoIngenia01) or one of them; else how one of these
    begins, where it is a single site's.

    Raises
    ------
    ConfigError
        No such site, or several; the message lists them, the nearest first.
    """
    known = sorted({*report.sites, *(f.site for f in report.findings)} - {""})
    if wanted in known:
        return wanted
    names = {**_aliases(report), **{site.lower(): {site} for site in known}}
    word = wanted.lower().removeprefix("sub-")
    found = names.get(word) or _beginning(word, names)
    if len(found) == 1:
        return next(iter(found))
    shown = f"'{visible(wanted)}'"
    if found:
        raise ConfigError(f"{shown} may be one of several sites: {_listed(found)}")
    near = _near(word, names)
    hint = f"did you mean {_listed(near)}? There are: " if near else "there are: "
    raise ConfigError(f"no site {shown} in this report; {hint}{_listed(known) or 'none'}")


def _aliases(report: Report) -> dict[str, set[str]]:
    """Return the labels of participants and what they begin with, in small letters: sites."""
    placed = [(use.participant, use.site) for use in report.variants]
    placed += [(participant_of(f.location), f.site) for f in report.findings]
    aliases: dict[str, set[str]] = {}
    for participant, site in placed:
        label = participant.removeprefix("sub-").lower()
        for name in {label, label.rstrip("0123456789")} - {""}:
            aliases.setdefault(name, set()).update({site} - {""})
    return aliases


def _beginning(word: str, names: Mapping[str, set[str]]) -> set[str]:
    sites = [sites for name, sites in names.items() if word and name.startswith(word)]
    return set().union(*sites)


def _near(word: str, names: Mapping[str, set[str]]) -> list[str]:
    from difflib import get_close_matches  # only for an error message

    near = get_close_matches(word, names, n=_NEAR, cutoff=0.6)
    return list(dict.fromkeys(site for name in near for site in sorted(names[name])))


def _listed(sites: Iterable[str]) -> str:
    names = list(map(visible, sites if isinstance(sites, list) else sorted(sites)))
    return ", ".join(names)
