"""`spinegate curate release`: planned, signed, made, and taken back while nobody has it."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.deface.held import hold
from spinegate.curation.place import find_place
from spinegate.curation.release.draft import read_draft
from spinegate.system.yaml import parse_yaml

Run = Callable[..., str]
Capture = pytest.CaptureFixture[str]
NAME = "r20261120"
IMAGE = "sub-geA01/anat/sub-geA01_T1w.nii.gz"
ENDED = """overrides:
- {code: README_MISSING, severity: ignore, reason: it is being written, until: "2020-12-31"}
"""


@pytest.fixture
def dataset(repository: Path, run: Run) -> Path:
    """A phantom with a release, and a contribution since."""
    run(repository, "git", "config", "user.name", "Tester")
    run(repository, "git", "config", "user.email", "tester@example.org")
    described = repository / "dataset_description.json"
    text = json.loads(described.read_text())
    text |= {"License": "CC0", "Authors": ["A. Phantom", "B. Ghost"], "Version": "r20250101"}
    described.write_text(json.dumps(text, indent=4) + "\n")
    run(repository, "git", "commit", "-q", "-a", "-m", "Who and how")
    run(repository, "git", "tag", "-a", "-m", "first", "r20250101")
    run(repository, "git", "commit", "-q", "--allow-empty", "-m", "Correct ages (#7)")
    return repository


def release(dataset: Path, *words: str) -> int:
    return spinegate(["curate", "release", NAME, str(dataset), *words])


def state(dataset: Path, run: Run) -> list[str]:
    return [
        run(dataset, "git", "rev-parse", "HEAD"),
        run(dataset, "git", "for-each-ref"),
        run(dataset, "git", "status", "--short"),
    ]


def test_the_plan_is_shown_and_nothing_happens(
    dataset: Path, tmp_path: Path, run: Run, capsys: Capture
) -> None:
    before = state(dataset, run)
    plan, image = tmp_path / "plan.yaml", tmp_path / "image"
    image.write_bytes(b"image")
    hold(find_place(dataset), {"sub-x/anat/sub-x_T1w.nii.gz": image}, "image of sub-x")
    assert release(dataset, "--plan", str(plan)) == 0
    said = capsys.readouterr()
    assert "1 image waits for defacing and will not be in this release: spinegate" in said.err
    plan.write_text(plan.read_text() + "# mine\n")
    assert release(dataset, "--plan", str(plan)) == 2
    assert "maybe your changes" in capsys.readouterr().err
    assert "Validation with profile release: 0 errors" in said.out
    assert "nobody has signed defaced" in said.out
    assert 'set     dataset_description.json: Version: "r20261120"' in said.out
    assert state(dataset, run) == before
    draft = read_draft(plan)
    assert draft.changes == "- Correct ages by Tester in #7"
    assert [person.family for person in draft.authors] == ["Phantom", "Ghost"]
    assert (draft.since, draft.license, draft.version) == ("r20250101", "CC0-1.0", NAME)
    assert release(dataset, "--from-plan", str(plan), "--apply") == 1
    assert "Refused" in capsys.readouterr().err
    assert state(dataset, run) == before
    assert not list(tmp_path.glob("*.tar.gz"))


def test_a_signed_release_is_made_and_taken_back(
    dataset: Path, tmp_path: Path, run: Run, capsys: Capture
) -> None:
    before = state(dataset, run)
    results = tmp_path / "metrics"
    (results / "deep").mkdir(parents=True)
    (results / "deep/csa.csv").write_text("a,b\n")
    plan, archive = tmp_path / "plan.yaml", tmp_path / f"dataset-{NAME}.tar.gz"
    words = ["--plan", str(plan), "--results", str(results), "--sign", "A. Manager"]
    assert release(dataset, *words) == 0
    text = plan.read_text()
    plan.write_text(text.replace("- Correct ages by", "- Ages of geA are right now, by"))
    assert release(dataset, "--from-plan", str(plan), "--apply") == 0
    capsys.readouterr()

    assert run(dataset, "git", "status", "--short") == ""
    assert run(dataset, "git", "cat-file", "-t", NAME).strip() == "tag"
    assert run(dataset, "git", "rev-parse", f"{NAME}^{{commit}}", "HEAD").split()[0] == (
        run(dataset, "git", "rev-parse", "HEAD").strip()
    )
    message = run(dataset, "git", "for-each-ref", f"refs/tags/{NAME}", "--format=%(contents)")
    assert message.startswith(f"Release {NAME}\n\n- Ages of geA are right now")
    assert hashlib.sha256(archive.read_bytes()).hexdigest() in message
    assert "Spinegate-" not in message
    changed = run(dataset, "git", "show", "--format=", "--name-only").split()
    assert sorted(changed) == sorted(
        ["CHANGES", "CITATION.cff", ".zenodo.json", "dataset_description.json",
         f".spinegate/releases/{NAME}.yml"]
    )  # fmt: skip
    described = (dataset / "dataset_description.json").read_text()
    assert json.loads(described)["Version"] == NAME
    assert run(dataset, "git", "show", "--format=", "--numstat", "--", "dataset_description.json"
               ).split()[:2] == ["1", "1"]  # fmt: skip
    assert "Ages of geA" in (dataset / "CHANGES").read_text()
    assert parse_yaml((dataset / "CITATION.cff").read_text()).value["version"] == NAME
    assert spinegate(["validate", str(dataset), "--profile", "release", "--output", "/dev/null"]
                     ) == 0  # fmt: skip
    with tarfile.open(archive) as packed:
        top = f"dataset-{NAME}/"
        assert packed.getnames() == [
            top + name
            for name in ("CITATION.cff", f"{NAME}.yml", "reports/validation.html",
                         "reports/validation.json", "results/1-metrics/deep/csa.csv")
        ]  # fmt: skip
        report = packed.extractfile(top + "reports/validation.json")
        assert report is not None
        assert json.load(report)["summary"]["errors"] == 0
        assert {(m.uid, m.gid, m.mode) for m in packed} == {(0, 0, 0o644)}

    assert release(dataset, "--apply") == 2
    assert "released already" in capsys.readouterr().err
    first = archive.read_bytes()
    assert release(dataset, "--undo") == 0
    assert state(dataset, run) == before
    assert not (dataset / "CITATION.cff").exists()
    assert release(dataset, "--undo") == 2
    assert release(dataset, "--from-plan", str(plan), "--apply") == 0
    assert archive.read_bytes() == first


def test_a_pushed_release_is_not_taken_back(
    dataset: Path, tmp_path: Path, run: Run, capsys: Capture
) -> None:
    bare = tmp_path / "bare.git"
    run(tmp_path, "git", "init", "-q", "--bare", str(bare))
    run(dataset, "git", "remote", "add", "origin", str(bare))
    assert release(dataset, "--sign", "A. Manager", "--apply") == 0
    run(dataset, "git", "push", "-q", "origin", NAME)
    assert release(dataset, "--undo") == 2
    assert "origin has the tag" in capsys.readouterr().err
    run(dataset, "git", "push", "-q", "origin", "HEAD")
    assert release(dataset, "--undo") == 2
    assert "was pushed (origin/" in capsys.readouterr().err
    tracking = run(dataset, "git", "for-each-ref", "--format=%(refname)", "refs/remotes")
    run(dataset, "git", "update-ref", "-d", tracking.strip())
    bare.rename(tmp_path / "away.git")
    assert release(dataset, "--undo") == 2
    assert "doesn't say whether it has" in capsys.readouterr().err
    assert run(dataset, "git", "tag", "--list", NAME).strip() == NAME


def test_a_stopped_release_is_finished_or_taken_back(
    dataset: Path, run: Run, capsys: Capture
) -> None:
    before = state(dataset, run)
    assert release(dataset, "--sign", "A. Manager", "--apply") == 0
    tag = run(dataset, "git", "for-each-ref", f"refs/tags/{NAME}", "--format=%(contents)")
    run(dataset, "git", "tag", "-d", NAME)  # as if it was killed before the tag
    assert release(dataset, "--apply") == 0
    again = run(dataset, "git", "for-each-ref", f"refs/tags/{NAME}", "--format=%(contents)")
    assert again == tag
    run(dataset, "git", "tag", "-d", NAME)
    assert spinegate(["curate", "fix", str(dataset), "--undo"]) == 0  # killed within --undo
    assert release(dataset, "--undo") == 0
    assert state(dataset, run) == before
    capsys.readouterr()


def test_what_came_after_keeps_a_release(dataset: Path, run: Run, capsys: Capture) -> None:
    assert release(dataset, "--sign", "A. Manager", "--apply") == 0
    run(dataset, "git", "commit", "-q", "--allow-empty", "-m", "Later")
    assert release(dataset, "--undo") == 2
    assert "other commits came after" in capsys.readouterr().err
    run(dataset, "git", "reset", "-q", "--hard", "HEAD^")
    exclude = ["curate", "exclude", "geA", "--dataset", str(dataset), "--metric", "mtr"]
    assert spinegate([*exclude, "--reason", "TR", "--apply"]) == 0
    run(dataset, "git", "reset", "-q", "--hard", "HEAD^")
    assert release(dataset, "--undo") == 2
    assert "other commands were run since" in capsys.readouterr().err
    assert run(dataset, "git", "tag", "--list", NAME).strip() == NAME


def test_errors_and_open_questions_refuse_it(
    dataset: Path, tmp_path: Path, run: Run, capsys: Capture
) -> None:
    plan = tmp_path / "plan.yaml"
    assert release(dataset, "--plan", str(plan), "--sign", "A. Manager") == 0
    capsys.readouterr()
    text = plan.read_text()
    future = (date.today() + timedelta(days=3)).isoformat()
    for old, new, said in (
        ("\n  done: yes", "\n  done: no", "nobody has signed findings"),
        ('by: "A. Manager"', 'by: ""', "nobody has signed findings"),
        (date.today().isoformat() + '"\n  note', future + '"\n  note', "lies in the future"),
        ('- id: "findings"', '- id: "other"', "findings is missing"),
        ('question: "Were', 'question: "Was', "asks something else"),
        ('license: "CC0-1.0"', 'license: ""', "license is empty"),
        ("- Correct ages", "Correct ages", "begins without a dash"),
        ('doi: ""', 'doi: "soon"', "doi is no DOI"),
        ("commit: ", "commit: 'a'  # ", "make it again"),
    ):
        assert old in text, old
        plan.write_text(text.replace(old, new, 1))
        assert release(dataset, "--from-plan", str(plan), "--apply") == 1, new
        assert said in capsys.readouterr().out
    table = dataset / "participants.tsv"
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:-1]))
    run(dataset, "git", "commit", "-q", "-a", "-m", "Spoilt")
    before = state(dataset, run)
    assert release(dataset, "--sign", "A. Manager", "--apply") == 1
    assert "FOLDER_WITHOUT_PARTICIPANT" in capsys.readouterr().out
    assert state(dataset, run) == before


def test_a_list_of_its_own_and_files_by_hand_are_kept(
    dataset: Path, run: Run, capsys: Capture
) -> None:
    (dataset / ".spinegate").mkdir()
    (dataset / ".spinegate/checklist.yml").write_text("- {id: one, question: Really?}\n")
    (dataset / "CHANGES.md").write_text("# Changes\n\n## r20250101\n\n - Old\n")
    with (dataset / ".bidsignore").open("a") as ignored:
        ignored.write("\nCHANGES.md\n")
    (dataset / "CITATION.cff").write_text(
        "cff-version: 1.2.0\nmessage: m  # mine\ntitle: t\nauthors:\n- name: x\nversion: r1\n"
    )
    (dataset / ".zenodo.json").write_text('{"title": "mine", "version": "r1"}\n')
    (dataset / "CHANGES").unlink(missing_ok=True)
    run(dataset, "git", "add", "--all")
    run(dataset, "git", "commit", "-q", "-m", "By hand")
    (dataset / "README").write_text("not committed\n")
    assert release(dataset, "--sign", "A. Manager", "--apply") == 0
    assert "Really?" in (dataset / f".spinegate/releases/{NAME}.yml").read_text()
    assert (dataset / "CHANGES.md").read_text().startswith(f"# Changes\n\n## {NAME}\n")
    assert "message: m  # mine" in (dataset / "CITATION.cff").read_text()
    zenodo = json.loads((dataset / ".zenodo.json").read_text())
    assert (zenodo["title"], zenodo["version"]) == ("mine", NAME)
    assert (dataset / "README").read_text() == "not committed\n"
    capsys.readouterr()


@pytest.mark.parametrize(
    ("file", "text", "code"),
    [
        (".spinegate.yml", ENDED, "WAIVER_EXPIRED"),
        (".spinegate/defacing.tsv", f"path\tdecision\n{IMAGE}\topen\n", "DECISION_OPEN"),
        (IMAGE, f"/annex/objects/SHA256E-s9--{'a' * 64}.nii.gz\n", "GIT_ANNEX_BRANCH_MISSING"),
    ],
)
def test_what_is_open_blocks_it(
    file: str, text: str, code: str, dataset: Path, run: Run, capsys: Capture
) -> None:
    (dataset / ".spinegate").mkdir()
    (dataset / file).write_text(text)
    (dataset / "README.md").unlink()
    run(dataset, "git", "add", "--all")
    run(dataset, "git", "commit", "-q", "-m", "Something is open")
    before = state(dataset, run)
    assert release(dataset, "--sign", "A. Manager", "--apply") == 1
    assert code in capsys.readouterr().out
    assert state(dataset, run) == before


@pytest.mark.parametrize("name", ["v1", "r2026", "r20261340", "--", "r20261120;x"])
def test_other_names_are_no_releases(name: str, tmp_path: Path, capsys: Capture) -> None:
    assert spinegate(["curate", "release", name, str(tmp_path)]) == 2
    assert capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_folders_that_are_no_repository_are_refused(phantom: Path, capsys: Capture) -> None:
    assert release(phantom) == 2
    assert "not the top folder of a git repository" in capsys.readouterr().err


def test_links_and_contents_that_are_away_are_not_packed(
    dataset: Path, tmp_path: Path, capsys: Capture
) -> None:
    results = tmp_path / "metrics"
    results.mkdir()
    for target, said in (
        ("/etc/passwd", "is a link"),
        ("../.git/annex/objects/a/b/../../../../etc/passwd", "is a link"),
    ):
        (results / "x").symlink_to(target)
        assert release(dataset, "--results", str(results)) == 2
        assert said in capsys.readouterr().err
        (results / "x").unlink()
    (results / "x").write_text("/annex/objects/MD5E-s1--9dd4e461268c8034f5c8564e155c67a6.nii.gz\n")
    assert release(dataset, "--results", str(results)) == 2
    assert "isn't here" in capsys.readouterr().err
    assert release(dataset, "--results", str(tmp_path / "none")) == 2


def test_annexed_images_stay_and_annexed_results_are_packed(
    annexed: Path, tmp_path: Path, run: Run, annex_tool: str, capsys: Capture,
    tool_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("PATH", tool_environment["PATH"])
    run(annexed, "git", "config", "user.name", "Tester")
    run(annexed, "git", "config", "user.email", "tester@example.org")
    run(annexed, "git", "config", "annex.largefiles", "anything")
    results = annexed / "derivatives/metrics"
    results.mkdir(parents=True)
    (results / "csa.csv").write_text("a,b\n")
    run(annexed, annex_tool, "add", "-q", "derivatives/metrics")
    run(annexed, "git", "commit", "-q", "-m", "Metrics")
    keys = run(annexed, annex_tool, "find", "--format=${file} ${key}\\n")
    words = ["--results", str(results), "--sign", "A. Manager"]
    assert spinegate(["curate", "release", NAME, str(annexed), *words, "--apply"]) == 1
    assert "NO_PUBLIC_REMOTE" in capsys.readouterr().out
    (annexed / ".spinegate.yml").write_text(
        "overrides: [{code: NO_PUBLIC_REMOTE, severity: ignore, reason: a test}]\n"
    )
    run(annexed, "git", "-c", "annex.largefiles=nothing", "add", ".spinegate.yml")
    run(annexed, "git", "commit", "-q", "-m", "Nobody else needs it")
    assert spinegate(["curate", "release", NAME, str(annexed), *words, "--apply"]) == 0
    with tarfile.open(tmp_path / f"dataset-{NAME}.tar.gz") as packed:
        content = packed.extractfile(f"dataset-{NAME}/results/1-metrics/csa.csv")
        assert content is not None
        assert content.read() == b"a,b\n"
    assert run(annexed, annex_tool, "find", "--format=${file} ${key}\\n") == keys
    assert run(annexed, "git", "status", "--short") == ""
    assert not (annexed / "CITATION.cff").is_symlink()
    run(annexed, annex_tool, "drop", "-q", "--force", "derivatives/metrics")
    run(annexed, "git", "tag", "-d", NAME)
    capsys.readouterr()
    assert spinegate(["curate", "release", "r20261121", str(annexed), *words]) == 2
    assert "git annex get" in capsys.readouterr().err


@pytest.mark.real
@pytest.mark.slow
def test_the_published_dataset_is_planned(bundle: Path, tmp_path: Path, capsys: Capture) -> None:
    plan = tmp_path / "plan.yaml"
    assert release(bundle, "--plan", str(plan)) == 0
    said = capsys.readouterr().out
    assert "LICENSE says CC-BY-4.0" in said
    assert "SIDECAR_KEY_MISSING" in said
    draft = read_draft(plan)
    assert len(draft.authors) == 79
    assert all(person.given for person in draft.authors)
    assert draft.description.endswith("267 participants from 43 sites.")
    assert draft.doi == "10.18112/openneuro.ds002902.v1.0.0"
    assert release(bundle, "--from-plan", str(plan), "--apply") == 1


def test_a_commit_that_only_says_it_is_a_release_is_judged(
    dataset: Path, run: Run, capsys: Capture
) -> None:
    trailer = f"Spinegate-Release: {NAME}"
    run(dataset, "git", "commit", "-q", "--allow-empty", "-m", "From outside", "-m", trailer)
    assert release(dataset, "--apply") == 1
    assert "nobody has signed" in capsys.readouterr().out
    assert release(dataset, "--undo") == 2
    assert NAME not in run(dataset, "git", "tag")


@pytest.mark.parametrize("name", ["CITATION.cff", "CHANGES", ".spinegate/checklist.yml"])
def test_links_are_not_followed(
    name: str, dataset: Path, tmp_path: Path, run: Run, capsys: Capture
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("somebody's\n")
    (dataset / ".spinegate").mkdir(exist_ok=True)
    (dataset / name).unlink(missing_ok=True)
    (dataset / name).symlink_to(outside)
    run(dataset, "git", "add", "--all")
    run(dataset, "git", "commit", "-q", "-m", "A link")
    assert release(dataset, "--sign", "A. Manager", "--apply") == 2
    assert f"{name} can't be read" in capsys.readouterr().err
    assert outside.read_text() == "somebody's\n"
