"""Pull requests on a clone of a dataset: a branch, changes, a commit."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Pull:
    """A clone whose branch `change` goes off from `master`."""

    folder: Path

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=contributor", "-c", "user.email=c@example.invalid"]
        argv = ["git", "-C", str(self.folder), *identity, *arguments]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    def delete(self, *paths: str) -> None:
        for path in paths:
            (self.folder / path).unlink()

    def set_key(self, path: str, key: str, value: Any) -> None:
        sidecar = self.folder / path
        content = json.loads(sidecar.read_text())
        sidecar.write_text(json.dumps(content | {key: value}, indent=4))

    def write(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text(text)

    def commit(self, message: str = "a change") -> None:
        self.git("add", "--all")
        self.git("commit", "-q", "-m", message)


def open_pull(dataset: Path, folder: Path) -> Pull:
    """Clone a dataset (its objects stay where they are) and start a branch."""
    clone = ["git", "clone", "-q", "--shared", "--branch", "master", str(dataset), str(folder)]
    subprocess.run(clone, check=True)
    pull = Pull(folder)
    pull.git("switch", "-q", "-c", "change")
    return pull
