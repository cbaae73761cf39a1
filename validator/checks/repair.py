"""Commands that bring the contents of annexed images to where they belong."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence

from ..remote.branch import Branch, Remote, Whereabouts
from ..remote.places import Places
from ..remote.refs import list_remotes
from ..tree import Tree

_FILES = 6
_FOLDERS = 12
_READ_ONLY = ("web", "httpalso", "bittorrent", "")


def find_target(branch: Branch, held: Collection[str], *, public: bool) -> Remote | None:
    """Return the special remote to copy contents to.

    Parameters
    ----------
    held
        UUIDs of the repositories that hold them already.
    public
        Whether everybody must be able to read there; else it is only preferred.
    """
    places = Places(branch, Whereabouts({}))
    enabled = {r.uuid for r in branch.remotes.values() if r.settings.get("autoenable") == "true"}
    out = {*branch.dead, *branch.untrusted, *held}
    targets = [
        (not places.public(remote.uuid), remote.uuid not in enabled, remote.name, remote)
        for remote in branch.remotes.values()
        if remote.uuid == remote.place
        and remote.uuid not in out
        and remote.settings.get("type", "") not in _READ_ONLY
    ]
    found = min(targets, key=lambda target: target[:3], default=None)
    return None if found is None or (public and found[0]) else found[3]


def push_command(tree: Tree) -> str:
    """Return the command by which others learn where the contents of this clone lie."""
    remotes = list_remotes(tree.annex) if tree.annex is not None else []
    return f"git push {shlex.quote(usual_remote(remotes))} git-annex"


def usual_remote(remotes: Sequence[str]) -> str:
    """Return the remote that people mean: origin, if there is one."""
    return remotes[0] if remotes and "origin" not in remotes else "origin"


def copy_command(remote: Remote, paths: Sequence[str]) -> str:
    """Return the command that copies contents to a special remote."""
    name = shlex.quote(remote.name)
    if "yes" in (remote.settings.get("exporttree"), remote.settings.get("importtree")):
        return f"git annex export HEAD --to {name}"
    return f"git annex copy --to {name} -- {_named(paths)}"


def add_command(path: str) -> str:
    """Return the command that moves an image from the last commit into the annex."""
    name = shlex.quote(path)
    return (
        f"git rm -q --cached -- {name} && git annex add --force-large -- {name} && "
        "git commit --amend --no-edit"
    )


def can_be_typed(name: str) -> bool:
    """Whether a name is a file's own: others are shown with backslash escapes."""
    return name.isprintable() and "\\" not in name


def _named(paths: Sequence[str]) -> str:
    """Name files; many of them by the folders of their participants, or by the dataset's."""
    found = list(dict.fromkeys(paths))
    if len(found) > _FILES:
        found = list(dict.fromkeys(map(_folder, found)))
    if len(found) > _FOLDERS:
        return "."
    return " ".join(map(shlex.quote, found))


def _folder(path: str) -> str:
    parts = path.split("/")
    for depth, part in enumerate(parts[:-1], start=1):
        if part.startswith("sub-"):
            return "/".join(parts[:depth])
    return parts[0]
