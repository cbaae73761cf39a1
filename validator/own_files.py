"""A dataset's own protocol and rules, read from its tree, which may be a commit."""

from __future__ import annotations

import posixpath
import tempfile
from pathlib import Path

from ..protocol_specs.layers import packaged_specs
from ..protocol_specs.loader import load_spec
from ..protocol_specs.spec import Spec
from ..rules.loader import load_rules
from ..rules.rule import Rule
from ..system.errors import ConfigError
from ..system.yaml import Document, parse_yaml
from .settings import Settings, files_of, find_entry, read_document, read_entry, shown
from .tree import Tree

_FILES = 50


def load_protocol(tree: Tree, name_or_path: str) -> Spec:
    """Load a protocol by its name, or from a file or folder of a dataset.

    Raises
    ------
    ConfigError
        It isn't valid, isn't there, or builds on a file that is not in the dataset; names the
        dataset's file and line.
    """
    if name_or_path in packaged_specs():
        return load_spec(name_or_path)
    path = posixpath.normpath(name_or_path)
    if path.startswith(("/", "..")) or "\\" in path:
        raise ConfigError("must be a path in the dataset, with slashes", name_or_path)
    contents = _gather(tree, path)
    with tempfile.TemporaryDirectory(prefix="spinegate-") as folder:
        top = Path(folder).resolve()
        for name, content in contents.items():
            _put(top, name, content)
        try:
            return load_spec(top / path)
        except ConfigError as error:
            message = error.message.replace(f"{top}/", "")
            file_name = error.file.removeprefix(f"{top}/")
            raise shown(ConfigError(message, file_name, error.line)) from None


def _put(top: Path, name: str, content: bytes) -> None:
    """Write a file of the dataset; git takes names that no disk does."""
    file = top / name
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        message = f"can't be written to a disk here: {error.strerror}"
        raise shown(ConfigError(message, name)) from None


def load_own_rules(tree: Tree, settings: Settings) -> tuple[Rule, ...]:
    """Load the rules of the package and those that a dataset adds.

    Raises
    ------
    ConfigError
        A rule isn't valid, stands twice or names a module: a dataset's own rules are expressions.
    """
    documents = []
    for path in settings.rules:
        document = read_document(tree, path)
        if document is None:
            raise ConfigError("the dataset has no such file", path)
        _refuse_modules(document)
        documents.append(document)
    try:
        return load_rules(extra=documents)
    except ConfigError as error:
        raise shown(error) from None


def _refuse_modules(document: Document) -> None:
    if not isinstance(document.value, dict):
        return  # the loader says so
    for code, entry in document.value.items():
        if isinstance(entry, dict) and "check" in entry:
            message = "a dataset's own rules are expressions: write checks"
            raise shown(document.error(message, code, "check"))


def _gather(tree: Tree, path: str) -> dict[str, bytes]:
    """Return the files of a protocol and those that they extend, by path."""
    contents: dict[str, bytes] = {}
    wanted = files_of(tree, path)
    if not wanted:
        raise ConfigError("the dataset has no such protocol: name a .yaml file or a folder", path)
    while wanted:
        name = wanted.pop()
        if name in contents:
            continue
        if len(contents) >= _FILES:
            raise ConfigError(f"a protocol of more than {_FILES} files", path)
        entry = find_entry(tree, name)
        if entry is None:
            raise ConfigError("the dataset has no such file", name)
        contents[name] = read_entry(tree, entry)
        try:
            document = parse_yaml(contents[name], name)
            wanted += _extended(tree, document)
        except ConfigError as error:
            raise shown(error) from None
    return contents


def _extended(tree: Tree, document: Document) -> list[str]:
    base = document.value.get("extends") if isinstance(document.value, dict) else None
    if not isinstance(base, str) or base in packaged_specs():
        return []
    path = posixpath.normpath(posixpath.join(posixpath.dirname(document.name), base))
    if base.startswith("/") or path.startswith(("/", "..")) or "\\" in base or ":" in base:
        raise document.error("must be the name of a protocol or a file of the dataset", "extends")
    files = files_of(tree, path)
    if not files:
        raise document.error("no protocol and no file of this dataset", "extends")
    return files
