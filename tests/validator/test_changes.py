"""What lies between two states of a dataset: in memory, in git, on a disk, in git-annex."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.protocol_specs.loader import load_spec
from spinegate.validator.changes import Changes, find_changes
from spinegate.validator.dataset import Dataset, load_dataset
from spinegate.validator.disk import FILE, Entry, Unreadable, sorted_entries
from spinegate.validator.tree import open_tree

SPEC = load_spec("spine-generic")
Run = Callable[..., str]
Commit = Callable[[Path, dict[str, str | bytes]], Path]
NAMES = (
    *(
        f"{folder}sub-{label}/anat/sub-{label}_{suffix}"
        for folder in ("", "sourcedata/")
        for label in ("a01", "b02")
        for suffix in ("T1w.nii.gz", "T1w.json", "T2w.nii.gz", "T2w.json", "acq-x_T2w.nii.gz")
    ),
    "derivatives/labels/sub-a01/anat/sub-a01_T1w_label-SC_seg.nii.gz",
    "participants.tsv",
    "README",
    "code/old.py",
    "code/new.py",
)


@dataclass(frozen=True)
class Memory:
    """A commit's files, without a repository."""

    entries: list[Entry]
    contents: Mapping[str, bytes]
    name: str = "memory"
    annex: Path | None = None
    folder: Path | None = None

    def read(self, entries: Iterable[Entry], limit: int) -> Iterator[bytes | Unreadable]:
        for entry in entries:
            yield self.contents[entry.path][: limit + 1]


def dataset(files: Mapping[str, int]) -> Dataset:
    """Files whose contents are told apart by a number: images are annex pointers."""
    contents = {path: content(path, number) for path, number in files.items()}
    entries = [
        Entry(path, path.encode(), FILE, hashlib.sha1(data).hexdigest())
        for path, data in contents.items()
    ]
    return load_dataset(Memory(sorted_entries(entries), contents), SPEC)


def content(path: str, number: int) -> bytes:
    if path.endswith(".nii.gz"):
        return pointer(number)
    return f'{{"EchoTime": {number}}}\n'.encode()


def pointer(number: int) -> bytes:
    return f"/annex/objects/SHA256E-s9--{number:064x}.nii.gz\n".encode()


def is_image(path: str) -> bool:
    return path.endswith(".nii.gz")


FILES = st.lists(st.sampled_from(NAMES), unique=True).map(
    lambda names: {name: number for number, name in enumerate(names)}
)


def nothing(changes: Changes) -> bool:
    return not (
        changes.renamed
        or changes.removed
        or changes.added
        or changes.replaced
        or changes.edited
        or changes.participants
    )


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 3)))
def test_a_dataset_and_itself(files: dict[str, int]) -> None:
    assert nothing(find_changes(dataset(files), dataset(files)))


@given(FILES, st.data())
def test_renamed_files_are_the_renames(files: dict[str, int], data: st.DataObject) -> None:
    """Images to names of images, texts to those of texts: also in a circle."""
    names = data.draw(st.permutations(NAMES))
    free = {kind: [name for name in names if is_image(name) is kind] for kind in (True, False)}
    expected = {path: free[is_image(path)].pop() for path in files}
    head = {expected[path]: number for path, number in files.items()}
    changes = find_changes(dataset(files), dataset(head))
    expected = {old: new for old, new in expected.items() if old != new}
    assert dict(changes.renamed) == expected
    assert changes.added == ()
    assert changes.removed == ()
    assert all(changes.translate(old) == new for old, new in expected.items())


@given(
    st.dictionaries(st.sampled_from(NAMES), st.integers(0, 5)),
    st.dictionaries(st.sampled_from(NAMES), st.integers(0, 5)),
    st.randoms(),
)
def test_every_file_is_accounted_for_and_order_never_matters(
    base: dict[str, int], head: dict[str, int], random: object
) -> None:
    one = find_changes(dataset(base), dataset(head))
    other = find_changes(
        dataset(dict(reversed(base.items()))), dataset(dict(reversed(head.items())))
    )
    assert one.renamed == other.renamed
    assert (one.removed, one.added, one.replaced, one.edited) == (
        other.removed,
        other.added,
        other.replaced,
        other.edited,
    )
    assert len(set(one.renamed.values())) == len(one.renamed)
    moved, come = set(one.renamed), set(one.renamed.values())
    assert {p for p in base if p not in head} == set(one.removed) | (moved - head.keys())
    assert {p for p in head if p not in base} == set(one.added) | (come - base.keys())
    both = {path for path in base.keys() & head.keys() if base[path] != head[path]}
    assert {path for path in both if is_image(path)} == set(one.replaced)
    assert {path for path in both if not is_image(path)} <= set(one.edited)


