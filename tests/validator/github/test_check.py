"""``spinegate github check`` called directly; tests/github_actions runs it as the action does."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spinegate.cli import run
from spinegate.system.errors import SpinegateError
from spinegate.validator.github.check import FILES
from spinegate.validator.github.trust import trust_clones
from tests.github_actions.runner import read_commands, read_outputs


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("phantom") / "dataset"
    argv = [sys.executable, "-m", "spinegate", "example", str(target)]
    subprocess.run(argv, check=True, capture_output=True)
    return target


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A job's variables; what the command changes for its own process is put back."""
    for name in [name for name in os.environ if name.startswith(("GITHUB_", "SPINEGATE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    yield
    gc.enable()


def check(dataset: Path, folder: Path, *more: str) -> int:
    return run(["github", "check", "--dataset", str(dataset), "--folder", str(folder), *more])


def test_reports_outputs_and_annotations(
    phantom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a" / "report"
    assert check(phantom, folder) == 0
    assert {path.name for path in folder.iterdir()} == set(FILES.values())
    outputs = read_outputs((tmp_path / "outputs").read_text())
    assert outputs["result"] == "passed"
    assert outputs["folder"] == str(folder)
    assert json.loads((folder / "report.json").read_text())["summary"]["errors"] == 0
    assert read_commands(capsys.readouterr().out)[-1][0] == "notice"


def test_an_empty_input_is_none(
    phantom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SPEC", "PROFILE", "BASE", "REF"):
        monkeypatch.setenv(f"SPINEGATE_{name}", "")
    assert check(phantom, tmp_path / "report") == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--spec", "spine-specific"], "spine-specific"),
        (["--spec", "none/protocol.yaml"], "protocol.yaml"),
        (["--base", "main"], "not in a clone"),
        (["--profile", "x\n::error::y"], "profile"),
    ],
)
def test_what_can_not_be_is_an_annotation(
    phantom: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    said: str,
) -> None:
    assert check(phantom, tmp_path / "report", *more) == 2
    [(name, properties, text)] = read_commands(capsys.readouterr().out)
    assert (name, properties) == ("error", {"title": "spinegate"})
    assert said in text
    assert not (tmp_path / "outputs").exists()


def test_a_dataset_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path / "none", tmp_path / "report") == 2
    assert "actions/checkout" in capsys.readouterr().out


def test_reports_that_can_not_be_written(phantom: Path, tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a file")
    assert check(phantom, tmp_path / "report") == 2


def test_git_trusts_the_clone_of_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust_clones(tmp_path / "temp")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    argv = ["git", "config", "--get-all", "safe.directory"]
    done = subprocess.run(argv, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "*" in done.stdout.split()


def test_a_temporary_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SpinegateError, match="can't be written"):
        trust_clones(tmp_path / "file")


def test_help_imports_no_validator() -> None:
    code = (
        "import sys; from spinegate.cli import run; run(['github', '--help']);"
        "sys.exit(any(name.startswith('spinegate.validator.run') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0
    assert b"comment" in done.stdout
