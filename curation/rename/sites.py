"""Sites: all participants of one, and what they are called when it is called otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...rules.spelling import did_you_mean
from ...system.errors import SpinegateError
from ...validator.entities import split_subject
from ...validator.table import Table, parse_table
from ...validator.tree import Tree
from .tables import PARTICIPANTS, SITE, read_one


@dataclass(frozen=True, slots=True)
class Sites:
    """Participants to rename, and those whose label doesn't say the site."""

    subjects: Mapping[str, str]
    kept: tuple[str, ...]


def by_sites(tree: Tree, sites: Mapping[str, str]) -> Sites:
    """Return the participants of sites that get other names.

    Raises
    ------
    SpinegateError
        A site that no participant has, or a name that can't be one.
    """
    table = parse_table(read_one(tree, PARTICIPANTS) or b"")
    members = _members(tree, table)
    known = set(members.values()) - {""}
    for old, new in sites.items():
        if not (new.isascii() and new.isalnum()):
            raise SpinegateError(f"{new!r} can't be a site: letters and digits only")
        if old not in known:
            raise SpinegateError(f"no participant of site {old!r}{did_you_mean(old, known)}")
    subjects, kept = {}, []
    for label, site in members.items():
        if site not in sites:
            continue
        rest = label.removeprefix(site)
        if rest == label or (rest and not rest[0].isdigit()):
            kept.append(f"sub-{label}")
        else:
            subjects[f"sub-{label}"] = f"sub-{sites[site]}{rest}"
    return Sites(subjects, tuple(kept))


def _members(tree: Tree, table: Table) -> dict[str, str]:
    """Return the site of every participant: the table's, else the label without its number."""
    labels = {label for entry in tree.entries if (label := split_subject(entry.path)[1])}
    members = {label: label.rstrip("0123456789") for label in sorted(labels)}
    names, sites = table.column("participant_id"), table.column(SITE)
    for name, site in zip(names or (), sites or (), strict=False):
        label = name.removeprefix("sub-")
        if label in members and site not in ("", "n/a"):
            members[label] = site
    return members
