"""Which spinegate a workflow uses: a repository on GitHub and a commit or tag of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from .. import __version__
from ..system.errors import ConfigError, SpinegateError
from ..system.git import find_root, git

_PIN = re.compile(r"(?P<repository>[A-Za-z0-9-]+/[A-Za-z0-9._-]+)@(?P<ref>[A-Za-z0-9._/-]+)\Z")
_GITHUB = re.compile(r"(?:https://|ssh://git@|git@)github\.com[/:]([\w-]+/[\w.-]+?)(?:\.git)?/?\Z")
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")


@dataclass(frozen=True, slots=True)
class Pin:
    """A repository (owner/name) and what of it."""

    repository: str
    ref: str

    @property
    def fixed(self) -> bool:
        """Whether it is a commit: a tag can be moved to another one."""
        return bool(_COMMIT.match(self.ref))

    def uses(self, path: str) -> str:
        """Return the line of a workflow that uses an action of this repository."""
        comment = f" # spinegate {__version__}" if self.fixed else ""
        return f"uses: {self.repository}/{path}@{self.ref}{comment}"


def parse_pin(text: str) -> Pin:
    """Return what ``OWNER/REPO@REF`` says.

    Raises
    ------
    ConfigError
        It is not of this form.
    """
    found = _PIN.match(text)
    if found is None or ".." in text:
        raise ConfigError(f"{text!r} is not of the form OWNER/REPO@COMMIT")
    return Pin(found["repository"], found["ref"])


def find_pin() -> Pin:
    """Return the spinegate that is running: the repository and commit it was installed from.

    Raises
    ------
    ConfigError
        They aren't known; a guessed repository could be anybody's.
    """
    try:
        installed = distribution("spinegate")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return _from_checkout(Path(__file__).parent) or _unknown()
    told = _told(installed)
    url = told.get("url", "")
    commit = told.get("vcs_info", {}).get("commit_id", "")
    if commit and _repository(url):
        return Pin(_repository(url), commit)
    if "dir_info" in told and url.startswith("file:"):
        found = _from_checkout(Path(url2pathname(urlsplit(url).path)))
        if found is not None:
            return found
    return _unknown()


def _unknown() -> Pin:
    raise ConfigError(
        "it isn't known from which repository on GitHub this spinegate was installed: "
        "name it with --uses OWNER/REPO@COMMIT"
    )


def _told(installed: Distribution) -> dict[str, Any]:
    """Return what the installer noted about where it had this from."""
    try:
        told = json.loads(installed.read_text("direct_url.json") or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _from_checkout(folder: Path) -> Pin | None:
    try:
        if find_root(folder) is None:
            return None
        commit = git(folder, "rev-parse", "HEAD").decode().strip()
        origin = git(folder, "config", "--default", "", "--get", "remote.origin.url").decode()
    except SpinegateError:
        return None
    repository = _repository(origin.strip())
    return Pin(repository, commit) if repository else None


def _repository(url: str) -> str:
    found = _GITHUB.match(url)
    return found[1] if found else ""
