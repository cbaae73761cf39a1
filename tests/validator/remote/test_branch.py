"""The git-annex branch as a whole: made by hand, and the real one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.validator.annex import object_paths
from spinegate.validator.remote.branch import Whereabouts, hashed, read_branch
from spinegate.validator.remote.logs import WEB
from spinegate.validator.tree import open_tree

Commit = Callable[[Path, dict[str, str | bytes]], Path]
Git = Callable[..., str]
KEY = "SHA256E-s9--ab.nii.gz"
URL_KEY = "URL-s3--http&c%%example.org%a&ab.nii"  # as file names hold it


def log(key: str, end: str = ".log") -> str:
    return f"000/111/{key}{end}"


@pytest.fixture
def branch(repository: Path, commit: Commit, run: Git) -> Path:
    """A repository whose git-annex branch has a bit of everything."""
    tree = {"exported/a b.nii.gz": f"/annex/objects/{KEY}\n", "exported/note": "no key"}
    commit(repository, dict(tree))
    exported = run(repository, "git", "rev-parse", "HEAD^{tree}").strip()
    files = {
        "remote.log": "store type=S3 bucket=b name=public-store timestamp=1s\n"
        "mirror type=httpalso sameas-uuid=store sameas-name=m url=https://x timestamp=1s\n",
        "uuid.log": "laptop me@laptop:~/x timestamp=1s\nlost somebody timestamp=1s\n",
        "trust.log": "lost X timestamp=1s\nlaptop 0 timestamp=1s\n",
        "numcopies.log": "1s 2\n",
        "mincopies.log": "1s 1\n",
        "export.log": f"1s laptop:store {exported}\n",
        log(KEY): "1s 1 store\n1s 1 lost\n1s 0 laptop\n",
        log(KEY, ".log.cnk"): "1s store:1024 1\n",
        log(KEY, ".log.rmet"): "1s store:V +v1#a\n",
        log(URL_KEY): f"1s 1 {WEB}\n",
        log(URL_KEY, ".log.web"): "1s 1 http://example.org/a&b.nii\n",
    }
    run(repository, "git", "switch", "-q", "--orphan", "git-annex")
    commit(repository, dict(files))
    run(repository, "git", "switch", "-q", "main")
    return repository


def test_the_repository_as_a_whole(branch: Path) -> None:
    found = read_branch(branch)
    assert found is not None
    assert found.remotes["mirror"].uuid == "store"
    assert found.describe("store") == "public-store"
    assert found.describe("laptop") == "me@laptop:~/x"
    assert found.describe(WEB) == "web"
    assert found.describe("who") == "who"
    assert found.dead == {"lost"}
    assert found.untrusted == {"laptop"}
    assert (found.numcopies, found.mincopies) == (2, 1)
    assert found.known == {"store", "laptop", "lost", WEB}
    assert found.exported("store") == {KEY: "exported/a b.nii.gz"}


def test_where_keys_lie(branch: Path) -> None:
    found = read_branch(branch)
    assert found is not None
    url_key = "URL-s3--http://example.org/a&b.nii"
    where = found.locate([KEY, url_key, "SHA256E-s1--other", KEY])
    assert where.where == {KEY: ("store",), url_key: (WEB,)}
    assert where.urls == {url_key: ("http://example.org/a&b.nii",)}
    assert where.versions == {KEY: {"store": ("v1#a",)}}
    assert where.chunks == {KEY: {"store": 1024}}


def test_a_folder_of_the_repository_and_its_git_folder_see_the_same(branch: Path) -> None:
    for place in (branch / "exported", branch / ".git"):
        found = read_branch(place)
        assert found is not None
        assert found.locate([KEY]).where == {KEY: ("store",)}


def test_there_may_be_no_branch(repository: Path, commit: Commit, tmp_path: Path) -> None:
    commit(repository, {"README": "x"})
    assert read_branch(repository) is None
    assert read_branch(repository, ["no/such/ref", "--help"]) is None
    assert read_branch(tmp_path) is None


def test_only_the_refs_asked_for_are_read(branch: Path, run: Git) -> None:
    run(branch, "git", "branch", "-m", "git-annex", "fork/git-annex")
    assert read_branch(branch) is None
    assert read_branch(branch, ["refs/heads/fork/git-annex"]) is not None


def test_a_fork_adds_places_that_are_known_but_no_addresses() -> None:
    base = Whereabouts({"a": ("store",)}, {"a": ("https://x",)})
    fork = Whereabouts({"a": ("evil",), "b": ("store", "evil")}, {"b": ("https://evil",)})
    joined = base.joined(fork, {"store"})
    assert joined.where == {"a": ("store",), "b": ("store",)}
    assert joined.urls == {"a": ("https://x",)}


def test_paths_are_those_of_an_annex() -> None:
    mixed, lower = object_paths(Path("x"), KEY)
    assert [Path("x/annex/objects") / path for path in hashed(KEY)] == [mixed, lower]


@pytest.mark.real
def test_the_real_branch(bundle: Path) -> None:
    tree = open_tree(bundle)
    found = read_branch(bundle)
    assert found is not None
    names = {
        remote.name: remote.settings["type"]
        for remote in found.remotes.values()
        if "type" in remote.settings
    }
    assert names == {
        "amazon-private": "S3",
        "amazon-public": "httpalso",
        "computecanada-private": "S3",
        "computecanada-public": "httpalso",
    }
    pointers = [entry for entry in tree.entries if entry.path.endswith((".nii.gz", ".nii"))]
    heads = [content for content in tree.read(pointers, 512) if isinstance(content, bytes)]
    keys = {head.rpartition(b"/")[2].strip().decode() for head in heads}
    where = found.locate(keys).where
    assert len(keys) == len(where) == 11_387
    public = {remote.uuid for remote in found.remotes.values()}
    assert all(public.intersection(uuids) for uuids in where.values())
    amazon = next(uuid for uuid in public if found.describe(uuid) == "amazon-private")
    assert sum(amazon in uuids for uuids in where.values()) == 9_828
