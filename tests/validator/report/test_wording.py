from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.report.wording import anonymous, glued, merge, shorten


def test_anonymous_masks_only_the_participant_itself() -> None:
    text = "sub-a1_T2w.json: sub-a1 is not sub-a10"
    assert anonymous(text, "sub-a1") == "sub-*_T2w.json: sub-* is not sub-a10"
    assert anonymous(text, "") == text


def test_equal_messages_are_said_once() -> None:
    assert merge(["it is bad"] * 3) == [("it is bad", [0, 1, 2])]


def test_values_share_a_sentence_with_their_counts() -> None:
    said = merge(["TR 2 s, expected 1 s"] * 4 + ["TR 2.1 s, expected 1 s"])
    assert said == [("TR 2 s ×4, 2.1 s ×1, expected 1 s", [0, 1, 2, 3, 4])]


def test_values_in_the_middle_keep_their_unit() -> None:
    said = merge(["TR is 2 s instead of 1 s", "TR is 3 s instead of 1 s"])
    assert said == [("TR is 2 s, 3 s instead of 1 s", [0, 1])]


def test_many_numbers_become_a_range() -> None:
    said = merge([f"TR is {value} s, expected 9 s" for value in (1, 2.5, -3, 4, 5, 10, 1)])
    assert said == [("TR is -3 to 10 s (6 values), expected 9 s", list(range(7)))]


def test_many_words_are_counted() -> None:
    said = merge([f"no {word}" for word in "abcdefaa"])
    assert said == [("no a ×3, b ×1, c ×1, d ×1 and 2 other values", list(range(8)))]


def test_units_that_differ_make_no_range() -> None:
    (said,) = merge([f"TR {value}" for value in ("1 s", "2 s", "3 s", "4 ms", "5 s")])
    assert said[0] == "TR 1 s, 2 s, 3 s, 4 ms and 1 other value"


def test_what_differs_in_more_than_a_value_stands_apart() -> None:
    texts = ["coil differs: MTon A; MToff B", "coil differs: MTon B; MToff A"]
    assert merge(texts) == [(texts[0], [0]), (texts[1], [1])]
    many = [f"coil differs: MTon {n}; MToff B" for n in range(5)]
    assert merge(many) == [("coil differs: MTon 0; MToff B (and 4 more like it)", list(range(5)))]


def test_other_expectations_are_other_sentences() -> None:
    said = merge(["TR 2 s, expected 1 s", "TR 2 s, expected 3 s", "TR 2 s, expected 3 s"])
    assert said == [("TR 2 s, expected 3 s", [1, 2]), ("TR 2 s, expected 1 s", [0])]


def test_messages_without_likeness_are_counted_behind_the_most_frequent() -> None:
    words = ["one, a", "two, b", "three, c", "four, d", "four, d"]
    assert merge(words) == [("four, d (and 3 more like it)", [0, 1, 2, 3, 4])]


def test_glued_keeps_a_number_and_its_unit_together() -> None:
    assert glued("TR 2 s, 1.5 s ± 5 % in 3 scans") == "TR 2\xa0s, 1.5\xa0s ±\xa05\xa0% in 3 scans"


def test_shorten() -> None:
    assert shorten("abc", 3) == "abc"
    assert shorten("abcd", 3) == "ab…"


WORDS = st.lists(st.sampled_from(["TR", "2", "3", "s", "s,", "is", ""]), max_size=6)


@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=12))
def test_every_message_is_stood_for_once(messages: list[str]) -> None:
    indices = [index for _, members in merge(messages) for index in members]
    assert sorted(indices) == list(range(len(messages)))
