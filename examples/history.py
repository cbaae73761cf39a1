"""The phantom as a git repository: what a change is compared with, and the change."""

from __future__ import annotations

from pathlib import Path

from ..system.git import git

BASE, CHANGE = "base", "change"
"""Branches: of the clean phantom, and of the one that a fault was planted in."""
IDENTITY = ("-c", "user.name=Phantom", "-c", "user.email=phantom@example.org")
_PLAIN = ("-c", "core.autocrlf=false", "-c", "commit.gpgSign=false")


def start_branch(folder: Path, name: str) -> None:
    """Start a branch where the last one is, or in a new repository."""
    if (folder / ".git").exists():
        git(folder, "checkout", "-q", "-b", name)
    else:
        git(folder, "init", "-q")
        git(folder, "symbolic-ref", "HEAD", f"refs/heads/{name}")


def commit(folder: Path, message: str) -> None:
    """Commit all files, under a made-up identity."""
    git(folder, *_PLAIN, "add", "-A", "--force")
    git(folder, *IDENTITY, *_PLAIN, "commit", "-q", "--no-verify", "-m", message)
