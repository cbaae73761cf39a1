"""The YAML texts that a spec is made of, laid over one another, each value with its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..system.errors import ConfigError
from ..system.yaml import Document, read_yaml

PACKAGED = Path(__file__).resolve().parent
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Layers:
    """Merged data of several documents, the base first.

    Attributes
    ----------
    value
        A mapping; later documents win, key by key, and a null takes a key away.
    documents
        What was merged.
    name
        What the user asked for.
    """

    value: dict[str, Any]
    documents: tuple[Document, ...]
    name: str

    def error(self, message: str, *path: str | int) -> ConfigError:
        """Make an error that names the file, line and key which set a value last."""
        for document in reversed(self.documents):
            if path in document.lines:
                return document.error(message, *path)
        best = max(self.documents, key=lambda document: _known_depth(document, path))
        return best.error(message, *path)


def packaged_specs() -> list[str]:
    """List the names of the specs that come with the program."""
    folders = (p for p in PACKAGED.iterdir() if p.is_dir() and any(p.glob("*.yaml")))
    return sorted(folder.name.replace("_", "-") for folder in folders)


def read_layers(name_or_path: str | Path, check: bool | None = None) -> Layers:
    """Read a spec's documents and those that it extends.

    Parameters
    ----------
    check
        Whether documents are checked against the JSON Schema: by default all but packaged ones.

    Raises
    ------
    ConfigError
        Unknown name, unreadable file, not the right shape, specs that extend one another in a
        circle.
    """
    documents = _collect(str(name_or_path), Path.cwd(), (), check)
    value: dict[str, Any] = {}
    for document in documents:
        value = merge(value, document.value)
    value.pop("extends", None)
    return Layers(value, tuple(documents), str(name_or_path))


def merge(base: Any, over: Any) -> Any:
    """Lay one value over another: mappings key by key, all else replaced, null takes away."""
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    result = dict(base)
    for key, value in over.items():
        if value is None and key in base:
            del result[key]
        else:
            result[key] = merge(base.get(key), value)
    return result


def _collect(
    name: str, folder: Path, seen: tuple[Path, ...], check: bool | None
) -> list[Document]:
    files, packaged = _files(name, folder)
    if files[0] in seen or len(seen) > _DEPTH:
        raise ConfigError(f"extends itself by way of {name}", str(files[0]))
    documents: list[Document] = []
    for file in files:
        document = read_yaml(file, name=str(_shown(file)))
        if not isinstance(document.value, dict):
            raise document.error("a spec must be a mapping of keys to values")
        if check if check is not None else not packaged:
            from .validation import check_document

            check_document(document)
        base = document.value.get("extends")
        if base is not None:
            try:
                under = _collect(str(base), file.parent, (*seen, files[0]), check)
            except ConfigError as error:
                if error.file:
                    raise
                raise document.error(error.message, "extends") from None
            documents += under
        documents.append(document)
    return documents


def _files(name: str, folder: Path) -> tuple[list[Path], bool]:
    packaged = PACKAGED / name.replace("-", "_")
    if "/" not in name and "\\" not in name and packaged.is_dir() and name in packaged_specs():
        return sorted(packaged.glob("*.yaml")), True
    path = folder / name
    if path.is_dir():
        files = sorted(path.glob("*.yaml"))
        if not files:
            raise ConfigError("this folder holds no .yaml file", str(path))
        return [file.resolve() for file in files], False
    if path.suffix not in {".yaml", ".yml"} and not path.exists():
        known = ", ".join(packaged_specs())
        raise ConfigError(f"there is no spec {name!r}; known are {known}, or give a .yaml file")
    return [path.resolve()], False


def _shown(file: Path) -> Path:
    for root in (Path.cwd(), PACKAGED.resolve().parent):
        if file.is_relative_to(root):
            return file.relative_to(root)
    return file


def _known_depth(document: Document, path: tuple[str | int, ...]) -> int:
    return next((n for n in range(len(path), 0, -1) if path[:n] in document.lines), 0)
