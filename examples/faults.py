"""`--with-faults`: a clean phantom into which each fault of faults.yaml is planted once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..system.errors import ConfigError
from ..system.yaml import Document, read_yaml
from .dataset import Options, write_people
from .mutations import MUTATIONS
from .participants import Participant, draw
from .protocol import VENDORS
from .texts import json_text

FAULTS = Path(__file__).parent / "faults.yaml"
PER_SITE = 4
_ENTRY = {"code", "summary", "claim", "operations", "location", "affects", "prepare", "alone"}
_CLAIM = {"vendor", "participants", "site"}
_PLACE = re.compile(r"\{(sub\d*|label\d*|site|each)\}")


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
    count = claim.get("participants", 0 if prepare else 1)
    if not isinstance(count, int) or not 0 <= count < PER_SITE:
        raise document.error(f"must be 0 to {PER_SITE - 1}", number, "claim", "participants")
    operations = entry["operations"]
    if not isinstance(operations, list):
        raise document.error("must be a list", number, "operations")
    return Fault(
        code=str(entry.get("code", "")),
        summary=str(entry["summary"]),
        operations=tuple(_operation(document, number, i) for i in range(len(operations))),
        location=str(entry.get("location", "")),
        affects=tuple(str(path) for path in entry.get("affects", [])),
        vendors=(named,) if named else tuple(VENDORS),
        participants=count,
        whole_site=claim.get("site", False) is True,
        prepare=prepare,
        alone=entry.get("alone", False) is True,
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
        return [fault for fault in faults if not fault.alone]
    chosen = [fault for fault in faults if fault.code == code]
    if not chosen:
        codes = ", ".join(sorted({fault.code for fault in faults if fault.code}))
        raise ConfigError(f"no fault is planted for {code!r}; there are {codes}")
    if chosen[0].alone:
        return chosen[:1]
    return [fault for fault in faults if fault.prepare or fault in chosen]


def _operation(document: Document, number: int, index: int) -> Operation:
    at = (number, "operations", index)
    value = document.value[number]["operations"][index]
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
    for fault, claimed in zip(faults, claims, strict=True):
        for operation in fault.operations:
            _carry_out(folder, fault, operation, claimed)
    return people, listed


def _carry_out(
    folder: Path, fault: Fault, operation: Operation, claimed: Sequence[Participant]
) -> None:
    arguments = dict(operation.arguments)
    each = list(claimed) if "{each}" in json.dumps(arguments) else [None]
    for one in each:
        filled = _fill(arguments, claimed, one)
        try:
            MUTATIONS[operation.name].apply(folder, filled)
        except (OSError, KeyError, IndexError, ValueError, TypeError) as error:
            raise ConfigError(
                f"{fault.code or fault.summary}: {operation.name} failed: {error!r}", FAULTS.name
            ) from error


def _describe(fault: Fault, claimed: Sequence[Participant]) -> dict[str, Any]:
    return {
        "code": fault.code,
        "location": _fill(fault.location, claimed),
        "affects": _fill(list(fault.affects), claimed),
        "summary": _fill(fault.summary, claimed),
    }


def _fill(value: Any, claimed: Sequence[Participant], each: Participant | None = None) -> Any:
    """Put the claimed participants' names into every text in a value."""
    if isinstance(value, list):
        return [_fill(item, claimed, each) for item in value]
    if isinstance(value, dict):
        return {key: _fill(item, claimed, each) for key, item in value.items()}
    if not isinstance(value, str):
        return value

    def name(match: re.Match[str]) -> str:
        word = match[1]
        if word == "each":
            return each.name if each else match[0]
        if word == "site":
            return _nth(claimed, 1, value).site
        kind = word.rstrip("0123456789")
        one = _nth(claimed, int(word[len(kind) :] or 1), value)
        return one.name if kind == "sub" else one.label

    return _PLACE.sub(name, value)


def _nth(claimed: Sequence[Participant], number: int, text: str) -> Participant:
    if not 1 <= number <= len(claimed):
        raise ConfigError(f"{text!r} names a participant that the fault does not claim")
    return claimed[number - 1]
