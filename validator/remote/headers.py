"""Headers of the scans whose content isn't here, from the remotes that hold it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...system.errors import SpinegateError, ToolError
from ..annex import Key
from ..contents import Presence
from ..dataset import Scan
from ..nifti import Header, HeaderError, parse_header
from ..tree import Tree, Unreadable
from .branch import Branch, Whereabouts, read_branch
from .cache import Cache
from .limits import Limits
from .places import Places
from .refs import LOCAL, ORIGIN, find_refs

NO_BRANCH = Unreadable("there is no git-annex branch, which would say where its content lies")
NOT_ANNEXED = Unreadable("its annex key is broken, so its content can't be found")

_UNSTEADY = ("URL", "VURL", "WORM")  # keys that don't name a hash: their content may change


@dataclass(frozen=True, slots=True)
class RemoteOptions:
    """How headers are read from remotes.

    Attributes
    ----------
    limits
        What a run may take.
    allow_private
        Whether plain http and private or loopback addresses may be asked: never for a dataset
        that somebody else sent.
    cache
        Folder for headers read before; None keeps none.
    tls
        Certificates to trust; None for the usual ones.
    progress
        Called with the number of headers read from remotes so far, and of all.
    """

    limits: Limits = field(default_factory=Limits)
    allow_private: bool = False
    cache: Path | None = None
    tls: ssl.SSLContext | None = None
    progress: Callable[[int, int], None] | None = None


@dataclass(frozen=True, slots=True)
class RemoteHeaders:
    """What was read from remotes: path of a scan -> its inflated header, or why there is none."""

    found: Mapping[str, bytes | Unreadable]

    def __call__(self, scan: Scan) -> bytes | None:
        """Return the first bytes of a scan's image, None where they can't be had."""
        content = self.found.get(scan.path)
        return None if isinstance(content, Unreadable) else content

    def reason(self, scan: Scan) -> str:
        """Return why a scan's header can't be had, "" where it can or wasn't asked for."""
        content = self.found.get(scan.path)
        return content.reason if isinstance(content, Unreadable) else ""


def find_places(
    tree: Tree, scans: Iterable[Scan], *, plain: bool = False, base: str | None = None
) -> Places | None:
    """Find where the scans' contents lie; None where there is no git-annex branch to trust.

    Parameters
    ----------
    tree
        The dataset; its repository is asked, never the network.
    scans
        Scans; those without a key are left out.
    plain
        Whether addresses with plain http are wanted too.
    base
        What a change is compared with: remotes and addresses come from the base's branch alone,
        and a fork's only says which of those hold its images. Without it the clone's own branch
        comes first, then its origin's.

    Raises
    ------
    ToolError
        git is missing or its objects are corrupt.
    """
    if tree.annex is None:
        return None
    try:
        refs = find_refs(tree.annex, base)
    except ToolError:
        return None
    first = next((ref for ref in (LOCAL, ORIGIN, *refs.trusted) if ref in refs.trusted), None)
    branch = read_branch(tree.annex, [first]) if first is not None else None
    if branch is None:
        return None
    keys = [scan.content.key.text for scan in scans if scan.content.key is not None]
    whereabouts = branch.locate(keys)
    read = {refs.trees[str(first)]}
    for ref, tree_id in refs.trees.items():
        if tree_id not in read:
            read.add(tree_id)
            whereabouts = _join(whereabouts, read_branch(tree.annex, [ref]), branch, keys)
    return Places(branch, whereabouts, plain)


def _join(
    whereabouts: Whereabouts, other: Branch | None, branch: Branch, keys: Sequence[str]
) -> Whereabouts:
    """Add places that another branch names; one that can't be read names none."""
    try:
        found = other.locate(keys) if other is not None else Whereabouts({})
    except ToolError:
        return whereabouts
    return whereabouts.joined(found, branch.known - branch.dead)


def read_remote(
    scans: Iterable[Scan], places: Places | None, options: RemoteOptions
) -> RemoteHeaders:
    """Read the headers of the scans whose content isn't here, each key once.

    Returns
    -------
    RemoteHeaders
        A source of first bytes, and the reason where there are none.

    Raises
    ------
    SpinegateError
        The HTTP client isn't installed.
    """
    absent = [scan for scan in scans if scan.content.presence is not Presence.PRESENT]
    keys = {scan.content.key.text: scan.content.key for scan in absent if scan.content.key}
    found = _read_keys(keys, places, options)
    return RemoteHeaders(
        {
            scan.path: found[scan.content.key.text] if scan.content.key else NOT_ANNEXED
            for scan in absent
        }
    )


def read_headers(
    scans: Iterable[Scan], places: Places | None, options: RemoteOptions
) -> dict[str, Header | Unreadable]:
    """Read the headers of the scans whose content isn't here.

    Returns
    -------
    dict[str, Header | Unreadable]
        Path -> header, or why it can't be determined.

    Raises
    ------
    SpinegateError
        The HTTP client isn't installed.
    """
    return {
        path: content if isinstance(content, Unreadable) else _parse(content)
        for path, content in read_remote(scans, places, options).found.items()
    }


def _read_keys(
    keys: Mapping[str, Key], places: Places | None, options: RemoteOptions
) -> Mapping[str, bytes | Unreadable]:
    if places is None:
        return dict.fromkeys(keys, NO_BRANCH)
    cache = Cache(options.cache) if options.cache is not None else None
    lasting = {text for text, key in keys.items() if key.backend not in _UNSTEADY}
    known: dict[str, bytes] = cache.find(lasting) if cache is not None else {}
    missing = [key for text, key in keys.items() if text not in known]
    if not missing:
        return known
    try:
        from .fetch import fetch
    except ImportError as error:
        raise SpinegateError(
            f"headers of remote images need {error.name}: pip install httpcore certifi"
        ) from None

    def keep(text: str, content: bytes) -> None:
        if cache is not None and text in lasting:
            cache.keep(text, content)

    fetched = fetch(
        missing,
        places,
        options.limits,
        allow_private=options.allow_private,
        tls=options.tls,
        progress=options.progress,
        keep=keep,
    )
    if cache is not None:
        cache.prune()
    return {**known, **fetched}


def _parse(content: bytes) -> Header | Unreadable:
    try:
        header = parse_header(content)
    except HeaderError as error:
        return Unreadable(str(error))
    return header if header is not None else Unreadable("the header is not whole")
