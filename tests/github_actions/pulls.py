"""Pull requests as GitHub keeps them: bare repositories and the merge commits it makes itself."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

IDENTITY = {
    f"GIT_{who}_{what}": text
    for who in ("AUTHOR", "COMMITTER")
    for what, text in (("NAME", "Test"), ("EMAIL", "test@example.org"))
}
MODES = {"file": "100644", "program": "100755", "link": "120000"}

# path -> content, None to remove it, or (kind, content)
Change = Mapping[bytes, bytes | tuple[str, bytes] | None]


@dataclass(frozen=True)
class Pull:
    """A pull request: what GitHub's event says of it."""

    number: int
    base: str
    head: str
    merge: str
    fork: str

    @property
    def event(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "pull_request": {
                "number": self.number,
                "base": {"sha": self.base, "repo": {"full_name": "lab/dataset"}},
                "head": {"sha": self.head, "repo": {"full_name": self.fork}},
            },
        }


class Server:
    """A folder of bare repositories, OWNER/NAME: what github.com is to a runner.

    Parameters
    ----------
    folder
        Where they go.
    source
        The dataset, a clone; its branch is the main branch of ``lab/dataset``.
    """

    def __init__(self, folder: Path, source: Path, branch: str) -> None:
        self.folder, self.branch = folder, branch
        self.bare = folder / "lab" / "dataset"
        self.bare.parent.mkdir(parents=True)
        clone = ["git", "clone", "-q", "--bare", "--shared", str(source), str(self.bare)]
        subprocess.run(clone, check=True)
        self.pulls = 0

    def git(self, *arguments: str, text: bytes = b"", index: str = "index") -> str:
        import os

        done = subprocess.run(
            ["git", "-C", str(self.bare), *arguments],
            input=text,
            capture_output=True,
            check=False,
            env={**os.environ, **IDENTITY, "GIT_INDEX_FILE": str(self.bare / index)},
        )
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout.decode().strip()

    def commit(self, parents: list[str], change: Change, message: str = "A change") -> str:
        """Commit a change of the first parent's files; no work tree is needed."""
        self.git("read-tree", parents[0])
        lines = []
        for path, told in change.items():
            if told is None:
                lines.append(b"0 " + b"0" * 40 + b"\t" + path + b"\0")
                continue
            kind, content = told if isinstance(told, tuple) else ("file", told)
            blob = self.git("hash-object", "-w", "--stdin", text=content)
            lines.append(f"{MODES[kind]} {blob}\t".encode() + path + b"\0")
        self.git("update-index", "-z", "--index-info", text=b"".join(lines))
        tree = self.git("write-tree")
        parts = [part for parent in parents for part in ("-p", parent)]
        return self.git("commit-tree", tree, *parts, "-m", message)

    def push(self, change: Change) -> tuple[str, str]:
        """Commit to the main branch; return what was there before, and what is."""
        before = self.git("rev-parse", f"refs/heads/{self.branch}")
        after = self.commit([before], change)
        self.git("update-ref", f"refs/heads/{self.branch}", after)
        return before, after

    def pull(self, change: Change, fork: str = "lab/dataset") -> Pull:
        """Open a pull request; the main branch has gone on since it went off."""
        off = self.git("rev-parse", f"refs/heads/{self.branch}")
        head = self.commit([off], change)
        _, base = self.push({b"docs/notes.txt": f"{self.pulls}".encode()})
        merge = self.commit([base, head], change, "Merge")
        self.pulls += 1
        self.git("update-ref", f"refs/pull/{self.pulls}/head", head)
        self.git("update-ref", f"refs/pull/{self.pulls}/merge", merge)
        return Pull(self.pulls, off, head, merge, fork)

    def read(self, path: str) -> bytes:
        """Return a file of the main branch."""
        argv = ["git", "-C", str(self.bare), "show", f"refs/heads/{self.branch}:{path}"]
        return subprocess.run(argv, check=True, capture_output=True).stdout
