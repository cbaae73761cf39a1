"""Edits of YAML keep everything but the texts that they change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.system.yaml import parse_yaml
from spinegate.system.yaml_text import scalar
from spinegate.validator.edit import EditError, edit_content
from spinegate.validator.edit_yaml import texts
from spinegate.validator.operation import Remove, Set

TEXT = """\
\ufeff# sub-a in a comment, é
mtr:   # sub-a
- sub-a  # why: sub-a
- 'sub-a'   \r
-   "sub-a" # both
- [sub-a, {site: sub-a}, "it's sub-a"]
sub-a: &x sub-a
site: sub-a
number: 12
"""


def edit(text: str, *edits: Set | Remove) -> str:
    return edit_content("x.yml", text.encode(), edits).decode()


def test_texts_under_a_key_change_and_nothing_else() -> None:
    changed = edit(TEXT, Set("x.yml", "mtr", "sub-b", former="sub-a"))
    assert changed == (
        TEXT.replace("- sub-a", "- sub-b")
        .replace("'sub-a'", "'sub-b'")
        .replace('"sub-a"', '"sub-b"')
        .replace("[sub-a", "[sub-b")
    )
    quoted = TEXT.replace("&x sub-a", '&x "no"')
    assert edit(TEXT, Set("x", "sub-a", "no", former="sub-a")) == quoted
    swap = Set("x", "k", "q", former="p"), Set("x", "l", "p", former="q")
    both = edit("a: {k: p, l: q}\n", *swap)
    assert both == "a: {k: q, l: p}\n"


@pytest.mark.parametrize(
    ("text", "change", "message"),
    [
        (TEXT, Set("x", "mtr", "b", former="nobody"), "has no 'nobody' under 'mtr'"),
        (TEXT, Set("x", "number", "13", former="12"), "has no '12' under 'number'"),
        (TEXT, Set("x", "mtr", "b"), "given from"),
        (TEXT, Set("x", "mtr", 1, former="sub-a"), "given from"),
        (TEXT, Remove("x", "mtr"), "can be set"),
        ("a: [", Set("x", "a", "b", former="c"), "not YAML"),
        ("a: |\n  c\nd: 1\n", Set("x", "a", "b", former="c\n"), "by hand"),
        ("a: &x c\nb: *x\n", Set("x", "a", "b", former="c"), "by hand"),
    ],
)
def test_what_cannot_be_edited_is_told(text: str, change: Set, message: str) -> None:
    with pytest.raises(EditError, match=message):
        edit(text, change)


names = st.text(max_size=8)


@given(st.dictionaries(names, st.lists(names, max_size=3), max_size=3), names, names)
def test_what_is_read_then_is_what_was_asked(
    value: dict[str, list[str]], new: str, note: str
) -> None:
    lines = [f"{scalar(key)}: [{', '.join(map(scalar, part))}]\n" for key, part in value.items()]
    text = "".join(lines)
    for key, former in set(texts(value)):
        changed = edit(text, Set("x", key, new, former=former))
        wanted = {k: [new if (k, v) == (key, former) else v for v in p] for k, p in value.items()}
        assert parse_yaml(changed).value == wanted
