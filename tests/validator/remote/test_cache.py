"""Headers kept on disk: whole or not at all, whatever the disk does."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.validator.nifti import inflate
from spinegate.validator.remote.cache import Cache, default_folder


@pytest.fixture
def header(nifti: bytes) -> bytes:
    return inflate(nifti)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_kept_is_found(tmp_path: Path, header: bytes) -> None:
    folder = tmp_path / "deep" / "cache"
    keys = ["SHA256E-s1--a.nii.gz", "URL--http://a/../b", "x" * 5000, "\udcff"]
    assert Cache(folder).find(keys) == {}
    assert not folder.exists()
    for key in keys[:3]:
        Cache(folder).keep(key, header)
    assert Cache(folder).find(keys) == dict.fromkeys(keys[:3], header)
    assert len(files(folder)) == 3


@pytest.mark.parametrize("content", [b"", b"\x5c\1\0\0", b"rubbish" * 100, b"\0" * 9000])
def test_a_spoilt_file_is_removed(content: bytes, tmp_path: Path, header: bytes) -> None:
    cache = Cache(tmp_path)
    cache.keep("key", header)
    (spoilt,) = files(tmp_path)
    spoilt.write_bytes(content)
    assert cache.find(["key"]) == {}
    assert not spoilt.exists()


def test_a_folder_that_cannot_be_is_no_fault(tmp_path: Path, header: bytes) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "cache")
    cache.keep("key", header)
    cache.prune()
    assert cache.find(["key"]) == {}


def test_the_oldest_go(tmp_path: Path, header: bytes) -> None:
    cache = Cache(tmp_path, most=512)  # two in each folder
    keys = [str(number) for number in range(3000)]
    for number, key in enumerate(keys):
        cache.keep(key, header)
        os.utime(cache._path(key), (number, number))
    cache.prune()
    assert len(files(tmp_path)) <= 512
    assert keys[-1] in cache.find(keys)
    assert keys[0] not in cache.find(keys)


def test_many_at_once(tmp_path: Path, header: bytes) -> None:
    cache = Cache(tmp_path)
    seen: list[dict[str, bytes]] = []

    def work() -> None:
        for _ in range(30):
            cache.keep("key", header)
            seen.append(cache.find(["key"]))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found == {"key": header} for found in seen)
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize(
    ("value", "root"),
    [("/cache", "/cache"), ("", "/home/x/.cache"), ("relative", "/home/x/.cache")],
)
def test_the_usual_place(value: str, root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    monkeypatch.setenv("HOME", "/home/x")
    assert default_folder() == Path(root) / "spinegate" / "headers"


def test_nobody_without_rights_sees_an_error(
    tmp_path: Path, header: bytes, as_nobody: Callable[..., str]
) -> None:
    Cache(tmp_path / "cache").keep("key", header)
    script = (
        "from pathlib import Path\n"
        "from spinegate.validator.remote.cache import Cache\n"
        f"cache = Cache(Path({str(tmp_path / 'cache')!r}))\n"
        "cache.keep('other', b'x')\n"
        "cache.prune()\n"
        "print(cache.find(['other']))\n"
    )
    assert as_nobody(tmp_path, script).strip() == "{}"
