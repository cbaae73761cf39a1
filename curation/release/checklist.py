"""What a person signs off before a release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from ...system.yaml import Document, parse_yaml

OWN = ".spinegate/checklist.yml"
_MOST = 100
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the list, and who has signed it when ("" for nobody yet)."""

    name: str
    question: str
    done: bool = False
    by: str = ""
    on: str = ""
    note: str = ""


def read_questions(content: bytes | None) -> list[Question]:
    """Read a dataset's list of questions; without one, that of the package.

    Raises
    ------
    ConfigError
        Not such a list; names the file and the line.
    """
    if content is None:
        content = (files(__package__) / "checklist.yaml").read_bytes()
    return parse_questions(parse_yaml(content, OWN), ())


def parse_questions(document: Document, path: tuple[str, ...]) -> list[Question]:
    """Take questions out of a document.

    Raises
    ------
    ConfigError
        Not such a list; names the file and the line.
    """
    value = document.value
    for key in path:
        value = value.get(key)
    if not isinstance(value, list) or not value or len(value) > _MOST:
        raise document.error(f"must be a list of 1 to {_MOST} questions", *path)
    found: dict[str, Question] = {}
    for at, row in enumerate(value):
        question = _question(document, row, (*path, at))
        if question.name in found:
            raise document.error(f"the id {question.name!r} stands there twice", *path, at)
        found[question.name] = question
    return list(found.values())


def unsigned(wanted: Sequence[Question], given: Sequence[Question], today: date) -> list[str]:
    """Say which questions nobody has signed off, or not in the right form."""
    signed = {question.name: question for question in given}
    problems = []
    for question in wanted:
        answer = signed.get(question.name)
        if answer is None:
            problems.append(f"checklist: {question.name} is missing ({question.question})")
        elif answer.question != question.question:
            problems.append(f"checklist: {question.name} asks something else than the list")
        elif not answer.done or not answer.by:
            problems.append(f"checklist: nobody has signed {question.name}: {question.question}")
        elif wrong := _wrong_day(answer.on, today):
            problems.append(f"checklist: {question.name}: {wrong}")
    return problems


def _wrong_day(text: str, today: date) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return f"on must be a date such as {today.isoformat()}, not {text[:40]!r}"
    return f"{text} lies in the future" if day > today else ""


def _question(document: Document, row: Any, path: tuple[str | int, ...]) -> Question:
    if not isinstance(row, dict):
        raise document.error("must be a mapping with id and question", *path)
    unknown = [key for key in row if key not in ("id", "question", "done", "by", "on", "note")]
    if unknown:
        raise document.error(f"no field {unknown[0]!r}", *path)
    texts = {key: row.get(key) or "" for key in ("id", "question", "by", "on", "note")}
    for key, text in texts.items():
        if not isinstance(text, str) or len(text) > _LONGEST:
            raise document.error(f"{key} must be text of at most {_LONGEST} characters", *path)
        texts[key] = " ".join(text.split())
    if not texts["id"] or not texts["question"]:
        raise document.error("id and question are needed", *path)
    done = row.get("done", False)
    if done not in (True, False, "yes", "no"):
        raise document.error("done must be yes or no", *path)
    name = texts.pop("id")
    return Question(name, done=done in (True, "yes"), **texts)
