"""Where the story takes place: a bucket, a published dataset, two sites, and what they type."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.measure import Run
from tests.curation.merge.bucket import Bucket, start_bucket
from tests.curation.merge.world import Done, World

ROOT = Path(__file__).parents[2]
SETTINGS = """
[user]
    name = {name}
    email = {name}@example.org
[init]
    defaultBranch = main
[annex]
    retry = 3
    retry-delay = 0.2
[annex "security"]
    allowed-ip-addresses = all
"""
HEADS = """
import sys
from dataclasses import replace
from pathlib import Path
from tests.curation.deface.heads import Pose, View, make

size = float(sys.argv[1])
pose, view = Pose(seed=3), View("slab", 52, -100, 150, voxel=(size, size, size))
for name, inverted in zip(sys.argv[2:], (False, True)):
    make(replace(pose, inverted=inverted), view).save(Path(name))
"""


@dataclass(slots=True)
class Places:
    """One folder for all; site B has a folder, the others have clones.

    Attributes
    ----------
    voxel
        Size of the heads' voxels in mm.
    typed
        What was typed, and what it took.
    known
        SHA-256 of what the sites gave away, by the files' names.
    faces
        MD5 and SHA-256 of what they keep.
    """

    folder: Path
    bucket: Bucket
    voxel: float = 3.0
    full_size: bool = False
    typed: list[tuple[str, Run]] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    faces: list[str] = field(default_factory=list)

    def clone(self, name: str) -> World:
        """Somebody's clone, with git settings of their own."""
        home = self.folder / "homes" / name
        if not home.exists():
            home.mkdir(parents=True)
            (home / ".gitconfig").write_text(SETTINGS.format(name=name))
        kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
        keys = {"AWS_ACCESS_KEY_ID": "story", "AWS_SECRET_ACCESS_KEY": "story"}
        place = self.folder / name
        place.mkdir(exist_ok=True)
        return World(place, {**kept, **keys, "HOME": str(home), "PATH": path, "LC_ALL": "C.UTF-8"})

    @property
    def manager(self) -> World:
        return self.clone("manager")

    @property
    def site_a(self) -> World:
        return self.clone("ada")

    @property
    def site_b(self) -> World:
        return self.clone("bo")

    @property
    def stranger(self) -> World:
        return self.clone("stranger")

    def types(self, who: World, *words: str | Path, status: int = 0) -> Done:
        """Let somebody type a command of spinegate in their dataset; note what it takes."""
        argv = [sys.executable, "-m", "spinegate", *map(str, words)]
        out, err = self.folder / "out", self.folder / "err"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            start = time.perf_counter()
            process = subprocess.Popen(
                argv, cwd=who.clone if who.clone.is_dir() else who.folder, env=dict(who.env),
                stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
            )  # fmt: skip
            _, code, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(code)
        cpu, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
        self.typed.append((shown(words), Run(wall, cpu, memory, process.returncode)))
        done = Done(process.returncode, out.read_text(), err.read_text())
        assert "Traceback" not in done.err, done.err
        assert done.status == status, (shown(words), done)
        return done

    def attest(self, name: str) -> Path:
        """Return what a contributor puts their name to."""
        file = self.folder / f"{name}.yml"
        file.write_text(
            f"contact: {name.title()} <{name}@site.example>\n"
            "ethics_approval: Board of the site, 2026-12\nconsent: true\ndefaced: true\n"
        )
        return file

    def decide(self, who: World, *images: str, note: str = "") -> Path:
        """Return what somebody has saved from the page: all of these images pass."""
        rows = [f"{image}\tpass\t{who.folder.name}\t2026-11-20\t{note}" for image in images]
        file = who.folder / "defacing.tsv"
        file.write_text("\n".join(["path\tdecision\tby\tdate\tnote", *rows]) + "\n")
        return file

    def size(self) -> list[str]:
        """Return how large phantoms are made."""
        return ["--full-size"] if self.full_size else []

    def heads(self, *images: Path) -> None:
        """Make images of a head with its face: one as a T1w image is, then one as a T2w is."""
        argv = [sys.executable, "-c", HEADS, str(self.voxel), *map(str, images)]
        subprocess.run(argv, cwd=ROOT, check=True)


def shown(words: Sequence[str | Path]) -> str:
    """Say what was typed, without the folders."""
    return " ".join(Path(word).name if isinstance(word, Path) else word for word in words)


def named(said: str) -> list[str]:
    """Return the images that a command lists, each once."""
    return list(dict.fromkeys(re.findall(r"^  (sub-\S+\.nii\.gz): ", said, re.MULTILINE)))


def sums(folder: Path, pattern: str) -> dict[str, str]:
    """Return the SHA-256 of the files whose names match, by their names in the folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and re.search(pattern, str(path.relative_to(folder)))
        and ".git" not in path.parts
    }  # fmt: skip


def rename_badly(anat: Path) -> None:
    """Give images names as a site may have them: the old convention, and one by hand."""
    for old, new in (
        ("flip-1_mt-on_MTS", "acq-MTon_MTS"),
        ("flip-1_mt-off_MTS", "acq-MToff_MTS"),
        ("flip-2_mt-off_MTS", "acq-T1w_MTS"),
        ("T2star", "t2star"),
    ):
        for path in sorted(anat.glob(f"*_{old}.*")):
            path.rename(path.with_name(path.name.replace(old, new)))


def remove(*paths: Path) -> None:
    """Remove files and folders."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


@contextmanager
def places(folder: Path, voxel: float = 3.0, *, full_size: bool = False) -> Iterator[Places]:
    """Open the bucket, and close it in the end."""
    bucket = start_bucket(folder / "bucket")
    with bucket.process:
        try:
            yield Places(folder, bucket, voxel, full_size)
        finally:
            bucket.process.kill()
