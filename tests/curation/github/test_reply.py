"""Answers as Markdown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from spinegate.curation.github.comment import Comment
from spinegate.curation.github.handover import refusal
from spinegate.curation.github.order import Order
from spinegate.curation.github.reply import block, offered, paragraphs, shown, write_reply
from spinegate.system.errors import SpinegateError
from spinegate.validator.github.body import LIMIT

COMMENT = Comment(
    3, 77, "ana", 7, datetime(2026, 11, 20, tzinfo=UTC), "https://github.com/l/d/pull/3#c-77",
    Order("baseline", "/spinegate baseline `<b>` @octocat until 2027-01-01"),
)  # fmt: skip
RUN = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "lab/dataset",
    "GITHUB_RUN_ID": "5",
}


def test_an_answer_never_gets_too_long() -> None:
    patch = shown(b"x" * 39_000 + b"\n")
    lines = block(["y" * 400] * 400, "What it changes")
    words = [paragraphs(["First."]), lines]
    body = write_reply(COMMENT, words, patch=patch, done=False)
    assert len(body.encode()) <= LIMIT
    assert "First." in body
    assert patch in body
    assert body.count("y" * 400) == 37
    assert "\nand 363 more lines\n" in body
    assert body.count("<details>") == body.count("</details>") == 2
    body = write_reply(COMMENT, [paragraphs(["z" * 500] * 100), lines], patch=patch, done=False)
    assert len(body.encode()) <= LIMIT
    assert patch in body
    assert "The rest does not fit here; the artifact `spinegate-change` of the run has" in body
    assert body.count("<details>") == body.count("</details>") == 1


def test_the_order_is_text() -> None:
    body = write_reply(COMMENT, ["Done."], done=True)
    assert "@octocat" not in body
    assert "<b>" not in body
    assert body.startswith("<!-- spinegate: answer to 77 -->\n<!-- pushed -->\nDone.")


@pytest.mark.parametrize("patch", [b"\xff\n", b"a\x1b[2J\n", b"a\r\n", b"x" * 40_001])
def test_a_patch_that_a_page_would_alter_is_taken_from_the_artifact(patch: bytes) -> None:
    assert shown(patch) == ""
    told, text = offered("no right", patch, RUN)
    assert text == ""
    assert "take `change.patch` out of the artifact" in told
    assert "(https://github.com/lab/dataset/actions/runs/5)" in told
    assert ("git am --keep-cr change.patch" in told) == (b"\r" in patch)


def test_a_patch_cannot_end_its_block() -> None:
    text = "+```\n+````\n</details>\n"
    block_ = shown(text.encode())
    assert f"\n`````diff\n{text}`````\n" in block_


def test_lines_of_others_are_code() -> None:
    told = block(["a\n```", "@octocat ://x"], "T")
    assert "````sh\na\\n```\n" in told
    assert "@octocat" not in told


def test_an_error_of_many_lines_is_one_sentence() -> None:
    told = paragraphs([refusal(SpinegateError("it can't be done:\n  'a' is a file\n  'b', too"))])
    assert told == "Nothing was changed: it can't be done: 'a' is a file 'b', too."
