from __future__ import annotations

import errno
import gzip
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.system.errors import SpinegateError, ToolError
from spinegate.validator.bids import checkout
from spinegate.validator.bids.checkout import official, write_out
from spinegate.validator.bids.issues import OfficialReport
from spinegate.validator.bids.official import run_official
from spinegate.validator.disk import show
from spinegate.validator.finding import Severity
from spinegate.validator.selection import select
from spinegate.validator.tree import FILE, LINK, Entry, Unreadable, open_tree

Commit = Callable[[Path, dict[str, str | bytes]], Path]
Run = Callable[..., str]
DESCRIPTION = '{"Name": "x", "BIDSVersion": "1.8.0"}'
KEY = f"SHA256E-s9--{'0' * 64}.nii.gz"
POINTER = f"/annex/objects/{KEY}\n"


@dataclass(frozen=True)
class Listed:
    """A tree as a stranger's commit could list it, whatever git thinks of its names."""

    contents: dict[bytes, bytes]
    mode: str = FILE
    name: str = "listed"
    annex: Path | None = None
    folder: Path | None = None

    @property
    def entries(self) -> list[Entry]:
        return [Entry(show(raw), raw, self.mode) for raw in self.contents]

    def read(self, entries: Iterable[Entry], limit: int) -> Iterator[bytes | Unreadable]:
        for entry in entries:
            yield self.contents[entry.raw][: limit + 1]


def files_of(folder: Path) -> dict[str, bytes]:
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            assert path.is_file()
            assert not path.is_symlink()
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_a_commit_is_written_as_it_is(
    tmp_path: Path, repository: Path, commit: Commit, run: Run
) -> None:
    content: dict[str, str | bytes] = {
        ".gitattributes": "*.txt filter=evil text eol=crlf ident\n",
        "dataset_description.json": DESCRIPTION,
        "a.txt": "$Id$\nx\n",
        "sub-a/anat/sub-a_T1w.nii.gz": b"\x1f\x8b" + bytes(200_000),
        "sub-a/anat/sub-a_T1w.json": "{}",
        "derivatives/x/y.json": "{}",
        "sourcedata/sub-a/z.json": "{}",
        "code/script.sh": "true\n",
    }
    commit(repository, content)
    run(repository, "git", "config", "filter.evil.smudge", f"touch {tmp_path}/pwned")
    absent = write_out(open_tree(repository, "HEAD"), out(tmp_path))
    written = files_of(tmp_path / "out")
    image = written.pop("sub-a/anat/sub-a_T1w.nii.gz")
    assert image == b"\x1f\x8b" + bytes(64 * 1024 - 2)
    assert {name: written[name].decode() for name in written} == {
        name: content[name]
        for name in content
        if not name.startswith(("derivatives", "sourcedata", "sub-a/anat/sub-a_T1w.nii"))
    }
    assert (tmp_path / "out" / "derivatives").is_dir()
    assert (tmp_path / "out" / "sourcedata").is_dir()
    assert absent == frozenset()
    assert not (tmp_path / "pwned").exists()


def test_links_become_what_they_lead_to(
    tmp_path: Path, repository: Path, commit: Commit, files: Callable[..., None], run: Run
) -> None:
    (tmp_path / "secret").write_text("secret")
    files(repository, {"sub-a/b.json": '{"b": 1}', "sub-c/d.nii.gz": POINTER})
    links = {
        "inside.json": "sub-a/b.json",
        "sub-a/up.json": "../sub-a/b.json",
        "outside.json": str(tmp_path / "secret"),
        "climbing.json": "../secret",
        "folder": "sub-a",
        "loop": "loop",
        "locked.nii.gz": f".git/annex/objects/aa/bb/{KEY}/{KEY}",
    }
    for name, target in links.items():
        (repository / name).symlink_to(target)
    commit(repository, {})
    for number, ref in enumerate((None, "HEAD")):
        folder = tmp_path / str(number)
        folder.mkdir()
        absent = write_out(open_tree(repository, ref), folder)
        written = files_of(folder)
        assert written["inside.json"] == written["sub-a/up.json"] == b'{"b": 1}'
        assert b"secret" not in written.values()
        assert {"locked.nii.gz", "sub-c/d.nii.gz", "outside.json", "climbing.json"} <= absent
        assert "inside.json" not in absent


