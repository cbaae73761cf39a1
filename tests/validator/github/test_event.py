"""The event that started a workflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.system.errors import ConfigError, SpinegateError
from spinegate.validator.github.event import Event, check_repository, read_event

ONE, OTHER, ZEROS = "1" * 40, "2" * 40, "0" * 40


def read(folder: Path, name: str, told: Any) -> Event:
    path = folder / "event.json"
    path.write_text(told if isinstance(told, str) else json.dumps(told))
    environment = {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)}
    return read_event({**environment, "GITHUB_REPOSITORY": "Lab/dataset"})


def pull(**head: Any) -> dict[str, Any]:
    return {"pull_request": {"base": {"sha": ONE}, "head": {"sha": OTHER, **head}}}


@pytest.mark.parametrize(
    ("name", "told", "event"),
    [
        ("pull_request", pull(), Event("pull_request", ONE, OTHER)),
        (
            "pull_request",
            pull(repo={"full_name": "a-1/b.c"}),
            Event("pull_request", ONE, OTHER, "a-1/b.c"),
        ),
        (
            "pull_request",
            pull(repo={"full_name": "lab/Dataset"}),
            Event("pull_request", ONE, OTHER),
        ),
        ("pull_request", pull(repo=None), Event("pull_request", ONE, OTHER)),
        ("merge_group", {"merge_group": {"base_sha": ONE}}, Event("merge_group", ONE)),
        ("push", {"before": ONE, "after": OTHER}, Event("push", ONE)),
        ("push", {"before": ZEROS}, Event("push")),
        ("push", {"before": "--upload-pack=x"}, Event("push")),
        ("schedule", {"schedule": "17 2 * * *"}, Event("schedule")),
    ],
)
def test_events(tmp_path: Path, name: str, told: Any, event: Event) -> None:
    assert read(tmp_path, name, told) == event


def test_outside_github_there_is_none() -> None:
    assert read_event({}) == Event()


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "[" * 100_000])
def test_what_is_no_event_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(SpinegateError, match="event"):
        read(tmp_path, "push", text)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpinegateError, match="event"):
        read_event({"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(tmp_path / "none")})


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["pull_request", "head", "base", "sha", "repo", "before"]), inner
            )
        ),
    ).filter(lambda told: isinstance(told, dict))
)
def test_any_shape_is_read(tmp_path_factory: pytest.TempPathFactory, told: Any) -> None:
    for name in ("pull_request", "push", "merge_group"):
        event = read(tmp_path_factory.getbasetemp(), name, told)
        assert event.name == name


@pytest.mark.parametrize(
    "name", ["", "x", "a/b/c", "../x", "a/..", "a/.", "-x/y z", "a/b\n", "a@b/c", "ext::x/y"]
)
def test_what_is_no_repository_is_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        check_repository(name)
