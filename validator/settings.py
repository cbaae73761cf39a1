"""Settings of a dataset: `.spinegate.yml` and the baseline, read from its tree as data.

They come from strangers: nothing in them is executed, no path leads out of the dataset, and a
fault in them is a message with file and line.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from ..protocol_specs.layers import packaged_specs
from ..rules.profiles import load_profiles
from ..rules.records import ABOUT, Record, read_about, read_records
from ..rules.spelling import did_you_mean
from ..system.errors import ConfigError
from ..system.yaml import Document, parse_yaml
from .tree import EXECUTABLE, FILE, Entry, Tree, Unreadable

SETTINGS = ".spinegate.yml"
BASELINE = ".spinegate/baseline.yml"
IGNORE = ".bidsignore"
KEYS = ("protocol", "profile", "rules", "baseline", "overrides")
BASELINE_KEYS = ("defaults", "accepted")
LIMIT = 1 << 20
"""Bytes of a file of settings, rules or protocol."""
BASELINE_LIMIT = 8 << 20
_RULE_FILES = 100
_MESSAGE = 600


@dataclass(frozen=True, slots=True)
class Settings:
    """What a dataset says of how it is to be judged.

    Attributes
    ----------
    protocol, profile
        As the settings name them; "" where they don't.
    rules
        Paths of its own rule files.
    records
        Those of its baseline, then those of its settings: the last that matches decides.
    baseline
        Path of the baseline, which needn't be there.
    files
        Paths of all that decides how it is judged: the settings, the baseline and .bidsignore
        (whether they are there or not), its rule files and the files of its protocol.
    """

    protocol: str = ""
    profile: str = ""
    rules: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    baseline: str = BASELINE
    files: tuple[str, ...] = ()


def read_settings(tree: Tree) -> Settings:
    """Read the settings of a dataset; without a file, those of nobody.

    Raises
    ------
    ConfigError
        Not YAML, an unknown key, a wrong type, a path that is not in the dataset; names file and
        line.
    """
    document = read_document(tree, SETTINGS)
    try:
        return _settings(tree, document)
    except ConfigError as error:
        raise shown(error) from None


def _settings(tree: Tree, document: Document | None) -> Settings:
    if document is None:
        document = Document(None, {}, SETTINGS)
    table = _mapping(document, KEYS)
    profile = _word(document, "profile")
    if profile and profile not in load_profiles():
        raise document.error(f"no profile {profile!r}{did_you_mean(profile, load_profiles())}",
                             "profile")  # fmt: skip
    protocol = _word(document, "protocol")
    if protocol and protocol not in packaged_specs():
        protocol = _path(document, protocol, "protocol")
        if not files_of(tree, protocol):
            known = ", ".join(packaged_specs())
            hint = did_you_mean(protocol, packaged_specs())
            message = f"no protocol and no file of this dataset{hint}; protocols are {known}"
            raise document.error(message, "protocol")
    rules = _rules(tree, document, table.get("rules"))
    named = _word(document, "baseline")
    path = _path(document, named, "baseline") if named else BASELINE
    if named and find_entry(tree, path) is None:
        raise document.error("the dataset has no such file", "baseline")
    return Settings(
        protocol,
        profile,
        rules,
        (*read_baseline(tree, path), *_overrides(document, table)),
        path,
        tuple(dict.fromkeys((SETTINGS, path, IGNORE, *rules, *files_of(tree, protocol)))),
    )


def _overrides(document: Document, table: dict[str, Any]) -> tuple[Record, ...]:
    return read_records(document, "overrides") if "overrides" in table else ()


def read_baseline(tree: Tree, path: str) -> tuple[Record, ...]:
    """Read the records of a baseline; none where the tree has no such file.

    Raises
    ------
    ConfigError
        Names file, line and key of what isn't right.
    """
    document = read_document(tree, path, BASELINE_LIMIT)
    if document is None:
        return ()
    try:
        return parse_baseline(document)[0]
    except ConfigError as error:
        raise shown(error) from None


def parse_baseline(document: Document) -> tuple[tuple[Record, ...], dict[str, Any]]:
    """Return the records of a baseline, and what `defaults` says at its head."""
    table = _mapping(document, BASELINE_KEYS)
    given = table.get("defaults")
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise document.error("must be a mapping", "defaults")
    for key in given:
        if key not in ABOUT:
            raise document.error(f"no such key{did_you_mean(key, ABOUT)}", "defaults", key)
    defaults = read_about(document, given, "defaults")
    if "accepted" not in table:
        return (), defaults
    return read_records(document, "accepted", exact=True, defaults=defaults), defaults


def read_document(tree: Tree, path: str, limit: int = LIMIT) -> Document | None:
    """Read a YAML file of a dataset; None where it has no such file.

    Raises
    ------
    ConfigError
        A link, unreadable, too large, not YAML.
    """
    entry = find_entry(tree, path)
    if entry is None:
        return None
    try:
        return parse_yaml(read_entry(tree, entry, limit), path)
    except ConfigError as error:
        raise shown(error) from None


def read_entry(tree: Tree, entry: Entry, limit: int = LIMIT) -> bytes:
    """Return the content of a file whose every byte is needed."""
    if entry.mode not in (FILE, EXECUTABLE):
        raise ConfigError("must be a file, not a link or anything else", entry.path)
    content = next(iter(tree.read([entry], limit)))
    if isinstance(content, Unreadable):
        raise ConfigError(f"cannot be read: {content.reason}", entry.path)
    if len(content) > limit:
        raise ConfigError(f"is larger than {limit >> 20} MiB", entry.path)
    return content


def find_entry(tree: Tree, path: str) -> Entry | None:
    """Return the file of this path."""
    at = bisect_left(tree.entries, path, key=attrgetter("path"))
    return next((entry for entry in tree.entries[at : at + 1] if entry.path == path), None)


def shown(error: ConfigError) -> ConfigError:
    """Return the error of a stranger's file in one line, without what doesn't print, and short."""
    return ConfigError(_printable(error.message), _printable(error.file), error.line)


def _printable(text: str) -> str:
    if not text.isprintable():
        text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    return text if len(text) <= _MESSAGE else f"{text[:_MESSAGE]}..."


def _mapping(document: Document, keys: Iterable[str]) -> dict[str, Any]:
    value = {} if document.value is None else document.value
    if not isinstance(value, dict):
        raise document.error(f"must be a mapping with {', '.join(keys)}")
    for key in value:
        if key not in keys:
            raise document.error(f"no such key{did_you_mean(key, keys)}", key)
    return value


def _word(document: Document, key: str) -> str:
    value = (document.value or {}).get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or not value:
        raise document.error("must be text", key)
    return value


def _path(document: Document, text: str, *place: str | int) -> str:
    """Return a path as the tree has it."""
    path = posixpath.normpath(text)
    if path.startswith(("/", "../")) or path in ("..", ".") or "\\" in text or ":" in text:
        message = "must be a path in the dataset, with slashes, from its top folder"
        raise document.error(message, *place)
    return path


def _rules(tree: Tree, document: Document, given: object) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(path, str) and path for path in given):
        raise document.error("must be a list of paths in the dataset", "rules")
    if len(given) > _RULE_FILES:
        raise document.error(f"names more than {_RULE_FILES} files", "rules")
    paths = [_path(document, path, "rules", at) for at, path in enumerate(given)]
    for at, path in enumerate(paths):
        if find_entry(tree, path) is None:
            raise document.error("the dataset has no such file", "rules", at)
        if path in paths[:at]:
            raise document.error("stands here twice", "rules", at)
    return tuple(paths)


def files_of(tree: Tree, path: str) -> list[str]:
    """Return the YAML files that a path stands for: itself, or those in the folder."""
    if not path:
        return []
    if find_entry(tree, path) is not None:
        return [path]
    at = bisect_left(tree.entries, f"{path}/", key=attrgetter("path"))
    found = []
    for entry in tree.entries[at:]:
        if not entry.path.startswith(f"{path}/"):
            break
        if entry.path.endswith(".yaml") and "/" not in entry.path[len(path) + 1 :]:
            found.append(entry.path)
    return found
