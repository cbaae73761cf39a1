"""People who work with DataLad: strangers who get the data, and contributors who bring some."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.curation.merge.bucket import Bucket
from tests.curation.merge.world import World, obstacles

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("way", ["publicurl", "httpalso"])
def test_a_stranger_gets_every_byte(
    world: World, bucket: Bucket, site: Path, parts: Path, tmp_path: Path, way: str
) -> None:
    """No credentials, no remote enabled by hand: what the clone says is enough."""
    address = f"http://127.0.0.1:{bucket.port}/contents/"
    if way == "publicurl":
        settings = [f"publicurl={address}", "autoenable=true"]
        world.git("annex", "enableremote", "-q", "bucket", *settings)
        world.git("annex", "copy", "-q", "--to", "bucket", ".")
    else:
        settings = ["type=httpalso", f"url={address}", "autoenable=true"]
        world.git("annex", "initremote", "-q", "--sameas=bucket", "open", *settings)
    done = world.accept(world.offer(site))
    assert done.status == 0, done.err
    (tmp_path / "stranger").mkdir()
    env = {key: value for key, value in world.env.items() if not key.startswith("AWS_")}
    env |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "annex.security.allowed-ip-addresses",
            "GIT_CONFIG_VALUE_0": "all"}  # fmt: skip
    fresh = World(tmp_path / "stranger", env)
    fresh.datalad("clone", world.origin, fresh.clone, at=tmp_path)
    fresh.datalad("get", *(["."] if way == "publicurl" else ["sub-siemensB01"]))
    assert "nothing to save" in fresh.datalad("status")
    images = list((site / "sub-siemensB01").rglob("*.nii.gz"))
    if way == "publicurl":
        assert obstacles(fresh.clone) == set()
        images = [*site.rglob("*.nii.gz"), *(parts / "base").rglob("*.nii.gz")]
    for image in images:
        top = site if image.is_relative_to(site) else parts / "base"
        assert (fresh.clone / image.relative_to(top)).read_bytes() == image.read_bytes()


@pytest.mark.parametrize("adjusted", [False, True])
def test_a_contributor_saves_with_datalad(world: World, site: Path, adjusted: bool) -> None:
    fork = World(world.folder / "fork", world.env)
    fork.folder.mkdir()
    fork.datalad("clone", world.origin, fork.clone, at=world.folder)
    if adjusted:
        fork.git("annex", "adjust", "--unlock")
    shutil.copytree(site, fork.clone, dirs_exist_ok=True, ignore=lambda *_: ["participants.tsv"])
    with (fork.clone / "participants.tsv").open("a") as table:
        table.write((site / "participants.tsv").read_text().partition("\n")[2])
    fork.git("config", "annex.largefiles", "include=*.nii.gz")
    fork.datalad("save", "-m", "Our site")
    branch = fork.git("symbolic-ref", "--short", "HEAD")
    assert branch == ("adjusted/main(unlocked)" if adjusted else "main")
    world.git("remote", "add", "fork", fork.clone)
    shown = world.take_in(f"fork/{branch}")
    print(shown.out, shown.err)
    assert "1 participant of siemensB, 36 files, 17 images" in shown.out
    assert "Changed" not in shown.out
    if adjusted:
        assert world.accept(world.offer(f"fork/{branch}")).status == 0
        fresh = world.fetch_all()
        for image in site.rglob("*.nii.gz"):
            assert (fresh / image.relative_to(site)).read_bytes() == image.read_bytes()
