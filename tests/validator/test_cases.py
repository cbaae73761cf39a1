"""Runs tests/cases/<CODE>.yaml of every rule that has a module in validator/checks."""

from __future__ import annotations

import base64
import gzip
import json
import os
import struct
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from spinegate.examples.mutations import MUTATIONS
from spinegate.protocol_specs.loader import load_spec
from spinegate.rules.loader import load_rules
from spinegate.system.yaml import read_yaml
from spinegate.validator.changes import find_changes
from spinegate.validator.checks.waivers import policy_verdicts
from spinegate.validator.dataset import load_dataset
from spinegate.validator.engine import run_rules
from spinegate.validator.finding import Finding, Origin
from spinegate.validator.inspection import Inspection
from spinegate.validator.ledger import Ledger
from spinegate.validator.policy import apply_policy, find_profile
from spinegate.validator.settings import read_settings
from spinegate.validator.tree import open_tree

CASES = Path(__file__).parents[1] / "cases"
RULES = load_rules()
MODULES = {rule.code: rule.check for rule in RULES if rule.check}
SPEC = load_spec("spine-generic")
ORIGIN = Origin("spinegate", "0", SPEC.protocol, SPEC.version)
DEFAULTS: dict[str, Any] = {
    "dataset_description.json": {"Name": "A case", "BIDSVersion": "1.11.0"},
    "README": "A case of a test.\n",
    "participants.tsv": "participant_id\n",
}


def load_cases() -> Iterator[Any]:
    for file in sorted(CASES.glob("*.yaml")):
        for case in read_yaml(file).value:
            if "context" not in case:
                yield pytest.param(file.stem, case, id=f"{file.stem}: {case['name']}")


def image(shape: Any = (2, 2, 2), **fields: Any) -> bytes:
    """A gzipped NIfTI-1 image; qform and sform are 12 numbers each, units 2 is mm."""
    identity = (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    dim = [len(shape), *shape, 1, 1, 1, 1, 1, 1]
    struct.pack_into("<8h", header, 40, *dim[:8])
    struct.pack_into("<2h", header, 70, 2, 8)
    struct.pack_into("<8f", header, 76, 1, *fields.get("sizes", (1, 1, 1)), 1, 1, 1, 1)
    struct.pack_into("<f", header, 108, 352)
    header[123] = fields.get("units", 2)
    struct.pack_into("<2h", header, 252, fields.get("qform_code", 1), fields.get("sform_code", 1))
    struct.pack_into("<3f", header, 268, *fields.get("offset", (0, 0, 0)))
    struct.pack_into("<12f", header, 280, *fields.get("sform", identity))
    header[344:348] = b"n+1\0"
    voxels = bytes([fields.get("value", 1)]) * max(1, shape[0] * shape[1] * shape[2])
    return gzip.compress(bytes(header) + voxels, mtime=0)


def content_of(value: Any) -> bytes:
    if value is None:
        return b""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, dict) and len(value) == 1:
        (kind, given), *_ = value.items()
        if kind == "base64":
            return base64.b64decode(given)
        if kind == "pointer":
            return f"/annex/objects/{given}\n".encode()
        if kind == "repeat":
            return bytes(given[0].encode() * given[1])
        if kind == "image":
            return image(**(given or {}))
    return json.dumps(value, indent=1).encode()


def write(folder: Path, case: dict[str, Any]) -> None:
    files = {**DEFAULTS, **case["files"]}
    for name in case.get("without", ()):
        del files[name]
    for name, value in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(value, dict) and set(value) == {"link"}:
            path.symlink_to(value["link"])
        elif isinstance(value, dict) and set(value) == {"fifo"}:
            os.mkfifo(path)
        else:
            path.write_bytes(content_of(value))
    for name, text in case.get("raw", {}).items():
        try:
            Path(os.fsdecode(os.fsencode(folder) + b"/" + bytes.fromhex(name))).write_text(text)
        except OSError:
            pytest.skip("this file system takes UTF-8 names only")
    for name in case.get("executable", ()):
        (folder / name).chmod(0o755)


