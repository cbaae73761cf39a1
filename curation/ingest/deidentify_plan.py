"""The de-identification of what a dataset has already, as a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...system.errors import ConfigError
from ...validator.checks.privacy import DATE_KEYS, DEVICE_KEYS, PERSON_KEYS
from ...validator.dataset import Dataset, Stage
from ...validator.entities import subject_of
from ...validator.operation import Operation, Remove, Set
from ...validator.plan import Plan, Proposal
from ...validator.plan_check import check_plan
from ...validator.report.visible import visible
from .deidentify import Options, deidentify_sidecar
from .deidentify_images import IMAGES, look_into_images
from .deidentify_names import Identity, sidecar_identity
from .deidentify_tables import find_dates
from .nifti_clean import NAMES

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
        (path, why) of files that can't be edited.
    absent
        Images whose content isn't here.
    """

    plan: Plan
    refused: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """How many files of which kind are to change."""
        parts = []
        for word, operations in self._kinds.items():
            count = len({operation.path for operation in operations})
            if count or word == "sidecar":
                parts.append(f"{count:,} {word}{'s' * (count != 1)}")
        return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]

    @property
    def _kinds(self) -> dict[str, list[Operation]]:
        kinds: dict[str, list[Operation]] = {"sidecar": [], "table": [], "image header": []}
        for operation in self.plan.operations:
            kinds[_kind(operation.path)].append(operation)
        return kinds

    def tell(self) -> Iterator[str]:
        """Say what goes from how many files: by key, never by value."""
        yield f"{self.summary} to change."
        for kind, chosen in self._kinds.items():
            gone = "emptied" if kind == "image header" else "taken out"
            for word, type_ in ((gone, Remove), ("replaced", Set)):
                paths: dict[str, set[str]] = defaultdict(set)
                for operation in chosen:
                    if isinstance(operation, type_):
                        paths[operation.key].add(operation.path)
                for key, files in sorted(paths.items(), key=lambda x: (-len(x[1]), x[0])):
                    times = f"{len(files):,} file{'s' * (len(files) != 1)}"
                    yield f"  {word:9}  {visible(key)[:_SHOWN]}  ({times})"
        if self.absent:
            several = len(self.absent) != 1
            yield (
                f"{len(self.absent):,} image{'s' * several} of which the content isn't here "
                f"{'were' if several else 'was'} not looked into: {visible(self.absent[0])}"
                f"{' and others' * several}. To look into all: git annex get . , then again."
            )
        if self.refused:
            yield f"Can't be changed ({len(self.refused):,}):"
            for path, why in self.refused:
                yield f"  {visible(path)}: {visible(why)}"


def plan_deidentification(dataset: Dataset, options: Options) -> Deidentification:
    """Plan the de-identification of a dataset's sidecars, tables and images' headers.

    The sidecars of raw and preprocessed images go by the allow-list. Those of derivatives hold
    what their tools write, so there only the keys go that tell of a person, a device or a date.
    """
    owned = {
        path
        for scan in dataset.scans
        if scan.stage is not Stage.DERIVATIVE
        for path in scan.sidecars
    }
    people = _people(dataset, options.keep)
    proposals: list[Proposal] = []
    refused: dict[str, str] = dict(_unread(dataset))
    for path in sorted(dataset.json):
        whole = path in owned or _is_orphan(path, dataset)
        if path in refused or not (whole or path.startswith("derivatives/")):
            continue
        value = dataset.json[path].value
        told = value if whole else {key: value[key] for key in value.keys() & _TELLING}
        known = people.get(subject_of(path), Identity())
        own = replace(options, identity=options.identity | known)
        proposals += [Proposal(op, _why(op)) for op in _operations(path, told, own)]
    if not options.keep_dates:
        proposals += [Proposal(op, "a date") for op in find_dates(dataset)]
    plan = Plan(tuple(proposals))
    for problem in check_plan(plan, dataset.tree):
        refused.setdefault(plan.chosen[problem.at].operation.path, problem.message)
    looked = look_into_images(dataset)
    refused |= dict(looked.refused)
    proposals += [Proposal(op, "free text in the image's header") for op in looked.operations]
    kept = tuple(proposal for proposal in proposals if proposal.operation.path not in refused)
    return Deidentification(
        replace(plan, proposals=kept), tuple(sorted(refused.items())), looked.absent
    )


def require_edits(plan: Plan) -> Plan:
    """Refuse a plan that does something else than edit sidecars and tables, or empty headers.

    Raises
    ------
    ConfigError
        It names the first line that is something else.
    """
    for proposal in plan.chosen:
        operation = proposal.operation
        fine = isinstance(operation, Set | Remove) and _is_ours(operation)
        if not fine:
            message = (
                "de-identification only sets and removes keys of JSON files, sets cells of tables "
                f"and removes texts of images ({', '.join(sorted(NAMES))})"
            )
            raise ConfigError(message, plan.name, proposal.line or None)
    return plan


def _is_ours(operation: Set | Remove) -> bool:
    """Whether an edit is one that a de-identification could have planned."""
    path = operation.path
    if isinstance(operation, Set):
        return path.endswith(".json") or (path.endswith(".tsv") and operation.former is None)
    return path.endswith(".json") or (path.endswith(IMAGES) and operation.key in NAMES)


def _kind(path: str) -> str:
    if path.endswith(IMAGES):
        return "image header"
    return "table" if path.endswith(".tsv") else "sidecar"


def _people(dataset: Dataset, keep: frozenset[str]) -> Mapping[str, Identity]:
    """Gather per participant what any of the sidecars tells of persons: others repeat it."""
    people: dict[str, Identity] = {}
    for path, sidecar in dataset.json.items():
        if not sidecar.value.keys().isdisjoint(_TELLING) and (subject := subject_of(path)):
            told = {key: value for key, value in sidecar.value.items() if key not in keep}
            people[subject] = people.get(subject, Identity()) | sidecar_identity(told)
    return people


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
