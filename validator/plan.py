"""What is to be done to a dataset, listed so that a person may read and change it first.

All operations of a plan are done at once: paths name the files as they are before it. So two
files can exchange their names, and a file is edited under its old name while it gets a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..rules.spelling import did_you_mean
from ..system.errors import ConfigError
from ..system.files import read_limited
from .operation import WORDS, Operation, from_mapping, to_mapping
from .plan_output import put_plan
from .plan_table import format_rows, parse_rows
from .plan_yaml import format_records, parse_records

COLUMNS = ("apply", "op", "path", "to", "key", "value", "from", "row", "reason", "finding")
_CHOICES = {"yes": True, "no": False, True: True, False: False}
_YAML = (".yaml", ".yml")
_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line of a plan.

    Attributes
    ----------
    operation
        What is to be done.
    reason
        Why, or why not.
    findings
        Identities of the findings that it mends.
    apply
        Whether it is to be done at all.
    line
        Where it stands in the plan's file; 0 where it comes from none.
    """

    operation: Operation
    reason: str = ""
    findings: tuple[str, ...] = ()
    apply: bool = True
    line: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Proposals, and the name of the file that they come from."""

    proposals: tuple[Proposal, ...]
    name: str = "plan"

    @property
    def chosen(self) -> tuple[Proposal, ...]:
        """What is to be done."""
        return tuple(proposal for proposal in self.proposals if proposal.apply)

    @property
    def operations(self) -> tuple[Operation, ...]:
        """What is to be done, as operations."""
        return tuple(proposal.operation for proposal in self.chosen)


def read_plan(path: Path) -> Plan:
    """Read a plan: YAML where the name ends so, else a TSV table.

    Raises
    ------
    ConfigError
        It can't be read or isn't a plan; names the file and the line.
    """
    return parse_plan(read_limited(path, _LIMIT), str(path))


def parse_plan(content: bytes, name: str) -> Plan:
    """Parse a plan; see `read_plan`."""
    parse = parse_records if name.lower().endswith(_YAML) else parse_rows
    return Plan(
        tuple(_proposal(record, line, name) for line, record in parse(content, name)), name
    )


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan, in the form that the file's name asks for.

    Raises
    ------
    ConfigError
        See `put_plan`.
    """
    put_plan(format_plan(plan, path.name), path)


def format_plan(plan: Plan, name: str) -> str:
    """Write a plan as text, in the form that a file's name asks for."""
    records = [_record(proposal) for proposal in plan.proposals]
    if name.lower().endswith(_YAML):
        return format_records(records)
    return format_rows(records, COLUMNS)


def _record(proposal: Proposal) -> dict[str, Any]:
    record: dict[str, Any] = {"apply": "yes" if proposal.apply else "no"}
    record |= to_mapping(proposal.operation)
    if proposal.reason:
        record["reason"] = proposal.reason
    if proposal.findings:
        record["finding"] = " ".join(proposal.findings)
    return record


def _proposal(record: Mapping[str, Any], line: int, name: str) -> Proposal:
    fields = dict(record)
    for key in fields:
        if key not in COLUMNS:
            raise ConfigError(f"no field {key!r}{did_you_mean(key, COLUMNS)}", name, line)
    chosen = fields.pop("apply", "yes")
    if not isinstance(chosen, str | bool) or chosen not in _CHOICES:
        raise ConfigError("apply must be yes or no", name, line)
    reason, findings = fields.pop("reason", ""), fields.pop("finding", "")
    if not isinstance(reason, str) or not isinstance(findings, str):
        raise ConfigError("reason and finding must be text", name, line)
    try:
        operation = from_mapping(fields)
    except ValueError as error:
        word = fields.get("op")
        hint = did_you_mean(word, WORDS) if isinstance(word, str) and word not in WORDS else ""
        raise ConfigError(f"{error}{hint}", name, line) from None
    return Proposal(operation, reason, tuple(findings.split()), _CHOICES[chosen], line)
