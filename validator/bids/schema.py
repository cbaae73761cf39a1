"""The official schema's rules for raw names, and whether a path keeps to them.

The rules lie in names.json (see `generate`). A metadata file that the inheritance principle can
share (.json, .tsv, .bval, .bvec) may leave out entities and the datatype's folder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..entities import HOLE

_HERITABLE = frozenset({".json", ".tsv", ".bval", ".bvec"})
_LABEL = rf"[0-9A-Za-z+{HOLE}]+"
_PLACE = re.compile(rf"(?:sub-(?P<sub>{_LABEL})/)?(?:ses-(?P<ses>{_LABEL})/)?(?P<rest>.*)", re.S)


@dataclass(frozen=True, slots=True)
class NameRule:
    """Which names one rule of the schema allows.

    `entities` maps a short name to whether it is required; `enums` to the labels it may have.
    """

    suffixes: tuple[str, ...]
    extensions: frozenset[str]
    datatypes: tuple[str, ...]
    entities: Mapping[str, bool]
    enums: Mapping[str, frozenset[str]]

    def allows_extension(self, extension: str) -> bool:
        """Whether a file of this rule may end so."""
        anything = ".*" in self.extensions and re.fullmatch(r"\.[0-9A-Za-z.]+", extension)
        return extension in self.extensions or bool(anything)


@dataclass(frozen=True, slots=True)
class Naming:
    """The schema's naming rules.

    Attributes
    ----------
    version, bids_version
        Of the schema and of the standard.
    entities
        Short name to the pattern of its labels, in the order of the schema.
    long_names
        A short name's long one: ``acq`` to ``acquisition``.
    datatypes, folders, paths
        Names of datatypes, of opaque folders, and of files with a fixed path.
    stems
        Stem (``*`` for any), extensions and folder of files such as participants.tsv.
    rules
        Suffix to its rules.
    """

    version: str
    bids_version: str
    entities: Mapping[str, re.Pattern[str]]
    long_names: Mapping[str, str]
    datatypes: frozenset[str]
    folders: frozenset[str]
    paths: frozenset[str]
    stems: tuple[tuple[str, frozenset[str], tuple[str, ...]], ...]
    rules: Mapping[str, tuple[NameRule, ...]]


@lru_cache(maxsize=1)
def naming() -> Naming:
    """Load the rules from names.json."""
    data = json.loads(Path(__file__).with_name("names.json").read_bytes())
    by_suffix: dict[str, list[NameRule]] = {}
    for row in data["names"]:
        rule = _rule(row)
        for suffix in rule.suffixes:
            by_suffix.setdefault(suffix, []).append(rule)
    return Naming(
        version=data["schema"],
        bids_version=data["bids"],
        entities={
            key: re.compile("|".join(entity["enum"]) or data["formats"][entity["format"]])
            for key, entity in data["entities"].items()
        },
        long_names={key: entity["name"] for key, entity in data["entities"].items()},
        datatypes=frozenset(data["datatypes"]),
        folders=frozenset(data["folders"]),
        paths=frozenset(data["paths"]),
        stems=tuple(
            (row["stem"], frozenset(row["extensions"]), tuple(row["datatypes"]))
            for row in data["stems"]
        ),
        rules={suffix: tuple(rules) for suffix, rules in by_suffix.items()},
    )


def misfits(path: str) -> tuple[str, ...]:
    """Say what keeps a path, relative to the dataset, from being a valid raw one; () if nothing.

    Where several rules come near, it speaks of the one that the path misses least.
    """
    rules = naming()
    if path in rules.paths or path.split("/", 1)[0] in rules.folders or _fits_stem(path, rules):
        return ()
    place = _PLACE.fullmatch(path)
    assert place
    *folders, name = place["rest"].split("/")
    deep = len(folders) > 1
    datatype, name = (folders[0], folders[1]) if deep else ("".join(folders), name)
    stem, dot, rest = name.partition(".")
    extension = dot + rest + ("/" if deep else "")
    *tokens, suffix = stem.split("_")
    faults = list(_token_faults(tokens, place, rules))
    candidates = rules.rules.get(suffix, ())
    if not candidates and deep:
        return (f"no folder belongs into {datatype}/",)
    if not candidates:
        return *faults, f"the standard knows no suffix {suffix!r}"
    keys = dict(token.split("-", 1) for token in tokens if "-" in token)
    found = [tuple(_rule_faults(rule, suffix, keys, datatype, extension)) for rule in candidates]
    return *faults, *min(found, key=len)


def _token_faults(tokens: list[str], place: re.Match[str], rules: Naming) -> Iterator[str]:
    """What is wrong with the entities, whatever the suffix."""
    ranks = list(rules.entities)
    last = -1
    for token in tokens:
        key, dash, label = token.partition("-")
        if not dash:
            yield f"{token!r} is neither an entity ('key-label') nor the suffix"
        elif key not in rules.entities:
            yield f"the standard knows no entity {key!r}"
        elif not rules.entities[key].fullmatch(label.replace(HOLE, "0")):
            yield f"{token!r} is no valid label of this entity"
        elif ranks.index(key) <= last:
            yield f"the entity {key!r} stands twice or in the wrong order"
        last = max(last, ranks.index(key)) if key in ranks else last
    named = dict(token.split("-", 1) for token in tokens if "-" in token)
    for key in ("sub", "ses"):
        if named.get(key) != place[key]:
            folder = f"{key}-{place[key]}" if place[key] else f"no {key}- folder"
            said = repr(named[key]) if key in named else f"no {key}-"
            yield f"the name and its folder disagree: {folder}, {said} in the name"


def _rule_faults(
    rule: NameRule, suffix: str, keys: Mapping[str, str], datatype: str, extension: str
) -> Iterator[str]:
    """What is wrong by one rule."""
    shared = extension in _HERITABLE
    if not rule.allows_extension(extension):
        yield f"{suffix} can't have the extension {extension!r}"
    if datatype not in (rule.datatypes or ("",)) and not (shared and not datatype):
        yield f"{suffix} can't lie in {datatype + '/' if datatype else 'this folder'}"
    for key, label in keys.items():
        if key not in rule.entities:
            yield f"{suffix} can't have the entity {key!r}"
        elif key in rule.enums and label not in rule.enums[key]:
            yield f"{key}-{label} isn't one of the labels foreseen"
    if not shared:
        missing = [key for key, required in rule.entities.items() if required and key not in keys]
        if missing:
            yield f"{suffix} needs {', '.join(f'{key}-' for key in missing)}"


def _fits_stem(path: str, rules: Naming) -> bool:
    folder, _, name = path.rpartition("/")
    return any(
        folder in (datatypes or ("",))
        and name.endswith(extension)
        and stem in ("*", name.removesuffix(extension))
        for stem, extensions, datatypes in rules.stems
        for extension in extensions
    )


def _rule(row: Mapping[str, Any]) -> NameRule:
    return NameRule(
        suffixes=tuple(row["suffixes"]),
        extensions=frozenset(row["extensions"]),
        datatypes=tuple(row["datatypes"]),
        entities={key: level[0] for key, level in row["entities"].items()},
        enums={key: frozenset(level[1:]) for key, level in row["entities"].items() if level[1:]},
    )
