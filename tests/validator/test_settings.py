from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinegate.system.errors import ConfigError
from spinegate.validator.own_files import load_own_rules, load_protocol
from spinegate.validator.settings import Settings, read_settings
from spinegate.validator.tree import open_tree

Files = Callable[[Path, dict[str, str | bytes]], None]
RULE = """
MY_RULE:
  scope: scan
  level: warning
  message: a message
  why: because
  source: us
  checks: ["sidecar.EchoTime > 0"]
"""
SPEC = "protocol: mine\nversion: '1'\nextends: spine-generic\n"
ALWAYS = (".spinegate.yml", ".spinegate/baseline.yml", ".bidsignore")


def read(folder: Path, ref: str | None = None) -> Settings:
    return read_settings(open_tree(folder, ref))


def refused(folder: Path, message: str, file: str = ".spinegate.yml") -> int | None:
    with pytest.raises(ConfigError, match=message) as caught:
        read(folder)
    assert caught.value.file == file
    assert "\n" not in str(caught.value)
    return caught.value.line


def test_a_dataset_without_settings(tmp_path: Path) -> None:
    assert read(tmp_path) == Settings(files=ALWAYS)


def test_an_empty_file_says_nothing(tmp_path: Path, files: Files) -> None:
    files(tmp_path, {".spinegate.yml": "# nothing yet\n"})
    assert read(tmp_path) == Settings(files=ALWAYS)


def test_all_that_settings_can_say(tmp_path: Path, files: Files) -> None:
    text = """
protocol: protocol/ours.yaml
profile: release
rules: [rules/ours.yml]
baseline: accepted.yml
overrides:
  - {code: A, severity: ignore, reason: x}
"""
    accepted = """
defaults: {reason: later, by: Jane, until: 2027-01-01}
accepted:
  - {code: B, location: [a, b]}
"""
    files(
        tmp_path,
        {
            ".spinegate.yml": text,
            "accepted.yml": accepted,
            "rules/ours.yml": RULE,
            "protocol/ours.yaml": SPEC,
        },
    )
    found = read(tmp_path)
    assert (found.protocol, found.profile, found.rules, found.baseline) == (
        "protocol/ours.yaml",
        "release",
        ("rules/ours.yml",),
        "accepted.yml",
    )
    baseline, override = found.records
    assert (baseline.code, baseline.by, baseline.until) == (("B",), "Jane", date(2027, 1, 1))
    assert (baseline.source, baseline.line, baseline.exact) == ("accepted.yml", 4, True)
    assert (override.source, override.line, override.exact) == (".spinegate.yml", 7, False)
    assert found.files == (
        ".spinegate.yml",
        "accepted.yml",
        ".bidsignore",
        "rules/ours.yml",
        "protocol/ours.yaml",
    )


def test_settings_of_a_commit(
    repository: Path, commit: Callable[[Path, dict[str, str | bytes]], Path]
) -> None:
    commit(repository, {".spinegate.yml": "profile: incoming\n"})
    (repository / ".spinegate.yml").write_text("profile: release\n")
    assert read(repository, "HEAD").profile == "incoming"
    assert read(repository).profile == "release"


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("- a", "must be a mapping with protocol", 1),
        ("profile: {b: [", "not YAML", 2),
        ("profil: strict", "profil: no such key; did you mean 'profile'", 1),
        ("# x\nprofile: stict", "no profile 'stict'; did you mean 'strict'", 2),
        ("profile: [strict]", "profile: must be text", 1),
        ("profile: ''", "profile: must be text", 1),
        ("protocol: spine-genric", "no protocol and no file.*did you mean 'spine-generic'", 1),
        ("protocol: ../other.yaml", "must be a path in the dataset", 1),
        ("protocol: /etc/passwd", "must be a path in the dataset", 1),
        ("rules: rules.yml", "rules: must be a list of paths", 1),
        ("rules: [1]", "rules: must be a list of paths", 1),
        ("rules:\n- rules.yml", r"rules\.0: the dataset has no such file", 2),
        ("rules: [../rules.yml]", "must be a path in the dataset", 1),
        ("rules: [a/../../rules.yml]", "must be a path in the dataset", 1),
        ("rules: ['C:\\rules.yml']", "must be a path in the dataset", 1),
        ("rules: [" + "a, " * 101 + "]", "more than 100 files", 1),
        ("baseline: other.yml", "baseline: the dataset has no such file", 1),
        ("baseline: /etc/passwd", "must be a path in the dataset", 1),
        ("overrides: {}", "overrides: must be a list of records", 1),
        ("overrides:\n- {code: A}", r"overrides\.0: severity", 2),
        ("overrides: &a [*a]", "no anchor|nested|alias|record", 1),
        ('"\\e[31m\\n::error::x": 1', "no such key", 1),
        ("profile: " + "x" * 5000, "no profile 'xxx", 1),
    ],
)
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, files: Files, text: str, message: str, line: int
) -> None:
    files(tmp_path, {".spinegate.yml": text})
    assert refused(tmp_path, message) == line