def commit(folder: Path, run: Any, branch: str) -> None:
    """Commit the files of a case, the base's and then the head's, each in place of the last."""
    run(folder, "git", "init", "-q")
    run(folder, "git", "add", "-A", "--force")
    run(folder, "git", "commit", "-q", "--allow-empty", "-m", branch)
    run(folder, "git", "branch", branch)


def find_change(folder: Path, code: str) -> list[Finding]:
    """Return what a change brings, the same from a commit as from the folder."""
    rules = [rule for rule in RULES if rule.check == MODULES[code]]
    base = load_dataset(open_tree(folder, "base"), SPEC)
    found = []
    for ref in (None, "head"):
        head = load_dataset(open_tree(folder, ref), SPEC)
        ledger = Ledger(rules, ORIGIN)
        run_rules(Inspection(head, SPEC, changes=find_changes(base, head)), rules, ledger)
        found.append([finding for finding in ledger.findings if finding.code == code])
    assert found[0] == found[1]
    return sorted(found[0], key=lambda f: f.order)


def find(folder: Path, code: str) -> list[Finding]:
    module = MODULES.get(code, "parameters")  # codes of parameters have one template
    rules = [rule for rule in RULES if module in (rule.check, "waivers")]
    ledger = Ledger(rules, ORIGIN)
    tree = open_tree(folder)
    run_rules(Inspection(load_dataset(tree, SPEC), SPEC), rules, ledger)
    if module == "waivers":  # it looks at what the others have found
        records = read_settings(tree).records
        applied = apply_policy(ledger.findings, find_profile("strict"), records, date(2026, 1, 1))
        for verdict in policy_verdicts(applied, ledger.counts()):
            ledger.write(verdict)
    return sorted((f for f in ledger.findings if f.code == code), key=lambda f: f.order)


@pytest.mark.parametrize(("code", "case"), list(load_cases()))
def test_case(code: str, case: dict[str, Any], tmp_path: Path, request: Any) -> None:
    if os.name == "nt" and {"executable", "link", "fifo", "raw"} & set(
        json.dumps(case).split('"')
    ):
        pytest.skip("this system has neither links nor executable bits")
    run: Any = request.getfixturevalue("run") if case.get("git") or "base" in case else None
    if "base" in case:
        write(tmp_path, {"files": case["base"]})
        commit(tmp_path, run, "base")
        run(tmp_path, "git", "rm", "-rq", ".")
    write(tmp_path, case)
    if "base" in case:
        commit(tmp_path, run, "head")
    if case.get("git"):
        run(tmp_path, "git", "init", "-q")
        run(tmp_path, "git", "add", "-A")
        if case["git"] == "annex":
            run(tmp_path, "git", "commit", "-q", "-m", "files")
            run(tmp_path, "git", "branch", "git-annex")
    for ref, files in case.get("branches", {}).items():
        MUTATIONS["branch"].apply(tmp_path, {"ref": ref, "files": files})
    found = find_change(tmp_path, code) if "base" in case else find(tmp_path, code)
    for finding, expected in zip(found, case["findings"], strict=False):
        where = finding.location if "@" in expected else ""
        assert expected == "@".join(filter(None, (code, where))), finding
        assert finding.message.endswith("."), finding
    assert len(found) == len(case["findings"]), found
    for finding, text in zip(found, case.get("says", ()), strict=False):
        assert text in finding.message
    if "commands" in case:
        assert [finding.command for finding in found] == case["commands"]


@pytest.mark.parametrize("code", sorted(path.stem for path in CASES.glob("*.yaml")))
def test_each_module_rule_is_met_once_and_broken_once(code: str) -> None:
    outcomes = {
        bool(c["findings"]) for c in read_yaml(CASES / f"{code}.yaml").value if "files" in c
    }
    assert outcomes in (set(), {True, False})
