"""What a planned tree foretells is what the validator finds once the plan was applied."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.curation.apply import apply_plan, undo
from spinegate.curation.expand import expand
from spinegate.curation.fixes import plan_fixes
from spinegate.curation.place import find_place, locked
from spinegate.curation.transaction import phase_of
from spinegate.protocol_specs.loader import load_spec
from spinegate.rules.loader import load_rules
from spinegate.system.errors import ConfigError, SpinegateError
from spinegate.validator.dataset import Dataset, load_dataset
from spinegate.validator.engine import run_rules
from spinegate.validator.finding import Finding, Origin
from spinegate.validator.inspection import Inspection
from spinegate.validator.ledger import Ledger
from spinegate.validator.operation import Delete, Operation, Remove, Rename, Set
from spinegate.validator.plan import Plan, Proposal, write_plan
from spinegate.validator.planned import plan_tree
from spinegate.validator.tree import Tree, open_tree

Run = Callable[..., str]
Fingerprint = Callable[[Path], dict[str, str]]


def load(tree: Tree) -> Dataset:
    return load_dataset(tree, load_spec("spine-generic"))


def findings_of(tree: Tree) -> list[Finding]:
    spec = load_spec("spine-generic")
    rules = load_rules()
    ledger = Ledger([r for r in rules if r.over != "parameter"], Origin("spinegate", "0"))
    run_rules(Inspection(load_dataset(tree, spec), spec, headers=True, images=True), rules, ledger)
    return sorted(ledger.findings, key=lambda finding: finding.order)


def told(findings: list[Finding]) -> list[tuple[object, ...]]:
    return [(f.code, f.location, f.sub_code, f.message, f.affects) for f in findings]


def planned(*operations: Operation) -> Plan:
    return Plan(tuple(map(Proposal, operations)))


def test_all_fixes_of_the_faulty_phantom(
    faulty_phantom: Path, tmp_path: Path, fingerprint: Fingerprint
) -> None:
    folder = shutil.copytree(faulty_phantom, tmp_path / "dataset", symlinks=True)
    tree = open_tree(folder)
    now = findings_of(tree)
    plan = plan_fixes(now, load(tree))
    mended = {identity for proposal in plan.chosen for identity in proposal.findings}
    assert len(mended) == len([finding for finding in now if finding.fix]) >= 12
    foretold = findings_of(plan_tree(tree, plan))
    before = fingerprint(folder)
    apply_plan(plan, folder)
    after = findings_of(open_tree(folder))
    assert told(after) == told(foretold)
    assert not mended & {finding.identity for finding in after}
    undo(folder)
    assert fingerprint(folder) == before


@pytest.mark.parametrize("seed", range(3))
def test_random_plans_on_the_faulty_phantom(
    seed: int, faulty_phantom: Path, tmp_path: Path, fingerprint: Fingerprint
) -> None:
    folder = shutil.copytree(faulty_phantom, tmp_path / "dataset", symlinks=True)
    tree = open_tree(folder)
    chance = random.Random(seed)
    images = [scan.path for scan in load(tree).scans if not scan.path.startswith("derivatives")]
    chosen = chance.sample(images, 24)
    operations: list[Operation] = []
    for old, new in zip(chosen[:12:2], chosen[1:12:2], strict=True):  # swaps
        operations += [Rename(old, new), Rename(new, old)]
    operations += [Rename(path, path.replace("_", "_acq-new_", 1)) for path in chosen[12:16]]
    operations += [Rename(path, f"code/{path.rpartition('/')[2]}") for path in chosen[16:18]]
    operations += [Delete(path) for path in chosen[18:20]]
    for path in chosen:
        sidecar = path.removesuffix(".gz").removesuffix(".nii") + ".json"
        edits = (Set(sidecar, "EchoTime", 0.0123), Remove(sidecar, "RepetitionTime"))
        try:
            plan_tree(tree, planned(*edits))
        except ConfigError:  # one of the planted faults
            continue
        operations += edits
    plan = planned(*operations)
    foretold = findings_of(plan_tree(tree, plan))
    before = fingerprint(folder)
    apply_plan(plan, folder)
    assert told(findings_of(open_tree(folder))) == told(foretold)
    undo(folder)
    assert fingerprint(folder) == before


def swap_of_mt(folder: Path) -> Plan:
    """Exchange the names of MTon and MToff, and move the others to other depths."""
    dataset = load(open_tree(folder))
    renames = []
    for scan in dataset.scans:
        path = scan.path
        if path.startswith("derivatives/"):
            continue
        if "_flip-1_mt-on_" in path:
            renames.append(Rename(path, path.replace("mt-on", "mt-off")))
        elif "_flip-1_mt-off_" in path:
            renames.append(Rename(path, path.replace("mt-off", "mt-on")))
        elif "_T1w" in path or "_dwi" in path:
            renames.append(
                Rename(path, path.replace("/", "/ses-1/", 1).replace("_", "_ses-1_", 1))
            )
        elif "_T2star" in path:
            renames.append(Rename(path, f"sourcedata/{path}"))
    return planned(*expand(renames, dataset))


def test_annexed_files_keep_their_keys(
    annexed: Path, run: Run, annex_tool: str, fingerprint: Fingerprint
) -> None:
    dropped = "sub-siemensA02/dwi/sub-siemensA02_dwi.nii.gz"
    run(annexed, annex_tool, "drop", "--force", "-q", dropped)
    assert (annexed / dropped).read_text().startswith("/annex/objects/")
    run(annexed, "git", "status")
    before, index = fingerprint(annexed), run(annexed, "git", "ls-files", "-s")
    keys = keys_of(annexed, run, annex_tool)
    plan = swap_of_mt(annexed)
    foretold = findings_of(plan_tree(open_tree(annexed), plan))
    assert apply_plan(plan, annexed) == len(plan.operations)
    assert told(findings_of(open_tree(annexed))) == told(foretold)
    moved = {op.path: op.to for op in plan.operations if isinstance(op, Rename)}
    assert keys_of(annexed, run, annex_tool) == {moved.get(k, k): v for k, v in keys.items()}
    # git and git-annex find nothing that differs from what is staged, nothing to mend.
    assert {line[1] for line in run(annexed, "git", "status", "--porcelain").splitlines()} == {" "}
    assert run(annexed, "git", "diff", "--name-only") == ""
    assert run(annexed, annex_tool, "fix") == ""
    run(annexed, annex_tool, "fsck", "-q", "--exclude", moved.get(dropped, dropped))
    links = [path for path in annexed.rglob("*.nii.gz") if path.is_symlink()]
    assert len(links) > 10
    assert all(path.exists() for path in links)
    undo(annexed)
    assert fingerprint(annexed) == before
    assert run(annexed, "git", "ls-files", "-s") == index
    assert run(annexed, "git", "status", "--porcelain") == ""


def keys_of(folder: Path, run: Run, annex_tool: str) -> dict[str, str]:
    listed = run(folder, annex_tool, "find", "--anything", "--format=${file} ${key}\\n")
    return dict(line.split(" ") for line in listed.splitlines())


def test_the_history_follows_a_renamed_image(annexed: Path, run: Run) -> None:
    old = "sub-siemensA01/anat/sub-siemensA01_T2w.nii.gz"
    new = "sub-siemensA01/anat/sub-siemensA01_acq-x_T2w.nii.gz"
    apply_plan(planned(Rename(old, new)), annexed)
    assert (
        run(annexed, "git", "diff", "--cached", "--name-status", "-M") == f"R100\t{old}\t{new}\n"
    )
    run(annexed, "git", "commit", "-q", "-m", "Renamed")
    history = run(annexed, "git", "log", "--follow", "--format=%s", "--", new).splitlines()
    assert history == ["Renamed", "A phantom"]
    assert run(annexed, "git", "status", "--porcelain") == ""


def test_hooks_and_filters_of_a_repository_are_not_run(
    repository: Path, run: Run, tmp_path: Path
) -> None:
    for name in ("post-index-change", "pre-commit", "post-checkout"):
        hook = repository / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/pwned\n")
        hook.chmod(0o755)
    run(repository, "git", "config", "filter.evil.clean", f"touch {tmp_path}/pwned; cat")
    (repository / ".gitattributes").write_text("*.json filter=evil\n")
    sidecar = "sub-siemensA01/anat/sub-siemensA01_T2w.json"
    apply_plan(planned(Rename(sidecar, "x.json"), Set(sidecar, "A", 1)), repository)
    assert not (tmp_path / "pwned").exists()


def test_a_second_work_tree_has_notes_and_an_index_of_its_own(
    repository: Path, tmp_path: Path, run: Run, fingerprint: Fingerprint
) -> None:
    second = tmp_path / "second"
    run(repository, "git", "worktree", "add", "-q", str(second))
    before = fingerprint(repository)
    apply_plan(planned(Rename("README.md", "README")), second)
    assert run(second, "git", "status", "--porcelain") == "R  README.md -> README\n"
    assert fingerprint(repository) == before
    assert run(repository, "git", "status", "--porcelain") == ""
    undo(second)
    assert run(second, "git", "status", "--porcelain") == ""


def test_nothing_is_written_over(phantom: Path, run: Run, fingerprint: Fingerprint) -> None:
    run(phantom, "git", "init", "-q")
    (phantom / ".gitignore").write_text("hidden.json\nway\n")
    (phantom / "hidden.json").write_text("mine")
    (phantom / "elsewhere").mkdir()
    (phantom / "way").symlink_to("elsewhere")
    before = fingerprint(phantom)
    with pytest.raises(ConfigError, match="git ignores it"):
        apply_plan(planned(Rename("CHANGES", "hidden.json")), phantom)
    with pytest.raises(ConfigError, match="leads over a link"):
        apply_plan(planned(Rename("CHANGES", "way/CHANGES")), phantom)
    assert fingerprint(phantom) == before
    assert not find_place(phantom).folder.exists()


def test_what_fails_half_way_leaves_all_as_it_was(
    phantom: Path, run: Run, fingerprint: Fingerprint
) -> None:
    run(phantom, "git", "init", "-q")
    (phantom / ".gitignore").write_text("way\n")
    (phantom / "way").write_text("a file, hidden from the dataset, where a folder must be made")
    before = fingerprint(phantom)
    plan = planned(Rename("README.md", "a/README.md"), Rename("CHANGES", "way/CHANGES"))
    with pytest.raises(SpinegateError, match=r"File exists.*left as it was"):
        apply_plan(plan, phantom)
    assert fingerprint(phantom) == before
    assert not (phantom / "a").exists()
    assert not find_place(phantom).folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="no signals")
def test_interrupted_by_the_user_all_is_as_it_was(
    phantom: Path, tmp_path: Path, fingerprint: Fingerprint
) -> None:
    images = sorted(path.relative_to(phantom) for path in phantom.rglob("*.nii.gz"))
    moves = [Rename(str(path), f"code/{number}/{path.name}") for number, path in enumerate(images)]
    write_plan(planned(*moves), tmp_path / "plan.tsv")
    before, place = fingerprint(phantom), find_place(phantom)
    command = ["curate", "fix", str(phantom), "--apply", "--from-plan"]
    argv = [sys.executable, "-m", "spinegate", *command]
    process = subprocess.Popen(
        [*argv, str(tmp_path / "plan.tsv")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and not phase_of(place):
        time.sleep(0.0005)
    process.send_signal(signal.SIGINT)
    assert process.wait() in (0, 130)
    assert phase_of(place) in ("", "done")
    if process.returncode == 0:  # it was too late
        undo(phantom)
    assert fingerprint(phantom) == before


def test_one_at_a_time(phantom: Path) -> None:
    with locked(find_place(phantom)), pytest.raises(SpinegateError, match="at work"):
        apply_plan(planned(Delete("README.md")), phantom)
    assert (phantom / "README.md").exists()


def test_an_edit_that_changes_nothing_touches_nothing(phantom: Path) -> None:
    sidecar = phantom / "sub-siemensA01/anat/sub-siemensA01_T2w.json"
    before = sidecar.stat().st_ino
    name = str(sidecar.relative_to(phantom))
    text = sidecar.read_text().partition('"Modality": "')[2].partition('"')[0]
    assert apply_plan(planned(Set(name, "Modality", text)), phantom) == 0
    assert sidecar.stat().st_ino == before
    assert not find_place(phantom).folder.exists()
