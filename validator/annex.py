"""git-annex as a reader sees it: pointer files, links, keys, and where a content lies."""

from __future__ import annotations

import hashlib
import re
import struct
from pathlib import Path
from typing import NamedTuple

POINTER = b"/annex/objects/"
POINTER_LIMIT = 32 * 1024  # git-annex itself looks no further
LINK_LIMIT = 4096
_KEY = re.compile(
    r"(?P<backend>[A-Z][A-Z0-9_]*)(?:-s(?P<size>\d+))?(?:-m\d+)?(?:-S\d+)?(?:-C\d+)?--(?P<name>.+)",
    re.DOTALL,
)
_USUAL = re.compile(
    rb"/annex/objects/((SHA256E|MD5E|SHA512E)-s([0-9]{1,18})--([0-9a-f]+)(?:\.[0-9A-Za-z.]+)?)\n"
)
_HEX = {"MD5": 32, "SHA1": 40, "SHA224": 56, "SHA256": 64, "SHA384": 96, "SHA512": 128}
_LETTERS = "0123456789zqjxkmvwgpfZQJXKMVWGPF"


class Key(NamedTuple):
    """A git-annex key.

    Attributes
    ----------
    text
        The whole key.
    backend
        How the key was made, such as SHA256E.
    size
        Bytes of the content, None where the key doesn't say.
    digest
        Hash of the content in lower-case hexadecimal, empty where the backend has none.
    """

    text: str
    backend: str
    size: int | None
    digest: str


def parse_key(text: str) -> Key | None:
    """Parse a key; None where it isn't one (the content can't be found by it)."""
    match = _KEY.fullmatch(text)
    if match is None or "\n" in text:
        return None
    backend, size, name = match.groups()
    family = backend[:-1] if backend.endswith("E") else backend
    digest = ""
    if family in _HEX:
        digest = name.split(".", 1)[0] if backend.endswith("E") else name
        if len(digest) != _HEX[family] or digest.strip("0123456789abcdef"):
            return None
    return Key(text, backend, int(size) if size else None, digest)


def read_pointer(content: bytes) -> Key | None:
    """Read the usual pointer in one step; None for all else, which `pointer_key` looks at."""
    match = _USUAL.fullmatch(content)
    if match is None:
        return None
    text, backend, size, digest = match[1].decode(), match[2].decode(), match[3], match[4]
    if len(digest) != _HEX[backend[:-1]]:
        return None
    return Key(text, backend, int(size), digest.decode())


def pointer_key(content: bytes) -> str | None:
    """Return the key text of an unlocked pointer file, None where the bytes aren't one.

    A pointer with something else after it, which git-annex refuses, has the key "".
    """
    if not content.startswith(POINTER) or len(content) > POINTER_LIMIT:
        return None
    first, _, rest = content.partition(b"\n")
    if rest and not rest.startswith(b"/annex/"):
        return ""
    return _unescape(first.rstrip(b"\r").rpartition(b"/")[2])


def link_key(target: bytes) -> str | None:
    """Return the key text of a locked file's link, None where it doesn't point into an annex."""
    path = target if b"/" in target else target.replace(b"\\", b"/")  # written by Windows
    if len(path) > LINK_LIMIT or b"/" + POINTER[1:] not in b"/" + path or b"\n" in path.rstrip():
        return None
    return _unescape(path.rstrip(b"\r\n").rpartition(b"/")[2])


def _unescape(name: bytes) -> str:
    """Turn the file name of a key into the key (URL keys hold characters that names can't)."""
    text = name.decode("utf-8", "backslashreplace")
    if "%" not in text and "&" not in text:
        return text
    return text.replace("%", "/").replace("&c", ":").replace("&s", "%").replace("&a", "&")


def _escape(key: str) -> str:
    return key.replace("&", "&a").replace("%", "&s").replace(":", "&c").replace("/", "%")


def object_paths(repository_folder: Path, key: str) -> tuple[Path, ...]:
    """Return where a key's content can lie in a repository's annex.

    Parameters
    ----------
    repository_folder
        The .git folder (the common one of several work trees).
    key
        The key's text.

    Notes
    -----
    The two layouts are documented by git-annex (doc/internals/hashing): mixed-case letters from
    the first 20 bits of the key's MD5 in non-bare repositories, six hexadecimal digits in others.
    """
    digest = hashlib.md5(key.encode("utf-8", "surrogateescape"), usedforsecurity=False)
    word = struct.unpack("<I", digest.digest()[:4])[0]
    a, b, c, d = (_LETTERS[word >> (6 * i) & 31] for i in range(4))
    lower = digest.hexdigest()
    name = _escape(key)
    objects = repository_folder / "annex" / "objects"
    return (
        objects / f"{b}{a}" / f"{d}{c}" / name / name,
        objects / lower[:3] / lower[3:6] / name / name,
    )
