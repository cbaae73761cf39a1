"""git-annex as it is: repositories that git-annex itself has made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.annex import link_key, object_paths, parse_key, pointer_key, read_pointer
from spinegate.validator.contents import Content, Presence, read_contents, read_header_bytes
from spinegate.validator.nifti import parse_header
from spinegate.validator.tree import Tree, open_tree

Run = Callable[..., str]
SHA = "a" * 64


@pytest.fixture(scope="module", params=["8", "10"])
def filled(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    run: Run,
    annex_tool: str,
    nifti: bytes,
) -> Path:
    """A repository of an old and of the present layout, with a file of each kind. Not changed."""
    folder = tmp_path_factory.mktemp("annex") / "repository"
    start(folder, run, annex_tool, request.param)
    fill(folder, run, annex_tool, nifti)
    return folder


@pytest.fixture
def annexed(filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(filled, tmp_path / "copy", symlinks=True)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, run: Run, annex_tool: str) -> Path:
    """A repository into which tests put keys of their own."""
    folder = tmp_path_factory.mktemp("annex") / "repository"
    start(folder, run, annex_tool, "10")
    return folder


def start(folder: Path, run: Run, annex: str, version: str) -> None:
    folder.mkdir()
    run(folder, "git", "init", "-q")
    run(folder, "git", "config", "annex.autoupgraderepository", "false")
    run(folder, annex, "init", "-q", f"--version={version}", "here")


def look(tree: Tree) -> dict[str, Content]:
    unreadable: dict[str, str] = {}
    images = [entry for entry in tree.entries if ".nii" in entry.path]
    found = read_contents(tree, images, unreadable)
    assert not unreadable
    return found


def seen(tree: Tree) -> dict[str, tuple[Presence, str | None]]:
    return {p: (c.presence, c.key.text if c.key else None) for p, c in look(tree).items()}


def fill(annexed: Path, run: Run, annex: str, nifti: bytes) -> None:
    """One image of each kind: locked, unlocked, dropped, in git, broken."""
    for name in ("locked", "unlocked", "gone", "gonelocked"):
        (annexed / f"{name}.nii.gz").write_bytes(nifti + name.encode())
    run(annexed, annex, "add", "-q", ".")
    run(annexed, annex, "unlock", "-q", "unlocked.nii.gz", "gone.nii.gz")
    run(annexed, annex, "drop", "-q", "--force", "gone.nii.gz", "gonelocked.nii.gz")
    (annexed / "ingit.nii.gz").write_bytes(nifti)
    run(annexed, "git", "-c", "annex.largefiles=nothing", "add", "ingit.nii.gz")
    (annexed / "broken.nii.gz").symlink_to(".git/annex/objects/xx/yy/nokey/nokey")
    (annexed / "appended.nii.gz").write_text(f"/annex/objects/SHA256E-s4--{SHA}.nii.gz\nmore\n")
    # Only these two: git may look again at a file that is as young as its index.
    clean = ("git", "-c", "filter.annex.clean=cat")
    run(annexed, *clean, "add", "broken.nii.gz", "appended.nii.gz")
    run(annexed, *clean, "commit", "-q", "-m", "images")


def test_every_state_of_an_annexed_file(filled: Path, run: Run, annex_tool: str) -> None:
    folder = seen(open_tree(filled))
    assert {name.split(".")[0]: presence.value for name, (presence, _) in folder.items()} == {
        "locked": "present",
        "unlocked": "present",
        "gone": "absent",
        "gonelocked": "absent",
        "ingit": "present",
        "broken": "broken",
        "appended": "broken",
    }
    for name in ("locked", "unlocked", "gone", "gonelocked"):
        path = f"{name}.nii.gz"
        assert folder[path][1] == run(filled, annex_tool, "lookupkey", path).strip()
    assert folder["ingit.nii.gz"][1] is None
    assert seen(open_tree(filled, "HEAD")) == folder


def test_headers_come_from_the_annex_in_a_folder_and_in_a_commit(filled: Path) -> None:
    for tree in (open_tree(filled), open_tree(filled, "HEAD")):
        found = look(tree)
        entries = {entry.path: entry for entry in tree.entries}
        for path, content in found.items():
            head = read_header_bytes(tree, entries[path], content, 1024)
            if content.presence is Presence.PRESENT:
                assert head is not None
                assert parse_header(head) is not None
            else:
                assert head is None


def test_bare_clone_and_second_work_tree(
    annexed: Path, run: Run, annex_tool: str, tmp_path: Path
) -> None:
    expected = seen(open_tree(annexed))
    run(tmp_path, "git", "clone", "-q", "--bare", annexed, "bare.git")
    bare = tmp_path / "bare.git"
    run(bare, annex_tool, "init", "-q", "bare")
    for presence, key in expected.values():
        if presence is Presence.PRESENT and key:
            run(bare, annex_tool, "get", "-q", f"--key={key}")
    assert seen(open_tree(bare, "main")) == expected
    run(annexed, "git", "worktree", "add", "-q", "--detach", tmp_path / "second")
    assert seen(open_tree(tmp_path / "second", "HEAD")) == expected
    second = seen(open_tree(tmp_path / "second"))
    assert {p: key for p, (_, key) in second.items()} == {p: k for p, (_, k) in expected.items()}


@pytest.mark.parametrize("backend", ["WORM", "MD5E", "SHA256", "SHA256E", "SHA1", "BLAKE2B256E"])
def test_objects_lie_where_git_annex_puts_them(
    empty: Path, run: Run, annex_tool: str, nifti: bytes, backend: str
) -> None:
    name = f"{backend} sub-01 (1) & 100%:é.nii.gz"
    (empty / name).write_bytes(nifti)
    run(empty, annex_tool, "add", "-q", f"--backend={backend}", name)
    run(empty, "git", "commit", "-q", "-m", "image")
    key = run(empty, annex_tool, "lookupkey", name).strip()
    where = run(empty, annex_tool, "contentlocation", key).strip()
    assert (empty / where) in object_paths(empty / ".git", key)
    content = look(open_tree(empty))[name]
    assert content.stored == empty / where
    assert content.key is not None
    assert (content.key.text, content.key.backend, content.key.size) == (key, backend, len(nifti))
    assert bool(content.key.digest) == (backend in {"MD5E", "SHA256", "SHA256E", "SHA1"})


@pytest.mark.parametrize(
    "key",
    [
        "URL--https://example.org/a%20b/c&d:8080?x=1%2F",
        "URL-s12--http://example.org/image.nii.gz",
        f"SHA256E-s12--{SHA}.nii.gz",
        "WORM-s3-m1700000000--sub-01_&_more%3A.nii.gz",
        "MD5-s3--" + "b" * 32,
        "XFOO--anything/at:all&%",
    ],
)
def test_both_layouts_and_special_characters(
    empty: Path, run: Run, annex_tool: str, key: str
) -> None:
    mixed, lower = object_paths(Path("/r/.git"), key)
    ask = "${hashdirmixed}|${hashdirlower}|${key}\n"
    answer = run(empty, annex_tool, "examinekey", key, f"--format={ask}").strip("\n")
    assert (
        f"{mixed.parts[-4]}/{mixed.parts[-3]}/|{lower.parts[-4]}/{lower.parts[-3]}/|{key}"
        == answer
    )
    (empty / "x.nii.gz").unlink(missing_ok=True)
    run(empty, annex_tool, "fromkey", "-q", "--force", key, "x.nii.gz")
    target = os.fsencode((empty / "x.nii.gz").readlink())
    assert link_key(target) == key
    assert (empty / "x.nii.gz").readlink().name == mixed.name
    run(empty, annex_tool, "unlock", "-q", "x.nii.gz")
    assert pointer_key((empty / "x.nii.gz").read_bytes()) == key
    assert parse_key(key) is not None


def test_edited_unlocked_file_has_no_key_of_old(annexed: Path, nifti: bytes) -> None:
    (annexed / "unlocked.nii.gz").unlink()
    (annexed / "unlocked.nii.gz").write_bytes(nifti)
    assert seen(open_tree(annexed))["unlocked.nii.gz"] == (Presence.PRESENT, None)


def test_unlocked_without_telling_git(annexed: Path, nifti: bytes) -> None:
    (annexed / "gonelocked.nii.gz").unlink()
    (annexed / "gonelocked.nii.gz").write_bytes(nifti)  # the index says link
    target = (annexed / "locked.nii.gz").readlink()
    (annexed / "locked.nii.gz").unlink()
    (annexed / "locked.nii.gz").write_text(str(target))  # as on a disk that has no links
    found = seen(open_tree(annexed))
    assert found["gonelocked.nii.gz"] == (Presence.PRESENT, None)
    assert found["locked.nii.gz"] == (Presence.PRESENT, target.name)


def test_object_that_is_a_link_is_not_followed(annexed: Path, tmp_path: Path) -> None:
    stored = look(open_tree(annexed))["locked.nii.gz"].stored
    assert stored is not None
    secret = tmp_path / "secret"
    shutil.copy(stored, secret)
    stored.parent.chmod(0o755)
    stored.unlink()
    stored.symlink_to(secret)
    assert seen(open_tree(annexed))["locked.nii.gz"][0] is Presence.ABSENT


@pytest.mark.parametrize(
    "text",
    [
        "", "nokey", "SHA256E--short.nii.gz", f"SHA256E-s1--{SHA.upper()}.nii.gz", "sha256--x",
        f"SHA256E-sx--{SHA}", "MD5E--", f"SHA256-s1--{SHA}.nii.gz", "URL--a\nb",
    ],
)  # fmt: skip
def test_no_key(text: str) -> None:
    assert parse_key(text) is None


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"/annex/objects/", b"../.git/annex/objects/"])
)
def test_any_bytes_give_a_key_or_none(content: bytes, start: bytes) -> None:
    for text in (pointer_key(start + content), link_key(start + content)):
        key = parse_key(text) if text is not None else None
        if key is not None:
            for path in object_paths(Path("/r/.git"), key.text):
                assert path.parts[:4] == ("/", "r", ".git", "annex")
                assert ".." not in path.parts


@given(
    st.sampled_from(["SHA256E", "MD5E", "SHA512E", "SHA256", "WORM"]),
    st.sampled_from([32, 64, 128]),
    st.sampled_from(["", ".nii.gz", ".", ".é", "&c"]),
    st.sampled_from(["\n", "", "\r\n", "\nmore"]),
)
def test_the_short_way_agrees_with_the_long_one(
    backend: str, length: int, extension: str, end: str
) -> None:
    content = f"/annex/objects/{backend}-s12--{'0' * length}{extension}{end}".encode()
    short = read_pointer(content)
    assert short is None or short == parse_key(pointer_key(content) or "")
    usual = (backend, length) in {("SHA256E", 64), ("MD5E", 32), ("SHA512E", 128)}
    assert (short is not None) == (usual and extension in {"", ".nii.gz"} and end == "\n")


@given(st.from_regex(r"\AURL(-s[0-9]{1,9})?--[ -~]{1,60}\Z"))
def test_escaping_round_trip(key: str) -> None:
    name = object_paths(Path("/r"), key)[0].name
    assert link_key(b".git/annex/objects/aa/bb/x/" + name.encode()) == key
    parsed = parse_key(key)
    assert parsed is not None
    assert parsed.text == key
