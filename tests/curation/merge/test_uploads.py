"""Uploads that are killed, refused half-way, or meet a dead server: nothing half is offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.curation.merge.bucket import Bucket
from tests.curation.merge.world import World, kill, wait_for

pytestmark = pytest.mark.slow


def test_from_a_folder_to_a_bucket_and_back_by_datalad(
    world: World, bucket: Bucket, site: Path, tmp_path: Path
) -> None:
    branch = world.offer(site)
    assert bucket.count == 17
    assert "17 public" in world.curate("queue").out
    done = world.accept(branch)
    assert done.status == 0, done.err
    (tmp_path / "stranger").mkdir()
    fresh = World(tmp_path / "stranger", world.env)
    fresh.datalad("clone", world.origin, fresh.clone, at=tmp_path)
    fresh.git("config", "annex.security.allowed-ip-addresses", "all")
    fresh.git("annex", "enableremote", "-q", "bucket")
    fresh.trust("bucket")
    fresh.datalad("get", "sub-siemensB01", "derivatives/labels/sub-siemensB01")
    assert "nothing to save" in fresh.datalad("status")
    for image in site.rglob("*.nii.gz"):
        assert (fresh.clone / image.relative_to(site)).read_bytes() == image.read_bytes()


def test_a_bucket_that_takes_only_some(world: World, bucket: Bucket, site: Path) -> None:
    before = world.state()
    (bucket.folder / "limit").write_text("10")
    done = world.take_in(site, "--apply")
    assert done.status == 2
    assert "bucket doesn't take the contents" in done.err
    assert bucket.count == 10
    assert world.contributions() == []
    assert world.state()["origin"] == before["origin"]
    (bucket.folder / "limit").unlink()
    branch = world.offer(site)
    assert bucket.count == 17  # what it had was not sent again
    done = world.accept(branch)
    assert done.status == 0, done.err


def test_a_bucket_that_dies(world: World, bucket: Bucket, site: Path) -> None:
    (bucket.folder / "slow").touch()
    process = world.start("merge", "--from", site, "--attest", world.attest(), "--apply")
    wait_for(lambda: bucket.count >= 3)
    bucket.process.kill()
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "Traceback" not in err
    assert world.contributions() == []


def test_an_upload_that_is_killed(world: World, bucket: Bucket, site: Path) -> None:
    before = world.state()
    (bucket.folder / "slow").touch()
    process = world.start("merge", "--from", site, "--attest", world.attest(), "--apply")
    wait_for(lambda: bucket.count >= 5)
    kill(process)
    assert world.contributions() == []
    after = world.state()
    assert (after["index"], after["status"], after["origin"]) == (
        before["index"], before["status"], before["origin"],
    )  # fmt: skip
    (bucket.folder / "slow").unlink()
    branch = world.offer(site)
    assert bucket.count <= 19
    assert not list((world.clone / ".git" / "spinegate-merge").iterdir())
    done = world.accept(branch)
    assert done.status == 0, done.err


def test_contents_that_vanished_from_the_bucket(world: World, bucket: Bucket, site: Path) -> None:
    branch = world.offer(site)
    paths = [path for path in world.paths(branch) if path.startswith("sub-siemensB01/")]
    image = next(path for path in paths if path.endswith(".nii.gz"))
    key = world.git("show", f"{branch}:{image}").rpartition("/")[2]
    world.git("annex", "drop", "--force", "-q", "--from", "bucket", "--key", key)
    done = world.accept(branch)  # it is still here, so it is sent again
    assert done.status == 0, done.err
    assert world.git("annex", "checkpresentkey", key, "bucket") == ""
