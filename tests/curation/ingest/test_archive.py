"""Sources from strangers: zips that lie about themselves, links that lead elsewhere."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from spinegate.curation.ingest import archive
from spinegate.curation.ingest.archive import list_source
from spinegate.system.errors import SpinegateError


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def test_members_become_numbers(tmp_path: Path, work: Path) -> None:
    source = tmp_path / "x.zip"
    names = ["../up", "/abs", "a/../../b", "C:\\x", "ok/1", "a" * 300 + "/x"]
    with zipfile.ZipFile(source, "w") as file:
        for name in names:
            file.writestr(name, name)
        file.writestr("folder/", "")
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    found, skipped = list_source(source, work)
    assert {one.name for one in found} == {*names, "link"}
    assert not skipped
    for one in found:
        assert one.path.parent == work / "unpacked"
        assert one.path.name.isdigit()
        assert not one.path.is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["work", "x.zip"]


def test_a_bomb_is_refused_before_it_goes_off(
    tmp_path: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "x.zip"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", bytes(5_000_000))
    monkeypatch.setattr(archive, "_TOTAL", 1_000_000)
    with pytest.raises(SpinegateError, match="would unpack to"):
        list_source(source, work)
    assert not list((work / "unpacked").iterdir())


def test_a_member_that_says_less_than_it_holds(tmp_path: Path, work: Path) -> None:
    source = tmp_path / "x.zip"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", bytes(5_000_000))
        file.writestr("good", "good")
    content = source.read_bytes().replace(struct.pack("<I", 5_000_000), struct.pack("<I", 50))
    source.write_bytes(content)
    found, skipped = list_source(source, work)
    assert [one.name for one in found] == ["good"]
    assert [(one.name, one.bad) for one in skipped] == [("zeros", True)]
    assert sum(path.stat().st_size for path in work.rglob("*")) < 100_000


def test_an_encrypted_zip_says_what_to_do(tmp_path: Path, work: Path) -> None:
    source = tmp_path / "x.zip"
    with zipfile.ZipFile(source, "w") as file:
        file.writestr("a", "a")
    content = bytearray(source.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    source.write_bytes(content)
    with pytest.raises(SpinegateError, match="encrypted: unpack it"):
        list_source(source, work)


def test_what_is_no_zip(tmp_path: Path, work: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"Rar!")
    with pytest.raises(SpinegateError, match="neither a folder nor a zip: name the folder of the"):
        list_source(tmp_path / "x.zip", work)
    with pytest.raises(SpinegateError, match="neither a folder nor a zip: name BIDS data"):
        list_source(tmp_path / "x.zip", work, "BIDS data")
    (tmp_path / "x.zip").write_bytes(b"PK\3\4" + bytes(40))
    with pytest.raises(SpinegateError, match="damaged zip, its end is missing"):
        list_source(tmp_path / "x.zip", work)
    (tmp_path / "x.zip").write_bytes(b"PK\5\6" + bytes(18))
    assert list_source(tmp_path / "x.zip", work) == ((), ())


@pytest.mark.parametrize("cut", [10, 60, 200])
def test_a_cut_zip_is_an_error_or_names_what_it_lacks(
    tmp_path: Path, work: Path, cut: int
) -> None:
    source = tmp_path / "x.zip"
    with zipfile.ZipFile(source, "w") as file:
        file.writestr("a", os.urandom(300))
    content = source.read_bytes()
    source.write_bytes(content[cut:])
    try:
        found, skipped = list_source(source, work)
    except SpinegateError as error:
        assert "damaged" in str(error) or "neither" in str(error)  # noqa: PT017
    else:
        assert not found
        assert skipped


def test_links_may_not_leave_a_folder(tmp_path: Path, work: Path) -> None:
    source = tmp_path / "exam"
    (source / "deep" / ".git").mkdir(parents=True)
    (source / "deep" / ".git" / "config").write_text("x")
    (source / "deep" / "a").write_text("a")
    (source / "inner").symlink_to("deep/a")
    (source / "outer").symlink_to("/etc/passwd")
    (source / "gone").symlink_to("nowhere")
    (source / "loop").symlink_to(".")
    os.mkfifo(source / "pipe")
    found, skipped = list_source(source, work)
    assert [one.name for one in found] == ["deep/a", "inner"]
    assert [one.name for one in skipped] == ["outer"]
    assert "leads out" in skipped[0].reason
