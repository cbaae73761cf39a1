"""Stories of contributors: real git-annex repositories, each mended by what its finding says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.protocol_specs.loader import load_spec
from spinegate.rules.loader import load_rules
from spinegate.validator.changes import Changes, find_changes
from spinegate.validator.dataset import Dataset, load_dataset
from spinegate.validator.engine import run_rules
from spinegate.validator.finding import Finding, Origin
from spinegate.validator.inspection import Inspection
from spinegate.validator.ledger import Ledger
from spinegate.validator.remote.reading import start_reading
from spinegate.validator.tree import open_tree

pytestmark = pytest.mark.slow

Git = Callable[..., str]
SPEC = load_spec("spine-generic")
RULES = [
    rule for rule in load_rules()
    if rule.check in ("whereabouts", "annex") and rule.code != "NO_PUBLIC_REMOTE"
]  # fmt: skip
OLD, NEW = "sub-a01/anat/sub-a01_T1w.nii.gz", "sub-a02/anat/sub-a02_T1w.nii.gz"


def load(folder: Path, ref: str | None = None) -> Dataset:
    return load_dataset(open_tree(folder, ref), SPEC)


def judge(folder: Path, ref: str | None = None, base: str | None = None) -> list[Finding]:
    """Return what is found in a folder, or in a commit that is compared with another."""
    head = load(folder, ref)
    changes: Changes | None = find_changes(load(folder, base), head) if base else None
    ledger = Ledger(RULES, Origin("spinegate", "0"))
    reading = start_reading(folder, base)
    run_rules(Inspection(head, SPEC, changes=changes, knowledge=reading), RULES, ledger)
    return sorted(ledger.findings, key=lambda finding: finding.order)


def codes(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.code, finding.location) for finding in findings]


class World:
    """A server, its maintainer's clone, a contributor's, and where the checks run."""

    def __init__(self, top: Path, run: Git, nifti: bytes) -> None:
        self.top, self._run, self._nifti = top, run, nifti
        self.server, self.maintainer = top / "server", top / "maintainer"
        self.contributor, self.checks, self.store = top / "contributor", top / "ci", top / "store"
        self.store.mkdir()

    def git(self, folder: Path, *argv: str) -> str:
        return self._run(folder, "git", *argv)

    def do(self, folder: Path, command: str) -> None:
        """Type what a finding says."""
        assert command
        self._run(folder, "bash", "-ec", command)

    def write(self, folder: Path, name: str) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self._nifti + name.encode())
        return path

    def add(self, folder: Path, name: str) -> None:
        self.write(folder, name)
        self.git(folder, "annex", "add", name)
        self.git(folder, "commit", "-q", "-m", name)

    def begin(self, *, public: bool = False) -> None:
        """Let a maintainer publish a dataset with one image, and somebody clone it."""
        self.git(self.top, "init", "-q", "--bare", str(self.server))
        self.clone(self.maintainer, "maintainer")
        (self.maintainer / "dataset_description.json").write_text("{}")
        self.git(self.maintainer, "add", "dataset_description.json")
        self.add(self.maintainer, OLD)
        if public:
            place = [f"directory={self.store}", "encryption=none"]
            self.git(self.maintainer, "annex", "initremote", "our store", "type=directory", *place)
            mirror = ["type=httpalso", "url=https://example.org/store"]
            self.git(self.maintainer, "annex", "initremote", "open", "--sameas=our store", *mirror)
            self.git(self.maintainer, "annex", "copy", "--to", "our store", OLD)
        self.git(self.maintainer, "push", "-q", "origin", "main", "git-annex")
        self.clone(self.contributor, "contributor")
        if public:
            where = f"directory={self.store}"
            self.git(self.contributor, "annex", "enableremote", "our store", where)
            self.confirm(self.contributor, "our store")
        self.git(self.contributor, "switch", "-q", "-c", "change")

    def clone(self, folder: Path, name: str) -> None:
        self.git(self.top, "clone", "-q", str(self.server), str(folder))
        self.git(folder, "config", "remote.origin.annex-ignore", "true")  # as GitHub: no annex
        self.git(folder, "annex", "init", name)

    def confirm(self, folder: Path, remote: str) -> None:
        """Say that a special remote is where it was expected, which newer git-annex asks for."""
        setting = f"remote.{remote}.annex-verified"
        if self.git(folder, "config", "--default", "", "--get", setting).strip():
            said = self.git(folder, "annex", "verifyremote", remote)
            (number,) = re.findall(r"--safe (\S+)", said)
            self.git(folder, "annex", "verifyremote", remote, "--safe", number)

    def propose(self) -> None:
        """Push the contributor's images, and nothing else."""
        self.git(self.contributor, "push", "-q", "-f", "origin", "change")

    def check(self) -> list[Finding]:
        """Judge the proposal where the checks run: a clone in which git-annex never worked."""
        if not self.checks.exists():
            self.git(self.top, "clone", "-q", str(self.server), str(self.checks))
        self.git(self.checks, "fetch", "-q", "origin")
        return judge(self.checks, "origin/change", "origin/main")


