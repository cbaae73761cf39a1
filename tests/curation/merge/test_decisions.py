"""Decisions on defacing come in row by row; none is lost, none is about somebody else's image."""

from __future__ import annotations

import pytest

from spinegate.curation.merge.decisions import LIMIT, about, append_rows, merge_rows, new_rows
from spinegate.system.errors import SpinegateError

HEAD = "path\tdecision\tby\tdate\tnote\n"
A, B = "sub-a01/anat/sub-a01_T1w.nii.gz", "sub-b01/anat/sub-b01_T1w.nii.gz"


def file(*lines: str) -> bytes:
    return (HEAD + "".join(f"{line}\n" for line in lines)).encode()


def test_only_new_rows_on_ones_own_images() -> None:
    one, two = f"{A}\topen\tn/a\tn/a\tn/a", f"{A}\tpass\tAda\t2026-01-01\tfine"
    rows = new_rows(file(one, two, f"{B}\tpass\tEve\t\t"), file(one))
    assert [(row["path"], row["decision"]) for row in rows] == [(A, "pass"), (B, "pass")]
    assert about(rows, {A}) == rows[:1]
    assert new_rows(None, file(one)) == new_rows(b"\xff\0nonsense", None) == ()


def test_a_strangers_cells_are_made_harmless() -> None:
    rows = new_rows(file(f"{A}\tpass\t\u202eEve\x1b[2J\t2026\t{'x' * 9999}"), None)
    assert rows[0]["by"] == "Eve[2J"
    assert len(rows[0]["note"]) == 500


def test_what_stands_there_stays() -> None:
    rows = new_rows(file(f"{B}\tpass\tEve\t\tfine"), None)
    assert append_rows(None, rows) == file(f"{B}\tpass\tEve\tn/a\tfine")
    other = f"note\tpath\tdecision\r\nx\t{A}\tredo".encode()
    assert append_rows(other, rows) == other + f"\r\nfine\t{B}\tpass\r\n".encode()


def test_a_file_that_cannot_be_trusted_is_refused() -> None:
    rows = new_rows(file(f"{B}\tpass\tEve\t\tfine"), None)
    with pytest.raises(SpinegateError, match="no columns"):
        append_rows(b"image\tword\n", rows)
    with pytest.raises(SpinegateError, match="larger than"):
        new_rows(b"x" * (LIMIT + 1), None)


def test_both_sides_have_decided() -> None:
    before, mine, theirs = f"{A}\topen\t\t\t", f"{A}\tpass\tAda\t\t", f"{B}\tredo\tEve\t\t"
    content, problems = merge_rows(file(before), file(before, mine), file(before, theirs))
    assert (content, problems) == (file(before, mine, f"{B}\tredo\tEve\tn/a\tn/a"), [])
    assert merge_rows(file(before), file(before), file(theirs))[1]
    first, problems = merge_rows(b"", file(mine), file(theirs))
    assert (first, problems) == (file(mine, f"{B}\tredo\tEve\tn/a\tn/a"), [])
