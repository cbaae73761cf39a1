"""`--with-faults`: a clean phantom into which each fault of faults.yaml is planted once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..system.errors import ConfigError
from ..system.yaml import Document, read_yaml
from .dataset import Options, write_people
from .history import BASE, CHANGE, commit, start_branch
from .mutations import MUTATIONS
from .participants import Participant, draw
from .placeholders import fill
from .protocol import VENDORS
from .texts import json_text

FAULTS = Path(__file__).parent / "faults.yaml"
PER_SITE = 4
_ENTRY = {
    "code",
    "summary",
    "claim",
    "operations",
    "location",
    "affects",
    "prepare",
    "alone",
    "since",
    "before",
}
_CLAIM = {"vendor", "participants", "site"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One change: a key of `MUTATIONS` and its arguments, placeholders not yet filled in."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of faults.yaml; its header describes the fields."""

    code: str
    summary: str
    operations: tuple[Operation, ...]
    location: str
    affects: tuple[str, ...]
    vendors: tuple[str, ...]
    participants: int
    whole_site: bool
    prepare: bool
    alone: bool = False
    since: bool = False
    before: tuple[Operation, ...] = ()


def load_faults(path: Path = FAULTS) -> list[Fault]:
    """Read the list of faults.

    Raises
    ------
    ConfigError
        An unknown field, operation or argument, or one that is missing; names file and line.
    """
    document = read_yaml(path)
    if not isinstance(document.value, list):
        raise document.error("must be a list of faults")
    return [_parse(document, number) for number in range(len(document.value))]


def _parse(document: Document, number: int) -> Fault:
    entry = document.value[number]
    if not isinstance(entry, dict):
        raise document.error("a fault must be a mapping", number)
    _check_keys(document, entry, {"summary", "operations"}, _ENTRY, number)
    prepare = entry.get("prepare", False) is True
    if not prepare and not {"code", "location"} <= entry.keys():
        raise document.error("a fault needs code and location", number)
    claim = entry.get("claim", {})
    if not isinstance(claim, dict):
        raise document.error("must be a mapping", number, "claim")
    _check_keys(document, claim, set(), _CLAIM, number, "claim")
    named = claim.get("vendor")
    if named is not None and named not in VENDORS:
        raise document.error(f"must be one of {', '.join(VENDORS)}", number, "claim", "vendor")
    if "before" in entry and entry.get("since") is not True:
        raise document.error("belongs to a fault with since: true", number, "before")
    count = claim.get("participants", 0 if prepare else 1)
    if not isinstance(count, int) or not 0 <= count < PER_SITE:
        raise document.error(f"must be 0 to {PER_SITE - 1}", number, "claim", "participants")
    return Fault(
        code=str(entry.get("code", "")),
        summary=str(entry["summary"]),
        operations=_operations(document, number, "operations"),
        location=str(entry.get("location", "")),
        affects=tuple(str(path) for path in entry.get("affects", [])),
        vendors=(named,) if named else tuple(VENDORS),
        participants=count,
        whole_site=claim.get("site", False) is True,
        prepare=prepare,
        alone=entry.get("alone", False) is True,
        since=entry.get("since", False) is True,
        before=_operations(document, number, "before") if "before" in entry else (),
    )


def choose_faults(code: str | None = None) -> list[Fault]:
    """Choose from faults.yaml: all that go into one dataset, or those of one code.

    Raises
    ------
    ConfigError
        There is no fault of this code.
    """
    faults = load_faults()
    if code is None:
        return [fault for fault in faults if not (fault.alone or fault.since)]
    chosen = [fault for fault in faults if fault.code == code]
    if not chosen:
        codes = ", ".join(sorted({fault.code for fault in faults if fault.code}))
        raise ConfigError(f"no fault is planted for {code!r}; there are {codes}")
    if chosen[0].alone or chosen[0].since:
        return chosen[:1]
    return [fault for fault in faults if fault.prepare or fault in chosen]


def _operations(document: Document, number: int, key: str) -> tuple[Operation, ...]:
    operations = document.value[number][key]
    if not isinstance(operations, list):
        raise document.error("must be a list", number, key)
    return tuple(_operation(document, number, key, i) for i in range(len(operations)))


def _operation(document: Document, number: int, key: str, index: int) -> Operation:
    at = (number, key, index)
    value = document.value[number][key][index]
    if not isinstance(value, dict) or len(value) != 1:
        raise document.error("must be one operation with its arguments", *at)
    ((name, arguments),) = value.items()
    if name not in MUTATIONS:
        raise document.error(f"unknown operation; known are {', '.join(MUTATIONS)}", *at, name)
    if not isinstance(arguments, dict):
        raise document.error("must be a mapping of arguments", *at, name)
    kind = MUTATIONS[name]
    _check_keys(document, arguments, kind.needed, kind.needed | kind.optional, *at, name)
    return Operation(name, arguments)