@pytest.fixture
def world(tmp_path: Path, run: Git, annex_tool: str, nifti: bytes) -> World:
    return World(tmp_path, run, nifti)


def test_the_branch_was_not_pushed(world: World) -> None:
    world.begin()
    world.add(world.contributor, NEW)
    world.propose()
    here, there = judge(world.contributor), world.check()
    assert codes(here) == codes(there) == [("GIT_ANNEX_BRANCH_NOT_PUSHED", NEW)]
    assert here[0].message.startswith("Only the git-annex branch of this clone knows")
    assert judge(world.contributor, "HEAD", "origin/main") == here
    assert there[0].command == here[0].command == "git push origin git-annex"
    world.do(world.contributor, here[0].command)
    assert judge(world.contributor) == world.check() == []
    assert judge(world.contributor, "HEAD", "origin/main") == []


def test_an_image_that_lies_in_no_public_remote(world: World) -> None:
    world.begin(public=True)
    assert judge(world.contributor) == []
    world.add(world.contributor, NEW)
    world.propose()
    (here,) = judge(world.contributor)
    assert here.code == "CONTENT_NOT_PUBLIC"
    assert "lies only in contributor: none of the dataset's public remotes" in here.message
    assert [f.code for f in world.check()] == ["GIT_ANNEX_BRANCH_NOT_PUSHED"]
    world.git(world.contributor, "push", "-q", "origin", "git-annex")
    (there,) = world.check()
    assert (there.code, there.location) == ("CONTENT_NOT_PUBLIC", NEW)
    wanted = f"git annex copy --to 'our store' -- {NEW} && git push origin git-annex"
    assert here.command == there.command == wanted
    world.do(world.contributor, there.command)
    assert judge(world.contributor) == world.check() == []


def test_a_fork_says_where_its_images_lie(world: World) -> None:
    world.begin(public=True)
    fork = world.top / "fork"
    world.git(world.top, "init", "-q", "--bare", str(fork))
    world.git(world.contributor, "remote", "set-url", "origin", str(fork))
    world.add(world.contributor, NEW)
    world.git(world.contributor, "push", "-q", "origin", "change", "git-annex")

    def check() -> list[Finding]:
        world.git(world.checks, "fetch", "-q", str(fork), "+change:refs/pull/1/head")
        refs = "+git-annex:refs/remotes/fork/git-annex"
        world.git(world.checks, "fetch", "-q", str(fork), refs)
        return judge(world.checks, "refs/pull/1/head", "origin/main")

    world.git(world.top, "clone", "-q", str(world.server), str(world.checks))
    (there,) = check()
    assert (there.code, there.location) == ("CONTENT_NOT_PUBLIC", NEW)
    assert "only in a repository that the dataset doesn't know" in there.message
    world.do(world.contributor, there.command)
    assert check() == []


def test_an_image_of_a_fork_is_a_plain_blob(world: World) -> None:
    world.begin()
    path = world.write(world.contributor, NEW)
    world.git(world.contributor, "-c", "annex.largefiles=nothing", "add", str(path))
    world.git(world.contributor, "commit", "-q", "-m", "an image")
    blob = world.git(world.contributor, "rev-parse", f"HEAD:{NEW}").strip()
    world.propose()
    (here,), (there,) = judge(world.contributor), world.check()
    assert here.code == there.code == "NIFTI_IN_GIT"
    assert here.command == there.command
    world.do(world.contributor, there.command)
    world.propose()
    assert [finding.code for finding in world.check()] == ["GIT_ANNEX_BRANCH_NOT_PUSHED"]
    world.do(world.contributor, "git push origin git-annex")
    assert judge(world.contributor) == world.check() == []
    assert blob not in world.git(world.contributor, "rev-list", "--objects", "change")