def test_an_annexed_content_that_is_here(
    tmp_path: Path, repository: Path, run: Run, annex_tool: str, nifti: bytes
) -> None:
    run(repository, annex_tool, "init", "-q", "here")
    (repository / "sub-a_T1w.nii.gz").write_bytes(nifti)
    run(repository, annex_tool, "add", "-q", ".")
    run(repository, "git", "commit", "-qm", "x")
    assert write_out(open_tree(repository, "HEAD"), out(tmp_path)) == frozenset()
    assert files_of(tmp_path / "out") == {"sub-a_T1w.nii.gz": nifti}


EVIL = [
    b"../evil",
    b"a/../../evil",
    b"/evil",
    b"./evil",
    b"a//evil",
    b"..",
    b"",
    b".git/config",
    b"a/.GIT/hooks/post-checkout",
    b"nul\0evil",
    b"caf\xe9",
    b"x" * 300,
    b"d/" * 3000 + b"x",
    b"d/" * 1500 + b"x",
]


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    folder = out(tmp_path)
    tree = Listed({**dict.fromkeys(EVIL, b"evil"), b"good": b"good"})
    write_out(tree, folder)
    assert files_of(folder) == {"good": b"good"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("names", [(b"a", b"a/b"), (b"a/b", b"a"), (b"a/b", b"a/b/c")])
def test_a_file_that_is_a_folder_too(tmp_path: Path, names: tuple[bytes, ...]) -> None:
    write_out(Listed(dict.fromkeys(names, b"x")), out(tmp_path))
    assert len(files_of(tmp_path / "out")) == 1


def test_what_is_no_file_is_left_out(tmp_path: Path) -> None:
    write_out(Listed({b"pipe": b""}, mode="special"), out(tmp_path))
    assert files_of(tmp_path / "out") == {}


def test_a_link_to_itself_is_no_content(tmp_path: Path) -> None:
    assert write_out(Listed({b"a.nii.gz": b"a.nii.gz"}, mode=LINK), out(tmp_path)) == {"a.nii.gz"}


@given(st.dictionaries(st.binary(max_size=9) | st.sampled_from(EVIL), st.just(b"x"), max_size=5))
def test_any_names(tmp_path_factory: pytest.TempPathFactory, contents: dict[bytes, bytes]) -> None:
    top = tmp_path_factory.mktemp("any")
    write_out(Listed(contents), out(top))
    assert [path.name for path in top.iterdir()] == ["out"]
    files_of(top / "out")


def test_the_ignore_file_of_the_base_counts(tmp_path: Path) -> None:
    tree = Listed({b".bidsignore": b"**\n", b"a.txt": b"a"})
    write_out(tree, out(tmp_path), b"*.txt\n")
    assert files_of(tmp_path / "out") == {".bidsignore": b"*.txt\n", "a.txt": b"a"}
    (tmp_path / "none").mkdir()
    write_out(tree, tmp_path / "none", b"")
    assert files_of(tmp_path / "none") == {"a.txt": b"a"}


def test_only_so_much_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout, "_ALL", 100)
    with pytest.raises(SpinegateError, match="too much for --bids full"):
        write_out(Listed({b"a": bytes(60), b"b": bytes(60)}), out(tmp_path))


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(SpinegateError, match="can't be written out"):
        write_out(Listed({b"a": b"a"}), out(tmp_path))


WRONG = {"sub-a/anat/sub_a_T2w.nii.gz", "sub-b/anat/sub-b_T2w.nii.gz"}


