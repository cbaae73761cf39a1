"""Orders of managers in comments, carried out by the workflow that `spinegate init` writes."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from tests.github_actions.orders import World, git, listed, misnamed, show, stamp
from tests.github_actions.pulls import IDENTITY
from tests.github_actions.runner import read_commands

T2W = "sub-siemensA01/anat/sub-siemensA01_T2w"
FORK = "stranger/dataset"
UNTIL = "2099-03-31"


def test_a_manager_gets_a_commit(world: World) -> None:
    number = world.pull(misnamed(world.server))
    before = world.tip(number)
    run = world.order(number, "/spinegate rename\r\nThank you.", login="max")
    assert not run.answered.failed, run.log
    tip = world.tip(number)
    assert git(world.server.bare, "rev-parse", f"{tip}^").strip() == before
    main = git(world.server.bare, "rev-parse", "main").strip()
    assert git(world.server.bare, "diff", "--name-only", main, tip).split() == ["docs/notes.txt"]
    message = git(world.server.bare, "log", "-1", "--format=%an%n%B", tip)
    assert message.startswith("github-actions[bot]\nspinegate: rename: ordered in #1\n")
    assert "\nRequested-by: @max\n" in message
    assert "\nCommand: /spinegate rename\n" in message
    assert "\nComment: https://github.com/lab/dataset/pull/1#issuecomment-1\n" in message
    [said] = world.said(number)
    assert f"2 files changed by the commit {tip} on the branch change1 of lab/dataset" in said
    assert "The check finds nothing that this pull request would bring." in said
    assert f"{T2W}.nii.gz" in said
    assert "@" not in said
    assert {name for name, _, _ in read_commands(run.log)} == {"notice"}


def test_what_can_be_mended_is_and_the_rest_is_told(world: World) -> None:
    """Nothing of the base is touched, whatever is wrong with it."""
    server = world.server
    other = "sub-siemensA02/anat/sub-siemensA02_T2w.json"
    server.push({other.encode(): changed(world, other, MTState="off")})
    wrong = {f"{T2W}.json".encode(): changed(world, f"{T2W}.json", FlipAngle=30)}
    number = world.pull({**misnamed(server, "sub-siemensA01_T1w", "sub-siemensA01_T1W"), **wrong})
    run = world.order(number, "/spinegate fix")
    assert not run.answered.failed, run.log
    tip = world.tip(number)
    assert "sub-siemensA01/anat/sub-siemensA01_T1w.nii.gz" in listed(server.bare, tip)
    assert show(server.bare, tip, other) == show(server.bare, "main", other)
    assert json.loads(show(server.bare, tip, f"{T2W}.json"))["FlipAngle"] == 30
    [said] = world.said(number)
    assert re.search(r"still finds 1 error.* that this brings: .*FLIP\\_ANGLE\\_OUT", said), said


def test_with_nothing_to_do_that_is_said(world: World) -> None:
    number = world.pull({b"README": b"Words.\n"})
    before = world.tip(number)
    run = world.order(number, "/spinegate fix")
    assert not run.answered.failed, run.log
    assert world.tip(number) == before
    [said] = world.said(number)
    assert "Nothing to do: nothing of what is new here can be mended by a command." in said


def test_a_baseline_takes_what_is_new(world: World) -> None:
    server = world.server
    other = "sub-siemensA02/anat/sub-siemensA02_T2w.json"
    server.push({other.encode(): changed(world, other, FlipAngle=31)})
    number = world.pull({f"{T2W}.json".encode(): changed(world, f"{T2W}.json", FlipAngle=30)})
    order = f"/spinegate baseline The coil is old: known, see the #12 of @site until {UNTIL}"
    run = world.order(number, order)
    assert not run.answered.failed, run.log
    tip = world.tip(number)
    [path] = git(server.bare, "diff", "--name-only", f"{tip}^", tip).split()
    assert path == ".spinegate/baseline.yml"
    text = show(server.bare, tip, path)
    assert "siemensA02" not in text
    for part in (f"{T2W}.nii.gz", "see the #12 of @site", UNTIL, "ana", "issuecomment-1"):
        assert part in text, text
    [said] = world.said(number)
    assert "stays red here" in said
    codes = "FLIP\\_ANGLE\\_OUT\\_OF\\_TOLERANCE (1), METADATA\\_REWRITTEN (1)"
    assert f"Accepted until {UNTIL}: {codes}." in said
    assert "The coil is old" in said
    world.follow(number)
    again = world.event(number, order)
    again["comment"]["created_at"] = stamp(5)
    world.run(again)
    assert "Nothing to do" in world.said(number)[1]


def test_a_baseline_that_says_too_little_is_refused(world: World) -> None:
    number = world.pull({b"README": b"Words.\n"})
    world.order(number, "/spinegate baseline because until tomorrow")
    [said] = world.said(number)
    assert "Nothing was changed: tomorrow is no date such as 2027-03-31." in said


def test_help_names_the_orders(world: World) -> None:
    number = world.pull({b"README": b"Words.\n"})
    run = world.order(number, "/spinegate help")
    assert not run.answered.failed, run.log
    [said] = world.said(number)
    for order in ("rename", "fix", "baseline REASON until", "help"):
        assert f"\n/spinegate {order}" in said


def test_a_fork_that_may_not_be_written_to_gets_a_patch(world: World, tmp_path: Path) -> None:
    number = world.pull(misnamed(world.server), fork=FORK)
    before = world.tip(number)
    run = world.order(number, "/spinegate rename")
    assert not run.answered.failed, run.log
    assert world.tip(number) == before
    [said] = world.said(number)
    assert "the fork's owner doesn't let maintainers edit it" in said
    shown = re.search(r"^(`{3,})diff\n(.*?)^\1$", said, re.MULTILINE | re.DOTALL)
    assert shown, said
    artifact = run.artifacts["spinegate-change"]["change.patch"]
    assert shown[2] == artifact.decode()
    clone = tmp_path / "clone"
    bare = world.server.folder / FORK
    subprocess.run(["git", "clone", "-q", "-b", "change1", bare, clone], check=True)
    subprocess.run(
        ["git", "-C", clone, "am", "-q"], input=shown[2].encode(), check=True,
        env={**os.environ, **IDENTITY},
    )  # fmt: skip
    main = git(world.server.bare, "rev-parse", "main^{tree}:sub-siemensA01").strip()
    assert git(clone, "rev-parse", "HEAD^{tree}:sub-siemensA01").strip() == main
    assert "Requested-by: @ana" in git(clone, "log", "-1", "--format=%B")


def test_a_fork_that_lets_maintainers_edit_is_pushed_to(world: World) -> None:
    number = world.pull(misnamed(world.server), fork=FORK, editable=True)
    before = world.tip(number)
    run = world.order(number, "/spinegate rename")
    assert not run.answered.failed, run.log
    assert git(world.server.folder / FORK, "rev-parse", f"{world.tip(number)}^").strip() == before
    assert "branch change1 of stranger/dataset" in world.said(number)[0]


def test_a_push_that_is_refused_becomes_a_patch(world: World) -> None:
    number = world.pull(misnamed(world.server), fork=FORK, editable=True)
    world.refuse(FORK)
    run = world.order(number, "/spinegate rename")
    assert not run.answered.failed, run.log
    [said] = world.said(number)
    assert "could not be pushed: stranger/dataset refuses it: Permission to it denied.\n" in said
    assert "git am change.patch" in said


def test_annexed_images_without_contents_are_renamed(world: World) -> None:
    """Locked ones are links into the annex, unlocked ones pointers; both keep their keys."""
    key = "MD5E-s1048576--0123456789abcdef0123456789abcdef.nii.gz"
    link = f"../../.git/annex/objects/xx/yy/{key}/{key}".encode()
    pointer = f"/annex/objects/{key}\n".encode()
    anat = b"sub-siemensA01/anat/sub-siemensA01_"
    sidecar = show(world.server.bare, "main", f"{T2W}.json").encode()
    number = world.pull({
        anat + b"acq-old_T2W.nii.gz": ("link", link), anat + b"acq-old_T2W.json": sidecar,
        anat + b"acq-new_T2W.nii.gz": pointer, anat + b"acq-new_T2W.json": sidecar,
    })  # fmt: skip
    run = world.order(number, "/spinegate rename")
    assert not run.answered.failed, run.log
    tip, bare = world.tip(number), world.server.bare
    tree = git(bare, "ls-tree", "-r", tip, "sub-siemensA01/anat").splitlines()
    modes = {line.split("\t")[1].rpartition("_acq-")[2]: line[:6] for line in tree}
    assert modes["old_T2w.nii.gz"] == "120000"
    assert modes["new_T2w.nii.gz"] == "100644"
    path = anat.decode() + "acq-old_T2w.nii.gz"
    assert show(bare, tip, path).encode() == link


def changed(world: World, path: str, **values: object) -> bytes:
    return json.dumps({**json.loads(world.server.read(path)), **values}).encode()


def test_a_name_that_is_taken_is_told(world: World) -> None:
    both = {path: content for path, content in misnamed(world.server).items() if content}
    number = world.pull(both)
    before = world.tip(number)
    run = world.order(number, "/spinegate rename")
    assert not run.answered.failed, run.log
    assert world.tip(number) == before
    [said] = world.said(number)
    assert "Nothing to do: the check suggests no name for what is new here." in said
    assert "The check still finds 5 errors that this brings: NAME\\_NOT\\_BIDS (2)," in said


def test_of_many_notes_the_first_are_told(world: World) -> None:
    """Two files that would get the same name keep their own."""
    image = world.server.read(f"{T2W}.nii.gz")
    anat = "sub-siemensA01/anat/sub-siemensA01_acq-"
    names = [f"{anat}{n}_{end}.nii.gz" for n in range(15) for end in ("T2W", "t2W")]
    number = world.pull({name.encode(): image for name in names})
    run = world.order(number, "/spinegate fix")
    assert not run.answered.failed, run.log
    [said] = world.said(number)
    assert len(re.findall(r"^sub-.* would |^sub-.* differs ", said, re.MULTILINE)) == 20, said
    assert "\nAnd 10 more like these.\n" in said
