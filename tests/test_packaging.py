"""What is shipped: the wheel holds every file of the folders, and works on its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]
SHIPPED = {".py", ".yaml", ".yml", ".json", ".html"}

pytestmark = pytest.mark.slow


def tree_files() -> list[PurePosixPath]:
    """Return what git knows or would take up, relative to the project."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = [PurePosixPath(name) for name in listed.split("\0") if name]
    return [path for path in paths if os.path.lexists(ROOT / path)]


def packaged() -> set[str]:
    """Return the names that a wheel must hold, by the tree's own account."""
    folders = {path.name for path in (ROOT / "src/spinegate").iterdir() if path.is_symlink()}
    inside = {
        f"spinegate/{path}"
        for path in tree_files()
        if path.parts[0] in folders and path.suffix in SHIPPED
    }
    own = {"__init__.py", "__main__.py", "cli.py", "py.typed"}
    return inside | {f"spinegate/{name}" for name in own}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build sdist and wheel (from the sdist) of a copy of the tree; it leaves nothing behind."""
    copy = tmp_path_factory.mktemp("tree")
    for path in tree_files():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / path).is_symlink():
            (copy / path).symlink_to((ROOT / path).readlink())
        else:
            (copy / path).write_bytes((ROOT / path).read_bytes())
    target = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--outdir", target, copy],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return target


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    [path] = dist.glob("*.whl")
    return path


def test_the_wheel_holds_what_the_tree_holds(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    content = {name for name in names if ".dist-info/" not in name}
    assert content == packaged()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_one_version_everywhere(wheel: Path) -> None:
    version = wheel.name.split("-")[1]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()
    assert f'__version__ = "{version}"' in (ROOT / "src/spinegate/__init__.py").read_text()
    pages = [ROOT / "README.md", *ROOT.glob("docs/start/*.md")]
    names = [
        name for page in pages for name in re.findall(r"spinegate-.+?\.whl", page.read_text())
    ]
    assert set(names) == {wheel.name}


def test_the_wheel_is_for_every_platform(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")


def test_the_wheel_can_be_unpacked_on_windows(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert not {name for name in names if set(name) & set('<>:"\\|?*') or name != name.strip()}
    assert len({name.lower() for name in names}) == len(names)


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("validate-config", ".pre-commit-config.yaml"),
        ("validate-manifest", ".pre-commit-hooks.yaml"),
    ],
)
def test_hooks_for_pre_commit_are_valid(command: str, file: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", command, ROOT / file],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_sdist_holds_code_tests_and_docs(dist: Path) -> None:
    [path] = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        members = {member.name.partition("/")[2]: member for member in archive.getmembers()}
    assert {f"src/{name}" for name in packaged()} <= set(members)
    assert not [name for name, member in members.items() if member.issym()]
    wanted = {str(path) for path in tree_files() if path.parts[0] in {"tests", "docs"}}
    assert wanted <= set(members)


def test_the_wheel_works_alone(wheel: Path, tmp_path: Path) -> None:
    """As a contributor has it: only the base dependencies, no git-annex, no make."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    pip = [str(scripts / "python"), "-m", "pip", "--disable-pip-version-check", "-q", "install"]
    subprocess.run([*pip, wheel], check=True, env=environment)
    tools = tmp_path / "tools"
    tools.mkdir()
    environment["PATH"] = str(tools)

    def spinegate(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [scripts / "spinegate", *args],
            check=False,
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )

    assert "validate" in spinegate("--help").stdout
    written = spinegate("example", "phantom")
    assert written.returncode == 0, written.stderr
    judged = spinegate("validate", "phantom")
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "Traceback" not in judged.stderr


@pytest.mark.parametrize(
    ("installer", "home"), [(["pipx", "install"], "PIPX"), (["uv", "tool", "install"], "UV_TOOL")]
)
def test_pipx_and_uv_install_the_wheel(
    installer: list[str], home: str, wheel: Path, tmp_path: Path
) -> None:
    """The two commands that the pages for contributors name."""
    places = {f"{home}_HOME": "home", f"{home}_DIR": "home", f"{home}_BIN_DIR": "bin"}
    environment = {**os.environ, **{key: str(tmp_path / name) for key, name in places.items()}}
    command = [sys.executable, "-m", *installer, str(wheel)]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    script = str(tmp_path / "bin" / "spinegate")
    version = subprocess.run([script, "--version"], check=True, capture_output=True, text=True)
    assert "spinegate" in version.stdout
