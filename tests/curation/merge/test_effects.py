"""What a merge does to each participant, in words."""

from __future__ import annotations

from spinegate.curation.merge.effects import Effect, deletions, find_effects

FILE, LINK = "100644", "120000"


def effects(now: dict[str, str], then: dict[str, str | None]) -> tuple[Effect, ...]:
    """Files as name -> content; those of images are keys at the same time."""

    def keys(files: dict[str, str]) -> dict[str, str]:
        return {path: text for path, text in files.items() if path.endswith(".nii.gz")}

    brought = {path: text for path, text in then.items() if text is not None}
    files = {path: (FILE, text) for path, text in now.items()}
    changes = {path: (FILE, text) if text is not None else None for path, text in then.items()}
    return find_effects(files, changes, keys(now), keys(brought))


def test_each_kind_is_told_apart() -> None:
    now = {"sub-a01/x_T1w.nii.gz": "K1", "sub-a01/x_T1w.json": "1", "sub-a01/x_T2w.json": "2"}
    then = {"sub-a01/x_T1w.nii.gz": "K9", "sub-a01/x_T2w.json": None, "sub-b01/y.json": "4",
            "participants.tsv": "5", "sub-c01/never.json": None}  # fmt: skip
    own, known, new = effects(now, then)
    assert (own.subject, own.known, own.added) == ("", True, ("participants.tsv",))
    assert (known.changed, known.deleted) == (("sub-a01/x_T1w.nii.gz",), ("sub-a01/x_T2w.json",))
    assert list(known.lines()) == [
        "sub-a01: 1 changed, 1 deleted",
        "  changed: sub-a01/x_T1w.nii.gz",
        "  deleted: sub-a01/x_T2w.json",
    ]
    assert list(new.lines()) == ["sub-b01 (new): 1 added"]
    assert deletions([own, known, new]) == ["sub-a01/x_T2w.json"]


def test_what_was_renamed_is_not_lost() -> None:
    now = {"sub-a01/x_T1w.nii.gz": "K1", "sub-a01/x_T1w.json": "1", "sub-a01/x_T1w.bval": "2"}
    then: dict[str, str | None] = dict.fromkeys(now)
    then |= {"sub-a01/x_acq-y_T1w.nii.gz": "K1", "sub-a01/x_acq-y_T1w.json": "edited"}
    (found,) = effects(now, then)
    assert found.moved == ("sub-a01/x_T1w.json", "sub-a01/x_T1w.nii.gz")
    assert found.deleted == ("sub-a01/x_T1w.bval",)
