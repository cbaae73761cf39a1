"""Contributions that touch participants whom the dataset has: shown, attested, nothing lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.curation.merge.world import World

pytestmark = pytest.mark.slow
T2W = "sub-geA01/anat/sub-geA01_T2w.nii.gz"


def replace_image(clone: World, path: str) -> None:
    """Put an image with other voxels in its place."""
    clone.git("annex", "get", "-q", path)
    clone.git("annex", "unlock", "-q", path)
    content = (clone.clone / path).read_bytes()
    (clone.clone / path).write_bytes(content + content[-1:])
    clone.git("add", path)
    clone.git("annex", "lock", "-q", "--force", path)


def commit(world: World) -> None:
    world.git("commit", "-q", "-a", "-m", "Mended")
    world.git("switch", "-q", "main")


def test_what_is_taken_out_must_be_allowed(world: World) -> None:
    fork = world.second_clone("fork")
    fork.git("switch", "-q", "-c", "again")
    fork.git("rm", "-q", "-r", "derivatives/labels/sub-geA01")
    fork.git("commit", "-q", "-m", "Once more")
    world.git("remote", "add", "fork", fork.clone)
    branch = world.offer("fork/again")
    assert branch.startswith("contribution/geA-")
    shown = world.curate("merge", "--accept", branch)
    before = world.state()["origin"]
    done = world.accept(branch)
    assert (done.status, done.out) == (shown.status, shown.out) == (1, done.out)
    assert "  sub-geA01: 20 deleted\n    deleted: derivatives/labels/sub-geA01/" in done.out
    assert "19 more. If that is meant: --allow-deletions" in done.err
    assert world.state()["origin"] == before
    assert world.accept(branch, "--allow-deletions").status == 0
    assert not [path for path in world.paths() if path.startswith("derivatives/labels/sub-geA01")]


def test_a_new_image_of_somebody_known_needs_a_word(world: World, tmp_path: Path) -> None:
    fork = world.second_clone("fork")
    fork.git("switch", "-q", "-c", "again")
    replace_image(fork, T2W)
    fork.git("commit", "-q", "-m", "Once more")
    world.git("remote", "add", "fork", fork.clone)
    text = tmp_path / "pull.md"
    branch = world.offer("fork/again", "--with-errors", "--pull-request", text)
    told = text.read_text().replace("\\", "")
    assert f"Files changed: {T2W}" in told
    assert f"- {T2W}: T2w images show the face" in told
    assert "- Source: branch at " in told
    done = world.curate("merge", "--accept", branch)
    assert f"  sub-geA01: 1 changed\n    changed: {T2W}" in done.out
    world.git("switch", "-q", branch)
    record = f".spinegate/contributions/{branch.partition('/')[2]}.yml"
    given = (world.clone / record).read_text()
    assert 'participants: ["sub-geA01"]' in given
    (world.clone / record).write_text(given.replace("sub-geA01", "sub-siemensA01"))
    commit(world)
    done = world.accept(branch)
    assert done.status == 2
    assert "sub-geA01 gets new images without the contributor's word" in done.err


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_one_row_in_two_contributions(
    world: World, site: Path, second_site: Path, order: tuple[int, int]
) -> None:
    """Whoever comes second is told; the first one's word stays, and it can be mended by hand."""
    branches = [world.offer(site), world.offer(second_site)]
    table = world.clone / "participants.tsv"
    for branch, height in zip(branches, ("186", "185"), strict=True):
        world.git("switch", "-q", branch)
        table.write_text(table.read_text().replace("\t187\t", f"\t{height}\t"))
        commit(world)
    first, second = (branches[at] for at in order)
    heights = [("186", "185")[at] for at in order]
    assert world.accept(first).status == 0
    done = world.accept(second)
    assert done.status == 2
    assert f"the dataset has '{heights[0]}', the other side '{heights[1]}'" in done.err
    world.git("switch", "-q", second)
    table.write_text(table.read_text().replace(f"\t{heights[1]}\t", f"\t{heights[0]}\t"))
    commit(world)
    done = world.accept(second)
    assert done.status == 0, done.err
    assert len(world.rows()) == 4
    assert world.git("show", "origin/main:participants.tsv").count(f"\t{heights[0]}\t") == 1


def test_one_image_in_two_contributions(world: World, site: Path, second_site: Path) -> None:
    """Each was free of duplicates when it came; faces that both decided on come in with both."""
    name = "anat/sub-{}_T2w.nii.gz"
    ours = site / "sub-siemensB01" / name.format("siemensB01")
    shutil.copy(ours, second_site / "sub-geB01" / name.format("geB01"))
    for folder, subject in ((site, "siemensB01"), (second_site, "geB01")):
        file = folder / ".spinegate" / "defacing.tsv"
        file.parent.mkdir()
        path = f"sub-{subject}/" + name.format(subject)
        file.write_text(
            f"path\tdecision\tby\n{path}\tpass\tAda\nsub-x01/anat/y.nii.gz\tpass\tEve\n"
        )
    one, two = world.offer(site), world.offer(second_site, "--with-errors")
    rows = world.git("show", f"{one}:.spinegate/defacing.tsv").splitlines()
    assert rows[1:] == [f"sub-siemensB01/{name.format('siemensB01')}\tpass\tAda\tn/a\tn/a"]
    assert world.accept(one).status == 0
    done = world.accept(two)
    assert done.status == 2
    assert "sub-geB01_T2w.nii.gz has the same content as" in done.err
    world.git("switch", "-q", two)
    world.git("rm", "-q", "sub-geB01/" + name.format("geB01"))
    commit(world)
    done = world.accept(two)
    world.git("fetch", "-q")
    assert done.status == 0, done.err
    rows = world.git("show", "origin/main:.spinegate/defacing.tsv").splitlines()
    assert [row.split("/")[0] for row in rows[1:]] == ["sub-siemensB01", "sub-geB01"]
