"""The page for the scanner room."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from spinegate.protocol_specs.card import card_html, card_text, notes, sections
from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.variant import Variant

VARIANTS = load_spec().variants


def variant(name: str) -> Variant:
    found = load_spec().variant(name)
    assert found is not None
    return found


def test_equal_contrasts_share_a_section() -> None:
    titles = [section.title for section in sections(load_spec(), variant("siemens-prisma"))]
    assert titles == ["T1w", "T2w", "T2star", "MTon = MToff", "GRE-T1w", "dwi"]


def test_the_b0_scan_is_shown_where_it_is_part_of_the_protocol() -> None:
    shown = " ".join(s.title for s in sections(load_spec(), variant("siemens-verio")))
    assert "b0" in shown


@pytest.mark.parametrize("one", VARIANTS, ids=lambda v: v.name)
def test_text_fits_the_page(one: Variant) -> None:
    text = card_text(load_spec(), one)
    assert max(map(len, text.splitlines())) <= 78 or one.title in text.splitlines()[0]
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    for title in ("T1w", "T2w", "T2star", "GRE-T1w", "dwi"):
        assert re.search(rf"^{title}\b", text, re.MULTILINE)


def test_text_of_the_prisma() -> None:
    text = card_text(load_spec(), variant("siemens-prisma"))
    assert "  TR                 2000 ms   (± 5 %)\n" in text
    assert "Values changed; the protocol before 2019-03-22 differed." in text


class Tags(HTMLParser):
    """Counts what opens and what loads."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [value or "" for key, value in attrs if key in {"src", "href"}]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("one", VARIANTS, ids=lambda v: v.name)
def test_html_is_whole_and_self_contained(one: Variant) -> None:
    html = card_html(load_spec(), one)
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    assert tags.loads == []
    assert "[[" not in html
    assert "url(" not in html
    for section in sections(load_spec(), one):
        for line in section.lines:
            assert line.value in tags.text


def test_html_escapes_what_a_spec_says() -> None:
    one = replace(variant("ge"), title="<script>alert(1)</script>", note="a & <b>")
    html = card_html(load_spec(), one)
    assert "<script>" not in html
    assert "a &amp; &lt;b&gt;" in html


def test_notes_start_with_the_variants_own() -> None:
    assert notes(load_spec(), variant("siemens-verio"))[0].startswith("No printed protocol")
