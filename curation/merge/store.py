"""The special remote that gets the contents of contributions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...system.errors import SpinegateError, ToolError
from ...system.git import git
from ...validator.remote.branch import Whereabouts, read_branch
from ...validator.remote.places import Places

_READ_ONLY = ("annex-httpalso", "annex-web", "annex-bittorrent", "annex-readonly", "annex-ignore")


@dataclass(frozen=True, slots=True)
class Store:
    """A special remote.

    Attributes
    ----------
    public
        Whether everybody can get what it holds, as far as its settings say.
    """

    name: str
    uuid: str
    public: bool

    def __str__(self) -> str:
        return f"{self.name} ({'public' if self.public else 'not public'})"


def find_store(repository: Path, wanted: str | None) -> Store:
    """Return the special remote that keeps the dataset's contents.

    It is the only public one that is enabled. A private one must be asked for: what is only there
    nobody else can get.

    Raises
    ------
    SpinegateError
        There is none, or it isn't clear which of several.
    """
    remotes = _remotes(repository)
    branch = read_branch(repository)
    places = Places(branch, Whereabouts({})) if branch is not None else None
    able = [
        Store(name, uuid, places is not None and places.public(uuid))
        for name, settings in sorted(remotes.items())
        if (uuid := settings.get("annex-uuid", ""))
    ]
    chosen = wanted or _setting(repository, "spinegate.store")
    if chosen:
        for store in able:
            if store.name == chosen:
                return store
        raise SpinegateError(
            f"--store: git-annex has no remote {chosen!r} enabled here: "
            f"git annex enableremote {chosen}"
        )
    able = [store for store in able if _takes(remotes[store.name])]
    public = [store for store in able if store.public]
    if len(public) == 1:
        return public[0]
    names = ", ".join(store.name for store in public or able)
    if public:
        raise SpinegateError(
            f"the contents could go to {names}: choose by --store NAME, or once and for all by "
            "git config spinegate.store NAME"
        )
    if able:
        raise SpinegateError(
            f"the contents could only go to {names}, which isn't public: nobody else could get "
            f"them. If that is meant so: --store {able[0].name}, or once and for all "
            f"git config spinegate.store {able[0].name}; else git annex enableremote NAME"
        )
    raise SpinegateError(
        "no special remote is enabled here that contents could be copied to: "
        "git annex enableremote NAME (git annex info lists them)"
    )


def _takes(settings: Mapping[str, str]) -> bool:
    return "url" not in settings and not any(settings.get(kind) == "true" for kind in _READ_ONLY)


def _remotes(repository: Path) -> dict[str, dict[str, str]]:
    try:
        listing = git(repository, "config", "--null", "--get-regexp", r"^remote\.")
    except ToolError:
        return {}
    found: dict[str, dict[str, str]] = {}
    for item in listing.decode(errors="replace").split("\0"):
        match = re.fullmatch(r"remote\.(.+)\.([^.\n]+)\n(.*)", item, re.DOTALL)
        if match:
            found.setdefault(match[1], {})[match[2]] = match[3]
    return found


def _setting(repository: Path, name: str) -> str:
    try:
        return git(repository, "config", "--get", name).decode().strip()
    except ToolError:
        return ""
