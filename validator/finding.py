"""What a check says: a finding, its place, its severity, and what to do about it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ..rules.outcome import Outcome

__all__ = ["Finding", "Origin", "Outcome", "Remedy", "Scope", "Severity", "Status"]


class Severity(Enum):
    """How much a finding weighs; only errors make `validate` fail."""

    ERROR = "error"
    WARNING = "warning"
    IGNORE = "ignore"


class Status(Enum):
    """What became of a finding since the base: only new ones fail a change."""

    NEW = "new"
    OLD = "old"
    FIXED = "fixed"


class Scope(Enum):
    """The unit that a rule judges; it gives one finding per unit."""

    DATASET = "dataset"
    SITE = "site"
    SUBJECT = "subject"
    SESSION = "session"
    SERIES = "series"
    SCAN = "scan"
    FILE = "file"


class Remedy(Enum):
    """What a person does about a finding, from the cheapest to the dearest."""

    RENAME = "rename"
    EDIT = "edit"
    RECONVERT = "reconvert"
    REACQUIRE = "reacquire"
    WAIVE = "waive"


@dataclass(frozen=True, slots=True)
class Origin:
    """Which validator in which version judged, against which standard or protocol."""

    validator: str
    version: str
    standard: str = ""
    standard_version: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "validator": self.validator,
            "version": self.version,
            "standard": self.standard,
            "standardVersion": self.standard_version,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes
    ----------
    code, sub_code
        The rule's code, and what tells several findings of one rule at one place apart.
    location
        POSIX path relative to the dataset ('.' for the dataset itself); bytes that are not UTF-8
        stand as backslash escapes.
    message
        One sentence for a person, with the values.
    observed, expected
        What is there, and what the rule asks for (JSON values).
    suggestion
        What to do, in words.
    fix
        ``{op, path, to}`` or ``{op, path, key, value}``: what curation can do itself.
    affects
        The other paths that share the fault.
    site, contrast
        Where it belongs, for grouping; empty where it has none.
    status
        New, old or fixed against the base; None where there is no base.
    policy
        The record that changed the severity: ``severity`` as the rule has it, ``reason``, ``by``,
        ``issue``, ``until`` and ``source`` (the file that holds it); None where none did.
    command
        What to type in the dataset's folder to mend it; empty where no command can.
    """

    code: str
    severity: Severity
    location: str
    message: str
    origin: Origin
    scope: Scope
    sub_code: str = ""
    observed: Any = None
    expected: Any = None
    suggestion: str = ""
    fix: Mapping[str, Any] | None = None
    remedy: Remedy | None = None
    rule: str = ""
    affects: tuple[str, ...] = ()
    line: int | None = None
    site: str = ""
    contrast: str = ""
    concerns: tuple[str, ...] = field(default=())
    status: Status | None = None
    policy: Mapping[str, str] | None = None
    command: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths that it speaks of, its location first."""
        return (self.location, *self.affects)

    @property
    def identity(self) -> str:
        """A hash of what the finding is about: never of its message or its values."""
        text = "\0".join((self.code, self.sub_code, self.location))
        return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]

    @property
    def order(self) -> tuple[str, str, str]:
        """The key by which findings are sorted."""
        return self.location, self.code, self.sub_code

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form: the BIDS validator's keys and ours."""
        return {
            "code": self.code,
            "subCode": self.sub_code,
            "severity": self.severity.value,
            "location": self.location,
            "issueMessage": self.message,
            "suggestion": self.suggestion,
            "affects": list(self.affects),
            "rule": self.rule,
            "line": self.line,
            "observed": self.observed,
            "expected": self.expected,
            "fix": None if self.fix is None else dict(self.fix),
            "remedy": None if self.remedy is None else self.remedy.value,
            "origin": self.origin.to_json(),
            "scope": self.scope.value,
            "identity": self.identity,
            "site": self.site,
            "contrast": self.contrast,
            "concerns": list(self.concerns),
            "status": None if self.status is None else self.status.value,
            "policy": None if self.policy is None else dict(self.policy),
            "command": self.command,
        }
