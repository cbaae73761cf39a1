"""The secret of a dataset: made once, never published."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.curation.ingest.deidentify_salt import find_salt, hash_text, is_hash, trial_salt
from spinegate.system.errors import SpinegateError


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "dataset"
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder


def test_it_is_made_once_in_git_s_own_folder(repository: Path) -> None:
    trial = trial_salt(repository)
    place = repository / ".git" / "spinegate" / "salt"
    assert not place.exists()
    salt = find_salt(repository)
    assert salt == find_salt(repository) == trial_salt(repository) != trial
    assert place.read_bytes().strip() == salt
    assert place.stat().st_mode & 0o777 == 0o600
    assert list(place.parent.iterdir()) == [place]
    status = ["git", "-C", str(repository), "status", "--porcelain", "--ignored"]
    assert subprocess.run(status, check=True, capture_output=True).stdout == b""


def test_a_file_of_one_s_own_gives_every_clone_the_same(repository: Path, tmp_path: Path) -> None:
    salt = find_salt(repository, tmp_path / "keys" / "salt")
    assert find_salt(tmp_path, tmp_path.parent / "elsewhere") != salt
    assert find_salt(repository, tmp_path / "keys" / "salt") == salt
    (tmp_path.parent / "elsewhere").unlink()


def test_a_folder_without_git_needs_a_file(tmp_path: Path) -> None:
    for find in (find_salt, trial_salt):
        with pytest.raises(SpinegateError, match="--salt-file"):
            find(tmp_path)


def test_a_secret_in_the_dataset_is_refused(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repository)
    for file in (repository / "salt", tmp_path / "link" / "code" / "salt"):
        with pytest.raises(SpinegateError, match="would be published"):
            find_salt(repository, file)
    assert find_salt(repository, repository / ".git" / "my-salt")


def test_what_is_no_secret_is_refused(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "short").write_text("abc\n")
    with pytest.raises(SpinegateError, match="fewer than 16"):
        find_salt(repository, tmp_path / "short")
    with pytest.raises(SpinegateError, match="can't be used"):
        find_salt(repository, tmp_path)


def test_of_two_programs_that_make_it_one_wins(repository: Path) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from spinegate.curation.ingest.deidentify_salt import find_salt;"
        "print(find_salt(Path(sys.argv[1])))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(repository)], stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    assert len({process.communicate()[0] for process in running}) == 1


@given(st.binary(min_size=16), st.text(), st.text())
def test_hashes_tell_texts_apart(salt: bytes, one: str, two: str) -> None:
    assert (hash_text(salt, "k", one) == hash_text(salt, "k", two)) == (one == two)
    assert hash_text(salt, "k", one) != hash_text(salt, "other", one)
    assert is_hash(hash_text(salt, "k", one)) or hash_text(salt, "k", one).isdigit()


def test_numbers_are_no_hashes() -> None:
    assert not is_hash("40146")
    assert not is_hash("1" * 32)
    assert not is_hash("A" * 32)
