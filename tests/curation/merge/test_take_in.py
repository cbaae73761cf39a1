"""A contribution becomes a branch of its own, or is refused with the reason."""

from __future__ import annotations

import json
import os
import shutil
import signal
import zipfile
from pathlib import Path

import pytest

from tests.curation.merge.world import ATTESTATION, World, kill, wait_for

pytestmark = pytest.mark.slow


def test_shown_first_then_taken_in(world: World, site: Path, tmp_path: Path) -> None:
    before = world.state()
    shown = world.take_in(site)
    assert shown.status == 0, shown.err
    assert "1 participant of siemensB" in shown.out
    assert "Nothing was changed" in shown.err
    assert world.state() == before
    assert "Contents would go to store (not public)" in shown.out
    text = tmp_path / "pull.md"
    branch = world.offer(site, "--pull-request", text)
    after = world.state()
    assert (after["index"], after["status"]) == (before["index"], before["status"])
    assert world.contributions() == [f"refs/heads/{branch}"] * 2
    told = text.read_text()
    assert "Board of the site, 2026-12" in told
    assert "in store, which isn't public: each was read back" in told
    assert "- sub-siemensB01/anat/sub-siemensB01\\_T1w.nii.gz: T1w images show the face" in told
    record = f".spinegate/contributions/{branch.removeprefix('contribution/')}.yml"
    assert 'participants: ["sub-siemensB01"]' in world.git("show", f"{branch}:{record}")
    assert "Contributed-by: Ada Contributor" in world.git("log", "-1", "--format=%B", branch)
    assert world.rows(branch) == ["sub-siemensA01", "sub-geA01", "sub-siemensB01"]
    pointer = world.git("ls-tree", branch, "sub-siemensB01/anat/sub-siemensB01_T1w.nii.gz")
    assert pointer.startswith("120000")
    again = world.take_in(site, "--apply")
    assert (again.status, "already" in again.out) == (0, True)
    for file in site.rglob("*.nii.gz"):
        assert file.stat().st_size  # the contributor's own files stay


def test_a_zip_is_the_same_as_its_folder(world: World, site: Path, tmp_path: Path) -> None:
    archive = tmp_path / "from Ada Lovelace.zip"
    with zipfile.ZipFile(archive, "w") as members:
        for file in site.rglob("*"):
            if file.is_file():
                members.write(file, Path("ada") / "data" / file.relative_to(site))
        members.writestr("../../sub-evil01/anat/sub-evil01_T1w.json", "{}")
        members.writestr("ada/data/.git/hooks/post-checkout", "#!/bin/sh")
    branch = world.offer(archive)
    names = [path for path in world.paths(branch) if path not in world.paths("main")]
    mine = [path.relative_to(site).as_posix() for path in site.rglob("sub-*.*") if path.is_file()]
    record = f".spinegate/contributions/{branch.partition('/')[2]}.yml"
    assert names == sorted([*mine, record])
    assert "Lovelace" not in world.git("show", branch)
    assert world.accept(branch).status == 0


def test_a_killed_look_leaves_no_images(world: World, site: Path, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "sent"), "zip", site))
    work = world.clone / ".git" / "spinegate-merge"
    process = world.start("merge", "--from", archive, "--attest", world.attest())
    wait_for(lambda: work.is_dir() and any(work.rglob("scratch.git")))
    os.killpg(process.pid, signal.SIGSTOP)
    shown = world.take_in(archive)  # neither waits for the other, nor takes away what it has
    assert shown.status == 0, shown.err
    kill(process)
    (left,) = work.iterdir()
    assert left.stat().st_mode & 0o077 == 0
    assert world.take_in(archive).status == 0
    assert list(work.iterdir()) == []


def test_a_private_store_must_be_named(world: World, site: Path) -> None:
    world.git("config", "--unset", "spinegate.store")
    shown = world.take_in(site)
    assert shown.status == 0
    assert "can't be taken in yet: the contents could only go to store, which isn't" in shown.out
    assert world.take_in(site, "--apply").status == 2
    assert world.contributions() == []
    assert world.offer(site, "--store", "store", "--fast")


