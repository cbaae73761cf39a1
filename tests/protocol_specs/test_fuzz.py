"""Whatever a user's file holds, loading it gives a spec or a message, never a traceback."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinegate.protocol_specs.layers import read_layers
from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.spec import Spec
from spinegate.system.errors import ConfigError

WORDS = [None, True, -1, 0, 1e308, "", "x", "T1w", "*", "5 %", "(", "2019-03-26"]
TREES = [[], [1], ["x"], {}, {"x": 1}, {"target": 1}, {"forms": [{"suffix": "x"}]}]
JUNK = st.sampled_from([*WORDS, *TREES, {"extends": "any"}, {"members": []}])
WHOLE: dict[str, Any] = read_layers("spine-generic").value
KEPT = ("any", "siemens", "siemens-verio", "ge-common")
SMALL = {**WHOLE, "variants": {name: WHOLE["variants"][name] for name in KEPT}}
LAX = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def load(file: Path) -> Spec | ConfigError:
    """Load a spec; the one exception that users see is an answer too."""
    try:
        return load_spec(file)
    except ConfigError as error:
        return error


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path to a value below the root."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield (*path, key)
        if isinstance(item, dict | list):
            yield from places(item, (*path, key))


@LAX
@given(st.lists(st.tuples(st.sampled_from(list(places(SMALL))), JUNK), min_size=1, max_size=3))
def test_a_damaged_spec_is_loaded_or_refused(
    tmp_path: Path, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    value = copy.deepcopy(SMALL)
    for path, junk in changes:
        inner: Any = value
        try:
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = copy.deepcopy(junk)
        except (KeyError, IndexError, TypeError):
            continue
    file = tmp_path / "damaged.yaml"
    file.write_text(json.dumps(value))
    answer = load(file)
    if isinstance(answer, ConfigError):
        assert answer.file.endswith("damaged.yaml")
        assert answer.line


@LAX
@given(st.text(alphabet="ab:-{}[]\n \t#&*!|>'\"%@,?1.~é\x00", max_size=60))
def test_any_text_is_refused_with_a_message(tmp_path: Path, text: str) -> None:
    file = tmp_path / "any.yaml"
    file.write_text(text, encoding="utf-8")
    answer = load(file)
    assert isinstance(answer, ConfigError)
    assert answer.file.endswith("any.yaml")


@pytest.mark.parametrize("key", ["site", "pattern"])
def test_a_pattern_that_could_take_for_ever_is_refused(tmp_path: Path, key: str) -> None:
    judged = "{T1w: {ProtocolName: {pattern: '(a+)+$', source: us}}}"
    parameter = f"variants: {{siemens-prisma: {{contrasts: {judged}}}}}"
    own = "site: '(?P<site>(a+)+)$'" if key == "site" else parameter
    path = tmp_path / "own.yaml"
    path.write_text(f"extends: spine-generic\n{own}\n")
    with pytest.raises(ConfigError, match="for ever"):
        load_spec(path)
