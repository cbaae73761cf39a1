"""How special remotes lay out what they hold: names of objects, addresses over HTTP.

The rules are those that git-annex documents for its special remotes S3 and httpalso.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from .branch import hashed

AMAZON = "s3.amazonaws.com"
_ARCHIVE = ".archive.org"
_REGIONS = {"": "", "US": "", "us-east-1": "", "EU": "eu-west-1"}


def join(base: str, name: str) -> str:
    """Append a name to an address, with what HTTP doesn't allow in it escaped."""
    path = quote(name.encode("utf-8", "surrogateescape"), safe="/")
    return f"{base.removesuffix('/')}/{path}"


def object_name(settings: Mapping[str, str], key: str) -> str:
    """Return the name of a key's object in an S3 bucket."""
    name = settings.get("fileprefix", "") + key
    return _munged(name) if settings.get("mungekeys") == "ia" else name


def _munged(name: str) -> str:
    """Escape a name as the Internet Archive wants it."""
    kept = (c for c in name if not c.isspace())
    return "".join(
        c if c.isnumeric() or (c.isascii() and c.isalpha()) or c in '_-."' else f"&{ord(c)};"
        for c in kept
    )


def chunk(key: str, size: int) -> str:
    """Return the key of the first chunk of a key that is stored in pieces of `size` bytes."""
    fields, dashes, name = key.partition("--")
    return f"{fields}-S{size}-C1{dashes}{name}"


def bucket_addresses(settings: Mapping[str, str], plain: bool) -> tuple[str, ...]:
    """Return where an S3 bucket may answer, likeliest first.

    Parameters
    ----------
    settings
        The remote's settings in the git-annex branch.
    plain
        Whether plain HTTP may be used where the settings say so; otherwise HTTPS is tried.
    """
    bucket = settings.get("bucket", "").lower()
    host = settings.get("host", AMAZON)
    if not bucket or "/" in bucket or not host or set(host) & set("/@?#: "):
        return ()
    if host.endswith(_ARCHIVE):
        return (f"https://archive.org/download/{bucket}",)
    port = settings.get("port", "")
    scheme = settings.get("protocol") or ("https" if port in ("", "443") else "http")
    if scheme != "https" and not plain:
        scheme, port = "https", "" if port == "80" else port
    usual = {"https": "443", "http": "80"}.get(scheme)
    end = f":{port}" if port.isdecimal() and port not in (usual, "80") else ""
    if host == AMAZON:
        region = settings.get("region") or settings.get("datacenter", "")
        region = _REGIONS.get(region, region)
        host = f"s3.{region}.amazonaws.com" if region else AMAZON
    path = f"{scheme}://{host}{end}/{bucket}"
    if settings.get("requeststyle") == "path" or ("." in bucket and scheme == "https"):
        return (path,)  # no certificate covers a.b.host
    return f"{scheme}://{bucket}.{host}{end}", path


def key_paths(key: str, flat: bool) -> Iterator[tuple[str, str]]:
    """Yield the places at which an ordinary web server may hold a key's content.

    Parameters
    ----------
    key
        The key.
    flat
        Whether it is likelier that there are no folders, as in a bucket.

    Yields
    ------
    tuple[str, str]
        The layout (a remote may use both of git-annex's hashes in it), and path.
    """
    if flat:
        yield "object", key
    mixed, lower = hashed(key)
    name = lower.name
    yield "folders", str(lower)
    yield "folders", str(mixed)
    if not flat or name != key:
        yield "flat", name
    yield "files", str(lower.parent)
    yield "files", str(mixed.parent)
    yield "level", f"{lower.parts[0]}/{name}"
    yield "level", f"{mixed.parts[0]}/{name}"
