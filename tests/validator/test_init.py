"""`spinegate init`: what it writes, and what it leaves alone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from spinegate.cli import run
from spinegate.system.errors import ConfigError
from spinegate.system.yaml import read_yaml
from spinegate.validator.pin import Pin, find_pin, parse_pin
from spinegate.validator.settings import read_settings
from spinegate.validator.tree import open_tree

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PIN = f"lab/gate@{COMMIT}"
FILES = {
    ".github/workflows/spinegate-validate.yml",
    ".github/workflows/spinegate-comment.yml",
    ".github/workflows/spinegate-nightly.yml",
    ".spinegate.yml",
}


def init(folder: Path, *more: str) -> int:
    return run(["init", str(folder), "--uses", PIN, *more])


def written(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and ".git/" not in str(path)
    }


def test_it_writes_and_says_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init(tmp_path) == 0
    assert set(written(tmp_path)) == FILES
    said = capsys.readouterr().out
    assert all(f"wrote {name}\n" in said for name in FILES)
    assert "\n1. " in said
    assert "\n3. " in said


def test_orders_in_comments_are_a_next_step_where_they_are_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    init(tmp_path)
    assert "/spinegate help" not in capsys.readouterr().out
    init(tmp_path, "--with", "curate")
    assert "\n4. " in (said := capsys.readouterr().out)
    assert "/spinegate help" in said


def test_every_use_is_pinned(tmp_path: Path) -> None:
    init(tmp_path)
    for name, text in written(tmp_path).items():
        assert "OWNER" not in text
        assert "@SHA" not in text
        assert name == ".spinegate.yml" or "uses: lab/gate/github_actions/" in text
        uses = [line for line in text.splitlines() if "uses: lab/gate" in line]
        assert all(f"@{COMMIT} # spinegate " in line for line in uses)


def test_the_settings_are_read(tmp_path: Path) -> None:
    init(tmp_path, "--profile", "incoming")
    settings = read_settings(open_tree(tmp_path, None))
    assert (settings.protocol, settings.profile) == ("spine-generic", "incoming")
    assert read_yaml(tmp_path / ".spinegate.yml").value == {
        "protocol": "spine-generic",
        "profile": "incoming",
    }


def test_again_it_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    init(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    capsys.readouterr()
    assert init(tmp_path) == 0
    assert "nothing to write" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_file_that_differs_is_shown_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    init(tmp_path)
    mine = tmp_path / ".github/workflows/spinegate-nightly.yml"
    mine.write_text(mine.read_text().replace("17 2", "4 5"))
    (tmp_path / ".github/workflows/spinegate-comment.yml").unlink()
    before = written(tmp_path)
    capsys.readouterr()
    assert init(tmp_path) == 2
    said = capsys.readouterr()
    assert '-    - cron: "4 5 * * *"' in said.out
    assert '+    - cron: "17 2 * * *"' in said.out
    assert "--force" in said.err
    assert written(tmp_path) == before
    assert init(tmp_path, "--force") == 0
    assert set(written(tmp_path)) == FILES
    assert "17 2" in mine.read_text()


def test_settings_that_are_there_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".spinegate.yml").write_text("profile: release\n")
    assert init(tmp_path, "--force") == 0
    assert (tmp_path / ".spinegate.yml").read_text() == "profile: release\n"
    assert "kept .spinegate.yml" in capsys.readouterr().out


def test_a_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(tmp_path, "--dry-run") == 0
    assert written(tmp_path) == {}
    assert "would write .spinegate.yml" in capsys.readouterr().out


@pytest.mark.parametrize("link", [".github", ".github/workflows", ".spinegate.yml"])
def test_nothing_is_written_through_a_link(tmp_path: Path, link: str) -> None:
    outside, dataset = tmp_path / "outside", tmp_path / "dataset"
    outside.mkdir()
    (dataset / link).parent.mkdir(parents=True)
    (dataset / link).symlink_to(outside / "x" if link.endswith(".yml") else outside)
    assert init(dataset) == 2
    assert list(outside.iterdir()) == []


def test_a_part_of_a_repository_is_refused(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "data").mkdir()
    assert init(tmp_path / "data") == 2
    assert init(tmp_path) == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--protocol", "spine-specific"],
        ["--profile", "lenient"],
        ["--uses", "lab/gate"],
        ["--uses", "lab@1"],
        ["--uses", "lab/gate@x\nrun: y"],
        ["--uses", "lab/gate@../x"],
    ],
)
def test_what_can_not_be_is_refused(tmp_path: Path, words: list[str]) -> None:
    assert init(tmp_path, *words) == 2
    assert written(tmp_path) == {}


def test_there_must_be_a_folder(tmp_path: Path) -> None:
    assert init(tmp_path / "none") == 2


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / ".github").write_text("a file")
    assert init(tmp_path) == 2


def test_a_tag_is_told_to_be_movable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(tmp_path), "--uses", "lab/gate@v1.0"]) == 0
    assert "can be moved" in capsys.readouterr().out
    assert (
        "lab/gate/github_actions/validate@v1.0\n"
        in (tmp_path / ".github/workflows/spinegate-validate.yml").read_text()
    )


def test_pins() -> None:
    assert parse_pin(PIN) == Pin("lab/gate", COMMIT)
    assert Pin("lab/gate", COMMIT).fixed
    assert not Pin("lab/gate", "v1").fixed
    assert Pin("lab/gate", "v1").uses("a/b") == "uses: lab/gate/a/b@v1"


class Installed:
    """A distribution that says where an installer had it from."""

    def __init__(self, told: str | None) -> None:
        self.told = told

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return self.told


VCS = '{"url": "%s", "vcs_info": {"vcs": "git", "commit_id": "' + COMMIT + '"}}'


@pytest.mark.parametrize(
    ("told", "pin"),
    [
        (VCS % "https://github.com/lab/gate.git", Pin("lab/gate", COMMIT)),
        (VCS % "ssh://git@github.com/lab/gate", Pin("lab/gate", COMMIT)),
    ],
)
def test_where_it_was_installed_from(
    told: str | None, pin: Pin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spinegate.validator.pin.distribution", lambda name: Installed(told))
    assert find_pin() == pin


@pytest.mark.parametrize(
    "told",
    [
        VCS % "https://example.org/lab/gate",
        '{"url": "file:///x.whl", "archive_info": {}}',
        "{",
        None,
    ],
)
def test_a_repository_that_is_not_known_is_asked_for(
    told: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spinegate.validator.pin.distribution", lambda name: Installed(told))
    with pytest.raises(ConfigError, match="--uses OWNER/REPO@COMMIT"):
        find_pin()


def test_a_checkout_is_pinned_to_its_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {f"GIT_{who}_NAME": "Test" for who in ("AUTHOR", "COMMITTER")}
    names |= {f"GIT_{who}_EMAIL": "test@example.org" for who in ("AUTHOR", "COMMITTER")}
    git = ("git", "-C", str(tmp_path))
    for call in (
        ["init", "-q"],
        ["commit", "-q", "--allow-empty", "-m", "x"],
        ["remote", "add", "origin", "git@github.com:lab/gate.git"],
    ):
        subprocess.run([*git, *call], check=True, env={**os.environ, **names})
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    told = f'{{"url": "{tmp_path.as_uri()}", "dir_info": {{"editable": true}}}}'
    monkeypatch.setattr("spinegate.validator.pin.distribution", lambda name: Installed(told))
    assert find_pin() == Pin("lab/gate", head.stdout.strip())


def test_orders_of_managers_are_opt_in_and_then_stay(tmp_path: Path) -> None:
    name = ".github/workflows/spinegate-curate.yml"
    assert init(tmp_path) == 0
    assert init(tmp_path, "--with", "curate") == 0
    assert set(written(tmp_path)) == FILES | {name}
    newer = COMMIT[::-1]
    assert run(["init", str(tmp_path), "--uses", f"lab/gate@{newer}", "--force"]) == 0
    assert f"/curate@{newer} # spinegate " in written(tmp_path)[name]
