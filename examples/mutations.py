"""Small changes to a folder of files, each a function of the folder and plain arguments."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib

from ..system.errors import ConfigError
from ..system.git import git, start
from .images import compress
from .sidecars import sidecar_text

Arguments = Mapping[str, Any]
_IDENTITY = ("-c", "user.name=Phantom", "-c", "user.email=phantom@example.org")


def _json(
    change: Callable[[Any, str | int, Arguments], None],
) -> Callable[[Path, Arguments], None]:
    def mutate(root: Path, arguments: Arguments) -> None:
        path = root / arguments["file"]
        document = json.loads(path.read_text(encoding="utf-8"))
        key = arguments["key"]
        *way, last = key if isinstance(key, list) else [key]
        place = document
        for step in way:
            place = place[step]
        change(place, last, arguments)
        path.write_text(sidecar_text(document), encoding="utf-8")

    return mutate


def _set(place: Any, key: str | int, arguments: Arguments) -> None:
    place[key] = arguments["value"]


def _remove(place: Any, key: str | int, arguments: Arguments) -> None:
    del place[key]


def write_text(root: Path, arguments: Arguments) -> None:
    """Write a text file as it stands, folders included."""
    path = root / arguments["file"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(arguments["text"], encoding="utf-8", newline="")


def write_bytes(root: Path, arguments: Arguments) -> None:
    """Write a file from hexadecimal digits."""
    path = root / arguments["file"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes.fromhex(arguments["hex"]))


def write_repeated(root: Path, arguments: Arguments) -> None:
    """Write `before` many times, `middle` once, `after` many times: large or deep files."""
    times = arguments["times"]
    text = arguments["before"] * times + arguments["middle"] + arguments["after"] * times
    write_text(root, {"file": arguments["file"], "text": text})


def replace_text(root: Path, arguments: Arguments) -> None:
    """Replace every occurrence of a text; it must occur."""
    path = root / arguments["file"]
    content = path.read_bytes()
    old = arguments["old"].encode()
    if old not in content:
        raise ConfigError(f"does not contain {arguments['old']!r}", arguments["file"])
    path.write_bytes(content.replace(old, arguments["new"].encode()))


def append_text(root: Path, arguments: Arguments) -> None:
    """Add a text at the end of a file."""
    with (root / arguments["file"]).open("a", encoding="utf-8", newline="") as file:
        file.write(arguments["text"])


def delete(root: Path, arguments: Arguments) -> None:
    """Remove a file or a whole folder."""
    path = root / arguments["path"]
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def keep(root: Path, arguments: Arguments) -> None:
    """Remove everything at the top but one folder and the list of faults."""
    for path in root.iterdir():
        if path.name not in (arguments["path"], "faults.json"):
            delete(root, {"path": path.name})


def rename(root: Path, arguments: Arguments) -> None:
    """Move a file or a folder."""
    target = root / arguments["to"]
    target.parent.mkdir(parents=True, exist_ok=True)
    (root / arguments["path"]).rename(target)


def rename_bytes(root: Path, arguments: Arguments) -> None:
    """Give a file a name that need not be text, in hexadecimal digits, in its own folder."""
    path = root / arguments["path"]
    path.rename(path.with_name(os.fsdecode(bytes.fromhex(arguments["hex"]))))


def copy(root: Path, arguments: Arguments) -> None:
    """Copy a file or a folder; a link is copied as a link."""
    source, target = root / arguments["path"], root / arguments["to"]
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target, follow_symlinks=False)


def swap(root: Path, arguments: Arguments) -> None:
    """Exchange two files."""
    one, two = root / arguments["path"], root / arguments["to"]
    between = one.with_name(one.name + ".swap")
    one.rename(between)
    two.rename(one)
    between.rename(two)


def symlink(root: Path, arguments: Arguments) -> None:
    """Make a link, in the place of whatever is there."""
    path = root / arguments["path"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(arguments["to"])


def fifo(root: Path, arguments: Arguments) -> None:
    """Make a named pipe: neither a file nor a link, and no program may wait for it."""
    os.mkfifo(root / arguments["path"])


def truncate(root: Path, arguments: Arguments) -> None:
    """Cut a file to a number of bytes."""
    os.truncate(root / arguments["file"], arguments["size"])


def chmod(root: Path, arguments: Arguments) -> None:
    """Set permission bits, given as octal digits."""
    (root / arguments["path"]).chmod(int(str(arguments["mode"]), 8))


def _table(root: Path, arguments: Arguments) -> tuple[Path, list[list[str]]]:
    path = root / arguments["file"]
    return path, [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def _row(rows: list[list[str]], arguments: Arguments) -> int:
    for number, row in enumerate(rows):
        if row[0] == arguments["row"]:
            return number
    raise ConfigError(f"has no row {arguments['row']!r}", arguments["file"])


def _save_table(path: Path, rows: list[list[str]]) -> None:
    text = "".join("\t".join(row) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8", newline="")


def set_cell(root: Path, arguments: Arguments) -> None:
    """Set one cell of a TSV; the row is named by its first cell."""
    path, rows = _table(root, arguments)
    column = rows[0].index(arguments["column"])
    rows[_row(rows, arguments)][column] = str(arguments["value"])
    _save_table(path, rows)


def remove_row(root: Path, arguments: Arguments) -> None:
    """Remove a row of a TSV, named by its first cell."""
    path, rows = _table(root, arguments)
    del rows[_row(rows, arguments)]
    _save_table(path, rows)


def add_row(root: Path, arguments: Arguments) -> None:
    """Add a copy of a row of a TSV under another first cell (`to`)."""
    path, rows = _table(root, arguments)
    rows.append([arguments["to"], *rows[_row(rows, arguments)][1:]])
    _save_table(path, rows)


def set_header(root: Path, arguments: Arguments) -> None:
    """Set a field of a NIfTI header (or one element of it) without touching the rest."""
    path = root / arguments["file"]
    content = gzip.decompress(path.read_bytes())
    kind: Any = nib.Nifti1Header  # nibabel has no types
    header = kind.from_fileobj(io.BytesIO(content), check=False)
    if "index" in arguments:
        header[arguments["field"]][arguments["index"]] = arguments["value"]
    else:
        header[arguments["field"]] = arguments["value"]
    block = header.binaryblock
    path.write_bytes(compress(block + content[len(block) :]))


def run_git(root: Path, arguments: Arguments) -> None:
    """Run a git command in the dataset's folder, under a made-up identity, without hooks."""
    git(root, *_IDENTITY, *(str(word) for word in arguments["args"]))


