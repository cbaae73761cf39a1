"""A published dataset with a store, made once and copied for each test."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate
from tests.curation.merge.bucket import Bucket, start_bucket
from tests.curation.merge.world import World, split

SUBJECTS = {
    "siemensB": ("sub-siemensB01",),
    "geB": ("sub-geB01",),
}


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of two sites (`base`), and one folder for each further site. Never changed."""
    folder = tmp_path_factory.mktemp("parts")
    base = folder / "base"
    sizes = ["--sites", "2", "--participants", "1", "--vendors", "siemens,ge"]
    assert spinegate(["example", str(base), *sizes]) == 0
    (base / "truth.json").unlink()
    for site, subjects in SUBJECTS.items():
        split(base, folder / site, subjects)
    return folder


@pytest.fixture(scope="session")
def published(
    parts: Path,
    tmp_path_factory: pytest.TempPathFactory,
    tool_environment: dict[str, str],
    annex_tool: str,
) -> Path:
    """The dataset in git-annex, with a store, and published. Never changed."""
    assert annex_tool
    folder = tmp_path_factory.mktemp("published")
    shutil.copytree(parts / "base", folder / "clone")
    world = World(folder, tool_environment)
    world.git("init", "-q", "-b", "main")
    world.git("annex", "init", "-q", "manager")
    world.git("config", "annex.largefiles", "include=*.nii.gz")
    world.git("annex", "add", "-q", ".")
    world.git("commit", "-q", "-m", "The dataset")
    (folder / "store").mkdir()
    settings = ["type=directory", f"directory={folder / 'store'}", "encryption=none"]
    world.git("annex", "initremote", "-q", "store", *settings)
    world.git("config", "spinegate.store", "store")
    world.git("annex", "copy", "-q", "--to", "store", ".")
    world.git("init", "-q", "--bare", "-b", "main", folder / "origin.git", at=folder)
    world.git("remote", "add", "origin", folder / "origin.git")
    world.git("push", "-q", "-u", "origin", "main", "git-annex")
    return folder


@pytest.fixture
def world(published: Path, tmp_path: Path, tool_environment: dict[str, str]) -> World:
    """A copy of all of it, that may be changed."""
    folder = tmp_path / "world"
    shutil.copytree(published, folder, symlinks=True)
    found = World(folder, tool_environment)
    found.git("remote", "set-url", "origin", folder / "origin.git")
    found.git("config", "remote.store.annex-directory", folder / "store")
    found.git("update-index", "-q", "--refresh")
    return found


@pytest.fixture
def site(parts: Path, tmp_path: Path) -> Path:
    """A site's folder, that may be changed."""
    return Path(shutil.copytree(parts / "siemensB", tmp_path / "siemensB"))


@pytest.fixture
def second_site(parts: Path, tmp_path: Path) -> Path:
    """Another site's folder, that may be changed."""
    return Path(shutil.copytree(parts / "geB", tmp_path / "geB"))


@pytest.fixture
def bucket(
    world: World, tmp_path: Path, tool_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bucket]:
    """An S3 server, and the dataset's store in it."""
    if importlib.util.find_spec("moto") is None:
        pytest.skip("moto is not installed")
    monkeypatch.setitem(tool_environment, "AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setitem(tool_environment, "AWS_SECRET_ACCESS_KEY", "tests")
    found = start_bucket(tmp_path / "s3")
    with found.process:
        world.git("config", "annex.security.allowed-ip-addresses", "all")
        world.git("annex", "initremote", "-q", "bucket", *found.settings())
        world.git("config", "--unset", "spinegate.store")  # the public one is chosen
        yield found
        found.process.kill()
