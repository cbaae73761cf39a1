"""The archive of a release: reports and results, the same bytes for the same content."""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from ...system.errors import SpinegateError
from ...validator.annex import POINTER_LIMIT, link_key, pointer_key

_MOST = 200_000


def gather(folders: Mapping[str, Path]) -> dict[str, Path]:
    """List the files of folders, by their names in the archive.

    Contents that git-annex keeps are followed to where they are.

    Raises
    ------
    SpinegateError
        No such folder, too many files, a link that leads elsewhere, or a content that isn't here.
    """
    found: dict[str, Path] = {}
    for name, folder in folders.items():
        if not folder.is_dir():
            raise SpinegateError(f"{folder} is not a folder: its results can't be packed")
        for path in _walk(folder):
            if len(found) >= _MOST:
                raise SpinegateError(f"{folder} and the others hold more than {_MOST:,} files")
            inner = path.relative_to(folder).as_posix()
            found[f"{name}/{inner}"] = _content(path)
    return found


def write_archive(
    path: Path, top: str, texts: Mapping[str, bytes], files: Mapping[str, Path], day: str
) -> str:
    """Write a .tar.gz and return its SHA-256.

    Parameters
    ----------
    path
        The archive. One that is there already must be the same.
    top
        The folder that all of it lies in.
    texts, files
        Names in the archive, and what they hold.
    day
        The date that all files get.

    Raises
    ------
    SpinegateError
        It can't be written, or another archive has its name.
    """
    moment = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise SpinegateError(f"{path} can't be written: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as raw:
            with (
                gzip.GzipFile("", "wb", fileobj=raw, mtime=moment) as packed,
                tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
            ):
                for name in sorted([*texts, *files]):
                    _add(archive, f"{top}/{name}", texts.get(name), files.get(name), moment)
            raw.flush()
            os.fsync(raw.fileno())
        digest = _digest(Path(temporary))
        if path.exists():
            if _digest(path) != digest:
                raise SpinegateError(
                    f"{path} is there already and holds something else: delete it, or choose "
                    "another name by --archive"
                )
            Path(temporary).unlink()
        else:
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise SpinegateError(f"{path} can't be written: {error.strerror}") from None
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return digest


def _walk(folder: Path) -> Iterator[Path]:
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        linked = [name for name in folders if (Path(top) / name).is_symlink()]
        if linked:
            raise SpinegateError(f"{Path(top) / linked[0]} is a link to a folder: not packed")
        yield from (Path(top) / name for name in sorted(names))


def _content(path: Path) -> Path:
    """Return where a file's content is."""
    if path.is_symlink():
        key = link_key(os.fsencode(path.readlink()))
        real = path.resolve()
        if not key or real.name != key or "/annex/objects/" not in real.as_posix():
            raise SpinegateError(f"{path} is a link: only files and git-annex contents are packed")
        if not real.is_file():
            raise SpinegateError(f"the content of {path} isn't here: git annex get it first")
        return real
    if not path.is_file():
        raise SpinegateError(f"{path} is neither a file nor a folder")
    with path.open("rb") as file:
        if pointer_key(file.read(POINTER_LIMIT)):
            raise SpinegateError(f"the content of {path} isn't here: git annex get it first")
    return path


def _add(
    archive: tarfile.TarFile, name: str, text: bytes | None, file: Path | None, moment: int
) -> None:
    entry = tarfile.TarInfo(name)
    entry.mtime, entry.mode = moment, 0o644
    if text is not None:
        entry.size = len(text)
        archive.addfile(entry, BytesIO(text))
        return
    assert file is not None
    with file.open("rb") as stream:
        entry.size = os.fstat(stream.fileno()).st_size
        archive.addfile(entry, stream)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