def test_a_forks_branch(world: World, site: Path, tmp_path: Path) -> None:
    fork = world.second_clone("fork")
    fork.git("switch", "-q", "-c", "our-site")
    shutil.copytree(site, fork.clone, dirs_exist_ok=True, ignore=lambda *_: ["participants.tsv"])
    head, *rows = (site / "participants.tsv").read_text().splitlines()
    assert head.startswith("participant_id")
    with (fork.clone / "participants.tsv").open("a") as table:
        table.write("\n".join(rows) + "\n")
    (fork.clone / ".gitattributes").write_text("* filter=evil\n")
    fork.git("config", "annex.largefiles", "include=*.nii.gz")
    fork.git("annex", "add", "-q", ".")
    fork.git("commit", "-q", "-m", "Our site")
    fork.git("annex", "initremote", "-q", "trap", "type=directory", "encryption=none",
             f"directory={tmp_path}", "autoenable=true")  # fmt: skip
    world.git("remote", "add", "fork", fork.clone)
    done = world.take_in("fork/our-site", "--apply")
    assert done.status == 0, done.err
    assert ".gitattributes: it isn't data of a participant" in done.out
    branch = world.contributions()[0].removeprefix("refs/heads/")
    assert ".gitattributes" not in world.paths(branch)
    assert "trap" not in world.git("show", "git-annex:remote.log")
    assert world.git("log", "--format=%s", f"main..{branch}").count("\n") == 0
    assert world.accept(branch).status == 0
    fresh = world.fetch_all()
    for image in site.rglob("*.nii.gz"):
        assert (fresh / image.relative_to(site)).read_bytes() == image.read_bytes()


def test_participants_that_are_there_already(world: World, parts: Path, tmp_path: Path) -> None:
    source = tmp_path / "same"
    for path in (parts / "base").rglob("sub-siemensA01*.*"):
        if path.is_file():
            target = source / path.relative_to(parts / "base")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    before = world.state()
    done = world.take_in(source, "--apply")
    assert done.status == 1
    assert "sub-siemensA01: is in the dataset already" in done.out
    assert "--subject sub-siemensA01=sub-siemensA02" in done.out
    assert world.state() == before


def test_derivatives_of_participants_that_are_there(
    world: World, parts: Path, tmp_path: Path
) -> None:
    source = tmp_path / "labels"
    shutil.copytree(parts / "base" / "derivatives", source / "derivatives")
    names = [path for path in world.paths("main") if path.startswith("derivatives/")]
    mine = sorted(path for path in names if "/sub-siemensA01/" in path)
    plan = tmp_path / "plan.yml"
    done = world.take_in(source)
    assert done.status == 1
    assert ": 2 participants of geA, siemensA, " in done.out
    assert "In the way (2):" in done.out
    told = f"  sub-siemensA01: {len(mine)} of its files, such as {mine[0]}, are in the dataset"
    assert told in done.out
    assert "--from-plan FILE" in done.out
    new = source / mine[0].replace("sub-siemensA01_", "sub-siemensA01_desc-new_")
    new.write_text("{}")
    assert world.take_in(source, "--plan", plan).status == 1
    blocks = plan.read_text().split("- apply: ")
    kept = [block if "_desc-new_" in block else block.replace("yes", "no", 1) for block in blocks]
    plan.write_text("- apply: ".join(kept))
    assert "In the way" not in world.take_in(source, "--from-plan", plan).out


def test_a_participant_in_an_open_contribution(world: World, site: Path) -> None:
    world.offer(site)
    sidecar = next(site.rglob("*_T1w.json"))
    sidecar.write_text(sidecar.read_text() + "\n")
    done = world.take_in(site)
    assert done.status == 1
    assert "is in the open contribution/" in done.out


def test_the_same_content_twice(world: World, site: Path, parts: Path) -> None:
    image = next((parts / "base").rglob("sub-geA01_T2w.nii.gz"))
    shutil.copy(image, site / "sub-siemensB01" / "anat" / "sub-siemensB01_T2w.nii.gz")
    done = world.take_in(site)
    assert done.status == 1
    assert "has the same content as" in done.out
    assert "sub-geA01_T2w.nii.gz" in done.out


def test_a_row_that_says_otherwise(world: World, site: Path) -> None:
    rows = world.git("show", "main:participants.tsv").splitlines()
    with (site / "participants.tsv").open("a") as table:
        table.write(rows[1].replace("\tM\t", "\tF\t") + "\n")
    done = world.take_in(site)
    assert done.status == 1
    assert "'sub-siemensA01', sex: the dataset has 'M', the other side 'F'" in done.out


def test_contents_that_were_not_fetched(world: World, site: Path) -> None:
    image = next(site.rglob("*_T1w.nii.gz"))
    image.unlink()
    image.symlink_to("../.git/annex/objects/aa/bb/K/K")
    other = next(site.rglob("*_T2w.nii.gz"))
    other.write_text("/annex/objects/SHA256E-s3--00.nii.gz\n")
    done = world.take_in(site)
    assert done.status == 1
    assert done.out.count("git annex get it first") == 2


