"""New files enter whole or not at all: a folder, git, git-annex; killed at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from spinegate.curation.apply import resume, undo
from spinegate.curation.ingest.enter import TABLE, Arrival, enter
from spinegate.system.errors import SpinegateError

Run = Callable[..., str]
Fingerprint = Callable[[Path], dict[str, str]]
FORMER = b"participant_id\tsite\nsub-old\tx\n"
NEW = "sub-new/anat/sub-new_T1w"


@pytest.fixture(autouse=True)
def _environment(tool_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("HOME", "PATH"):
        monkeypatch.setenv(key, tool_environment[key])


@pytest.fixture
def arrival(tmp_path: Path) -> Arrival:
    """An image, its sidecar, and a row for it."""
    folder = tmp_path / "arrival"
    (folder / NEW).parent.mkdir(parents=True)
    (folder / f"{NEW}.nii.gz").write_bytes(random.Random(1).randbytes(50_000))
    (folder / f"{NEW}.json").write_text('{"EchoTime": 0.003}\n')
    paths = (f"{NEW}.nii.gz", f"{NEW}.json")
    table = b"participant_id\tsite\nsub-old\tx\nsub-new\tx\n"
    return Arrival(folder, paths, table, "spinegate: ingest: sub-new\n", FORMER)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A small dataset that git knows nothing of."""
    dataset = tmp_path / "dataset"
    dataset.mkdir()
    (dataset / "participants.tsv").write_bytes(FORMER)
    (dataset / "dataset_description.json").write_text('{"Name": "x"}\n')
    return dataset


@pytest.fixture
def repository(plain: Path, run: Run) -> Path:
    """The same in git."""
    run(plain, "git", "init", "-q")
    run(plain, "git", "add", ".")
    run(plain, "git", "commit", "-q", "-m", "Begin")
    return plain


@pytest.fixture
def annexed(plain: Path, run: Run, annex_tool: str) -> Path:
    """The same in git-annex."""
    (plain / ".gitattributes").write_text("*.nii.gz filter=annex annex.largefiles=anything\n")
    run(plain, "git", "init", "-q")
    run(plain, annex_tool, "init", "-q", "here")
    run(plain, "git", "add", ".")
    run(plain, "git", "commit", "-q", "-m", "Begin")
    return plain


def test_a_plain_folder(plain: Path, arrival: Arrival, fingerprint: Fingerprint) -> None:
    before = fingerprint(plain)
    assert enter(arrival, plain) == ""
    for path in arrival.paths:
        assert (plain / path).read_bytes() == (arrival.folder / path).read_bytes()
    assert (plain / "participants.tsv").read_bytes() == arrival.table
    assert undo(plain) == 3  # not the one folder and the table
    assert fingerprint(plain) == before


def test_undo_takes_nothing_that_was_made_since(plain: Path, arrival: Arrival) -> None:
    enter(arrival, plain)
    made = (plain / arrival.paths[0]).parent / "notes.txt"
    made.write_text("an hour of work")
    with pytest.raises(SpinegateError, match="changed since"):
        undo(plain)
    assert made.read_text() == "an hour of work"
    made.unlink()
    (plain / arrival.paths[0]).write_text("edited")
    with pytest.raises(SpinegateError, match="changed since"):
        undo(plain)
    assert (plain / arrival.paths[0]).read_text() == "edited"


def test_git_takes_one_commit(
    repository: Path, arrival: Arrival, run: Run, fingerprint: Fingerprint
) -> None:
    before = fingerprint(repository)
    (repository / "mine.txt").write_text("not part of it")
    run(repository, "git", "add", "mine.txt")
    commit = enter(arrival, repository)
    assert run(repository, "git", "rev-parse", "HEAD").strip() == commit
    shown = run(repository, "git", "show", "--name-status", "--format=%s", commit).split("\n")
    assert shown[0] == "spinegate: ingest: sub-new"
    assert sorted(filter(None, shown[1:])) == [
        f"A\t{NEW}.json",
        f"A\t{NEW}.nii.gz",
        "M\tparticipants.tsv",
    ]
    assert run(repository, "git", "status", "--porcelain") == "A  mine.txt\n"
    undo(repository)
    run(repository, "git", "rm", "-q", "-f", "mine.txt")
    assert fingerprint(repository) == before
    assert run(repository, "git", "status", "--porcelain") == ""


