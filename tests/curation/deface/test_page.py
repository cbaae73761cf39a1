"""The page as a file: order, words, what may run in it; who may read it."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinegate.curation.deface.case import Case, needs_note, worst_first
from spinegate.curation.deface.check import Verdict
from spinegate.curation.deface.page import write_page
from spinegate.curation.deface.words import advice, manner, numbers, reasons
from tests.curation.deface.cases import GOOD, case, pictures, some

EVIL = "</script><script>pwned=1</script><img src=x onerror=pwned=1>&amp;\x1b[31m\n\u202e"


class Page(HTMLParser):
    """The elements of a page, and the text of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.texts.append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.get_starttag_text() and self.cdata_elem:
            self.texts[-1] += data

    def all(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [
            (attributes, text)
            for (name, attributes), text in zip(self.tags, self.texts, strict=True)
            if name == tag
        ]

    @property
    def data(self) -> Any:
        (text,) = [text for a, text in self.all("script") if a.get("id") == "data"]
        return json.loads(text)


def written(tmp_path: Path, cases: list[Case], dataset: str = "d") -> str:
    file = tmp_path / "deface.html"
    write_page(cases, file, dataset=dataset)
    return file.read_text("ascii")


def test_the_worst_come_first(tmp_path: Path) -> None:
    cases = [*some(), case(5, agreement=0.93), case(6, Verdict.DOUBTFUL, agreement=math.nan)]
    page = Page(written(tmp_path, cases))
    shown = [(item["verdict"], item["path"][:7]) for item in page.data["cases"]]
    assert shown == [
        ("nothing removed", "sub-a03"),
        ("cord cut", "sub-a04"),
        ("registration doubtful", "sub-a06"),
        ("registration doubtful", "sub-a02"),
        ("face gone", "sub-a05"),
        ("face gone", "sub-a01"),
    ]


def test_every_verdict_has_its_place_and_words() -> None:
    cases = worst_first(case(n, verdict) for n, verdict in enumerate(Verdict))
    assert {c.result.verdict for c in cases} == set(Verdict)
    assert cases[-1].result.verdict is Verdict.FACE_GONE
    assert len({advice(c.result) for c in cases}) == len(Verdict)
    assert [v for v in Verdict if not needs_note(v)] == [Verdict.FACE_GONE]


def test_numbers_are_told_with_their_gates() -> None:
    assert all(number.met for number in numbers(GOOD))
    bad = replace(GOOD, agreement=math.nan, mi=0.549, removed=0, missed=0.031, brain_cut=0.011,
                  cord_cut=1200)  # fmt: skip
    told = {n.name: (n.value, n.asked, n.met) for n in numbers(bad)}
    assert told == {
        "Tissue removed": ("none", "some", False),
        "Agreement of two searches for the face": ("not known", "at least 0.92", False),
        "Likeness to the model head": ("0.55 nats", "at least 0.55 nats", False),
        "Share of the face that is left": ("3.1 %", "at most 2 %", False),
        "Share of the brain that was removed": ("1.1 %", "at most 1 %", False),
        "Spinal cord that was to be removed": ("1,200 voxels, which were kept", "none", False),
    }


def test_the_numbers_that_failed_are_the_reasons() -> None:
    bad = replace(GOOD, verdict=Verdict.DOUBTFUL, agreement=0.612, note="its header is odd")
    assert reasons(GOOD) == []
    assert reasons(bad) == [
        "Agreement of two searches for the face: 0.61 (asked: at least 0.92).",
        "Its header is odd.",
    ]
    assert reasons(replace(bad, verdict=Verdict.NOTHING, removed=0)) == ["Its header is odd."]


def test_what_was_not_tested_is_not_said_to_be() -> None:
    hand = replace(GOOD, method="by hand", verdict=Verdict.DOUBTFUL, note="it was done by hand")
    assert [number.name for number in numbers(hand)] == ["Tissue removed"]
    assert "nothing was tested" in advice(hand)
    assert manner(hand) == "Removed: 1,557 ml, air included."
    assert reasons(hand) == ["It was done by hand."]
    assert manner(replace(GOOD, borrowed=True)).startswith(
        "Found with ANTs on the T1w image of the same session."
    )


def test_a_result_is_known_by_its_pictures() -> None:
    one = case(1)
    assert one.identity == case(1, agreement=0.5).identity
    assert one.identity != replace(one, views=pictures(2)).identity
    assert one.identity != replace(one, path="sub-b/anat/sub-b_T1w.nii.gz").identity


def test_pictures_lie_in_the_page_as_text(tmp_path: Path) -> None:
    page = Page(written(tmp_path, some()))
    texts = {str(a["id"]): text for a, text in page.all("script") if a.get("type") == "text/plain"}
    assert list(texts) == ["p0", "p1", "p2", "p3"]
    lines = dict(line.split(" ") for line in texts["p0"].split("\n"))
    first = worst_first(some())[0]
    assert {name: base64.b64decode(text) for name, text in lines.items()} == {
        view.name: view.picture for view in first.views
    }


def test_only_the_pages_own_parts_may_run(tmp_path: Path) -> None:
    page = Page(written(tmp_path, some()))
    (policy,) = [a["content"] for a, _ in page.all("meta") if a.get("http-equiv")]
    assert policy is not None
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert (rules["default-src"], rules["img-src"]) == ("'none'", "data:")
    scripts = [text for attributes, text in page.all("script") if not attributes.get("type")]
    styles = [text for _, text in page.all("style")]
    assert (len(scripts), len(styles)) == (5, 2)
    for name, texts in (("script-src", scripts), ("style-src", styles)):
        hashes = [base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in texts]
        assert rules[name].split() == [f"'sha256-{value}'" for value in hashes]
    for tag, attributes in page.tags:
        assert not {"src", "srcset", "style", "onclick"} & set(attributes)
        assert tag not in {"link", "img", "iframe", "object", "base", "form"}
    code = "".join([*scripts, *styles])
    assert not re.search(r"https?://|url\(|@import|fetch\(|XMLHttp|innerHTML =|eval\(", code)


def test_markup_in_names_is_text(tmp_path: Path) -> None:
    evil = case(1, path=EVIL, note=EVIL, by=EVIL, decision="redo")
    evil = replace(evil, result=replace(evil.result, note=EVIL, method=EVIL))
    text = written(tmp_path, [evil], EVIL)
    page, plain = Page(text), Page(written(tmp_path, [case(1)]))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    (item,) = page.data["cases"]
    assert item["path"] == EVIL
    assert item["shown"].isprintable()


@settings(max_examples=30, deadline=None)
@given(path=st.text(min_size=1), dataset=st.text(), number=st.floats(), whole=st.integers(0))
def test_whatever_is_said_the_page_has_the_same_elements(
    tmp_path_factory: pytest.TempPathFactory, path: str, dataset: str, number: float, whole: int
) -> None:
    folder = tmp_path_factory.mktemp("page")
    odd = case(1, path=path, agreement=number, mi=number, volume=number, missed=number,
               brain_cut=number, removed=whole, cord_cut=whole)  # fmt: skip
    page, plain = Page(written(folder, [odd], dataset)), Page(written(folder, [case(1)]))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert page.data["cases"][0]["path"] == path


def test_bytes_that_are_no_text_don_t_stop_it(tmp_path: Path) -> None:
    page = Page(written(tmp_path, [case(1, path="sub-\udcff/anat/sub-\udcff_T1w.nii.gz")]))
    assert page.data["cases"][0]["shown"].startswith("sub-\\udcff")


def test_the_page_shows_faces_to_its_owner_alone(tmp_path: Path) -> None:
    written(tmp_path, some())
    assert (tmp_path / "deface.html").stat().st_mode & 0o777 == 0o600


def test_a_page_without_images_says_so(tmp_path: Path) -> None:
    assert "0 defaced images" in written(tmp_path, [])


def test_a_page_of_300_stays_small(tmp_path: Path) -> None:
    """The pictures of one image may take 150 kB: 300 of them 60 MB, in base64."""
    plain = len(written(tmp_path, []))
    one = len(written(tmp_path, [case(1)])) - sum(
        4 * math.ceil(len(view.picture) / 3) for view in case(1).views
    )
    assert plain + 300 * (one - plain + 200_000) < 61_000_000