def test_errors_are_mended_first_or_offered_on_purpose(world: World, site: Path) -> None:
    sidecar = site / "sub-siemensB01" / "anat" / "sub-siemensB01_T1w.json"
    sidecar.write_text("{")
    done = world.take_in(site, "--apply")
    assert done.status == 1
    assert "Mend the errors first" in done.err
    assert world.contributions() == []
    branch = world.offer(site, "--with-errors")
    assert "errors: none" not in world.curate("queue").out
    assert world.accept(branch).status == 1


def test_a_name_never_leaves_the_machine(world: World, site: Path) -> None:
    sidecar = site / "sub-siemensB01" / "anat" / "sub-siemensB01_T1w.json"
    content = json.loads(sidecar.read_text()) | {"PatientName": "Doe^Jane"}
    sidecar.write_text(json.dumps(content))
    done = world.take_in(site, "--with-errors", "--apply")
    assert done.status == 1
    assert "tells who was measured" in done.err
    assert world.contributions() == []


def test_a_plan_that_a_person_changed(world: World, site: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yml"
    assert world.take_in(site, "--plan", plan).status == 0
    text = plan.read_text()
    out = "derivatives/labels/sub-siemensB01/"
    blocks = text.split("- apply: ")
    kept = [block.replace("yes", "no", 1) if out in block else block for block in blocks]
    plan.write_text("- apply: ".join(kept).replace('"notes": "n/a"', '"notes": "seen twice"'))
    branch = world.offer(site, "--from-plan", plan)
    assert not [path for path in world.paths(branch) if path.startswith(out)]
    assert "seen twice" in world.git("show", f"{branch}:participants.tsv")
    plan.write_text('- apply: yes\n  op: "add"\n  path: "sub-x01/y.json"\n')
    done = world.take_in(site, "--from-plan", plan)
    assert (done.status, "plan.yml:1" in done.err) == (2, True)


@pytest.mark.parametrize("missing", ["contact", "ethics_approval", "consent", "defaced"])
def test_no_contribution_without_its_contributors_word(
    world: World, site: Path, missing: str
) -> None:
    text = "".join(line for line in ATTESTATION.splitlines(keepends=True) if missing not in line)
    done = world.curate("merge", "--from", site, "--attest", world.attest(text))
    assert (done.status, missing in done.err) == (2, True)
    text += f"{missing}: false\n"
    done = world.curate("merge", "--from", site, "--attest", world.attest(text))
    assert (done.status, missing in done.err) == (2, True)


def test_columns_by_other_names(world: World, site: Path) -> None:
    table = site / "participants.tsv"
    head, row = table.read_text().splitlines()
    head = head.replace("participant_id", "Participant ID").replace("sex", "Gender")
    table.write_text(f"{head.replace('pathology', 'disease')}\tshoe_size\n{row}\t42\n")
    done = world.take_in(site, "--column", "disease=pathology")
    assert done.status == 0, done.out
    assert "column Gender is sex" in done.out
    assert "column disease is pathology" in done.out
    assert "column 'shoe_size' has no place" in done.out


def test_wrong_use(world: World, site: Path, tmp_path: Path) -> None:
    assert world.curate("merge").status == 2
    assert world.curate("merge", "--from", site, "--accept", "x").status == 2
    assert "attest" in world.curate("merge", "--from", site).err
    assert "no such folder" in world.take_in(tmp_path / "nowhere").err
    assert "name the top folder of BIDS data" in world.take_in(world.attest()).err
    assert "no branch 'contribution/x'" in world.accept("contribution/x").err
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no sub-* folder" in world.take_in(empty).err
    assert "not in git" in world.curate("queue", empty).err


def test_the_queue(world: World, site: Path, second_site: Path) -> None:
    assert world.curate("queue").out == "No contribution waits.\n"
    sidecar = second_site / "sub-geB01" / "anat" / "sub-geB01_T1w.json"
    sidecar.write_text(sidecar.read_text().replace('"RepetitionTime"', '"Repetition"'))
    old = World(world.folder, {**world.env, "GIT_COMMITTER_DATE": "2026-01-01T12:00:00Z"})
    one, two = world.offer(site), old.offer(second_site, "--no-push", "--with-errors")
    first, second = json.loads(world.curate("queue", "--format", "json").out)
    assert (first["branch"], first["site"], second["branch"]) == (two, "geB", one)
    assert (first["days"] > 300, second["days"], second["errors"]) == (True, 0, {})
    told = world.curate("queue").out
    assert f"  geB, 1 participant, waits {first['days']:,} days; Ada Contributor" in told
    count, remedy = first["errors"].popitem()[::-1]
    assert f"  errors: {count} {remedy}" in told
    other = world.second_clone()
    assert one in other.curate("queue", "--fast").out
    assert two not in other.curate("queue", "--fast", "--offline").out
    assert world.accept(one).status == 0
    assert world.curate("queue", "--fast").out.startswith(two)