def test_images_go_into_the_annex(
    annexed: Path, arrival: Arrival, run: Run, annex_tool: str
) -> None:
    enter(arrival, annexed)
    image = annexed / f"{NEW}.nii.gz"
    assert image.is_symlink()
    assert "annex/objects" in os.readlink(image)
    assert image.read_bytes() == (random.Random(1).randbytes(50_000))
    assert not (annexed / f"{NEW}.json").is_symlink()
    assert run(annexed, "git", "status", "--porcelain") == ""
    assert run(annexed, annex_tool, "find", "--in=here").split() == [f"{NEW}.nii.gz"]
    assert "ok" in run(annexed, annex_tool, "fsck", f"{NEW}.nii.gz")
    assert "120000" in run(annexed, "git", "ls-files", "-s", f"{NEW}.nii.gz")
    linked = os.readlink(image)
    image.unlink()
    run(annexed, "git", "checkout", f"{NEW}.nii.gz")
    assert os.readlink(image) == linked


def test_a_clone_that_does_not_use_the_annex_yet_is_refused(
    annexed: Path, arrival: Arrival, run: Run, tmp_path: Path
) -> None:
    run(tmp_path, "git", "clone", "-q", str(annexed), "clone")
    with pytest.raises(SpinegateError, match="git annex init"):
        enter(arrival, tmp_path / "clone")


def test_a_name_that_is_taken_is_refused(
    plain: Path, arrival: Arrival, fingerprint: Fingerprint
) -> None:
    (plain / NEW).parent.mkdir(parents=True)
    (plain / f"{NEW}.json").write_text("mine")
    before = fingerprint(plain)
    with pytest.raises(SpinegateError, match="has appeared meanwhile"):
        enter(arrival, plain)
    assert fingerprint(plain) == before
    assert not (plain.parent / ".dataset.spinegate").exists()


def test_a_table_with_changes_that_are_not_committed_is_refused(
    repository: Path, arrival: Arrival, fingerprint: Fingerprint
) -> None:
    (repository / "participants.tsv").write_bytes(mine := FORMER + b"sub-mine\ty\n")
    before = fingerprint(repository)
    with pytest.raises(SpinegateError, match="changed since the last commit"):
        enter(replace(arrival, former=mine), repository)
    assert fingerprint(repository) == before


@pytest.mark.parametrize("now", [FORMER + b"sub-since\ty\n", b"", None])
@pytest.mark.parametrize("committed", [False, True])
def test_rows_that_others_wrote_meanwhile_are_not_lost(
    now: bytes | None,
    committed: bool,
    repository: Path,
    arrival: Arrival,
    run: Run,
    fingerprint: Fingerprint,
) -> None:
    table = repository / "participants.tsv"
    table.unlink() if now is None else table.write_bytes(now)
    if committed:
        run(repository, "git", "commit", "-q", "-a", "-m", "Meanwhile")
    before, head = fingerprint(repository), run(repository, "git", "rev-parse", "HEAD")
    with pytest.raises(SpinegateError, match=r"participants\.tsv was changed meanwhile"):
        enter(arrival, repository)
    assert fingerprint(repository) == before
    assert run(repository, "git", "rev-parse", "HEAD") == head


