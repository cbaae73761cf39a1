"""One namespace, one-way order, and a start-up that stays short."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "spinegate"
FOLDERS = sorted(path.parent.name for path in ROOT.glob("[a-z]*/__init__.py"))
# nibabel costs 157 ms, jsonschema 87 ms: they are imported where they are used.
HEAVY = {"bidsschematools", "jsonschema", "nibabel", "numpy", "rich", "scipy", "pydicom"}


def modules_after(statement: str) -> set[str]:
    """Return the names of all modules that a fresh interpreter holds after one statement."""
    script = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], check=True, capture_output=True, text=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_folders_are_those_of_the_design() -> None:
    assert {"system", "protocol_specs", "rules", "validator", "examples"} <= set(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_folder_is_linked_into_the_package(folder: str) -> None:
    link = PACKAGE / folder
    assert link.is_symlink()
    assert link.readlink().as_posix() == f"../../{folder}"
    assert link.resolve() == ROOT / folder


def test_no_link_is_left_over() -> None:
    links = sorted(path.name for path in PACKAGE.iterdir() if path.is_symlink())
    assert links == FOLDERS


def test_only_the_namespaced_names_are_importable() -> None:
    names = [*FOLDERS, *(f"spinegate.{folder}" for folder in FOLDERS)]
    script = (
        "import importlib.util, json, sys\n"
        "found = [name for name in sys.argv[1:] if importlib.util.find_spec(name)]\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, *names], check=True, capture_output=True, text=True
    )
    assert json.loads(done.stdout) == names[len(FOLDERS) :]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_flat_name_is_banned(folder: str) -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert folder in tool["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]


def test_the_command_line_starts_light() -> None:
    loaded = modules_after("import spinegate.cli")
    assert "spinegate.cli" in loaded
    assert not HEAVY & loaded
    assert not {name for name in loaded if name.startswith("spinegate.validator")}


def test_validate_starts_without_image_and_schema_libraries() -> None:
    loaded = modules_after("import spinegate.validator.cli")
    assert "spinegate.validator.cli" in loaded
    assert not {"nibabel", "jsonschema", "bidsschematools", "rich", "scipy"} & loaded


def test_the_import_contracts_hold() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [tool, "--no-cache"], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
