"""One run at a time, whatever the disk; nobody else looks in."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from spinegate.curation.place import Place, find_place, locked
from spinegate.system.errors import SpinegateError


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "dataset").mkdir()
    return find_place(tmp_path / "dataset")


def test_a_second_run_is_kept_out_and_a_third_is_let_in(place: Place) -> None:
    with locked(place):
        for _ in range(2):  # the refused one doesn't open the lock for others
            with pytest.raises(SpinegateError, match="another spinegate"), locked(place):
                pytest.fail("two at once")
    with locked(place):
        assert place.folder.stat().st_mode & 0o777 == 0o700
    assert not place.folder.exists()


def test_a_killed_run_keeps_nobody_out(place: Place) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path;"
        "from spinegate.curation.place import find_place, locked;"
        "lock = locked(find_place(Path(sys.argv[1]))); lock.__enter__();"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(place.dataset)], check=False)
    assert place.lock.exists()
    with locked(place):
        pass


def test_a_lock_that_was_taken_away_is_no_lock(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run ends between another's opening of the lock and its locking."""
    real = fcntl.flock
    taken: list[int] = []

    def late(handle: int, how: int) -> None:
        if not taken:
            place.lock.unlink()
        taken.append(handle)
        real(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with locked(place):
        assert len(taken) == 2
        assert os.path.samestat(os.fstat(taken[-1]), place.lock.stat())


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EBADF])
def test_a_disk_without_locks_is_told_apart(
    number: int, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: int, how: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(SpinegateError, match=f"{os.strerror(number)}.*network disk") as caught:
        locked(place).__enter__()
    assert "at work" not in str(caught.value)


def test_a_link_in_place_of_the_lock_is_not_followed(place: Place, tmp_path: Path) -> None:
    place.folder.mkdir()
    place.lock.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SpinegateError, match="can't be used"):
        locked(place).__enter__()
    assert not (tmp_path / "elsewhere").exists()
