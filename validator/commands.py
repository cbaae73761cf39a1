"""The shell command that mends a finding, where there is one that can be typed as it stands."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from .checks.repair import can_be_typed
from .entities import HOLE, split_subject, subject_of
from .finding import Finding
from .operation import from_mapping

COMMANDS: Mapping[str, str] = {
    "FILE_EXECUTABLE": "chmod a-x -- {paths} && git update-index --chmod=-x -- {paths}",
    "LINE_ENDS_CRLF": r"perl -pi -e 's/\r\n?/\n/g' -- {paths}",
    "METADATA_IN_ANNEX": "git annex get -- {paths} && git annex unannex -- {paths} && "
    "git annex add --force-small -- {paths}",
}
"""Code to command; {paths} are all files that the finding speaks of."""

NO_REPOSITORY: Mapping[str, str] = {
    "FILE_EXECUTABLE": "chmod a-x -- {paths}",
    "LINE_ENDS_CRLF": COMMANDS["LINE_ENDS_CRLF"],
}
"""The same for a folder that git doesn't know."""

WITH_BASE = frozenset(
    (
        "CONTRAST_LOST",
        "DERIVATIVE_REMOVED",
        "FILE_REMOVED",
        "PARTICIPANT_REMOVED",
        "SCAN_REMOVED",
    )
)
"""Codes of what a change took away: with a base it can be had back."""

RESTORE = "git checkout {base} -- {paths}"
RESTORE_STRANGE = "git --literal-pathspecs checkout {base} -- {paths}"
RESTORE_MANY = (
    "git diff --relative --no-renames --diff-filter=D --name-only -z {base} -- {patterns} | "
    "git --literal-pathspecs checkout {base} --pathspec-from-file=- --pathspec-file-nul"
)
"""Of many files by what their names share; only what is gone is touched."""

FIX = "spinegate curate fix --finding {identity} --apply"
FIX_OF_CHANGE = "spinegate curate fix --base {base} --finding {identity} --apply"
"""Of what only a comparison with the base finds."""

_CHANGES = "changes."
_PERSON = "PARTICIPANT_REMOVED"
_LONGEST = 2000
_MANY = 6
_MAGIC = frozenset("*?[")


def command_of(finding: Finding, base: str = "", repository: bool = True) -> str:
    """Return what to type in the dataset's folder to mend a finding.

    Parameters
    ----------
    finding
        One that has a command keeps it.
    base
        The commit that the dataset is compared with; "" for none.
    repository
        Whether the folder is a git repository.

    Returns
    -------
    str
        One line of shell; "" where no command helps, where it would be too long to read, or where
        a name holds what can't be typed.
    """
    if finding.command:
        return finding.command
    if finding.fix is not None and _is_known(finding.fix):
        template = FIX_OF_CHANGE if base and finding.rule.startswith(_CHANGES) else FIX
        return template.format(identity=finding.identity, base=shlex.quote(base))
    if repository and base and finding.code in WITH_BASE:
        return _restoring(finding, base)
    known = (COMMANDS if repository else NO_REPOSITORY).get(finding.code)
    if known is None or not all(map(_can_be_typed, finding.paths)):
        return ""
    paths = " ".join(map(shlex.quote, dict.fromkeys(finding.paths)))
    return _short(known.replace("{paths}", paths))


def _is_known(fix: Mapping[str, object]) -> bool:
    try:
        from_mapping(fix)
    except ValueError:
        return False
    return True


def _can_be_typed(path: str) -> bool:
    """Whether a path names one file, and can be typed."""
    return path not in ("", ".") and can_be_typed(path)


def _restoring(finding: Finding, base: str) -> str:
    paths = list(dict.fromkeys(finding.paths))
    if not all(map(_can_be_typed, paths)) or base.startswith("-") or not base.isprintable():
        return ""
    values = {"base": shlex.quote(base), "paths": " ".join(map(shlex.quote, paths))}
    if len(paths) <= _MANY and finding.code != _PERSON:
        simple = not any(_MAGIC.intersection(path) or path.startswith(":") for path in paths)
        return _short((RESTORE if simple else RESTORE_STRANGE).format(**values))
    patterns = " ".join(map(shlex.quote, _patterns(finding, paths)))
    return _short(RESTORE_MANY.format(patterns=patterns, **values))


def _patterns(finding: Finding, paths: list[str]) -> list[str]:
    """Say in few words which files they are; only those that are gone will be touched."""
    if finding.code == _PERSON and finding.location.startswith("sub-"):
        return [f"*{finding.location.partition('/')[0]}/*"]
    if len({subject_of(path) for path in paths}) == 1:
        return paths
    return sorted({split_subject(path)[0].replace(HOLE, "*") for path in paths})


def _short(command: str) -> str:
    return command if len(command) <= _LONGEST else ""
