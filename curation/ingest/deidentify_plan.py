"""The de-identification of sidecars that a dataset has already, as a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...system.errors import ConfigError
from ...validator.checks.privacy import DATE_KEYS, DEVICE_KEYS, PERSON_KEYS
from ...validator.dataset import Dataset, Stage
from ...validator.operation import Operation, Remove, Set
from ...validator.plan import Plan, Proposal
from ...validator.plan_check import check_plan
from ...validator.report.visible import visible
from .deidentify import Options, deidentify_sidecar

# All that can be wrong in a sidecar and doesn't hide any of its keys.
_READ = frozenset({"SIDECAR_NOT_A_NUMBER"})
_TELLING = PERSON_KEYS | DEVICE_KEYS | DATE_KEYS
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Deidentification:
    """A plan, and the files that it can't speak of.

    Attributes
    ----------
    refused
        (path, why) of sidecars that can't be edited.
    """

    plan: Plan
    refused: tuple[tuple[str, str], ...] = ()

    def tell(self) -> Iterator[str]:
        """Say what goes from how many files: by key, never by value."""
        chosen = self.plan.operations
        files = len({operation.path for operation in chosen})
        yield f"{files:,} sidecar{'s' * (files != 1)} to change."
        for word, kind in (("taken out", Remove), ("replaced", Set)):
            counts = Counter(op.key for op in chosen if type(op) is kind)
            for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
                times = f"{count:,} file{'s' * (count != 1)}"
                yield f"  {word:9}  {visible(key)[:_SHOWN]}  ({times})"
        if self.refused:
            yield f"Can't be changed ({len(self.refused):,}):"
            for path, why in self.refused:
                yield f"  {visible(path)}: {visible(why)}"


def plan_deidentification(dataset: Dataset, options: Options) -> Deidentification:
    """Plan the de-identification of a dataset's sidecars.

    The sidecars of raw and preprocessed images go by the allow-list. Those of derivatives hold
    what their tools write, so there only the keys go that tell of a person, a device or a date.
    """
    owned = {
        path
        for scan in dataset.scans
        if scan.stage is not Stage.DERIVATIVE
        for path in scan.sidecars
    }
    proposals: list[Proposal] = []
    refused: dict[str, str] = dict(_unread(dataset))
    for path in sorted(dataset.json):
        whole = path in owned or _is_orphan(path, dataset)
        if path in refused or not (whole or path.startswith("derivatives/")):
            continue
        value = dataset.json[path].value
        told = value if whole else {key: value[key] for key in value.keys() & _TELLING}
        proposals += [Proposal(op, _why(op)) for op in _operations(path, told, options)]
    plan = Plan(tuple(proposals))
    for problem in check_plan(plan, dataset.tree):
        refused.setdefault(plan.chosen[problem.at].operation.path, problem.message)
    kept = tuple(proposal for proposal in proposals if proposal.operation.path not in refused)
    return Deidentification(replace(plan, proposals=kept), tuple(sorted(refused.items())))


def require_edits(plan: Plan) -> Plan:
    """Refuse a plan that does something else than edit sidecars.

    Raises
    ------
    ConfigError
        It names the first line that isn't an edit of a JSON file.
    """
    for proposal in plan.chosen:
        operation = proposal.operation
        if not isinstance(operation, Set | Remove) or not operation.path.endswith(".json"):
            message = "de-identification only sets and removes keys of JSON files"
            raise ConfigError(message, plan.name, proposal.line or None)
    return plan


def _unread(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Find sidecars of which nobody can say what they hold."""
    for path, sidecar in dataset.json.items():
        faults = [fault for fault in sidecar.faults if fault.code not in _READ]
        if faults and (path.startswith("derivatives/") or _subject(path)):
            yield path, faults[0].message
    for path, why in dataset.unreadable.items():
        if path.endswith(".json"):
            yield path, why


def _is_orphan(path: str, dataset: Dataset) -> bool:
    """Whether a file is a sidecar by its name and place, though its image isn't there."""
    name = dataset.names.get(path)
    return name is not None and bool(_subject(path)) and name.suffix not in ("scans", "sessions")


def _subject(path: str) -> bool:
    return path.removeprefix("sourcedata/").startswith("sub-")


def _operations(path: str, value: Mapping[str, Any], options: Options) -> Iterator[Operation]:
    left = deidentify_sidecar(value, options).sidecar
    for key, new in left.items():
        if key not in value or value[key] != new:
            yield Set(path, key, new)
    for key in value:
        if key not in left:
            yield Remove(path, key)


def _why(operation: Operation) -> str:
    return "not in the allow-list" if isinstance(operation, Remove) else "without what identifies"
