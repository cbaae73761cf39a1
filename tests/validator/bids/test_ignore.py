from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spinegate.validator.bids.ignore import BidsIgnore


@pytest.mark.parametrize(
    ("pattern", "path", "hidden"),
    [
        ("*_MTS*", "sub-a/anat/sub-a_mt-on_MTS.nii.gz", True),
        ("*_MTS*", "sub-a/anat/sub-a_T1w.nii.gz", False),
        ("*.pdf", "docs/a/b.pdf", True),
        ("exclude.yml", "exclude.yml", True),
        ("exclude.yml", "code/exclude.yml", True),
        ("/exclude.yml", "code/exclude.yml", False),
        ("logs/", "logs/a.txt", True),
        ("logs/", "x/logs/a.txt", True),
        ("logs/", "logs", False),
        ("code/old", "code/old/a/b", True),
        ("code/old", "x/code/old/a", False),
        ("**/old", "x/y/old/z", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/*/z", "a/b/c/z", False),
        ("sub-0?", "sub-01/anat/x", True),
        ("sub-[ab]*", "sub-c/anat/x", False),
        ("# *", "x", False),
        ("", "x", False),
        ("*.nii\n!keep.nii", "keep.nii", False),
        ("*.nii\n!keep.nii", "other.nii", True),
        ("", ".gitattributes", True),
        ("", ".datalad/config", True),
    ],
)
def test_patterns(pattern: str, path: str, hidden: bool) -> None:
    assert BidsIgnore.parse(pattern).hides(path) == hidden


@pytest.mark.parametrize(
    ("pattern", "by_shape"),
    [
        ("*_MTS*", True),
        ("*.md", True),
        ("exclude.yml", True),
        ("sub-amu*", False),
        ("*amu*", False),
        ("*-01*", False),
        ("sub-0?", False),
        ("[a-z]*", False),
    ],
)
def test_which_patterns_see_no_label(pattern: str, by_shape: bool) -> None:
    assert BidsIgnore.parse(pattern).by_shape == by_shape


WORDS = st.text("ab-_*./?[]!0", max_size=8)
NAMES = st.lists(st.text("ab-_.0", min_size=1, max_size=5), min_size=1, max_size=3).map("/".join)


@given(st.lists(WORDS, max_size=3), st.text("ab0", min_size=1, max_size=3), NAMES)
def test_a_shape_hides_as_the_path_itself(lines: list[str], label: str, rest: str) -> None:
    path = f"sub-{label}/anat/sub-{label}_{rest}"
    ignore = BidsIgnore.parse("\n".join(lines))
    assert ignore.hides(path) == BidsIgnore(ignore.patterns, by_shape=False).hides(path)


def test_no_pattern_takes_long() -> None:
    ignore = BidsIgnore.parse("\n".join(["*a" * 60 + "b", "**/" * 60 + "b"]))
    assert not ignore.hides("/".join(["a" * 250] * 10))


@given(st.text(max_size=80), st.text(max_size=40))
@example("\\", "x")
@example("/\\ /", "x")
def test_any_text_is_read(text: str, path: str) -> None:
    assert BidsIgnore.parse(text).hides(path) in (True, False)


@settings(max_examples=40)
@given(
    st.lists(
        st.sampled_from(["*.x", "a", "a/", "/b", "a/b", "**/c", "a/**", "*_c", "!a", "!*.x"]),
        max_size=3,
    )
)
def test_as_git_does(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    paths = [
        "a",
        "b",
        "c",
        "a/b",
        "b/a",
        "a/b/c",
        "b/c",
        "x_c",
        "b/x_c/d",
        "q.x",
        "b/q.x",
        "a/q.x",
    ]
    folder = tmp_path_factory.getbasetemp() / "ignores"
    if not folder.is_dir():
        subprocess.run(["git", "init", "-q", folder], check=True)
    (folder / ".gitignore").write_text("\n".join(lines) + "\n")
    listed = subprocess.run(
        ["git", "-C", folder, "check-ignore", "--no-index", "--stdin"],
        input="\n".join(paths),
        capture_output=True,
        text=True,
        check=False,
    )
    ignore = BidsIgnore.parse("\n".join(lines))
    assert [path for path in paths if ignore.hides(path)] == listed.stdout.split()


@pytest.mark.real
def test_the_real_dataset(bundle: Path) -> None:
    listed = subprocess.run(
        ["git", "-C", bundle, "ls-files"], capture_output=True, text=True, check=True
    )
    ignore = BidsIgnore.parse((bundle / ".bidsignore").read_text())
    assert ignore.by_shape
    assert ignore.count(listed.stdout.splitlines()) == 7126
