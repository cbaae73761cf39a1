"""One request and its answer over HTTP: bounded in time and size, never redirected."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ... import __version__
from ..report.visible import visible

_LIMIT = 32 * 2**20  # bytes of one answer; a page of a hundred comments takes at most 26 MB
_LOCAL = ("127.0.0.1", "localhost", "::1")
_CHUNK = 65536


class Broken(Exception):  # noqa: N818
    """Why there was no whole answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, header fields (names in lower case) and body."""

    status: int
    fields: Mapping[str, str]
    body: bytes

    @property
    def message(self) -> str:
        """What GitHub says of an error, in one line."""
        try:
            data = json.loads(self.body)
        except (ValueError, RecursionError):
            return ""
        if not isinstance(data, dict):
            return ""
        errors = data.get("errors")
        texts = [data.get("message"), *(errors if isinstance(errors, list) else [])]
        words = [text.get("message") if isinstance(text, dict) else text for text in texts]
        return "; ".join(visible(word)[:300] for word in words[:4] if isinstance(word, str))


@dataclass(frozen=True, slots=True)
class Exchange:
    """How requests are made.

    Attributes
    ----------
    silence, whole
        Seconds without a byte, and for the whole answer.
    """

    silence: float = 30.0
    whole: float = 120.0

    def ask(self, method: str, url: str, content: bytes | None, token: str) -> Answer:
        """Send one request.

        Raises
        ------
        Broken
            No answer, or not all of it; the message never holds the token.
        """
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "User-Agent": f"spinegate/{__version__}",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        if content is not None:
            headers["Content-Type"] = "application/json"
        until = time.monotonic() + self.whole
        try:
            request = urllib.request.Request(url, content, headers, method=method)  # noqa: S310
            with _opener(url).open(request, timeout=self.silence) as response:
                fields = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status, fields, _read(response, fields, until))
        except TimeoutError:
            raise Broken("is too slow") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Broken(_words(error)) from None


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine."""
    try:
        parts = urllib.parse.urlsplit(url)
        return parts.scheme in ("http", "https") and parts.hostname in _LOCAL
    except ValueError:
        return False


class _AsTheyCome(urllib.request.HTTPErrorProcessor):
    """Hands out every answer as it is: errors aren't raised, redirections not followed."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response

    https_response = http_response


def _opener(url: str) -> urllib.request.OpenerDirector:
    proxies = urllib.request.ProxyHandler({} if is_loopback(url) else None)
    return urllib.request.build_opener(_AsTheyCome, proxies)


def _read(response: Any, fields: Mapping[str, str], until: float) -> bytes:
    body = bytearray()
    while chunk := response.read1(_CHUNK):
        body += chunk
        if len(body) > _LIMIT:
            raise Broken(f"sends more than {_LIMIT >> 20} MiB")
        if time.monotonic() > until:
            raise Broken("is too slow")
    length = fields.get("content-length", "")
    if length.isdigit() and len(length) < 12 and len(body) < int(length):
        raise Broken("broke off")
    return bytes(body)


def _words(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    if isinstance(error, TimeoutError) or isinstance(reason, TimeoutError):
        return "is too slow"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return "has no valid certificate"
    if isinstance(error, OSError):
        return "can't be reached"
    return "broke off, or doesn't speak HTTP"