def test_a_pointer_was_copied_without_its_object(world: World) -> None:
    world.begin()
    original = world.write(world.top, "original.nii.gz")
    key = world.git(world.contributor, "annex", "calckey", str(original)).strip()
    pointer = world.contributor / NEW
    pointer.parent.mkdir(parents=True)
    pointer.write_text(f"/annex/objects/{key}\n")
    world.add(world.contributor, "sub-a03/anat/sub-a03_T1w.nii.gz")
    world.git(world.contributor, "add", NEW)
    world.git(world.contributor, "commit", "-q", "-m", "a pointer")
    world.git(world.contributor, "push", "-q", "origin", "git-annex")
    world.propose()
    (here,), (there,) = judge(world.contributor), world.check()
    assert codes([here]) == codes([there]) == [("CONTENT_NOWHERE", NEW)]
    assert "git annex reinject ORIGINAL FILE" in here.suggestion
    world.git(world.contributor, "annex", "reinject", str(original), NEW)
    (here,) = judge(world.contributor)
    assert here.code == "GIT_ANNEX_BRANCH_NOT_PUSHED"
    world.do(world.contributor, here.command)
    assert judge(world.contributor) == world.check() == []


def test_the_branch_was_not_fetched(world: World) -> None:
    world.begin()
    shallow = ["--single-branch", "-b", "main"]
    world.git(world.top, "clone", "-q", *shallow, str(world.server), str(world.checks))
    (found,) = judge(world.checks)
    assert (found.code, found.location) == ("GIT_ANNEX_BRANCH_MISSING", ".")
    world.do(world.checks, found.command)
    assert judge(world.checks) == []


def test_a_change_without_any_branch_is_told_at_its_images(world: World) -> None:
    world.begin()
    world.add(world.contributor, NEW)
    world.propose()
    world.git(world.top, "clone", "-q", str(world.server), str(world.checks))
    world.git(world.checks, "update-ref", "-d", "refs/remotes/origin/git-annex")
    assert codes(judge(world.checks, "origin/change", "origin/main")) == [
        ("GIT_ANNEX_BRANCH_MISSING", "."),
        ("GIT_ANNEX_BRANCH_MISSING", NEW),
    ]


def test_there_are_fewer_copies_than_asked_for(world: World) -> None:
    world.begin(public=True)
    world.git(world.contributor, "annex", "get", OLD)
    second = world.top / "second"
    second.mkdir()
    settings = ["type=directory", f"directory={second}", "encryption=none"]
    world.git(world.contributor, "annex", "initremote", "second", *settings)
    world.git(world.contributor, "annex", "numcopies", "3")

    def lacking() -> list[str]:
        said = world.git(world.contributor, "annex", "find", "--anything", "--lackingcopies=1")
        return said.split()

    assert lacking() == []  # here, with the maintainer and in the store
    world.git(world.contributor, "annex", "untrust", "maintainer")
    assert lacking() == [OLD]
    (found,) = judge(world.contributor)
    assert (found.code, found.observed, found.expected) == ("NUMCOPIES_NOT_MET", 2, 3)
    assert shlex.split(found.command)[:5] == ["git", "annex", "copy", "--to", "second"]
    world.do(world.contributor, found.command)
    assert lacking() == []
    assert judge(world.contributor) == []


def test_git_attributes_ask_for_copies_before_the_branch_does(world: World) -> None:
    world.begin()
    world.add(world.contributor, NEW)
    world.git(world.contributor, "push", "-q", "origin", "git-annex")
    (world.contributor / ".gitattributes").write_text(
        "*.nii.gz annex.numcopies=2\nsub-a02/** annex.numcopies=1\n"
    )
    world.git(world.contributor, "annex", "numcopies", "5")
    said = world.git(world.contributor, "annex", "find", "--anything", "--lackingcopies=1")
    assert [found.location for found in judge(world.contributor)] == said.split() == [OLD]
