"""Edits of YAML files that change single texts and leave every other character as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from ..system.errors import ConfigError, SpinegateError
from ..system.yaml import parse_yaml
from ..system.yaml_text import quoted, scalar
from .operation import Edit, Set

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_BOM = "\ufeff"


class _Text(NamedTuple):
    """A text in a YAML file: the key above it, and where it stands."""

    key: str
    value: str
    start: int
    end: int


def edit_yaml(content: bytes, edits: Sequence[Edit]) -> bytes:
    """Set texts wherever they stand under a key, alone or in its list.

    Comments, layout, and how each text is quoted stay.

    Raises
    ------
    SpinegateError
        Not YAML, no such text under such a key, or written in a way that can't be edited.
    """
    wanted: dict[tuple[str, str], str] = {}
    for edit in edits:
        if not isinstance(edit, Set) or edit.former is None or not isinstance(edit.value, str):
            raise SpinegateError("is YAML: of it a text under a key can be set, given from")
        wanted[edit.key, edit.former] = edit.value
    try:
        before = parse_yaml(content).value
    except ConfigError as error:
        raise SpinegateError(f"can't be edited: {error.message}") from None
    known = set(texts(before))
    for key, former in wanted:
        if (key, former) not in known:
            raise SpinegateError(f"has no {former!r} under {key!r}")
    text = content.decode()
    parts, at = [], 0
    for found in _texts(text):
        if (value := wanted.get((found.key, found.value))) is not None:
            parts += [text[at : found.start], _written(text[found.start : found.end], value)]
            at = found.end
    edited = "".join([*parts, text[at:]]).encode()
    try:
        after = parse_yaml(edited).value
    except ConfigError:
        after = before
    if after != _replaced(before, wanted):
        raise SpinegateError("is written in a way that can't be edited: change it by hand")
    return edited


def texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text in a YAML value and the nearest key above it."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, list):
        for part in value:
            yield from texts(part, key)
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from texts(part, name)


def _replaced(value: Any, wanted: Mapping[tuple[str, str], str], key: str = "") -> Any:
    if isinstance(value, str):
        return wanted.get((key, value), value)
    if isinstance(value, list):
        return [_replaced(part, wanted, key) for part in value]
    if isinstance(value, dict):
        return {name: _replaced(part, wanted, name) for name, part in value.items()}
    return value


def _texts(text: str) -> Iterator[_Text]:
    """Yield the scalars that are no keys, of a text that is known to be YAML."""
    loader = _Loader(text.removeprefix(_BOM))
    shift = text.startswith(_BOM)
    keys: list[str] = [""]
    maps: list[bool] = [False]
    expected = False  # whether a key comes next
    while loader.check_event():
        event = loader.get_event()
        if isinstance(event, yaml.CollectionStartEvent):
            maps.append(isinstance(event, yaml.MappingStartEvent))
            keys.append(keys[-1])
            expected = maps[-1]
        elif isinstance(event, yaml.CollectionEndEvent):
            maps.pop()
            keys.pop()
            expected = maps[-1]
        elif isinstance(event, yaml.NodeEvent):
            if expected and isinstance(event, yaml.ScalarEvent):
                keys[-1] = event.value
            elif isinstance(event, yaml.ScalarEvent):
                assert event.start_mark is not None
                assert event.end_mark is not None
                start, end = event.start_mark.index + shift, event.end_mark.index + shift
                properties = _PROPERTIES.match(text, start, end)
                start = properties.end() if properties else start
                yield _Text(keys[-1], event.value, start, end)
            expected = maps[-1] and not expected


def _written(former: str, value: str) -> str:
    if former.startswith("'") and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return quoted(value) if former.startswith('"') else scalar(value)
