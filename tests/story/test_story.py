"""From two sites to a release that everybody can get: what people type, in the order they do it.

Each test is a step that goes on from the one before. Nothing is called but commands: spinegate,
git, git-annex and DataLad, on real repositories, with a versioned bucket for the contents.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.story.places import Places, named, places, remove, rename_badly, sums

pytestmark = pytest.mark.slow
NAME = "r20261120"
A, B = "sub-siemensA01", "sub-geB01"
ATTRIBUTES = "* annex.largefiles=nothing\n*.nii.gz annex.largefiles=anything\n"


@pytest.fixture(scope="module")
def story(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Places]:
    for needed in ("moto", "datalad", "ants", "pydicom"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    with places(tmp_path_factory.mktemp("story")) as found:
        yield found


@pytest.fixture(autouse=True, scope="module")
def failed_before(request: pytest.FixtureRequest) -> int:
    return request.session.testsfailed


@pytest.fixture(autouse=True)
def in_order(request: pytest.FixtureRequest, failed_before: int) -> None:
    if request.session.testsfailed > failed_before:
        pytest.skip("an earlier step failed")


def test_a_dataset_is_published(story: Places) -> None:
    manager = story.manager
    words = ["--vendors", "ge,philips", "--sites", "1", "--participants", "1", *story.size()]
    story.types(manager, "example", manager.clone, *words)
    remove(manager.clone / "truth.json")
    (manager.clone / ".gitattributes").write_text(ATTRIBUTES)
    manager.datalad("create", "--force", ".")
    manager.datalad("save", "-m", "The dataset")
    address = f"http://127.0.0.1:{story.bucket.port}/contents/"
    settings = [*story.bucket.settings(), "versioning=yes", f"publicurl={address}"]
    manager.git("annex", "initremote", "-q", "store", *settings, "autoenable=true")
    manager.git("annex", "copy", "-q", "--to", "store", ".")
    manager.git("init", "-q", "--bare", manager.origin)
    manager.git("remote", "add", "origin", manager.origin)
    manager.git("push", "-q", "-u", "origin", "main", "git-annex")
    assert "No error, no warning" in story.types(manager, "validate", "--profile", "release").out
    story.known |= sums(manager.clone, "sub-ge|sub-philips")


def test_ada_brings_dicom_in(story: Places) -> None:
    manager, ada = story.manager, story.site_a
    fork = ada.origin
    manager.git("clone", "-q", "--bare", manager.origin, fork)
    ada.git("annex", "init", "-q", "ada's fork", at=fork)
    ada.datalad("clone", fork, ada.clone, at=ada.folder)
    ada.trust("store")
    ada.git("switch", "-q", "-c", "siemensA")
    exams = ada.folder / "exams"
    words = ["--dicom", "--vendors", "siemens", "--seed", "7", *story.size()]
    story.types(ada, "example", exams, *words)
    base = ada.git("rev-parse", "HEAD")
    whose = ["--subject", A, "--site", "siemensA"]
    ingest: list[str | Path] = ["curate", "ingest", exams / "siemensA01", ".", *whose]
    plan = story.types(ada, *ingest)
    assert "7 series, 7 images" in plan.out
    assert ada.git("rev-parse", "HEAD") == base
    done = story.types(ada, *ingest, "--apply")
    tracked = ada.git("ls-files", f"{A}/*.nii.gz").splitlines()
    assert f"{7 - len(tracked)} images may show a face" in done.err
    assert not [path for path in tracked if "_T1w" in path or "_T2w" in path]
    assert ada.git("status", "--short") == ""


def test_ada_looks_at_what_may_show_a_face(story: Places) -> None:
    ada = story.site_a
    base = ada.git("rev-parse", "HEAD")
    done = story.types(ada, "curate", "deface", "--participant-label", A, "--apply")
    assert "nothing removed" in done.out
    assert (ada.clone / ".git/spinegate/deface/deface.html").is_file()
    images = named(done.out)
    assert {f"{A}/anat/{A}_{name}.nii.gz" for name in ("T1w", "T2w")} <= {*images}
    accept = ["curate", "deface", "--apply", "--accept"]
    refused = story.types(ada, *accept, story.decide(ada, *images), status=1)
    assert "only with a note that says why" in refused.out
    assert ada.git("rev-parse", "HEAD") == base
    story.types(ada, *accept, story.decide(ada, *images, note="the image ends below the mouth"))
    assert ada.git("ls-files", *images).splitlines() == images
    sidecar = json.loads((ada.clone / f"{A}/anat/{A}_T1w.json").read_text())
    assert sidecar["Defaced"]["AutomaticTest"] in done.out
    assert ada.git("status", "--short") == ""


def test_ada_pushes_her_branch(story: Places) -> None:
    ada = story.site_a
    done = story.types(ada, "validate", "--profile", "incoming", "--base", "origin/main")
    assert "0 new errors" in done.out
    ada.datalad("push", "--to", "origin")
    story.known |= (mine := sums(ada.clone, A))
    assert len(mine) == 16


def test_bo_gives_files_their_names(story: Places) -> None:
    bo = story.site_b
    words = ["--vendors", "ge", "--sites", "2", "--participants", "1", "--seed", "9"]
    story.types(bo, "example", bo.clone, *words, *story.size())
    labels = bo.clone / "derivatives/labels"
    remove(bo.clone / "truth.json", bo.clone / "sub-geA01", labels / "sub-geA01")
    remove(*labels.glob("*/anat/*_T1w_*"), *labels.glob("*/anat/*_T2w_*"))
    table = bo.clone / "participants.tsv"
    lines = table.read_text().splitlines(keepends=True)
    table.write_text("".join(line for line in lines if "geA" not in line))
    anat = bo.clone / B / "anat"
    story.heads(anat / f"{B}_T1w.nii.gz", anat / f"{B}_T2w.nii.gz")
    rename_badly(anat)
    done = story.types(bo, "validate", "--profile", "incoming", status=1)
    assert "NAME_NOT_BIDS" in done.out
    assert "NAME_OLD_CONVENTION" in done.out
    before = sums(bo.clone, B)
    assert "8 rename" in story.types(bo, "curate", "rename", "--from-findings").out
    assert sums(bo.clone, B) == before
    story.types(bo, "curate", "rename", "--from-findings", "--apply")
    assert sorted(sums(bo.clone, B).values()) == sorted(before.values())
    assert "NAME_" not in story.types(bo, "validate", "--profile", "incoming", "--bids", "off").out


def test_bo_takes_the_faces_out(story: Places) -> None:
    bo = story.site_b
    faces = [f"{B}/anat/{B}_{name}.nii.gz" for name in ("T1w", "T2w")]
    before = sums(bo.clone, B)
    md5 = [hashlib.md5((bo.clone / face).read_bytes()).hexdigest() for face in faces]
    done = story.types(bo, "curate", "deface", "--apply")
    assert "2 face gone" in done.out
    assert sums(bo.clone, B) == before
    images = named(done.out)
    accept = ["curate", "deface", "--apply", "--accept"]
    story.types(bo, *accept, story.decide(bo, *images, note="seen from all sides"))
    after = sums(bo.clone, B)
    changed = {path for path, digest in after.items() if digest != before[path]}
    sidecars = {image.replace(".nii.gz", ".json") for image in images}
    assert {*faces, *sidecars} <= changed <= {*images, *sidecars}
    story.types(bo, "curate", "deface", "--purge", "--apply")
    assert not {before[face] for face in faces} & set(sums(bo.folder, "").values())
    assert sums(bo.clone, B) == after
    story.known |= after
    story.faces += [*md5, *(before[face] for face in faces)]


def test_the_manager_takes_both_in(story: Places) -> None:
    manager = story.manager
    manager.git("remote", "add", "ada", story.site_a.origin)
    for site, name in {"siemensA": "ada", "geB": "bo"}.items():
        source = "ada/siemensA" if name == "ada" else story.site_b.clone
        merge: list[str | Path] = ["curate", "merge", "--from", source]
        assert "contributor's word: --attest" in story.types(manager, *merge, status=2).err
        words: list[str | Path] = [*merge, "--attest", story.attest(name)]
        assert "No errors by the profile incoming" in story.types(manager, *words).out
        assert not [branch for branch in manager.contributions() if site in branch]
        text = story.folder / f"{name}.md"
        story.types(manager, *words, "--apply", "--pull-request", text)
        assert "Attested by the contributor" in text.read_text()
        branches = [branch for branch in manager.contributions() if site in branch]
        assert len(branches) == 2  # here and at the origin
        assert manager.git("status", "--short") == ""
    queue = story.types(manager, "curate", "queue").out
    assert queue.count("errors: none") == 2
    assert "13 public" in queue
    assert "7 public" in queue


def test_the_manager_accepts_both(story: Places) -> None:
    manager = story.manager
    for site in ("siemensA", "geB"):
        story.types(manager, "curate", "merge", "--accept", site, "--apply")
    manager.git("pull", "-q", "--ff-only")
    assert manager.rows() == ["sub-geA01", B, "sub-philipsA01", A]
    assert "No contribution waits" in story.types(manager, "curate", "queue").out
    known = manager.git("ls-tree", "-r", "--name-only", "git-annex", at=manager.origin)
    assert "MD5E-" in known
    assert not [face for face in story.faces if face in known]


def test_one_is_excluded(story: Places) -> None:
    why = ["--metric", "csa_t2", "--reason", "Measured with voxels of 3 mm"]
    story.types(story.manager, "curate", "exclude", B, *why, "--apply")
    assert f"- {B}  # Measured" in (story.manager.clone / "exclude.yml").read_text()
    assert story.types(story.manager, "curate", "exclude", "--check").status == 0


def test_it_is_released(story: Places) -> None:
    manager = story.manager
    plan = story.folder / "release.yaml"
    assert "0 errors" in story.types(manager, "curate", "release", NAME, "--plan", plan).out
    make: list[str | Path] = ["curate", "release", NAME, "--from-plan", plan, "--apply"]
    story.types(manager, *make, status=1)
    assert manager.git("tag") == ""
    done = story.types(manager, *make, "--sign", "Jane Doe")
    assert f"curate release {NAME} --publish" in done.err
    story.types(manager, "curate", "release", NAME, "--publish")
    refs = ("main", "git-annex", NAME)
    assert manager.git("rev-parse", *refs, at=manager.origin) == manager.git("rev-parse", *refs)


def test_a_stranger_gets_every_byte(story: Places) -> None:
    stranger = story.stranger
    stranger.datalad("clone", story.manager.origin, stranger.clone, at=stranger.folder)
    stranger.datalad("get", ".")
    assert stranger.git("annex", "find", "--not", "--in", "here") == ""
    assert sums(stranger.clone, "sub-") == story.known
    assert stranger.git("describe", "--tags") == NAME
    assert "0 errors" in story.types(stranger, "validate", "--profile", "release").out
    assert len(list(Path(stranger.clone).glob("sub-*"))) == 4