def test_of_several_images_with_one_content_the_nearest_name_is_taken() -> None:
    base = {"sub-a01/anat/sub-a01_T1w.nii.gz": 1, "sourcedata/sub-a01/anat/sub-a01_T1w.nii.gz": 1}
    head = {"sub-b02/anat/sub-b02_T1w.nii.gz": 1, "sourcedata/sub-b02/anat/sub-b02_T1w.nii.gz": 1}
    changes = find_changes(dataset(base), dataset(head))
    assert changes.renamed == dict(zip(base, head, strict=True))


def test_many_images_with_one_content_are_paired_in_bounded_time() -> None:
    base = {f"sub-a{n:04}/anat/sub-a{n:04}_T1w.nii.gz": 1 for n in range(400)}
    head = {f"sub-b{n:04}/anat/sub-b{n:04}_T1w.nii.gz": 1 for n in range(400)}
    changes = find_changes(dataset(base), dataset(head))
    assert changes.renamed == dict(zip(base, head, strict=True))


def test_a_sidecar_follows_its_image_and_may_be_edited() -> None:
    base = {"sub-a01/anat/sub-a01_T1w.nii.gz": 1, "sub-a01/anat/sub-a01_T1w.json": 2}
    head = {"sub-b02/anat/sub-b02_T1w.nii.gz": 1, "sub-b02/anat/sub-b02_T1w.json": 3}
    changes = find_changes(dataset(base), dataset(head))
    assert changes.renamed == dict(zip(base, head, strict=True))
    assert changes.edited == ("sub-b02/anat/sub-b02_T1w.json",)


def test_a_participant_is_translated_as_a_whole() -> None:
    base = {"sub-a01/anat/sub-a01_T1w.nii.gz": 1, "sub-c03/anat/sub-c03_T1w.nii.gz": 2}
    head = {"sub-b02/anat/sub-b02_T1w.nii.gz": 1, "sub-c03/anat/sub-c03_T1w.nii.gz": 2}
    changes = find_changes(dataset(base), dataset(head))
    assert changes.participants == {"sub-a01": "sub-b02"}
    assert changes.translate("sub-a01") == "sub-b02"
    assert changes.translate("sub-a01/anat/sub-a01_dwi.bval") == "sub-b02/anat/sub-b02_dwi.bval"
    assert changes.translate("sub-c03") == "sub-c03"
    assert changes.translate("participants.tsv") == "participants.tsv"
    assert changes.translate(".") == "."


def load(folder: Path, ref: str | None = None) -> Dataset:
    return load_dataset(open_tree(folder, ref), SPEC)


@pytest.fixture
def dataset_folder(repository: Path, commit: Commit, nifti: bytes, run: Run) -> Path:
    files: dict[str, str | bytes] = {
        "dataset_description.json": '{"Name": "x"}',
        "participants.tsv": "participant_id\tage\nsub-a01\t30\n",
        "README": "text\n",
        "sub-a01/anat/sub-a01_T1w.nii.gz": nifti,
        "sub-a01/anat/sub-a01_T1w.json": '{"EchoTime": 1}',
        "sub-a01/anat/sub-a01_T2w.nii.gz": pointer(1),
    }
    commit(repository, files)
    run(repository, "git", "branch", "base")
    return repository


def test_a_clean_folder_is_its_commit(dataset_folder: Path) -> None:
    base = load(dataset_folder, "base")
    assert nothing(find_changes(base, load(dataset_folder)))
    assert nothing(find_changes(load(dataset_folder), load(dataset_folder)))


def test_modes_are_no_content(dataset_folder: Path, run: Run) -> None:
    (dataset_folder / "README").chmod(0o755)
    (dataset_folder / "sub-a01/anat/sub-a01_T2w.nii.gz").chmod(0o755)
    run(dataset_folder, "git", "commit", "-qam", "modes")
    base = load(dataset_folder, "base")
    assert nothing(find_changes(base, load(dataset_folder, "HEAD")))
    assert nothing(find_changes(base, load(dataset_folder)))


