"""Files that give way to others: plain, locked and unlocked; the rest stays as it was."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.curation.apply import resume, undo
from spinegate.curation.ingest.enter import Arrival, enter
from spinegate.system.errors import SpinegateError

Run = Callable[..., str]
Fingerprint = Callable[[Path], dict[str, str]]
IMAGE, SIDECAR = "sub-1/anat/sub-1_T1w.nii.gz", "sub-1/anat/sub-1_T1w.json"
TABLE = "participants.tsv"


@pytest.fixture(autouse=True)
def _environment(tool_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("HOME", "PATH"):
        monkeypatch.setenv(key, tool_environment[key])


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    dataset = tmp_path / "dataset"
    (dataset / IMAGE).parent.mkdir(parents=True)
    (dataset / IMAGE).write_bytes(b"old image" * 500)
    (dataset / SIDECAR).write_text('{"EchoTime": 1}\n')
    (dataset / SIDECAR).chmod(0o755)
    (dataset / TABLE).write_text("participant_id\tage\nsub-1\t30\n")
    return dataset


@pytest.fixture
def arrival(tmp_path: Path) -> Arrival:
    folder = tmp_path / "arrival"
    (folder / IMAGE).parent.mkdir(parents=True)
    (folder / IMAGE).write_bytes(b"new image" * 500)
    (folder / SIDECAR).write_text('{"EchoTime": 2}\n')
    (folder / "new.tsv").write_text("x\n")
    paths = (IMAGE, SIDECAR, "new.tsv")
    return Arrival(folder, paths, None, "spinegate: x\n", replaced=frozenset((IMAGE, SIDECAR)))


@pytest.fixture
def annexed(plain: Path, run: Run, annex_tool: str) -> Path:
    (plain / ".gitattributes").write_text("*.nii.gz filter=annex annex.largefiles=anything\n")
    run(plain, "git", "init", "-q")
    run(plain, annex_tool, "init", "-q", "here")
    run(plain, annex_tool, "add", "-q", IMAGE)
    run(plain, "git", "add", ".")
    run(plain, "git", "commit", "-q", "-m", "Begin")
    return plain


def _is_new(dataset: Path) -> bool:
    return (
        (dataset / IMAGE).read_bytes() == b"new image" * 500
        and (dataset / SIDECAR).read_text() == '{"EchoTime": 2}\n'
        and (dataset / SIDECAR).stat().st_mode & 0o777 == 0o755
        and (dataset / "new.tsv").exists()
        and (dataset / "new.tsv").read_text() == "x\n"
    )


def test_in_a_plain_folder(plain: Path, arrival: Arrival, fingerprint: Fingerprint) -> None:
    before = fingerprint(plain)
    assert enter(arrival, plain) == ""
    assert _is_new(plain)
    undo(plain)
    assert fingerprint(plain) == before


@pytest.mark.parametrize("form", ["locked", "unlocked"])
def test_an_annexed_image_gets_another_key_and_stays_as_it_lay(
    annexed: Path, arrival: Arrival, run: Run, annex_tool: str, form: str
) -> None:
    if form == "unlocked":
        run(annexed, annex_tool, "unlock", "-q", IMAGE)
        run(annexed, "git", "commit", "-q", "-m", "unlocked")
    tree = run(annexed, "git", "rev-parse", "HEAD^{tree}")
    key = run(annexed, annex_tool, "lookupkey", IMAGE)
    enter(arrival, annexed)
    assert _is_new(annexed)
    assert (annexed / IMAGE).is_symlink() == (form == "locked")
    assert run(annexed, "git", "status", "--porcelain") == ""
    assert run(annexed, annex_tool, "lookupkey", IMAGE) != key
    assert "ok" in run(annexed, annex_tool, "fsck", IMAGE)
    assert run(annexed, annex_tool, "find", "--in=here").split() == [IMAGE]
    changed = run(annexed, "git", "show", "--name-status", "--format=", "HEAD").splitlines()
    assert sorted(changed) == ["A\tnew.tsv", f"M\t{SIDECAR}", f"M\t{IMAGE}"]
    undo(annexed)
    assert run(annexed, "git", "rev-parse", "HEAD^{tree}") == tree
    assert (annexed / IMAGE).read_bytes() == b"old image" * 500
    assert run(annexed, "git", "status", "--porcelain") == ""
    assert run(annexed, annex_tool, "lookupkey", IMAGE) == key
    (arrival.folder / IMAGE).write_bytes(b"new image" * 500)  # the annex has it already
    enter(arrival, annexed)
    assert _is_new(annexed)
    assert run(annexed, "git", "status", "--porcelain") == ""


def test_what_is_not_committed_is_refused(
    annexed: Path, arrival: Arrival, fingerprint: Fingerprint
) -> None:
    (annexed / SIDECAR).write_text('{"mine": 1}\n')
    before = fingerprint(annexed)
    with pytest.raises(SpinegateError, match="changed since the last commit"):
        enter(arrival, annexed)
    assert fingerprint(annexed) == before


def test_a_link_that_leads_elsewhere_is_not_followed(
    plain: Path, arrival: Arrival, tmp_path: Path, fingerprint: Fingerprint
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (plain / IMAGE).unlink()
    os.symlink(outside, plain / IMAGE)
    before = fingerprint(plain)
    with pytest.raises(SpinegateError, match="doesn't lead into the annex"):
        enter(arrival, plain)
    assert outside.read_text() == "mine"
    assert fingerprint(plain) == before


CHILD = f"""
import sys
from pathlib import Path
from spinegate.curation.ingest.enter import Arrival, enter
folder, dataset = map(Path, sys.argv[1:3])
paths = ("{IMAGE}", "{SIDECAR}", "new.tsv")
print("begun", flush=True)
enter(Arrival(folder, paths, None, "spinegate: x\\\\n", replaced=frozenset(paths[:2])), dataset)
"""


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.1, 0.3, 0.5, 0.7, 0.9, 1.2])
def test_killed_it_is_as_before_or_as_after(
    annexed: Path, arrival: Arrival, run: Run, fingerprint: Fingerprint, delay: float
) -> None:
    before = fingerprint(annexed)
    argv = [sys.executable, "-c", CHILD, str(arrival.folder), str(annexed)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
    with contextlib.suppress(SpinegateError):  # it hadn't begun
        resume(annexed)
    assert _is_new(annexed) or fingerprint(annexed) == before
    assert run(annexed, "git", "status", "--porcelain") == ""
