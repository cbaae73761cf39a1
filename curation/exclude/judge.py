"""Whether exclusions may be made, and what exclude.yml is after them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...protocol_specs.spec import Spec
from ...rules.spelling import did_you_mean
from ...system.errors import ConfigError
from ...validator.checks.exclusions import (
    FILE,
    KNOWN_METRICS,
    LIMIT,
    Exclusion,
    known_names,
    read_exclusions,
)
from ...validator.dataset import Dataset, load_dataset
from ...validator.own_files import load_protocol
from ...validator.settings import read_settings
from ...validator.tree import open_tree
from .choices import Choice
from .text import add_entry, remove_entry

_ISSUE = re.compile(r"https?://[^\s<>\"#()]+(#[^\s<>\"#()]+)?")
_REASON = 300


@dataclass(frozen=True, slots=True)
class Exclusions:
    """A dataset with its exclude.yml; "" where there is none."""

    dataset: Dataset
    spec: Spec
    text: str
    entries: tuple[Exclusion, ...]

    def names_of(self, label: str) -> tuple[str, ...]:
        """Return the names by which a participant may be left out: the own, and the site's."""
        sites = (
            self.dataset.sites.get(label, ""),
            self.spec.site_of(label) or "",
            label.rstrip("0123456789"),
        )
        return (f"sub-{label}", *(name for name in dict.fromkeys(sites) if name))

    def labels_of(self, name: str) -> list[str]:
        """Return the labels of the participants whom a name leaves out."""
        return [label for label in self.dataset.sites if name in self.names_of(label)]


def load_exclusions(folder: Path) -> Exclusions:
    """Read a dataset and its exclude.yml.

    Raises
    ------
    SpinegateError
        One of them can't be read.
    """
    tree = open_tree(folder)
    spec = load_protocol(tree, read_settings(tree).protocol or "spine-generic")
    dataset = load_dataset(tree, spec)
    if FILE not in dataset.entries:
        return Exclusions(dataset, spec, "", ())
    content = dataset.read(FILE, LIMIT)
    if content is None or len(content) > LIMIT:
        raise ConfigError("cannot be read, or is larger than 1 MiB", FILE)
    entries, faults = read_exclusions(content)
    if faults:
        message, line = faults[0]
        raise ConfigError(f"{message}; mend that first", FILE, line)
    return Exclusions(dataset, spec, content.decode(), tuple(entries))


def exclude(known: Exclusions, choices: Iterable[Choice]) -> str:
    """Return exclude.yml as it will be.

    Raises
    ------
    ConfigError
        All that stands in the way: unknown names and metrics, no reason, an entry that is there
        already or isn't there.
    """
    chosen = [choice for choice in choices if choice.apply]
    problems = _problems(known, chosen)
    if problems:
        raise ConfigError("\n".join(problems))
    text = known.text
    for choice in chosen:
        if choice.op == "add":
            text = add_entry(text, Exclusion(choice.metric, choice.name, choice.comment, 0))
        else:
            text = remove_entry(text, choice.metric, choice.name)
    return text


def overlaps(known: Exclusions, choices: Iterable[Choice]) -> list[str]:
    """Say which participants an entry names whose site is left out as well, or the reverse."""
    said = []
    for choice in choices:
        if choice.op != "add" or not choice.apply:
            continue
        mine = set(known.labels_of(choice.name))
        for entry in known.entries:
            if entry.metric == choice.metric and mine & set(known.labels_of(entry.name)):
                said.append(
                    f"{choice.name}: {entry.name} is left out of {entry.metric} already "
                    f"({FILE}, line {entry.line}: {entry.reason or 'no reason'})"
                )
    return said


def _problems(known: Exclusions, choices: Sequence[Choice]) -> list[str]:
    names = known_names(known.dataset, known.spec)
    there = {(entry.metric, entry.name): entry for entry in known.entries}
    seen: set[tuple[str, str]] = set()
    problems = []
    for choice in choices:
        key = (choice.metric, choice.name)
        if key in seen:
            problems.append(f"{choice.name} is named twice for {choice.metric}")
        seen.add(key)
        if choice.op == "remove":
            if key not in there:
                problems.append(f"{FILE} doesn't leave {choice.name} out of {choice.metric}")
            continue
        if choice.metric not in KNOWN_METRICS:
            hint = did_you_mean(choice.metric, KNOWN_METRICS)
            problems.append(
                f"no metric {choice.metric!r}{hint} (there are {', '.join(KNOWN_METRICS)})"
            )
        if choice.name not in names:
            hint = did_you_mean(choice.name, names)
            problems.append(f"no participant and no site {choice.name!r}{hint}")
        problems += _about(choice)
        if key in there:
            line, reason = there[key].line, there[key].reason
            problems.append(
                f"{choice.name} is left out of {choice.metric} already "
                f"({FILE}, line {line}: {reason})"
            )
    return problems


def _about(choice: Choice) -> list[str]:
    who = f"{choice.name}, {choice.metric}"
    problems = []
    if not choice.reason:
        problems.append(f"{who}: say why (a reason is needed)")
    elif not choice.reason.isprintable() or len(choice.reason) > _REASON:
        problems.append(f"{who}: the reason must be one line of at most {_REASON} characters")
    if choice.issue and not (_ISSUE.fullmatch(choice.issue) and choice.issue.isprintable()):
        problems.append(f"{who}: the issue must be an address such as https://...: {choice.issue}")
    return problems