def test_a_table_that_appeared_or_that_only_git_has_is_not_overwritten(
    repository: Path, arrival: Arrival, run: Run
) -> None:
    made_from_none = replace(arrival, former=None)
    with pytest.raises(SpinegateError, match=r"participants\.tsv was changed meanwhile"):
        enter(made_from_none, repository)
    (repository / "participants.tsv").unlink()
    with pytest.raises(SpinegateError, match=r"git restore participants\.tsv"):
        enter(made_from_none, repository)
    run(repository, "git", "rm", "-q", "participants.tsv")
    run(repository, "git", "commit", "-q", "-m", "No table")
    assert enter(made_from_none, repository)


def test_a_table_that_git_keeps_in_another_form_is_refused(
    repository: Path, arrival: Arrival, run: Run
) -> None:
    (repository / ".gitattributes").write_text("*.tsv text eol=crlf\n")
    table = repository / "participants.tsv"
    table.write_bytes(crlf := FORMER.replace(b"\n", b"\r\n"))
    run(repository, "git", "add", ".")
    run(repository, "git", "commit", "-q", "-m", "Line ends")
    with pytest.raises(SpinegateError, match="another form"):
        enter(replace(arrival, former=crlf), repository)
    assert table.read_bytes() == crlf


@pytest.mark.parametrize("locked", [True, False])
def test_a_table_in_the_annex_is_refused_with_commands_that_mend_it(
    annexed: Path, arrival: Arrival, run: Run, annex_tool: str, locked: bool
) -> None:
    (annexed / ".git/info").mkdir(exist_ok=True)
    (annexed / ".git/info/attributes").write_text("* filter=annex\n")  # as git annex init does
    run(annexed, "git", "rm", "-q", "--cached", TABLE)
    run(annexed, annex_tool, "add", "-q", "--force-large", TABLE)
    run(annexed, "git", "commit", "-q", "-m", "As DataLad does")
    if not locked:
        run(annexed, annex_tool, "unlock", "-q", TABLE)
        run(annexed, "git", "commit", "-q", "-m", "Unlocked")
    with pytest.raises(SpinegateError, match="is in git-annex") as caught:
        enter(arrival, annexed)
    commands = str(caught.value).partition("folder: ")[2].partition(", then again")[0]
    run(annexed, "sh", "-c", commands.replace("git commit", "git commit -q"))
    assert (annexed / TABLE).read_bytes() == FORMER
    enter(arrival, annexed)
    assert run(annexed, "git", "show", f"HEAD:{TABLE}").encode() == arrival.table
    assert run(annexed, "git", "status", "--porcelain") == ""
    assert undo(annexed) == 3


CHILD = """
import sys
from pathlib import Path
from spinegate.curation.ingest.enter import Arrival, enter
folder, dataset = map(Path, sys.argv[1:3])
new = "sub-new/anat/sub-new_T1w"
print("begun", flush=True)
enter(Arrival(folder, (f"{new}.nii.gz", f"{new}.json"),
      b"participant_id\\tsite\\nsub-old\\tx\\nsub-new\\tx\\n", "spinegate: ingest: x\\n",
      b"participant_id\\tsite\\nsub-old\\tx\\n"), dataset)
"""


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.0, 0.05, 0.15, 0.25, 0.35, 0.45, 0.6, 0.8])
@pytest.mark.parametrize("way", ["resume", "undo"])
def test_killed_it_is_as_before_or_as_after(
    annexed: Path,
    arrival: Arrival,
    run: Run,
    fingerprint: Fingerprint,
    delay: float,
    way: str,
) -> None:
    before = fingerprint(annexed)
    argv = [sys.executable, "-c", CHILD, str(arrival.folder), str(annexed)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
    try:
        (resume if way == "resume" else undo)(annexed)
    except SpinegateError as error:
        assert "nothing to" in str(error)  # noqa: PT017
    state = fingerprint(annexed)
    if state != before:
        assert (annexed / f"{NEW}.nii.gz").is_symlink()
        assert (annexed / "participants.tsv").read_bytes() == arrival.table
        assert run(annexed, "git", "log", "--format=%s", "-1") == "spinegate: ingest: x\n"
    assert run(annexed, "git", "status", "--porcelain") == ""
