"""Plans: written and read again, and everything that a person can get wrong in one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.system.errors import ConfigError
from spinegate.validator.operation import (
    Delete,
    Operation,
    Remove,
    Rename,
    Set,
    Write,
    digest,
    from_mapping,
    inverse,
    spelling,
    to_mapping,
)
from spinegate.validator.plan import Plan, Proposal, format_plan, parse_plan, read_plan, write_plan

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
NUMBERS = st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
OPERATIONS: st.SearchStrategy[Operation] = st.one_of(
    st.builds(Rename, NAMES, NAMES),
    st.builds(Set, NAMES, NAMES, VALUES, st.none() | TEXT, st.none() | TEXT),
    st.builds(Remove, NAMES, NAMES),
    st.builds(Delete, NAMES),
    st.builds(Write, NAMES, TEXT, st.none() | (st.none() | st.binary(max_size=9)).map(digest)),
)
IDENTITIES = st.lists(st.text("0123456789abcdef", min_size=16, max_size=16), max_size=3)
PROPOSALS = st.builds(Proposal, OPERATIONS, TEXT, IDENTITIES.map(tuple), st.booleans())
PLANS = st.lists(PROPOSALS, max_size=5).map(lambda proposals: Plan(tuple(proposals)))


def without_lines(plan: Plan) -> tuple[Proposal, ...]:
    return tuple(replace(proposal, line=0) for proposal in plan.proposals)


@pytest.mark.parametrize("name", ["plan.tsv", "plan.yaml"])
@given(plan=PLANS)
def test_what_is_written_is_read_again(name: str, plan: Plan) -> None:
    text = format_plan(plan, name)
    assert without_lines(parse_plan(text.encode(), name)) == plan.proposals


@given(plan=PLANS)
def test_a_row_is_one_line_whatever_it_holds(plan: Plan) -> None:
    lines = format_plan(plan, "plan.tsv").encode().splitlines()
    assert len(lines) == 1 + len(plan.proposals)


@given(content=st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
@pytest.mark.parametrize("name", ["plan.tsv", "plan.yaml"])
def test_no_bytes_crash_the_reader(name: str, content: bytes) -> None:
    head = b"" if name.endswith("yaml") else b"op\tpath\tvalue\n"
    with suppress(ConfigError):
        parse_plan(head + content, name)


def test_a_plan_goes_to_disk_and_back(tmp_path: Path) -> None:
    plan = Plan((Proposal(Rename("a\tb", "c"), "why\nso", ("0" * 16,)), Proposal(Delete("d"))))
    for name in ("plan.tsv", "plan.yml"):
        write_plan(plan, tmp_path / name)
        found = read_plan(tmp_path / name)
        assert without_lines(found) == plan.proposals
        assert found.name == str(tmp_path / name)
    assert read_plan(tmp_path / "plan.tsv").proposals[1].line == 3


def test_a_table_that_a_person_wrote() -> None:
    text = (
        "\ufeffpath\top\tkey\tvalue\tapply\r\n\r\na.json\tset\tEchoTime\t0.0250\r\n"
        "b.json\tremove\tX\t\tno\r\n"
    )
    plan = parse_plan(text.encode(), "mine.tsv")
    assert plan.operations == (Set("a.json", "EchoTime", 0.025),)
    assert plan.proposals[1].operation == Remove("b.json", "X")
    assert [proposal.line for proposal in plan.proposals] == [3, 4]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "empty"),
        ("op\tpaht\n", 1, "did you mean 'paht'"),
        ("op\tpath\tto\tto\n", 1, "'to' stands here twice"),
        ("op\tpath\nrenam\ta\n", 2, "did you mean 'rename'"),
        ("op\tpath\tto\n\nrename\ta\n", 3, "rename needs to"),
        ("op\tpath\tto\ndelete\ta\tb\n", 2, "delete has no to"),
        ("op\tpath\tkye\nremove\ta\tb\n", 2, "did you mean 'key'"),
        ("op\tpath\nset\ta\tb\n", 2, "3 cells"),
        ("op\tpath\tkey\tvalue\nset\ta\tb\thello\n", 2, 'text stands in quotes: "hello"'),
        ("op\tpath\tkey\tvalue\nset\ta\tb\tNaN\n", 2, "isn't JSON"),
        ("op\tpath\tkey\tvalue\nset\ta\tb\t1e999\n", 2, "too large"),
        ('op\tpath\tkey\tvalue\nset\ta\tb\t{"a":1,"a":2}\n', 2, "isn't JSON"),
        ("op\tpath\tkey\tvalue\nset\ta\tb\t" + "[" * 5000 + "\n", 2, "isn't JSON"),
        ('op\tpath\ndelete\t"a\n', 2, "path isn't JSON"),
        ("op\tpath\tapply\ndelete\ta\tmaybe\n", 2, "yes or no"),
        ('op\tpath\tvalue\tfrom\nwrite\ta\t"x"\tsha256:12\n', 2, "sha256: and 64 digits"),
    ],
)
def test_errors_name_file_and_line(text: str, line: int, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_plan(text.encode(), "my.tsv")
    assert str(caught.value).startswith(f"my.tsv:{line}: ")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("a: 1\n", 1, "must be a list"),
        ("- delete\n", 1, "must be a mapping"),
        ("- op: delete\n  path: a\n- {op: dleete, path: a}\n", 3, "did you mean 'delete'"),
        ("- {op: delete, path: 3}\n", 1, "path must be text"),
        ("- {op: delete, path: a, apply: 3}\n", 1, "yes or no"),
        ("- {op: [a], path: a}\n", 1, "op must be one of"),
        ("- {op: delete, path: a, reason: [b]}\n", 1, "must be text"),
    ],
)
def test_errors_in_yaml_name_file_and_line(text: str, line: int, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_plan(text.encode(), "my.yaml")
    assert str(caught.value).startswith(f"my.yaml:{line}: ")
    assert told in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_plan(tmp_path / "none.tsv")
    with pytest.raises(ConfigError, match="cannot be written"):
        write_plan(Plan(()), tmp_path / "none" / "plan.tsv")


@pytest.mark.parametrize("name", ["plan.tsv", "plan.yaml"])
def test_what_a_person_changed_is_not_written_over(name: str, tmp_path: Path) -> None:
    file, plan = tmp_path / name, Plan((Proposal(Delete("a")),))
    write_plan(plan, file)
    write_plan(plan, file)
    changed = file.read_text().replace("yes", "no")
    file.write_text(changed)
    with pytest.raises(ConfigError, match=rf"{name}.*holds something else.*delete"):
        write_plan(plan, file)
    assert file.read_text() == changed
    file.write_text("")
    write_plan(plan, file)
    assert without_lines(read_plan(file)) == plan.proposals


@given(OPERATIONS)
def test_an_operation_is_spelt_as_findings_spell_it(operation: Operation) -> None:
    assert from_mapping(to_mapping(operation)) == operation
    assert spelling(from_mapping(to_mapping(operation))) == spelling(operation)


def test_only_renamings_say_what_was_there() -> None:
    assert inverse(Rename("a", "b")) == Rename("b", "a")
    assert inverse(Set("a.json", "b", 1)) is None
    assert inverse(Remove("a.json", "b")) is None
    assert inverse(Delete("a")) is None
