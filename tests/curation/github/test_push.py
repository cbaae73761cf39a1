"""A patch from another job becomes a commit only where it does what orders do."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from spinegate.curation.github.admit import MovedError, Pull
from spinegate.curation.github.push import RefusedError, commit_patch, count_files, push
from spinegate.system.errors import SpinegateError

PEOPLE = {
    f"GIT_{who}_{what}": text
    for who in ("AUTHOR", "COMMITTER")
    for what, text in (("NAME", "A"), ("EMAIL", "a@example.org"), ("DATE", "2026-11-20T12:00:00Z"))
}
KEY = "MD5E-s5--0123456789abcdef0123456789abcdef.nii.gz"


def git(folder: Path, *arguments: str) -> str:
    argv = ["git", "-C", str(folder), *arguments]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **PEOPLE}
    return subprocess.run(
        argv, check=True, capture_output=True, text=True, env=environment
    ).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with a file, a link into the annex and one out of it."""
    folder = tmp_path / "clone"
    (folder / "anat").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "anat" / "a.json").write_text('{"a": 1}\n')
    (folder / "anat" / "a.nii.gz").symlink_to(f"../.git/annex/objects/x/y/{KEY}/{KEY}")
    (folder / "anat" / "odd").symlink_to("/etc/passwd")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "First")
    return folder


def patch_of(clone: Path) -> bytes:
    git(clone, "add", "--all", "--force")
    done = subprocess.run(
        ["git", "-C", clone, "diff", "--cached", "--binary", "--full-index", "-M"],
        check=True, capture_output=True,
    )  # fmt: skip
    return done.stdout


def make(clone: Path, patch: bytes, head: str = "HEAD") -> str:
    """Make the commit in a bare repository that has the head alone."""
    bare = clone.parent / "bare"
    depth = ["clone", "-q", "--bare", "--depth=1", clone.as_uri(), str(bare)]
    git(clone, *depth)
    return commit_patch(bare, patch, git(clone, "rev-parse", head), "Words\n", PEOPLE)


def test_renames_and_edits(clone: Path) -> None:
    for end in (".json", ".nii.gz"):
        git(clone, "mv", f"anat/a{end}", f"anat/b{end}")
    git(clone, "mv", "anat/odd", "anat/odder")
    (clone / "anat" / "b.json").write_text('{"a": 2}\n')
    commit = make(clone, patch_of(clone))
    bare = clone.parent / "bare"
    assert git(bare, "rev-parse", f"{commit}^") == git(clone, "rev-parse", "HEAD")
    assert git(bare, "show", f"{commit}:anat/b.json") == '{"a": 2}'
    assert git(bare, "show", f"{commit}:anat/b.nii.gz").endswith(KEY)
    assert count_files(bare, commit) == 4  # a file so small and so changed is no renamed one
    assert git(bare, "ls-tree", "--name-only", commit, "anat/odder") == "anat/odder"


@pytest.mark.parametrize(
    "path",
    [".github/workflows/x.yml", ".GitHub/x", "anat/.gitattributes", ".gitmodules",
     ".spinegate.yml", ".bidsignore", ".datalad/config", ".lfsconfig"],
)  # fmt: skip
def test_what_only_a_person_may_do(clone: Path, path: str) -> None:
    (clone / path).parent.mkdir(parents=True, exist_ok=True)
    (clone / path).write_text("x\n")
    with pytest.raises(SpinegateError, match="only a person may do: make it in a clone"):
        make(clone, patch_of(clone))


@pytest.mark.parametrize("target", ["/etc/passwd2", "../../x", "a.json"])
def test_a_new_link_leads_into_the_annex(clone: Path, target: str) -> None:
    (clone / "anat" / "new").symlink_to(target)
    with pytest.raises(SpinegateError, match="out of the annex"):
        make(clone, patch_of(clone))


def test_a_submodule_is_refused(clone: Path) -> None:
    head = git(clone, "rev-parse", "HEAD")
    patch = (
        f"diff --git a/sub b/sub\nnew file mode 160000\nindex {'0' * 40}..{head}\n"
        f"--- /dev/null\n+++ b/sub\n@@ -0,0 +1 @@\n+Subproject commit {head}\n"
    )
    with pytest.raises(SpinegateError, match="something else than a file"):
        make(clone, patch.encode())


@pytest.mark.parametrize(
    "patch",
    [
        b"",
        b"\x00\xff",
        b"diff --git a/../x b/../x\nnew file mode 100644\n--- /dev/null\n+++ b/../x\n"
        b"@@ -0,0 +1 @@\n+x\n",
        b"diff --git a/anat/a.json b/anat/a.json\n--- a/anat/a.json\n+++ b/anat/a.json\n"
        b"@@ -1 +1 @@\n-other\n+x\n",
    ],
)
def test_what_does_not_fit_is_refused(clone: Path, patch: bytes) -> None:
    with pytest.raises(SpinegateError, match="doesn't fit"):
        make(clone, patch)


def test_a_push_never_overwrites(clone: Path) -> None:
    (clone / "anat" / "a.json").write_text('{"a": 2}\n')
    commit = make(clone, patch_of(clone))
    git(clone, "commit", "-q", "-m", "Meanwhile", "--allow-empty")
    bare = clone.parent / "bare"
    head = git(clone, "rev-parse", "HEAD")
    pull = Pull(1, head, "main", "clone", "base")
    environment = {"GITHUB_SERVER_URL": clone.parent.as_uri()}
    with pytest.raises(MovedError, match="order again"):
        push(bare, environment, pull, commit, "")
    assert git(clone, "rev-parse", "HEAD") == head


@pytest.mark.parametrize("change", [["-D", "topic"], ["-f", "topic", "main~"]])
def test_a_push_never_brings_back_what_was_taken_away(clone: Path, change: list[str]) -> None:
    """A branch that was deleted, or set back, after its head was fetched."""
    git(clone, "commit", "-q", "-m", "Not for the public", "--allow-empty")
    git(clone, "branch", "topic")
    (clone / "anat" / "a.json").write_text('{"a": 2}\n')
    commit = make(clone, patch_of(clone))
    git(clone, "branch", *change)
    before = git(clone, "for-each-ref")
    pull = Pull(1, git(clone, "rev-parse", "HEAD"), "topic", "clone", "base")
    environment = {"GITHUB_SERVER_URL": clone.parent.as_uri()}
    with pytest.raises(MovedError, match="order again"):
        push(clone.parent / "bare", environment, pull, commit, "")
    assert git(clone, "for-each-ref") == before


def test_a_push_that_is_refused_says_why(clone: Path) -> None:
    (clone / "anat" / "a.json").write_text('{"a": 2}\n')
    commit = make(clone, patch_of(clone))
    pull = Pull(1, "", "main", "clone", "base")  # it is checked out there: git takes no push
    with pytest.raises(RefusedError, match=r"clone refuses it: .*refusing to update"):
        push(clone.parent / "bare", {"GITHUB_SERVER_URL": clone.parent.as_uri()}, pull, commit, "")
