"""The secret that goes into hashes: so that nobody can find a number by trying them all."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from ...system.errors import SpinegateError
from ...system.files import write_atomic
from ...system.git import find_common, find_root

_BYTES = 32
_SHORTEST = 16
_LIMIT = 4096
_DIGITS = 32


def find_salt(dataset: Path, file: Path | None = None) -> bytes:
    """Return a dataset's secret; it is made where there is none yet.

    Parameters
    ----------
    dataset
        Its folder. In a git repository the secret lies in git's own folder
        (``.git/spinegate/salt``), which is never committed or pushed.
    file
        Where the secret lies instead, so that several clones give the same hashes.

    Raises
    ------
    SpinegateError
        There is neither a repository nor a file, the file would be published with the dataset, or
        it can't be read or made.
    """
    file = _place(dataset, file)
    try:
        return _read(file) or _make(file)
    except OSError as error:
        raise SpinegateError(f"{file} can't be used: {error.strerror}") from None


def trial_salt(dataset: Path, file: Path | None = None) -> bytes:
    """Return the secret if there is one, else one for this run alone: nothing is written.

    Raises
    ------
    SpinegateError
        As for `find_salt`, so that a trial tells what would stand in the way.
    """
    file = _place(dataset, file)
    try:
        return _read(file) or secrets.token_bytes(_BYTES)
    except OSError as error:
        raise SpinegateError(f"{file} can't be used: {error.strerror}") from None


def _place(dataset: Path, file: Path | None) -> Path:
    if file is None:
        if find_root(dataset) is None:
            raise SpinegateError(
                f"{dataset} is in no git repository, where the secret for hashes would be kept: "
                "name a file outside of the dataset by --salt-file"
            )
        return find_common(dataset) / "spinegate" / "salt"
    if _is_inside(file, dataset):
        raise SpinegateError(
            f"{file} lies in the dataset, and would be published with it: put it elsewhere"
        )
    return file


def hash_text(salt: bytes, kind: str, text: str) -> str:
    """Return a salted hash: equal texts of one kind have equal ones.

    Examples
    --------
    >>> hash_text(b"0123456789abcdef", "serial", "40146") == hash_text(
    ...     b"0123456789abcdef", "serial", "40147"
    ... )
    False
    """
    message = f"{kind}\0{text}".encode("utf-8", "backslashreplace")
    return hmac.new(salt, message, hashlib.sha256).hexdigest()[:_DIGITS]


def is_hash(text: str) -> bool:
    """Whether a text looks like such a hash already: digits alone are a number."""
    alphabet = set("0123456789abcdef")
    return len(text) == _DIGITS and set(text) <= alphabet and not text.isdigit()


def _is_inside(file: Path, dataset: Path) -> bool:
    real, top = Path(os.path.realpath(file)), Path(os.path.realpath(dataset))
    if not real.is_relative_to(top):
        return False
    return ".git" not in real.relative_to(top).parts


def _read(file: Path) -> bytes | None:
    try:
        with file.open("rb") as opened:
            salt = opened.read(_LIMIT).strip()
    except FileNotFoundError:
        return None
    if len(salt) < _SHORTEST:
        raise SpinegateError(f"{file} is no secret: it holds fewer than {_SHORTEST} characters")
    return salt


def _make(file: Path) -> bytes:
    """Make the secret once: of two programs that try, one wins."""
    file.parent.mkdir(parents=True, exist_ok=True)
    own = file.with_name(f"{file.name}.{os.getpid()}")
    write_atomic(own, secrets.token_hex(_BYTES) + "\n", 0o600)
    try:
        with suppress(FileExistsError):
            os.link(own, file)
    finally:
        own.unlink()
    salt = _read(file)
    assert salt is not None
    return salt