def test_edits_on_the_disk_that_git_does_not_know_of(dataset_folder: Path, nifti: bytes) -> None:
    image = dataset_folder / "sub-a01/anat/sub-a01_T1w.nii.gz"
    image.write_bytes(nifti[:20] + b"x" + nifti[21:])
    (dataset_folder / "sub-a01/anat/sub-a01_T1w.json").write_text('{"EchoTime": 2}')
    (dataset_folder / "sub-a01/anat/sub-a01_T2w.nii.gz").write_bytes(pointer(2))
    (dataset_folder / "participants.tsv").write_text("participant_id\tage\nsub-a01\t31\n")
    changes = find_changes(load(dataset_folder, "base"), load(dataset_folder))
    assert changes.replaced == (
        "sub-a01/anat/sub-a01_T1w.nii.gz",
        "sub-a01/anat/sub-a01_T2w.nii.gz",
    )
    assert changes.edited == ("participants.tsv", "sub-a01/anat/sub-a01_T1w.json")
    assert changes.renamed == {}


def test_files_moved_on_the_disk_that_git_does_not_know_of(dataset_folder: Path) -> None:
    (dataset_folder / "sub-a01").rename(dataset_folder / "sub-b02")
    for file in list((dataset_folder / "sub-b02/anat").iterdir()):
        file.rename(file.with_name(file.name.replace("a01", "b02")))
    (dataset_folder / "README").rename(dataset_folder / "README.md")
    changes = find_changes(load(dataset_folder, "base"), load(dataset_folder))
    assert changes.renamed == {
        "README": "README.md",
        **{
            f"sub-a01/anat/sub-a01_{end}": f"sub-b02/anat/sub-b02_{end}"
            for end in ("T1w.json", "T1w.nii.gz", "T2w.nii.gz")
        },
    }
    assert (changes.removed, changes.added) == ((), ())
    assert changes.participants == {"sub-a01": "sub-b02"}


def test_a_folder_without_git_can_be_compared(tmp_path: Path, nifti: bytes) -> None:
    for name, text in (("base", "one"), ("head", "two")):
        (tmp_path / name / "sub-a01/anat").mkdir(parents=True)
        (tmp_path / name / "README").write_text(text)
        (tmp_path / name / "sub-a01/anat/sub-a01_T1w.nii.gz").write_bytes(nifti)
    changes = find_changes(load(tmp_path / "base"), load(tmp_path / "head"))
    assert changes.edited == ("README",)
    assert (changes.replaced, changes.removed, changes.renamed) == ((), (), {})


@pytest.mark.skipif(os.name == "nt", reason="locked annexed files are links")
def test_git_annex_unlocks_and_moves(
    dataset_folder: Path, run: Run, annex_tool: str, nifti: bytes
) -> None:
    run(dataset_folder, "git", "annex", "init", "-q")
    old, new = "sub-a01/anat/sub-a01_T2star.nii.gz", "sub-a01/anat/sub-a01_acq-x_T2star.nii.gz"
    (dataset_folder / old).write_bytes(nifti + b"\0")
    run(dataset_folder, "git", "annex", "add", "-q", "--force-large", old)
    run(dataset_folder, "git", "commit", "-qm", "annexed")
    run(dataset_folder, "git", "branch", "-f", "base")
    base = load(dataset_folder, "base")
    run(dataset_folder, "git", "annex", "unlock", "-q", old)
    assert nothing(find_changes(base, load(dataset_folder)))
    run(dataset_folder, "git", "commit", "-qm", "unlocked")
    assert nothing(find_changes(base, load(dataset_folder, "HEAD")))
    run(dataset_folder, "git", "mv", old, new)
    assert find_changes(base, load(dataset_folder)).renamed == {old: new}
    (dataset_folder / new).write_bytes(nifti + b"\0\0")
    edited = find_changes(base, load(dataset_folder))
    assert (edited.renamed, edited.removed, edited.added) == ({}, (old,), (new,))


def test_a_link_that_leads_nowhere_is_another_content(dataset_folder: Path) -> None:
    image = dataset_folder / "sub-a01/anat/sub-a01_T2w.nii.gz"
    image.unlink()
    image.symlink_to("nowhere")
    changes = find_changes(load(dataset_folder, "base"), load(dataset_folder))
    assert changes.replaced == ("sub-a01/anat/sub-a01_T2w.nii.gz",)


def test_hostile_files_are_no_crash(dataset_folder: Path) -> None:
    (dataset_folder / "README").unlink()
    os.mkfifo(dataset_folder / "README")
    (dataset_folder / "sub-a01/anat/sub-a01_T1w.nii.gz").unlink()
    os.mkfifo(dataset_folder / "sub-a01/anat/sub-a01_T1w.nii.gz")
    (dataset_folder / "sub-a01/anat/sub-a01_T1w.json").write_bytes(b"{" * 1000)
    changes = find_changes(load(dataset_folder, "base"), load(dataset_folder))
    assert "sub-a01/anat/sub-a01_T1w.json" in changes.edited
    assert changes.renamed == {}
