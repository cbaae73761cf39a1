"""What several git-annex branches know together, and what a stranger's can't do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.examples.mutations import MUTATIONS
from spinegate.validator.remote.knowledge import Knowledge, Lying, make_knowledge
from spinegate.validator.remote.logs import parse_locations
from spinegate.validator.remote.reading import start_reading
from spinegate.validator.remote.refs import LOCAL, ORIGIN, Refs

Git = Callable[..., str]
A, B = (f"SHA256E-s9--{letter * 64}.nii.gz" for letter in "ab")
WEB_KEY = "URL--http://example.org/a&b.nii"
FORK = "refs/remotes/fork/git-annex"
UUIDS = "server a server timestamp=1s\n"


def read_knowledge(folder: Path, base: str | None = None) -> Knowledge:
    return start_reading(folder, base)()


def branch(folder: Path, ref: str, **logs: str) -> None:
    """Make a branch; keys are the names of the constants, `uuid_log` is uuid.log."""
    keys = {"a": A, "b": B}
    files = {
        f"000/111/{keys[name]}.log" if name in keys else name.replace("_", "."): text
        for name, text in logs.items()
    }
    MUTATIONS["branch"].apply(folder, {"ref": ref, "files": files})


def test_one_branch(repository: Path) -> None:
    branch(repository, LOCAL, uuid_log=UUIDS, a="1s 1 server\n1s 0 laptop\n")
    known = read_knowledge(repository)
    assert known.locate([A, B, A]) == {A: Lying(("server",), (), False)}
    assert known.describe(["server", "x"]) == ["a server", "x"]
    assert known.has_local


def test_branches_of_one_person_are_merged_as_git_annex_does(repository: Path) -> None:
    branch(repository, LOCAL, a="1s 1 server\n1s 1 laptop\n", b="1s 1 laptop\n")
    branch(repository, ORIGIN, uuid_log=UUIDS, a="2s 0 server\n")
    known = read_knowledge(repository)
    assert known.locate([A, B]) == {
        A: Lying(("laptop",), (), True),
        B: Lying(("laptop",), (), False),
    }
    assert known.describe(["server"]) == ["a server"]


def test_a_fork_adds_places_that_the_base_knows(repository: Path) -> None:
    trust = "old X timestamp=1s\n"
    branch(repository, ORIGIN, uuid_log=UUIDS, trust_log=trust, a="1s 1 server\n")
    mine = "evil Evil timestamp=9s\nserver My server timestamp=9s\n"
    remote = "server name=s type=S3 publicurl=https://evil.example timestamp=9s\n"
    log = "9s 1 server\n9s 1 evil\n9s 1 old\n"
    branch(repository, FORK, uuid_log=mine, remote_log=remote, a="9s 0 server\n", b=log)
    known = read_knowledge(repository, "origin/main")
    assert known.branch is not None
    assert known.branch.remotes == {}
    assert known.describe(["server", "evil"]) == ["a server", "evil"]
    assert known.locate([A, B]) == {
        A: Lying(("server",), (), True),
        B: Lying(("server",), ("evil",), True),
    }


def test_a_stranger_without_a_base_says_nothing_of_remotes(repository: Path) -> None:
    branch(repository, FORK, uuid_log=UUIDS, a="1s 1 server\n")
    known = read_knowledge(repository, "origin/main")
    assert known.branch is None
    assert known.locate([A]) == {A: Lying((), ("server",), True)}


def test_branches_alike_are_one(repository: Path) -> None:
    for ref in (LOCAL, ORIGIN, FORK):
        branch(repository, ref, uuid_log=UUIDS, a="1s 1 server\n")
    for base in (None, "origin/main"):
        assert read_knowledge(repository, base).locate([A]) == {A: Lying(("server",))}


def test_a_branch_may_forget_a_key(repository: Path) -> None:
    branch(repository, ORIGIN, a="1s 1 server\n", b="1s 1 server\n", uuid_log=UUIDS)
    branch(repository, LOCAL, a="1s 1 server\n", uuid_log=UUIDS)
    assert set(read_knowledge(repository).locate([A, B])) == {A, B}


def test_keys_that_no_file_name_can_hold(repository: Path) -> None:
    name = "URL--http&c%%example.org%a&ab.nii"
    files = {f"000/111/{name}.log": "1s 1 server\n"}
    MUTATIONS["branch"].apply(repository, {"ref": LOCAL, "files": files})
    assert read_knowledge(repository).locate([WEB_KEY])[WEB_KEY].holders == ("server",)


def test_there_may_be_no_branch_and_no_repository(repository: Path, tmp_path: Path) -> None:
    assert read_knowledge(repository).refs.trees == {}
    assert read_knowledge(repository).reason == ""
    assert read_knowledge(tmp_path).reason == "git can't read the repository"
    assert read_knowledge(tmp_path / "nowhere").reason == "git can't read the repository"


def blob(folder: Path, run: Git, ref: str) -> Path:
    oid = run(folder, "git", "rev-parse", f"{ref}:000/111/{A}.log").strip()
    return folder / ".git" / "objects" / oid[:2] / oid[2:]


@pytest.mark.parametrize("damage", ["missing", "corrupt"])
@pytest.mark.parametrize("first", [True, False])
def test_objects_that_git_lacks(damage: str, first: bool, repository: Path, run: Git) -> None:
    run(repository, "git", "config", "fastimport.unpackLimit", "100")
    names = {"a": "1s 1 server\n", "z": ""} if first else {"_": "", "a": "1s 1 server\n"}
    branch(repository, ORIGIN, **names)
    path = blob(repository, run, ORIGIN)
    path.chmod(0o644)
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"\0" * 20)
    known = read_knowledge(repository)
    assert known.reason == "this clone lacks files of the git-annex branch"


def test_what_git_lacks_of_a_stranger_is_left_out(repository: Path, run: Git) -> None:
    branch(repository, ORIGIN, uuid_log=UUIDS, b="1s 1 server\n")
    run(repository, "git", "config", "fastimport.unpackLimit", "100")
    branch(repository, FORK, uuid_log=UUIDS, a="1s 1 evil\n", b="1s 1 evil\n")
    blob(repository, run, FORK).unlink()
    known = read_knowledge(repository, "origin/main")
    assert known.reason == ""
    assert known.locate([A, B]) == {B: Lying(("server",))}


def test_a_clone_without_contents_is_told_at_once(
    repository: Path, tmp_path: Path, run: Git
) -> None:
    branch(repository, LOCAL, uuid_log=UUIDS, a="1s 1 server\n")
    run(repository, "git", "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    source = repository.as_uri()
    run(tmp_path, "git", "clone", "-q", "--bare", "--filter=blob:none", source, str(clone))
    assert read_knowledge(clone).reason == "this clone lacks files of the git-annex branch"


def test_a_folder_below_the_top_tells_the_same(repository: Path) -> None:
    branch(repository, LOCAL, uuid_log=UUIDS, a="1s 1 server\n")
    branch(repository, ORIGIN, b="1s 1 server\n")
    below = repository / "000" / "deep"  # a name that the branch has as well
    below.mkdir(parents=True)
    known = read_knowledge(below)
    assert known.locate([A, B]) == read_knowledge(repository).locate([A, B])
    assert known.locate([A, B])[A].holders == ("server",)
    assert known.describe(["server"]) == ["a server"]


def test_an_answer_can_be_asked_for_again(repository: Path) -> None:
    branch(repository, LOCAL, uuid_log=UUIDS)
    wait = start_reading(repository)
    assert wait() is wait()


def test_too_much_is_too_much(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from spinegate.validator.remote import reading

    branch(repository, ORIGIN, uuid_log=UUIDS, a="1s 1 server\n" * 200)
    monkeypatch.setattr(reading, "_LIMIT", 1000)
    assert read_knowledge(repository).reason == "the git-annex branch is too large to be read"


def test_a_full_disk_is_no_traceback(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError("no space left on device")

    branch(repository, ORIGIN, uuid_log=UUIDS)
    monkeypatch.setattr("tempfile.TemporaryFile", full)
    assert read_knowledge(repository).reason == "git can't read the repository"


LINE = st.one_of(
    st.binary(max_size=30),
    st.builds(
        lambda time, status, uuid: f"{time}s {status} {uuid}".encode(),
        st.integers(0, 3),
        st.sampled_from("01X"),
        st.sampled_from(["u1", "u2", "u3"]),
    ),
)


@given(st.lists(st.lists(LINE, max_size=5).map(lambda lines: b"\n".join([*lines, b""]))))
def test_logs_are_read_as_they_are_alone(contents: list[bytes]) -> None:
    keys = [f"SHA256E-s{number}--x" for number in range(len(contents))]
    logs = {f"{key}.log".encode(): content for key, content in zip(keys, contents, strict=True)}
    known = make_knowledge(Path(), Refs({ORIGIN: "x"}, (ORIGIN,)), {ORIGIN: logs})
    for key, lying in known.locate(keys).items():
        said = parse_locations(logs[f"{key}.log".encode()])
        if all(line.count(b" ") == 2 for line in logs[f"{key}.log".encode()].splitlines()):
            assert lying.holders == said


def test_git_runs_at_a_strangers_word_never(repository: Path) -> None:
    branch(repository, "refs/remotes/--upload-pack=touch pwned/git-annex", uuid_log=UUIDS)
    assert read_knowledge(repository).reason == ""
    assert not (repository / "pwned").exists()