def test_what_a_stranger_wrote_into_a_message_is_short_and_prints(
    tmp_path: Path, files: Files
) -> None:
    files(tmp_path, {".spinegate.yml": '"\\e[31m\\n::error::' + "x" * 9000 + '": 1'})
    with pytest.raises(ConfigError) as caught:
        read(tmp_path)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(20)
)


@pytest.mark.parametrize("name", [".spinegate.yml", ".spinegate/baseline.yml"])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\0\1\2", id="binary"),
        pytest.param(b"\xff\xfe\xff", id="not-utf-8"),
        pytest.param(b"profile: \xe9\n", id="latin-1"),
        pytest.param(b"a" * (8 * 2**20 + 1), id="large"),
        pytest.param(BOMB.encode(), id="bomb"),
        pytest.param(b"[" * 10_000, id="deep"),
        pytest.param(b"- " * 5_000 + b"a", id="deep list"),
        pytest.param(b"? [a]\n: b\n", id="key that is no word"),
        pytest.param(b"1: a\n", id="number as key"),
        pytest.param(b"a: 1\na: 2\n", id="key twice"),
        pytest.param(b"!!python/object/apply:os.system ['touch pwned']\n", id="tag"),
        pytest.param(b"--- a\n--- b\n", id="two documents"),
        pytest.param(b"/annex/objects/SHA256E-s1--00.yml\n", id="annexed"),
    ],
)
def test_hostile_files_are_refused(
    tmp_path: Path, files: Files, name: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files(tmp_path, {name: content})
    refused(tmp_path, ".", name)
    assert not (tmp_path / "pwned").exists()


@pytest.mark.skipif("os.name == 'nt'", reason="links need a right there")
def test_links_are_refused(tmp_path: Path, files: Files) -> None:
    files(tmp_path, {"elsewhere/settings.yml": "profile: strict", "data/README": "x"})
    link = tmp_path / "data" / ".spinegate.yml"
    link.symlink_to("../elsewhere/settings.yml")
    refused(tmp_path / "data", "must be a file, not a link")
    link.unlink()
    (tmp_path / "data" / ".spinegate").symlink_to("../elsewhere")
    (tmp_path / "elsewhere" / "baseline.yml").write_text("a: [")
    assert read(tmp_path / "data").records == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_are_settings_or_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".spinegate.yml").write_bytes(content)
    try:
        read(tmp_path)
    except ConfigError as error:
        assert str(error).isprintable()  # noqa: PT017