def small(nifti: bytes) -> dict[str, str | bytes]:
    return {
        "dataset_description.json": DESCRIPTION,
        "README": "x" * 200,
        "sub-a/anat/sub-a_T1w.nii.gz": nifti,
        "sub-a/anat/sub_a_T2w.nii.gz": nifti,
        "sub-b/anat/sub-b_T1w.nii.gz": POINTER,
        "sub-b/anat/sub-b_T2w.nii.gz": gzip.compress(b"no image"),
    }


def codes(report: OfficialReport) -> set[tuple[str, str]]:
    return {(f.code, f.location) for f in report.findings if f.severity is Severity.ERROR}


def test_a_folder_and_its_commit_are_judged_alike(
    repository: Path, commit: Commit, nifti: bytes
) -> None:
    commit(repository, small(nifti))
    folder, head = official(open_tree(repository)), official(open_tree(repository, "HEAD"))
    assert folder == head
    assert {place for _, place in codes(head)} == WRONG
    assert ("NIFTI_HEADER_UNREADABLE", "sub-b/anat/sub-b_T2w.nii.gz") in codes(head)
    assert head.undetermined == {"NIFTI_HEADER_UNREADABLE": 1}
    assert head.titles["FILENAME_MISMATCH"]


def test_some_participants(repository: Path, commit: Commit, nifti: bytes) -> None:
    commit(repository, small(nifti))
    report = official(select(open_tree(repository), ["b"]))
    assert {place for _, place in codes(report)} == {"sub-b/anat/sub-b_T2w.nii.gz"}


def test_a_change_cannot_hide_behind_its_own_ignore_file(
    repository: Path, commit: Commit, nifti: bytes
) -> None:
    commit(repository, {**small(nifti), ".bidsignore": "**\n"})
    tree = open_tree(repository, "HEAD")
    assert codes(official(tree)) == set()
    assert {place for _, place in codes(official(tree, b""))} == WRONG


def test_a_link_out_of_the_dataset_breaks_nothing(
    repository: Path, commit: Commit, nifti: bytes
) -> None:
    (repository / "sub-a" / "anat").mkdir(parents=True)
    (repository / "sub-a" / "anat" / "sub-a_T1w.json").symlink_to("/etc/passwd")
    (repository / "sub-c").symlink_to("/etc")
    commit(repository, small(nifti))
    assert {place for _, place in codes(official(open_tree(repository)))} >= WRONG


@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="no shared memory")
def test_a_temporary_folder_that_the_validator_may_not_read(
    monkeypatch: pytest.MonkeyPatch, nifti: bytes
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/dev/shm")
    tree = Listed({b"dataset_description.json": DESCRIPTION.encode(), b"sub_a_T1w.nii.gz": nifti})
    assert {place for _, place in codes(official(tree))} == {"sub_a_T1w.nii.gz"}


def test_without_the_validator_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(checkout, "write_out", lambda *_: pytest.fail("written"))
    with pytest.raises(ToolError, match="pip install bids-validator-deno"):
        official(Listed({b"a": b"a"}))


@pytest.mark.real
@pytest.mark.slow
def test_the_real_dataset_as_a_commit(bundle: Path) -> None:
    report = official(open_tree(bundle, "HEAD"))
    images = {path.relative_to(bundle).as_posix() for path in bundle.glob("sub-*/*/*.nii.gz")}
    there = run_official(bundle, images)
    assert set(report.findings) == set(there.findings)
    assert report.undetermined == there.undetermined == {"NIFTI_HEADER_UNREADABLE": 1337}


@pytest.mark.real
@pytest.mark.slow
def test_what_the_ignore_file_hides_from_the_official_validator(bundle: Path) -> None:
    hidden = official(open_tree(bundle, "HEAD"), b"")
    missing = [f for f in hidden.findings if f.code == "SIDECAR_KEY_REQUIRED"]
    assert len(missing) == 2316
    assert all("_MTS" in f.location for f in missing)
