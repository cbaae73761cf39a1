"""Contributions are merged and published; nothing is lost, whoever else is at work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.curation.merge.world import World, kill, obstacles, wait_for

pytestmark = pytest.mark.slow
PHANTOM = ["sub-siemensA01", "sub-geA01"]
B, G = ["sub-siemensB01"], ["sub-geB01"]


def test_a_contribution_is_merged_and_every_byte_can_be_had(world: World, site: Path) -> None:
    offered = world.curate(
        "merge", world.clone, "--from", site, "--attest", world.attest(), "--store", "store",
        "--apply", at=site,
    )  # fmt: skip
    assert offered.status == 0, offered.err
    *_, first, show, merge = offered.err.splitlines()
    branch = first.removeprefix("Offered as ")
    words = show.partition("would do: spinegate curate ")[2].split()
    assert words == ["merge", str(world.clone), "--accept", branch, "--store", "store"]
    assert merge.endswith(f"{' '.join(words)} --apply")
    shown = world.curate(*words, at=site)
    assert (shown.status, "17 of 17" in shown.out) == (0, True)
    assert world.rows() == PHANTOM
    done = world.accept(branch)
    assert done.status == 0, done.err
    assert world.rows() == [*PHANTOM, *B]
    assert world.git("rev-parse", "origin/main^2") == world.git("rev-parse", branch)
    fresh = world.fetch_all()
    assert obstacles(fresh) == {"NO_PUBLIC_REMOTE"}
    for file in site.rglob("sub-*.*"):
        if file.is_file():
            assert (fresh / file.relative_to(site)).read_bytes() == file.read_bytes()
    assert f"git push origin --delete {branch}" in done.err
    merged = world.git("rev-parse", "--short=12", "origin/main")
    word = f"{branch} was accepted already by the commit {merged} of main"
    again = world.accept(branch)
    assert (again.status, word in again.err) == (2, True)
    world.git("push", "-q", "origin", "--delete", branch)
    world.git("branch", "-q", "-D", branch)
    again = world.curate("merge", "--accept", "siemensB")
    assert (again.status, word in again.err) == (2, True)


def test_two_at_the_same_time_in_one_clone(world: World, site: Path, second_site: Path) -> None:
    branches = [world.offer(site), world.offer(second_site)]
    runs = [world.start("merge", "--accept", branch, "--apply") for branch in branches]
    ends = [run.communicate(timeout=120) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], ends
    world.git("fetch", "-q")
    assert sorted(world.rows()) == sorted([*PHANTOM, *B, *G])
    world.fetch_all()


def test_two_at_the_same_time_in_two_clones(world: World, site: Path, second_site: Path) -> None:
    other = world.second_clone()
    runs = []
    one, two = world.offer(site), other.offer(second_site)
    for place, branch in ((world, one), (other, two)):
        runs.append(place.start("merge", "--accept", branch, "--apply"))
    ends = [run.communicate(timeout=120) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], ends
    world.git("fetch", "-q")
    assert sorted(world.rows()) == sorted([*PHANTOM, *B, *G])
    world.fetch_all()


def test_a_dirty_work_tree_and_no_branch(world: World, site: Path) -> None:
    branch = world.offer(site)
    (world.clone / "README.md").write_text("half written\n")
    (world.clone / "note.txt").write_text("mine\n")
    (world.clone / "CHANGES").write_text("staged\n")
    world.git("-c", "annex.largefiles=nothing", "add", "CHANGES")
    world.git("checkout", "-q", "--detach")
    before = world.state()
    done = world.accept(branch)
    assert done.status == 0, done.err
    after = world.state()
    assert (after["index"], after["status"]) == (before["index"], before["status"])
    assert (world.clone / "README.md").read_text() == "half written\n"
    assert world.rows() == [*PHANTOM, *B]


def test_both_sides_have_the_same_participant(world: World, site: Path, second_site: Path) -> None:
    """Each contribution was free of collisions when it came."""
    other = world.second_clone()
    one = world.offer(site)
    for path in sorted(second_site.rglob("*geB*"), key=lambda path: -len(path.parts)):
        path.rename(path.with_name(path.name.replace("geB", "siemensB")))
    table = second_site / "participants.tsv"
    table.write_text(table.read_text().replace("sub-geB", "sub-siemensB"))
    world.git("push", "-q", "origin", f":{one}")  # the other manager doesn't know of it
    two = other.offer(second_site, "--with-errors")
    assert world.accept(one).status == 0
    done = other.accept(two)
    assert done.status == 2
    assert "sub-siemensB01" in done.err
    assert "was changed on both sides" in done.err
    other.git("fetch", "-q")
    assert other.rows() == [*PHANTOM, *B]


def test_rows_that_were_changed_on_both_sides(world: World, site: Path) -> None:
    branch = world.offer(site)
    table = world.clone / "participants.tsv"
    former = table.read_text()
    table.write_text(former.replace("\t187\t", "\t186\t"))
    world.git("commit", "-q", "-a", "-m", "Height")
    world.git("push", "-q", "origin", "main")
    world.git("switch", "-q", branch)
    table.write_text(table.read_text().replace("\t187\t", "\t185\t"))
    world.git("commit", "-q", "-a", "-m", "Another height")
    world.git("switch", "-q", "main")
    done = world.accept(branch)
    assert done.status == 2
    assert "'sub-siemensA01', height: the dataset has '186', the other side '185'" in done.err
    assert world.rows() == PHANTOM


def test_the_merge_is_validated_and_not_only_the_branch(world: World, site: Path) -> None:
    branch = world.offer(site)
    world.git("switch", "-q", branch)
    sidecar = world.clone / "sub-siemensB01" / "anat" / "sub-siemensB01_T1w.json"
    sidecar.write_text("{")
    world.git("commit", "-q", "-a", "-m", "Broken")
    world.git("switch", "-q", "main")
    done = world.accept(branch)
    assert done.status == 1
    assert "1 error by the profile incoming" in done.out
    assert "(SIDECAR_NOT_JSON)" in done.out
    assert world.rows() == PHANTOM


@pytest.mark.parametrize(
    "path", [".gitattributes", ".spinegate.yml", ".github/workflows/x.yml", "code/run.sh"]
)
def test_what_is_no_data_is_not_merged(world: World, site: Path, path: str) -> None:
    branch = world.offer(site)
    world.git("switch", "-q", branch)
    (world.clone / path).parent.mkdir(parents=True, exist_ok=True)
    (world.clone / path).write_text("x: 1\n")
    world.git("-c", "annex.largefiles=nothing", "add", path)
    world.git("commit", "-q", "-m", "More")
    world.git("switch", "-q", "main")
    done = world.accept(branch)
    assert (done.status, path in done.err) == (2, True)


def test_no_participant_without_the_contributors_word(world: World, site: Path) -> None:
    branch = world.offer(site)
    world.git("switch", "-q", branch)
    world.git("rm", "-q", "-r", ".spinegate")
    world.git("commit", "-q", "-m", "Nobody said that")
    world.git("switch", "-q", "main")
    done = world.accept(branch)
    assert (done.status, "without the contributor's word" in done.err) == (2, True)


def test_contents_that_are_nowhere(world: World, site: Path) -> None:
    branch = world.offer(site)
    image = next(p for p in world.paths(branch) if "siemensB01" in p and p.endswith(".nii.gz"))
    key = world.git("show", f"{branch}:{image}").rpartition("/")[2]
    world.git("annex", "drop", "--force", "-q", "--from", "store", "--key", key)
    world.git("annex", "dropkey", "--force", "-q", key)
    done = world.accept(branch)
    assert done.status == 2
    assert "neither in store nor here" in done.err or "errors" in done.out
    assert world.rows() == PHANTOM


def test_a_hook_that_refuses_is_not_asked_again_and_again(world: World, site: Path) -> None:
    branch = world.offer(site)
    hook = world.origin / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        '#!/bin/sh\ncase $1 in refs/heads/main) echo "main is protected"; exit 1;; esac\n'
    )
    hook.chmod(0o755)
    done = world.accept(branch)
    assert done.status == 2
    assert "main is protected" in done.err
    hook.unlink()
    assert world.accept(branch).status == 0


def test_killed_at_any_moment(world: World, site: Path) -> None:
    branch = world.offer(site)
    main = world.git("rev-parse", "main", at=world.origin)
    work = world.clone / ".git" / "spinegate-merge"
    for _ in range(3):
        process = world.start("merge", "--accept", branch, "--apply")
        wait_for(lambda process=process: process.poll() is not None or any(work.iterdir()))
        kill(process)
    if world.git("rev-parse", "main", at=world.origin) == main:
        assert world.accept(branch).status == 0
    world.git("fetch", "-q")
    assert world.rows() == [*PHANTOM, *B]
    world.fetch_all()
