"""A published dataset, a manager's clone of it, and contributions."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from spinegate.validator.finding import Severity
from spinegate.validator.options import Options
from spinegate.validator.run import validate

ATTESTATION = """\
contact: Ada Contributor <ada@site.example>
ethics_approval: Board of the site, 2026-12
consent: true
defaced: true
"""


@dataclass(frozen=True, slots=True)
class Done:
    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class World:
    """`clone` is the manager's, `origin` the bare repository where it is published."""

    folder: Path
    env: Mapping[str, str]

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    def git(self, *words: str | Path, at: Path | None = None) -> str:
        argv = ["git", *map(str, words)]
        done = subprocess.run(
            argv, cwd=at or self.clone, env=dict(self.env), capture_output=True, check=False
        )
        assert done.returncode == 0, (argv, done.stdout, done.stderr)
        return done.stdout.decode(errors="surrogateescape").strip()

    def datalad(self, *words: str | Path, at: Path | None = None) -> str:
        argv = [str(Path(sys.executable).with_name("datalad")), *map(str, words)]
        done = subprocess.run(
            argv, cwd=at or self.clone, env=dict(self.env), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, (argv, done.stdout, done.stderr)
        return done.stdout

    def start(self, *words: str | Path, at: Path | None = None) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "spinegate", "curate", *map(str, words)]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            argv, cwd=at or self.clone, env=dict(self.env), stdout=pipe, stderr=pipe, text=True,
            start_new_session=True,
        )  # fmt: skip

    def curate(self, *words: str | Path, at: Path | None = None) -> Done:
        with self.start(*words, at=at) as process:
            out, err = process.communicate(timeout=120)
        assert "Traceback" not in err, err
        return Done(process.returncode, out, err)

    def attest(self, text: str = ATTESTATION) -> Path:
        file = self.folder / "attestation.yml"
        file.write_text(text)
        return file

    def take_in(self, source: Path | str, *words: str | Path) -> Done:
        return self.curate("merge", "--from", source, "--attest", self.attest(), *words)

    def offer(self, source: Path | str, *words: str | Path) -> str:
        """Take a contribution in; return its branch."""
        done = self.take_in(source, "--apply", *words)
        assert done.status == 0, (done.out, done.err)
        return next(word.rstrip(";") for word in done.err.split() if "contribution/" in word)

    def accept(self, branch: str, *words: str | Path) -> Done:
        return self.curate("merge", "--accept", branch, "--apply", *words)

    def second_clone(self, name: str = "other") -> World:
        """Another manager's clone."""
        folder = self.folder / name
        folder.mkdir()
        self.git("clone", "-q", self.origin, folder / "clone", at=self.folder)
        other = World(folder, self.env)
        other.git("annex", "init", "-q", name)
        store = self.git("config", "remote.store.annex-directory")
        other.git("annex", "enableremote", "-q", "store", f"directory={store}")
        other.git("config", "spinegate.store", "store")
        other.trust("store")
        (folder / "origin.git").symlink_to(self.origin)
        return other

    def trust(self, store: str) -> None:
        """Tell git-annex that a special remote which others set up is where it should be."""
        argv = ["git", "annex", "verifyremote", store]
        asked = subprocess.run(
            argv, cwd=self.clone, env=dict(self.env), capture_output=True, text=True,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        known = re.search(r"--safe (\S+)", asked.stdout + asked.stderr)
        if known is not None:  # older versions don't ask
            self.git("annex", "verifyremote", store, "--safe", known[1])

    def rows(self, commit: str = "origin/main") -> list[str]:
        text = self.git("show", f"{commit}:participants.tsv")
        return [line.split("\t")[0] for line in text.splitlines()[1:]]

    def paths(self, commit: str = "origin/main") -> list[str]:
        return self.git("ls-tree", "-r", "--name-only", commit).splitlines()

    def contributions(self) -> list[str]:
        words = ("for-each-ref", "--format=%(refname)", "refs/heads/contribution/")
        return self.git(*words).split() + self.git(*words, at=self.origin).split()

    def state(self) -> dict[str, str]:
        """What a manager may have at stake: refs, index, files, and those of the origin."""
        found = {
            "refs": self.git("for-each-ref"),
            "origin": self.git("for-each-ref", at=self.origin),
        }
        found["index"] = self.git("ls-files", "-s")
        found["status"] = self.git("status", "--short", "--branch")
        return found

    def fetch_all(self, name: str = "fresh") -> Path:
        """A stranger's clone with all contents, each checked against its key."""
        other = self.second_clone(name)
        other.git("annex", "get", "-q", ".", "--from", "store")
        other.git("annex", "fsck", "-q", "--numcopies=1")
        assert other.git("annex", "find", "--not", "--in", "here") == ""
        return other.clone


def obstacles(dataset: Path) -> set[str]:
    """The rules on contents that stand against a release."""
    report = validate(Options(dataset, profile="release"))
    codes = {f.code for f in report.findings if f.severity is Severity.ERROR}
    return {code for code in codes if code.startswith(("CONTENT_", "NO_PUBLIC", "GIT_ANNEX"))}


def split(source: Path, target: Path, subjects: Iterable[str]) -> Path:
    """Move participants out of a dataset into a folder of their own."""
    names = set(subjects)
    for path in sorted(source.rglob("*")):
        if path.is_file() and names.intersection(path.parts):
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, place)
    for path in sorted(source.rglob("sub-*")):
        if path.is_dir() and path.name in names:
            shutil.rmtree(path)
    head, *lines = (source / "participants.tsv").read_text().splitlines()
    for table, kept in (
        (target, [line for line in lines if line.split("\t")[0] in names]),
        (source, [line for line in lines if line.split("\t")[0] not in names]),
    ):
        (table / "participants.tsv").write_text("\n".join([head, *kept]) + "\n")
    return target


def kill(process: subprocess.Popen[str]) -> None:
    """End a process and all that it started, at once."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def wait_for(what: object, seconds: float = 60) -> None:
    assert callable(what)
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