def test_rules_of_the_dataset_join_those_of_the_package(tmp_path: Path, files: Files) -> None:
    files(tmp_path, {".spinegate.yml": "rules: [rules/ours.yml]", "rules/ours.yml": RULE})
    tree = open_tree(tmp_path)
    rules = {rule.code: rule for rule in load_own_rules(tree, read_settings(tree))}
    assert rules["MY_RULE"].group == "ours"
    assert "SIDECAR_KEY_MISSING" in rules


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        (RULE.replace("level: warning", "level: bad"), "MY_RULE.level: must be one of", 4),
        (RULE.replace("MY_RULE", "README_MISSING"), "this code stands in rules/dataset.yaml", 2),
        ("A:\n  check: files\n", "A.check: a dataset's own rules are expressions", 2),
        ("[]", "must be a mapping", 1),
        ("A: 1", "a rule is a mapping", 1),
    ],
)
def test_a_faulty_rule_is_named_by_its_path(
    tmp_path: Path, files: Files, text: str, message: str, line: int
) -> None:
    files(tmp_path, {".spinegate.yml": "rules: [rules/ours.yml]", "rules/ours.yml": text})
    tree = open_tree(tmp_path)
    with pytest.raises(ConfigError, match=message) as caught:
        load_own_rules(tree, read_settings(tree))
    assert (caught.value.file, caught.value.line) == ("rules/ours.yml", line)


def test_a_protocol_by_name(tmp_path: Path) -> None:
    assert load_protocol(open_tree(tmp_path), "spine-generic").protocol == "spine-generic"


def test_a_protocol_of_a_commit(
    repository: Path, commit: Callable[[Path, dict[str, str | bytes]], Path]
) -> None:
    extended = SPEC.replace("spine-generic", "base.yaml")
    base = "extends: spine-generic\nversion: '7'\n"
    commit(repository, {"p/ours.yaml": extended, "p/base.yaml": base, ".spinegate.yml": "{}"})
    (repository / "p" / "ours.yaml").unlink()
    spec = load_protocol(open_tree(repository, "HEAD"), "p/ours.yaml")
    assert (spec.protocol, spec.version) == ("mine", "1")


def test_a_protocol_in_a_folder(tmp_path: Path, files: Files) -> None:
    files(tmp_path, {"p/a.yaml": SPEC, "p/b.yaml": "version: '2'\n", "p/c/d.yaml": "x: ["})
    files(tmp_path, {".spinegate.yml": "protocol: p"})
    tree = open_tree(tmp_path)
    found = read_settings(tree)
    assert found.files[-2:] == ("p/a.yaml", "p/b.yaml")
    assert load_protocol(tree, found.protocol).version == "2"


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        (SPEC + "nonsense: 1\n", "nonsense", None),
        (SPEC.replace("spine-generic", "/etc/hosts.yaml"), "file of the dataset", 3),
        (SPEC.replace("spine-generic", "../../x.yaml"), "file of the dataset", 3),
        (SPEC.replace("spine-generic", "none.yaml"), "no protocol and no file", 3),
        (SPEC.replace("spine-generic", "ours.yaml"), "extends itself", None),
        ("[" * 1000, "not YAML|nested", None),
        ("- a", "must be a mapping", None),
    ],
)
def test_a_faulty_protocol_is_named_by_its_path(
    tmp_path: Path, files: Files, content: str, message: str, line: int | None
) -> None:
    files(tmp_path, {"data/p/ours.yaml": content, "x.yaml": "a: 1"})
    with pytest.raises(ConfigError, match=message) as caught:
        load_protocol(open_tree(tmp_path / "data"), "p/ours.yaml")
    assert caught.value.file == "p/ours.yaml"
    assert line in (None, caught.value.line)
    assert "spinegate-" not in str(caught.value)


@pytest.mark.parametrize("name", ["nowhere.yaml", "../x.yaml", "/etc", "nowhere"])
def test_a_protocol_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"no such protocol|must be a path"):
        load_protocol(open_tree(tmp_path), name)


def test_a_name_that_only_git_can_hold(repository: Path, run: Callable[..., str]) -> None:
    name = "p" * 300 + ".yaml"
    make = (
        f"blob=$(printf '{SPEC}' | git hash-object -w --stdin);"
        f"tree=$(printf '100644 blob %s\\t{name}\\n' $blob | git mktree);"
        "git commit-tree $tree -m x"
    )
    commit = run(repository, "sh", "-c", make).strip()
    with pytest.raises(ConfigError, match="can't be written to a disk here") as caught:
        load_protocol(open_tree(repository, commit), name)
    assert len(str(caught.value)) < 1000
