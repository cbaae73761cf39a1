"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from spinegate.system.errors import ConfigError
from spinegate.system.files import read_limited, write_atomic


@pytest.mark.parametrize("content", ["é\r\n", b"\x00\xff", ""])
def test_content_and_mode(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    write_atomic(path, content, 0o640)
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["x"]


@pytest.mark.parametrize("moment", ["fsync", "write", "replace"])
def test_killed_in_the_middle_the_old_content_stays(tmp_path: Path, moment: str) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    place = {"fsync": "os.fsync", "write": "files.os.fdopen", "replace": "files.Path.replace"}
    script = (
        "import os, signal\nfrom pathlib import Path\nfrom spinegate.system import files\n"
        f"{place[moment]} = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"files.write_atomic(Path({str(path)!r}), 'new' * 100000)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == -9
    assert path.read_text() == "old"


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x"
    path.write_text("old")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, "new")
    assert os.listdir(tmp_path) == ["x"]
    assert path.read_text() == "old"


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomic(tmp_path / "missing" / "x", "new")


def test_long_name(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    write_atomic(path, "new")
    assert path.read_text() == "new"


def test_a_file_of_a_size_that_may_be(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_bytes(b"x" * (1 << 20))
    assert read_limited(path, 1 << 20) == path.read_bytes()
    path.write_bytes(b"x" * ((1 << 20) + 1))
    with pytest.raises(ConfigError, match=r"x\.tsv: larger than 1 MiB"):
        read_limited(path, 1 << 20)
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_limited(tmp_path / "none", 1 << 20)
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_limited(tmp_path, 1 << 20)
