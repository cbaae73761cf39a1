"""The line formats of the git-annex branch (git-annex's doc/internals describes them).

Logs of several repositories are merged line by line, so the newest line about a thing is the
one that counts. A line that isn't understood is skipped: it may be a newer git-annex's.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping

WEB = "00000000-0000-0000-0000-000000000001"  # git-annex's own name for the web
_CODED = re.compile(r"&(\d{1,7});")


def parse_time(text: str | bytes) -> float:
    """Return a time stamp such as ``1672953055.042966s`` in seconds, 0.0 where it is none."""
    try:
        return float(text[:-1] if text[-1:] in ("s", b"s") else text)
    except ValueError:
        return 0.0


def parse_locations(content: bytes) -> tuple[str, ...]:
    """Return the repositories that hold a key, by its location log, sorted."""
    newest: dict[bytes, tuple[float, bytes]] = {}
    for line in content.split(b"\n"):
        parts = line.split(b" ", 2)
        if len(parts) == 3:
            time, uuid = parse_time(parts[0]), parts[2]
            if uuid not in newest or time >= newest[uuid][0]:
                newest[uuid] = (time, parts[1])
    present = [uuid for uuid, (_, status) in newest.items() if status == b"1"]
    return tuple(sorted(uuid.decode(errors="replace") for uuid in present))


def parse_urls(content: bytes) -> tuple[str, ...]:
    """Return the addresses in a key's web log, in their order."""
    newest: dict[str, tuple[float, str]] = {}
    for line in content.decode(errors="replace").split("\n"):
        stamp, _, rest = line.partition(" ")
        status, _, url = rest.partition(" ")
        time = parse_time(stamp)
        if url and time >= newest.get(url, (0.0, ""))[0]:
            newest[url] = (time, status)
    return tuple(url for url, (_, status) in newest.items() if status == "1")


def parse_remotes(content: bytes) -> dict[str, dict[str, str]]:
    """Return the settings of the special remotes by their UUID, from remote.log."""
    found: dict[str, tuple[float, dict[str, str]]] = {}
    for line in content.decode(errors="replace").split("\n"):
        uuid, *words = line.split(" ")
        settings = dict(_pair(word) for word in words if "=" in word)
        time = parse_time(settings.pop("timestamp", ""))
        if settings and time >= found.get(uuid, (0.0, {}))[0]:
            found[uuid] = (time, settings)
    return {uuid: settings for uuid, (_, settings) in found.items()}


def _pair(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, _CODED.sub(lambda code: _character(int(code[1])), value)


def _character(code: int) -> str:
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def parse_words(content: bytes) -> dict[str, str]:
    """Return one value per repository, from uuid.log or trust.log."""
    found: dict[str, tuple[float, str]] = {}
    for line in content.decode(errors="replace").split("\n"):
        uuid, _, rest = line.partition(" ")
        value, _, stamp = rest.rpartition("timestamp=")
        time = parse_time(stamp)
        if uuid and time >= found.get(uuid, (0.0, ""))[0]:
            found[uuid] = (time, value.strip())
    return {uuid: value for uuid, (_, value) in found.items()}


def parse_number(content: bytes) -> int | None:
    """Return the newest number of numcopies.log or mincopies.log, None where there is none."""
    newest: tuple[float, int | None] = (0.0, None)
    for line in content.decode(errors="replace").split("\n"):
        stamp, _, number = line.partition(" ")
        if number.isdecimal() and len(number) < 10 and parse_time(stamp) >= newest[0]:
            newest = (parse_time(stamp), int(number))
    return newest[1]


def parse_exports(content: bytes) -> dict[str, str]:
    """Return the tree (its object id) that was last exported to each remote."""
    found: dict[str, tuple[float, str]] = {}
    for line in content.decode(errors="replace").split("\n"):
        stamp, _, rest = line.partition(" ")
        pair, _, trees = rest.partition(" ")
        remote = pair.rpartition(":")[2]
        tree = trees.split(" ")[0]
        time = parse_time(stamp)
        if remote and tree and time >= found.get(remote, (0.0, ""))[0]:
            found[remote] = (time, tree)
    return {remote: tree for remote, (_, tree) in found.items()}


def parse_chunks(content: bytes) -> dict[str, int]:
    """Return the size of the chunks that each repository holds a key in, in bytes."""
    sizes: dict[str, int] = {}
    for line in content.decode(errors="replace").split("\n"):
        _stamp, _, rest = line.partition(" ")
        place, _, count = rest.partition(" ")
        uuid, _, size = place.rpartition(":")
        if size.isdecimal() and count.isdecimal() and len(size + count) < 40:
            if int(count) > 0:
                sizes[uuid] = int(size)
            else:
                sizes.pop(uuid, None)
    return sizes


def parse_versions(content: bytes) -> Mapping[str, tuple[str, ...]]:
    """Return per repository the versions of a key in a versioned bucket, as ``ID#object``."""
    found: dict[str, dict[str, tuple[float, bool]]] = {}
    for uuid, value, stamp, here in _metadata(content):
        values = found.setdefault(uuid, {})
        if stamp >= values.get(value, (0.0, False))[0]:
            values[value] = (stamp, here)
    return {
        uuid: tuple(value for value, (_, here) in values.items() if here and "#" in value)
        for uuid, values in found.items()
    }


def _metadata(content: bytes) -> Iterator[tuple[str, str, float, bool]]:
    for line in content.decode(errors="replace").split("\n"):
        stamp, *words = line.split(" ")
        uuid = ""
        for word in words:
            if word[:1] not in ("+", "-"):
                name, _, field = word.rpartition(":")
                uuid = name if field == "V" else ""
            elif uuid:
                yield uuid, _metadata_value(word[1:]), parse_time(stamp), word[0] == "+"


def _metadata_value(text: str) -> str:
    if not text.startswith("!"):
        return text
    try:
        return base64.b64decode(text[1:], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
