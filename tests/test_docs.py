"""The documentation: every command in it is run, its output compared, its site built offline.

A fenced block is told what to do with it by a comment on the line before::

    <!-- exit: 1 -->             the block ends with this status instead of 0
    <!-- file: NAME -->          the block is written to a file, later blocks can use it
    <!-- from: PATH -->          the block is a part of that file of the source tree
    <!-- output -->              the block is what the block before has printed
    <!-- not run: REASON -->     the block can't run here; `NOT_RUN` below names each of them

Blocks of one page run in order in one folder, which holds `my-dataset`: a phantom in a git
repository. ``SPINEGATE_UPDATE_DOCS=1 pytest tests/test_docs.py`` rewrites the outputs.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest

from spinegate.system.yaml import parse_yaml

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]
)
COMMANDS = {"bash", "powershell"}
QUIET = {"yaml", "json", "text"}
NOT_RUN: dict[tuple[str, str], str] = {
    ("CONTRIBUTING.md", "make test"): "installs into the checkout that is being tested",
    (
        "CONTRIBUTING.md",
        ".venv/bin/pre-commit install",
    ): "would write into the repository that is being tested",
    ("README.md", "make validate"): "installs into the checkout that is being tested",
    (
        "README.md",
        "pipx install ./spinegate-0.1.0-py3-none-any.whl",
    ): "tests/test_packaging.py runs it on the wheel that it builds",
    (
        "docs/how-to/add-a-rule.md",
        'make test ARGS="tests/rules -k ECHO_TIME_NOT_IN_SECONDS"',
    ): "belongs into the source tree; the test suite does the same",
    (
        "docs/start/contributor.md",
        "pipx install ./spinegate-0.1.0-py3-none-any.whl",
    ): "tests/test_packaging.py runs it on the wheel that it builds",
    (
        "docs/start/contributor.md",
        "uv tool install ./spinegate-0.1.0-py3-none-any.whl",
    ): "tests/test_packaging.py runs it on the wheel that it builds",
    ("docs/start/contributor.md", "py -m pip install --user pipx"): "needs Windows",
    (
        "docs/start/manager.md",
        "git clone https://github.com/spine-generic/data-multi-subject",
    ): "clones from the network",
    (
        "docs/start/manager.md",
        "spinegate validate my-dataset --headers remote",
    ): "asks the remotes of a dataset on the network",
}

FENCE = re.compile(
    r"(?:^(?P<pad> *)<!-- (?P<mark>[a-z ]+?)(?:: (?P<value>.+?))? -->\n)?"
    r"^(?P<indent> *)```(?P<language>\S*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block of a page, with the comment before it."""

    page: str
    line: int
    language: str
    text: str
    mark: str
    value: str
    span: tuple[int, int]

    @property
    def first(self) -> str:
        return self.text.partition("\n")[0]


def blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page, from the top."""
    source = (ROOT / page).read_text()
    for found in FENCE.finditer(source):
        yield Block(
            page,
            source.count("\n", 0, found.start("text")),
            found["language"],
            textwrap.dedent(found["text"]),
            found["mark"] or "",
            found["value"] or "",
            found.span("text"),
        )


def settled(output: str) -> str:
    """Return an output without what differs from run to run: how long it took."""
    output = re.sub(r"(scans?),\s+[0-9.]+ s$", r"\1, # s", output, flags=re.MULTILINE)
    return trimmed(output)


def trimmed(output: str) -> str:
    return "\n".join(line.rstrip() for line in output.strip().splitlines())


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the phantom once, in a git repository."""
    target = tmp_path_factory.mktemp("phantom") / "my-dataset"
    spinegate = str(Path(sys.executable).with_name("spinegate"))
    subprocess.run([spinegate, "example", target], check=True, capture_output=True)
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    git = ("git", "-C", str(target), *identity)
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "A phantom"], check=True)
    return target


@pytest.fixture
def workspace(phantom: Path, tmp_path: Path) -> Path:
    shutil.copytree(phantom, tmp_path / "my-dataset", symlinks=True)
    return tmp_path


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Return what a user's shell would have: the installed programs first on PATH."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "GITHUB"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    git = {f"GIT_{who}_NAME": "Test" for who in ("AUTHOR", "COMMITTER")}
    git |= {f"GIT_{who}_EMAIL": "test@example.org" for who in ("AUTHOR", "COMMITTER")}
    return kept | git | {"PATH": path, "COLUMNS": "100", "NO_COLOR": "1"}


def has_commands(page: str) -> bool:
    return any(b.language == "bash" and b.mark != "not run" for b in blocks(page))


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if has_commands(page)])
def test_the_commands_of_a_page_do_what_it_says(
    page: str, workspace: Path, environment: dict[str, str]
) -> None:
    printed = ""
    changes: list[tuple[tuple[int, int], str]] = []
    for block in blocks(page):
        place = f"{block.page}:{block.line}"
        if block.mark == "file":
            target = workspace / block.value
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text)
        elif block.mark == "output":
            if settled(block.text) != settled(printed):
                changes.append((block.span, printed))
        elif block.language == "bash" and block.mark != "not run":
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", block.text],
                check=False,
                cwd=workspace,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
            printed = done.stdout
            wanted = int(block.value) if block.mark == "exit" else 0
            assert done.returncode == wanted, f"{place}\n{done.stdout}{done.stderr}"
            assert "Traceback" not in done.stderr, f"{place}\n{done.stderr}"
    if changes and os.environ.get("SPINEGATE_UPDATE_DOCS"):
        source = (ROOT / page).read_text()
        for (start, end), text in reversed(changes):
            source = source[:start] + trimmed(text) + "\n" + source[end:]
        (ROOT / page).write_text(source)
    else:
        assert [text for _, text in changes] == [], f"an output in {page} is not of today"


def test_blocks_that_are_not_run_are_known() -> None:
    found = {
        (block.page, block.first): block.value
        for page in PAGES
        for block in blocks(page)
        if block.mark == "not run"
    }
    assert found == NOT_RUN


@pytest.mark.parametrize("page", PAGES)
def test_every_block_says_what_it_is(page: str) -> None:
    for block in blocks(page):
        place = f"{block.page}:{block.line}"
        assert block.language in COMMANDS | QUIET, place
        assert block.mark in {"", "exit", "file", "from", "output", "not run"}, place
        if block.language == "powershell":
            assert block.mark == "not run", place
        if block.language == "yaml":
            parse_yaml(block.text, place)
            assert block.mark in {"file", "from"}, f"{place}: shown, but never tried"
        if block.mark == "from":
            assert block.text.strip()
            assert block.text in (ROOT / block.value).read_text(), f"{place}: not so any more"


@pytest.mark.parametrize("page", PAGES)
def test_no_fence_is_overlooked(page: str) -> None:
    fences = re.findall(r"^ *```", (ROOT / page).read_text(), re.MULTILINE)
    assert len(fences) == 2 * len(list(blocks(page)))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_between_files_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", (ROOT / page).read_text())
    assert [name for name in targets if not (ROOT / name).exists()] == []


class Loads(HTMLParser):
    """Collects the addresses that a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag in {"script", "img", "iframe", "source", "video"}:
            self.found.append(names.get("src") or "")
        if tag == "link" and names.get("rel") not in {"canonical", "prev", "next"}:
            self.found.append(names.get("href") or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", target],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return target


@pytest.mark.slow
def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.glob("**/*.html"))
    assert len(pages) >= len(PAGES)
    for page in pages:
        loads = Loads()
        loads.feed(page.read_text())
        assert loads.found
        assert [name for name in loads.found if re.match(r"(https?:)?//", name)] == []