def _check_keys(
    document: Document,
    value: Mapping[str, Any],
    needed: set[str] | frozenset[str],
    known: set[str] | frozenset[str],
    *at: str | int,
) -> None:
    if unknown := sorted(value.keys() - known):
        raise document.error(f"unknown; known are {', '.join(sorted(known))}", *at, unknown[0])
    if missing := sorted(needed - value.keys()):
        raise document.error(f"lacks {', '.join(missing)}", *at)


@dataclass(slots=True)
class _Cohort:
    """Hands out participants that no other fault has touched, and opens sites as needed."""

    seed: int
    free: dict[str, list[Participant]]
    people: list[Participant]
    opened: dict[str, int]

    def claim(self, fault: Fault) -> list[Participant]:
        vendors = [v for v in self.opened if v in fault.vendors]
        if not vendors:
            raise ConfigError(f"{fault.code} needs a vendor that --vendors leaves out")
        if not fault.participants and not fault.whole_site:
            return []
        vendor = min(vendors, key=lambda v: self.opened[v] * (PER_SITE - 1) - len(self.free[v]))
        if fault.whole_site:
            return self._open(vendor)
        while len(self.free[vendor]) < fault.participants:
            # A group never spans two sites, and the last one of each site stays clean: a site
            # that is faulty throughout would be another fault.
            self.free[vendor] = self._open(vendor)[:-1]
        taken = self.free[vendor][: fault.participants]
        self.free[vendor] = self.free[vendor][fault.participants :]
        return taken

    def _open(self, vendor: str) -> list[Participant]:
        number = self.opened[vendor]
        self.opened[vendor] += 1
        site = [draw(VENDORS[vendor], number, one, self.seed) for one in range(PER_SITE)]
        self.people.extend(site)
        return site


def write_faulty(
    folder: Path, options: Options, faults: Sequence[Fault] | None = None
) -> tuple[list[Participant], list[dict[str, Any]]]:
    """Write a phantom with every fault planted, and faults.json, into an empty folder.

    Where a fault lies in what changed, the folder becomes a git repository: the clean phantom is
    the branch `BASE`, and the faulty one a commit on top of it.

    Parameters
    ----------
    folder
        Empty folder.
    options
        The cohort to start from; sites are added until each fault has its own participants.
        Grids are tiny whatever `options.size` says.
    faults
        Instead of those of faults.yaml that go together.

    Returns
    -------
    tuple
        The participants, and the list under `faults` in faults.json: of each fault its code,
        location, affects and summary.
    """
    faults = choose_faults() if faults is None else faults
    cohort = _Cohort(options.seed, {v: [] for v in options.vendors}, [], {})
    for vendor in options.vendors:
        cohort.opened[vendor] = 0
    claims = [cohort.claim(fault) for fault in faults]
    for vendor in options.vendors:
        while cohort.opened[vendor] < options.sites:
            cohort._open(vendor)
    people = sorted(cohort.people, key=lambda one: (one.site, one.index))
    write_people(folder, people, replace(options, size="tiny"))
    listed = [
        _describe(fault, claimed)
        for fault, claimed in zip(faults, claims, strict=True)
        if not fault.prepare
    ]
    (folder / "faults.json").write_text(json_text({"faults": listed}), encoding="utf-8")
    if any(fault.since for fault in faults):
        _plant(folder, faults, claims, before=True)
        start_branch(folder, BASE)
        commit(folder, "The clean phantom")
        start_branch(folder, CHANGE)
        _plant(folder, faults, claims)
        commit(folder, "; ".join(item["summary"] for item in listed))
    else:
        _plant(folder, faults, claims)
    return people, listed


def _plant(
    folder: Path,
    faults: Sequence[Fault],
    claims: Sequence[list[Participant]],
    before: bool = False,
) -> None:
    for fault, claimed in zip(faults, claims, strict=True):
        for operation in fault.before if before else fault.operations:
            _carry_out(folder, fault, operation, claimed)


def _carry_out(
    folder: Path, fault: Fault, operation: Operation, claimed: Sequence[Participant]
) -> None:
    arguments = dict(operation.arguments)
    each = list(claimed) if "{each}" in json.dumps(arguments) else [None]
    for one in each:
        filled = fill(arguments, claimed, one)
        try:
            MUTATIONS[operation.name].apply(folder, filled)
        except (OSError, KeyError, IndexError, ValueError, TypeError) as error:
            raise ConfigError(
                f"{fault.code or fault.summary}: {operation.name} failed: {error!r}", FAULTS.name
            ) from error


def _describe(fault: Fault, claimed: Sequence[Participant]) -> dict[str, Any]:
    return {
        "code": fault.code,
        "location": fill(fault.location, claimed),
        "affects": fill(list(fault.affects), claimed),
        "summary": fill(fault.summary, claimed),
    }
