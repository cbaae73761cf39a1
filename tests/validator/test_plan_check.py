"""Plans that can't be carried out are refused before anything happens, with every reason."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.system.errors import ConfigError
from spinegate.validator.operation import Delete, Operation, Remove, Rename, Set, Write, digest
from spinegate.validator.plan import Plan, Proposal, parse_plan
from spinegate.validator.plan_check import check_plan, moved_link, require_sound
from spinegate.validator.tree import open_tree

POINTER = "/annex/objects/MD5E-s9--0123456789abcdef0123456789abcdef.json\n"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    (folder / "sub-a" / "anat").mkdir(parents=True)
    (folder / "sub-a/anat/sub-a_T1w.json").write_text('{"EchoTime": 0.1}\n')
    (folder / "sub-a/anat/sub-a_T1w.nii.gz").write_text("image")
    (folder / "list.json").write_text("[]\n")
    (folder / "twice.json").write_text('{"A": 1, "A": 2}\n')
    (folder / "pointer.json").write_text(POINTER)
    (folder / "link.json").symlink_to("list.json")
    (folder / "annexed.json").symlink_to(".git" + POINTER.strip())
    (folder / "participants.tsv").write_text("participant_id\tage\nsub-a\t-\n")
    os.mkfifo(folder / "pipe")
    return folder


def told(dataset: Path, *operations: Operation) -> list[str]:
    plan = Plan(tuple(map(Proposal, operations)))
    return [message for _, message in check_plan(plan, open_tree(dataset))]


T1W = "sub-a/anat/sub-a_T1w"


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (Rename("sub-a/anat/sub-a_T1.json", "x"), "did you mean 'sub-a/anat/sub-a_T1w.json'"),
        (Rename("sub-a", "sub-b"), "is a folder"),
        (Rename("list.json", "list.json"), "name already"),
        (Rename("list.json", "participants.tsv"), "there already, and stays"),
        (Rename("list.json", "sub-a/anat"), "is a folder"),
        (Rename("list.json", f"{T1W}.json/x.json"), "which is a file"),
        (Rename("list.json", "PARTICIPANTS.tsv"), "upper and lower case alone"),
        (Rename("list.json", "../x"), "leaves the dataset"),
        (Rename("list.json", "a//x"), "leaves the dataset"),
        (Rename("list.json", "/etc/x"), "not a path in the dataset"),
        (Rename("list.json", "C:/x"), "not a path in the dataset"),
        (Rename("list.json", ""), "not a path in the dataset"),
        (Rename("list.json", "sub-a/.GIT/hooks/x"), "git's own folder"),
        (Rename("list.json", ".git/hooks/post-checkout"), "git's own folder"),
        (Rename("list.json", "a\nb"), "can't be seen"),
        (Rename("list.json", "a\\b"), "backslash"),
        (Rename("list.json", "a" * 256), "longer than 255"),
        (Rename("pipe", "x"), "neither a file nor a link"),
        (Delete("none"), "not in the dataset"),
        (Set("list.json", "A", 1), "no JSON object"),
        (Set("twice.json", "A", 1), "twice"),
        (Set("pointer.json", "A", 1), "in the annex"),
        (Set("annexed.json", "A", 1), "in the annex"),
        (Set("link.json", "A", 1), "is a link"),
        (Set(f"{T1W}.nii.gz", "A", 1), "only .json, .tsv and .yml"),
        (Remove(f"{T1W}.json", "FlipAngle"), "no key 'FlipAngle'"),
        (Set("participants.tsv", "age", "n/a", "NA"), "no 'NA'"),
    ],
)
def test_operations_that_cannot_be_done(dataset: Path, operation: Operation, message: str) -> None:
    found = told(dataset, operation)
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ([Rename("list.json", "x"), Rename("twice.json", "x")], "would both become 'x'"),
        ([Rename("list.json", "x"), Rename("list.json", "y")], "two fates"),
        ([Rename("list.json", "x"), Delete("list.json")], "two fates"),
        ([Rename("list.json", "x"), Rename("twice.json", "X")], "case alone"),
        ([Rename("list.json", "x"), Rename("twice.json", "x/y")], "which is a file"),
        ([Delete(f"{T1W}.json"), Set(f"{T1W}.json", "A", 1)], "edited and deleted"),
        ([Set(f"{T1W}.json", "A", 1), Set(f"{T1W}.json", "A", 2)], "in two ways"),
        ([Set(f"{T1W}.json", "A", 1), Remove(f"{T1W}.json", "A")], "in two ways"),
    ],
)
def test_operations_that_do_not_go_together(
    dataset: Path, operations: list[Operation], message: str
) -> None:
    assert any(message in line for line in told(dataset, *operations))


@pytest.mark.parametrize(
    "operations",
    [
        [Rename("list.json", "twice.json"), Rename("twice.json", "list.json")],
        [
            Rename("list.json", "twice.json"),
            Rename("twice.json", "pointer.json"),
            Rename("pointer.json", "new.json"),
        ],
        [Rename("list.json", "LIST.json")],
        [Rename("list.json", "list.json/list.json")],
        [Rename("list.json", "twice.json"), Delete("twice.json")],
        [Rename(f"{T1W}.json", "sub-a/x.json"), Set(f"{T1W}.json", "A", 1)],
        [Delete("link.json")],
        [Rename("annexed.json", "deep/er/annexed.json")],
        [Set(f"{T1W}.json", "A", 1), Set(f"{T1W}.json", "A", 1)],
        [Set("participants.tsv", "age", "n/a", "-")],
    ],
)
def test_operations_that_go_together(dataset: Path, operations: list[Operation]) -> None:
    assert told(dataset, *operations) == []


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ([Write("../x", "")], "leaves the dataset"),
        ([Write(".git/hooks/x", "")], "git's own folder"),
        ([Write("sub-a", "")], "is a folder"),
        ([Write("list.json/x", "")], "which is a file"),
        ([Write("LIST.json", "")], "upper and lower case alone"),
        ([Write("annexed.json", "")], "is in the annex"),
        ([Write("link.json", "")], "is a link"),
        ([Write("pipe", "")], "neither a file nor a link"),
        ([Write("x", "1"), Write("x", "2")], "changed or written anew"),
        ([Write("list.json", ""), Delete("list.json")], "changed or written anew"),
        ([Write("list.json", ""), Rename("list.json", "y")], "changed or written anew"),
        ([Write("x", ""), Rename("list.json", "x")], "another file's new name"),
        ([Write("list.json", "{}", digest(b"{}"))], "'list.json' was changed since the plan was"),
        ([Write("list.json", "{}", digest(None))], "'list.json' has appeared since the plan was"),
        ([Write("x", "", digest(b"[]\n"))], "'x' is gone since the plan was made: make the plan"),
    ],
)
def test_files_that_cannot_be_written(
    dataset: Path, operations: list[Operation], message: str
) -> None:
    assert message in " ".join(told(dataset, *operations))


@pytest.mark.parametrize(
    "operations",
    [
        [Write("new/x.yml", "a: 1"), Write("list.json", "{}")],
        [Write("broken.json", "{"), Delete("list.json")],
        [Write("x", "1"), Write("x", "1")],
        [Write("list.json", "{}", digest(b"[]\n")), Write("x", "1", digest(None))],
        [Write("list.json", "[]\n", digest(b"what it was"))],
    ],
)
def test_files_that_can_be_written(dataset: Path, operations: list[Operation]) -> None:
    assert told(dataset, *operations) == []


def test_all_problems_are_told_with_their_lines(dataset: Path) -> None:
    rows = "".join(f"delete\tnone{number}\n" for number in range(60))
    plan = parse_plan(f"op\tpath\n{rows}delete\tlist.json\n".encode(), "mine.tsv")
    with pytest.raises(ConfigError) as caught:
        require_sound(plan, open_tree(dataset))
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("mine.tsv: ")
    assert lines[1].startswith("  line 2: 'none0' is not in the dataset")
    assert lines[-1] == "  and 10 more problems"
    assert len(lines) == 52


def test_many_problems_are_gone_through_once(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposals = tuple(Proposal(Delete(f"none{number}"), line=number) for number in range(500))
    proposals += (Proposal(Delete("list.json")),)
    chosen: Callable[[Plan], tuple[Proposal, ...]] = vars(Plan)["chosen"].fget
    calls: list[Plan] = []

    def counted(plan: Plan) -> tuple[Proposal, ...]:
        calls.append(plan)
        return chosen(plan)

    monkeypatch.setattr(Plan, "chosen", property(counted))
    with pytest.raises(ConfigError, match="and 450 more problems"):
        require_sound(Plan(proposals), open_tree(dataset))
    assert len(calls) < 10


def test_what_is_not_chosen_is_not_looked_at(dataset: Path) -> None:
    plan = Plan((Proposal(Delete("none"), apply=False),))
    require_sound(plan, open_tree(dataset))


def test_two_files_that_are_shown_alike(tmp_path: Path) -> None:
    (tmp_path / "a\\xff.txt").write_text("1")
    with open(os.fsencode(tmp_path) + b"/a\xff.txt", "w") as file:
        file.write("2")
    assert "two files" in told(tmp_path, Delete("a\\xff.txt"))[0]


def test_a_name_that_is_not_utf8_is_not_written_as_it_is_shown(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/a\xff.txt", "w") as file:
        file.write("1")
    (line,) = told(tmp_path, Rename("a\\xff.txt", "b\\xff.txt"))
    assert "bytes in its name that aren't UTF-8" in line
    assert line.endswith("first: spinegate curate rename --file 'a\\xff.txt' NEW")
    assert told(tmp_path, Rename("a\\xff.txt", "b.txt")) == []


PARTS = st.lists(st.sampled_from([b"a", b"b", b"sub-x"]), min_size=1, max_size=4)


@given(PARTS, PARTS, st.integers(0, 3), PARTS)
def test_a_link_that_moves_leads_to_where_it_led(
    old: list[bytes], new: list[bytes], up: int, rest: list[bytes]
) -> None:
    top = b"/t/o/p/of/all/"
    path, to, target = b"/".join(old), b"/".join(new), b"../" * up + b"/".join(rest)
    moved = moved_link(target, path, to)

    def leads(place: bytes, text: bytes) -> bytes:
        return os.path.normpath(os.path.join(top, os.path.dirname(place), text))

    assert leads(to, moved) == leads(path, target)
    assert moved_link(b"/else/where", path, to) == b"/else/where"


def test_a_plan_that_was_carried_out_already_is_told_in_one_line(dataset: Path) -> None:
    moves = (Rename("old.json", "list.json"), Rename("older.json", "twice.json"))
    plan = Plan(tuple(map(Proposal, moves)), "plan.tsv")
    with pytest.raises(ConfigError, match=r"plan\.tsv: none of .* carried out already") as caught:
        require_sound(plan, open_tree(dataset))
    assert "\n" not in str(caught.value)
    one = Plan((Proposal(Rename("lis.json", "x.json")),))
    with pytest.raises(ConfigError, match=r"did you mean 'list\.json'"):
        require_sound(one, open_tree(dataset))