def write_branch(root: Path, arguments: Arguments) -> None:
    """Make a branch of its own, named in full, whose one commit holds the files given."""
    lines = [f"commit {arguments['ref']}\ncommitter Phantom <phantom@localhost> 0 +0000\ndata 0\n"]
    for path, text in arguments["files"].items():
        size = len(text.encode())
        lines.append(f"M 100644 inline {path}\ndata {size}\n{text}\n")
    process = start(root, "fast-import", "--quiet", ask=True)
    process.communicate("".join(lines).encode())


def annex(root: Path, arguments: Arguments) -> None:
    """Turn files that match a pattern into git-annex links; `content: false` drops the content.

    The links are those of a locked file, with a SHA256E key.
    """
    for path in sorted(root.glob(arguments["path"])):
        if path.is_symlink() or not path.is_file() or ".git" in path.relative_to(root).parts:
            continue
        content = path.read_bytes()
        suffix = ".nii.gz" if path.name.endswith(".nii.gz") else path.suffix
        key = f"SHA256E-s{len(content)}--{hashlib.sha256(content).hexdigest()}{suffix}"
        spread = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
        store = root / ".git" / "annex" / "objects" / spread[:3] / spread[3:6] / key / key
        path.unlink()
        path.symlink_to(os.path.relpath(store, path.parent))
        if arguments.get("content", True):
            store.parent.mkdir(parents=True, exist_ok=True)
            store.write_bytes(content)


def unannex(root: Path, arguments: Arguments) -> None:
    """Put the content back in the place of an annex link."""
    path = root / arguments["path"]
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)


@dataclass(frozen=True, slots=True)
class Mutation:
    """A kind of change: what does it, the arguments it needs and those it may have."""

    apply: Callable[[Path, Arguments], None]
    needed: frozenset[str]
    optional: frozenset[str] = frozenset()


def _mutation(
    apply: Callable[[Path, Arguments], None], needed: str, optional: str = ""
) -> Mutation:
    return Mutation(apply, frozenset(needed.split()), frozenset(optional.split()))


MUTATIONS: dict[str, Mutation] = {
    "set_key": _mutation(_json(_set), "file key value"),
    "remove_key": _mutation(_json(_remove), "file key"),
    "write_text": _mutation(write_text, "file text"),
    "write_bytes": _mutation(write_bytes, "file hex"),
    "write_repeated": _mutation(write_repeated, "file before middle after times"),
    "append_text": _mutation(append_text, "file text"),
    "replace_text": _mutation(replace_text, "file old new"),
    "delete": _mutation(delete, "path"),
    "keep": _mutation(keep, "path"),
    "rename": _mutation(rename, "path to"),
    "rename_bytes": _mutation(rename_bytes, "path hex"),
    "copy": _mutation(copy, "path to"),
    "swap": _mutation(swap, "path to"),
    "symlink": _mutation(symlink, "path to"),
    "fifo": _mutation(fifo, "path"),
    "truncate": _mutation(truncate, "file size"),
    "chmod": _mutation(chmod, "path mode"),
    "set_cell": _mutation(set_cell, "file row column value"),
    "remove_row": _mutation(remove_row, "file row"),
    "add_row": _mutation(add_row, "file row to"),
    "set_header": _mutation(set_header, "file field value", "index"),
    "git": _mutation(run_git, "args"),
    "branch": _mutation(write_branch, "ref files"),
    "annex": _mutation(annex, "path", "content"),
    "unannex": _mutation(unannex, "path"),
}
