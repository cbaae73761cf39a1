"""Lists that are written anew: what somebody adds between the look and the writing is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.carry import carry

pytestmark = pytest.mark.usefixtures("identity")
Run = Callable[..., str]


@pytest.mark.parametrize(
    ("command", "words", "name", "more"),
    [
        ("exclude", ["sub-geA01", "--metric", "mtr", "--reason", "x"], "exclude.yml", "# mine\n"),
        ("participants", ["add", "sub-geA09"], "participants.tsv", "sub-mine\n"),
    ],
)
def test_what_was_committed_meanwhile_is_kept(
    command: str,
    words: list[str],
    name: str,
    more: str,
    repository: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = repository / name

    def later(*given: Any, **named: Any) -> str:
        file.write_text((file.read_text() if file.exists() else "") + more)
        run(repository, "git", "add", name)
        run(repository, "git", "commit", "-q", "-m", "mine")
        return carry(*given, **named)

    monkeypatch.setattr(f"spinegate.curation.{command}.cli.carry", later)
    asked = ["curate", command, *words, "--dataset", str(repository), "--apply"]
    assert spinegate(asked) == 2
    assert "since the plan was made" in capsys.readouterr().err
    assert file.read_text().endswith(more)
