"""Names as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.curation.release.people import Person, others, parse_person


@pytest.mark.parametrize(
    ("text", "family", "given_", "suffix"),
    [
        ("J. Cohen-Adad", "Cohen-Adad", "J.", ""),
        ("Julien Cohen-Adad", "Cohen-Adad", "Julien", ""),
        ("Cohen-Adad, Julien", "Cohen-Adad", "Julien", ""),
        ("A. V. Dvorak", "Dvorak", "A. V.", ""),
        ("M.M. Laganà", "Laganà", "M.M.", ""),
        ("P.-G. Henry", "Henry", "P.-G.", ""),
        ("J-W. Kim", "Kim", "J-W.", ""),
        ("B. De Leener", "De Leener", "B.", ""),
        ("Anna von der Heide", "von der Heide", "Anna", ""),
        ("D. Van De Ville", "Van De Ville", "D.", ""),
        ("C.Gandini Wheeler-Kingshott", "Gandini Wheeler-Kingshott", "C.", ""),
        ("K.A. Weber II", "Weber", "K.A.", "II"),
        ("Hagiwara A.", "Hagiwara", "A.", ""),
        ("Martinez-Heras E", "Martinez-Heras", "E", ""),
        (" Z. Smith\u00a0", "Smith", "Z.", ""),
        ("CANDIG", "CANDIG", "", ""),
        ("The spinegate authors", "The spinegate authors", "", ""),
        ("Members of the network", "Members of the network", "", ""),
    ],
)
def test_names_are_taken_apart(text: str, family: str, given_: str, suffix: str) -> None:
    assert parse_person(text) == Person(family, given_, suffix)


def test_the_suffix_stays_with_the_family() -> None:
    assert parse_person("K.A. Weber II").sorted_name == "Weber II, K.A."


def test_others_are_named_once_and_no_authors() -> None:
    authors = [parse_person("M. Keřkovský"), parse_person("V. Callot")]
    cells = ["Virginie Callot", "Milos Kerkovsky", "M. Seif, P. Freund", "M. Seif", "n/a", "-"]
    assert [p.sorted_name for p in others(cells, authors)] == ["Seif, M.", "Freund, P."]


@given(st.text(max_size=60))
def test_no_name_makes_it_fail(text: str) -> None:
    person = parse_person(text)
    assert set(f"{person.family}{person.given}{person.suffix}") <= set(text) | {" "}
