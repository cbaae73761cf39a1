"""YAML as version 1.2 reads it, with the line of every value and no duplicate keys."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .errors import ConfigError

# The C parser composes nodes; scalars are resolved here, since PyYAML itself follows YAML 1.1
# (`on` would be true, 1e-3 a string, 12:30 a number in base 60).
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DEPTH = 100
_VALUES = 500_000  # aliases of aliases would grow without end

Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML text: its value, and the line (from 1) of each key path in it."""

    value: Any
    lines: dict[Key, int]
    name: str

    def line(self, *path: str | int) -> int:
        """Return the line of the value at a path, or of its nearest parent that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def error(self, message: str, *path: str | int) -> ConfigError:
        """Make an error that names this file, the line and the key."""
        key = ".".join(str(part) for part in path)
        return ConfigError(f"{key}: {message}" if key else message, self.name, self.line(*path))


def parse_yaml(text: str | bytes, name: str = "<text>") -> Document:
    """Parse one YAML document.

    Raises
    ------
    ConfigError
        Not YAML, not UTF-8, a duplicate or non-scalar key, an alias loop, nested too deep.
    """
    lines: dict[Key, int] = {}
    try:
        node = _compose(_Loader(text), name)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise ConfigError(f"not YAML: {error.problem or error}", name, line) from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"not YAML: {error}", name) from None
    value = None if node is None else _value(node, (), lines, name)
    return Document(value, lines, name)


def read_yaml(path: Path, name: str | None = None) -> Document:
    """Read one YAML file; see `parse_yaml`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", name or str(path)) from None
    return parse_yaml(content, name or str(path))


def _compose(loader: Any, name: str) -> yaml.Node | None:
    """Build the nodes of one document; the C parser's own way there has no end to its depth."""
    loader.get_event()  # the stream's start
    if loader.check_event(yaml.StreamEndEvent):
        return None
    loader.get_event()
    node = _node(loader, {}, 0, name)
    loader.get_event()
    if not loader.check_event(yaml.StreamEndEvent):
        line = loader.get_event().start_mark.line + 1
        raise ConfigError("not YAML: a second document starts here", name, line)
    return node


def _node(loader: Any, anchors: dict[str, yaml.Node], depth: int, name: str) -> yaml.Node:
    event = loader.get_event()
    mark = event.start_mark
    if isinstance(event, yaml.AliasEvent):
        if event.anchor not in anchors:
            raise ConfigError(f"not YAML: no anchor &{event.anchor}", name, mark.line + 1)
        return anchors[event.anchor]
    if depth > _DEPTH:
        raise ConfigError("nested too deep or too large", name, mark.line + 1)
    node: yaml.Node
    items: list[Any] = []
    if isinstance(event, yaml.ScalarEvent):
        node = yaml.ScalarNode(event.tag or "", event.value, mark, None, event.style)
    elif isinstance(event, yaml.SequenceStartEvent):
        node = yaml.SequenceNode(event.tag or "", items, mark)
    else:
        node = yaml.MappingNode(event.tag or "", items, mark)
    if event.anchor is not None:
        anchors[event.anchor] = node
    if isinstance(event, yaml.SequenceStartEvent):
        while not loader.check_event(yaml.SequenceEndEvent):
            items.append(_node(loader, anchors, depth + 1, name))
        loader.get_event()
    elif isinstance(event, yaml.MappingStartEvent):
        while not loader.check_event(yaml.MappingEndEvent):
            key = _node(loader, anchors, depth + 1, name)
            items.append((key, _node(loader, anchors, depth + 1, name)))
        loader.get_event()
    return node


def _value(node: yaml.Node, path: Key, lines: dict[Key, int], name: str) -> Any:
    lines[path] = node.start_mark.line + 1
    if len(path) > _DEPTH or len(lines) > _VALUES:
        raise ConfigError("nested too deep or too large", name, lines[path])
    if isinstance(node, yaml.ScalarNode):
        try:
            return _scalar(node)
        except (ValueError, OverflowError):
            raise ConfigError("a number that is too large", name, lines[path]) from None
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), lines, name) for i, item in enumerate(node.value)]
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise ConfigError("a key must be a word", name, line)
        key = key_node.value
        if key in result:
            raise ConfigError(f"the key {key!r} stands here twice", name, line)
        result[key] = _value(value_node, (*path, key), lines, name)
        lines[(*path, key)] = line
    return result


def _scalar(node: yaml.ScalarNode) -> Any:
    text = node.value
    if node.style:  # quoted or a block: always text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    if not _FLOAT.match(text):
        return text
    number = float(text)
    if math.isinf(number):
        raise OverflowError
    return number
