"""A convention of names as data: which entities and suffix become which, and what sidecars say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...rules.spelling import did_you_mean
from ...system.errors import ConfigError, SpinegateError
from ...system.yaml import Document, read_yaml
from ...validator.entities import ENTITY_ORDER

_HERE = Path(__file__).parent.parent / "conventions"
_ENTITY = re.compile(r"([a-z]+)-([0-9A-Za-z+]+)")
_SUFFIX = re.compile(r"[A-Za-z][0-9A-Za-z]*")
_RANK = {key: rank for rank, key in enumerate(ENTITY_ORDER)}
_FIXED = ("sub", "ses")


@dataclass(frozen=True, slots=True)
class Pattern:
    """Entities and a suffix; other entities of a name don't matter."""

    entities: Mapping[str, str]
    suffix: str

    @property
    def text(self) -> str:
        """As a convention writes it."""
        return "_".join([*(f"{key}-{label}" for key, label in self.entities.items()), self.suffix])


@dataclass(frozen=True, slots=True)
class NameRule:
    """One line of a convention.

    Attributes
    ----------
    old, new
        What a name has, and what it gets instead.
    keys, removed
        What the image's sidecar says then, and no longer says.
    """

    old: Pattern
    new: Pattern
    keys: Mapping[str, Any]
    removed: Mapping[str, Any]

    @property
    def told(self) -> str:
        """As plans and commits tell it."""
        return f"{self.old.text} -> {self.new.text}"


@dataclass(frozen=True, slots=True)
class Convention:
    """Rules of which the first that fits a name counts; `back` if their file says the reverse."""

    name: str
    rules: tuple[NameRule, ...]
    back: bool = False

    def reversed(self) -> Convention:
        """Return the way back."""
        rules = tuple(NameRule(r.new, r.old, r.removed, r.keys) for r in self.rules)
        return replace(self, rules=rules, back=not self.back)

    def without_keys(self) -> Convention:
        """Return the same for names only."""
        return replace(self, rules=tuple(replace(r, keys={}, removed={}) for r in self.rules))

    def find(self, stem: str) -> tuple[str, NameRule] | None:
        """Return the new stem of an image and the rule that says so; None where none fits.

        >>> rule = NameRule(Pattern({"acq": "MTon"}, "MTS"), Pattern({"mt": "on"}, "MTS"), {}, {})
        >>> Convention("mt", (rule,)).find("sub-x_acq-MTon_run-1_MTS")[0]
        'sub-x_run-1_mt-on_MTS'
        """
        *tokens, suffix = stem.split("_")
        pairs = [_ENTITY.fullmatch(token) for token in tokens]
        own = {match[1]: match[2] for match in pairs if match}
        if len(own) < len(tokens):
            return None
        for rule in self.rules:
            if suffix != rule.old.suffix or not rule.old.entities.items() <= own.items():
                continue
            kept = {key: label for key, label in own.items() if key not in rule.old.entities}
            if any(kept.get(key, label) != label for key, label in rule.new.entities.items()):
                continue  # it would say two things at once
            named = {**kept, **rule.new.entities}
            order = sorted(named, key=lambda key: _RANK.get(key, len(_RANK)))
            parts = [f"{key}-{named[key]}" for key in order]
            return "_".join([*parts, rule.new.suffix]), rule
        return None


def packaged_conventions() -> dict[str, Path]:
    """Return the conventions that come with this program, by their names."""
    return {path.stem: path for path in sorted(_HERE.glob("*.yaml"))}


def load_convention(name: str) -> Convention:
    """Load a convention by its name, or from a user's YAML file.

    Raises
    ------
    ConfigError
        There is none, or it isn't one; the message names the file and the line.
    """
    known = packaged_conventions()
    if name in known:
        return parse_convention(read_yaml(known[name], f"{name}.yaml"), name)
    path = Path(name)
    if not path.is_file():
        hint = did_you_mean(name, known)
        raise ConfigError(
            f"no convention {name!r}{hint} (there are {', '.join(known)}, or give a file)"
        )
    return parse_convention(read_yaml(path), name)


def parse_convention(document: Document, name: str) -> Convention:
    """Turn a YAML document into a convention; see `load_convention`."""
    value = document.value
    if not isinstance(value, dict) or not isinstance(value.get("rules"), list):
        raise document.error("must be a mapping with a list of rules")
    for key in value:
        if key not in ("title", "source", "rules"):
            raise document.error("is not a part of a convention", key)
    rules = []
    for number, spelt in enumerate(value["rules"]):
        if not isinstance(spelt, dict) or not {"from", "to"} <= set(spelt) <= {
            "from", "to", "set", "remove",
        }:  # fmt: skip
            raise document.error("must have from and to, and may have set and remove",
                                 "rules", number)  # fmt: skip
        keys, removed = spelt.get("set", {}), spelt.get("remove", {})
        if not isinstance(keys, dict) or not isinstance(removed, dict):
            raise document.error("set and remove are mappings from keys to values",
                                 "rules", number)  # fmt: skip
        try:
            rules.append(NameRule(_pattern(spelt["from"]), _pattern(spelt["to"]), keys, removed))
        except SpinegateError as error:
            raise document.error(str(error), "rules", number) from None
    convention = Convention(name, tuple(rules))
    _require_distinct(convention, document)
    return convention


def _pattern(text: Any) -> Pattern:
    *tokens, suffix = str(text).split("_")
    pairs = [_ENTITY.fullmatch(token) for token in tokens]
    entities = {match[1]: match[2] for match in pairs if match}
    if len(entities) < len(tokens) or not _SUFFIX.fullmatch(suffix):
        raise SpinegateError(f"{text!r} is not entities and a suffix, such as acq-MTon_MTS")
    if fixed := next((key for key in _FIXED if key in entities), None):
        raise SpinegateError(f"{text!r}: {fixed}- is renamed by --subject, not by a convention")
    unknown = next((key for key in entities if key not in _RANK), None)
    if unknown:
        raise SpinegateError(f"{text!r}: BIDS has no entity {unknown}-")
    return Pattern(entities, suffix)


def _require_distinct(convention: Convention, document: Document) -> None:
    for side in ("old", "new"):
        texts = [getattr(rule, side).text for rule in convention.rules]
        twice = next((text for text in texts if texts.count(text) > 1), None)
        if twice:
            raise document.error(f"{twice} stands there twice, so there is no way back", "rules")
