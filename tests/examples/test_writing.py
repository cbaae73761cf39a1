from __future__ import annotations

from pathlib import Path

import pytest

from spinegate.examples.writing import MARK, fresh_folder
from spinegate.system.errors import ConfigError


def fill(folder: Path, force: bool = False) -> None:
    with fresh_folder(folder, force) as fresh:
        (fresh / MARK).write_text("{}")


def test_a_new_folder_appears_whole(tmp_path: Path) -> None:
    fill(tmp_path / "deep" / "phantom")
    assert (tmp_path / "deep" / "phantom" / MARK).is_file()
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["phantom"]
    assert (tmp_path / "deep" / "phantom").stat().st_mode & 0o777 == 0o755


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "phantom").mkdir()
    fill(tmp_path / "phantom")
    assert (tmp_path / "phantom" / MARK).is_file()


def test_a_filled_folder_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years")
    with pytest.raises(ConfigError, match="not empty"):
        fill(tmp_path)
    with pytest.raises(ConfigError, match="no phantom"):
        fill(tmp_path, force=True)
    assert (tmp_path / "thesis.txt").read_text() == "years"


def test_force_replaces_an_earlier_phantom(tmp_path: Path) -> None:
    fill(tmp_path / "phantom")
    (tmp_path / "phantom" / "old").write_text("")
    fill(tmp_path / "phantom", force=True)
    assert [path.name for path in (tmp_path / "phantom").iterdir()] == [MARK]


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail() -> None:
        with fresh_folder(tmp_path / "phantom", False) as fresh:
            (fresh / "half").write_text("")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_file_or_a_link_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link"):
        with pytest.raises(ConfigError, match="not a folder"):
            fill(tmp_path / name, force=True)
    with pytest.raises(ConfigError, match="cannot be written"):
        fill(tmp_path / "file" / "below")
