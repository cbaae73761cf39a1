"""The expressions of GitHub workflows, as far as ours use them; anything else is an error."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>\d+)|(?P<sign>\|\||&&|==|!=|[!(),])"
    r"|(?P<name>[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*))"
)
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


class UnknownError(AssertionError):
    """An expression that this evaluator doesn't know."""


class Evaluator:
    """Evaluates expressions in a context of nested mappings.

    A name that the context doesn't have is an error, not null as on GitHub: here it is a typo.
    """

    def __init__(self, context: Mapping[str, Any], *, failed: bool = False) -> None:
        self.context = context
        self.functions: dict[str, Callable[..., Any]] = {
            "always": lambda: True,
            "cancelled": lambda: False,
            "success": lambda: not failed,
            "failure": lambda: failed,
            "contains": lambda values, value: value in values,
            "fromJSON": json.loads,
            "startsWith": lambda text, start: text.lower().startswith(start.lower()),
        }
        self.failed = failed
        self.asked = False

    def fill(self, text: Any) -> str:
        """Replace the expressions in a text by their values."""
        return EXPRESSION.sub(lambda found: shown(self.value(found[1])), shown(text))

    def holds(self, condition: Any) -> bool:
        """Whether a step runs: with no word on its status, only while nothing has failed."""
        if condition is None:
            return not self.failed
        text = str(condition).strip()
        if text.startswith("${{"):
            assert text.endswith("}}"), text
            text = text[3:-2]
        status = re.search(r"\b(always|cancelled|success|failure)\(", text)
        return bool(self.value(text)) and (bool(status) or not self.failed)

    def value(self, text: str) -> Any:
        """Evaluate one expression."""
        tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            found = TOKEN.match(text, at)
            if found is None:
                raise UnknownError(f"{text!r} at {text[at:]!r}")
            tokens.append((str(found.lastgroup), found[found.lastgroup or 0]))
            at = found.end()
        parser = _Parser(tokens, self)
        value = parser.either()
        if parser.tokens:
            raise UnknownError(f"{text!r}: {parser.tokens}")
        return value

    def look_up(self, path: str) -> Any:
        """Return the value of a name with dots."""
        value: Any = self.context
        for part in path.split("."):
            if not isinstance(value, Mapping) or part not in value:
                raise UnknownError(f"no {path}")
            value = value[part]
        return value


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], evaluator: Evaluator) -> None:
        self.tokens, self.evaluator = tokens, evaluator

    def take(self, *signs: str) -> str:
        if self.tokens and self.tokens[0][0] == "sign" and self.tokens[0][1] in signs:
            return self.tokens.pop(0)[1]
        return ""

    def either(self) -> Any:
        value = self.both()
        while self.take("||"):
            other = self.both()
            value = value or other
        return value

    def both(self) -> Any:
        value = self.compared()
        while self.take("&&"):
            other = self.compared()
            value = value and other
        return value

    def compared(self) -> Any:
        value = self.single()
        if sign := self.take("==", "!="):
            same = self.single() == value
            return same if sign == "==" else not same
        return value

    def single(self) -> Any:
        if self.take("!"):
            return not self.single()
        if self.take("("):
            value = self.either()
            assert self.take(")")
            return value
        if not self.tokens:
            raise UnknownError("an expression ends too early")
        kind, text = self.tokens.pop(0)
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return int(text)
        if kind != "name":
            raise UnknownError(text)
        if not self.take("("):
            return self.evaluator.look_up(text)
        if text not in self.evaluator.functions:
            raise UnknownError(f"{text}()")
        arguments = []
        while not self.take(")"):
            arguments.append(self.either())
            self.take(",")
        return self.evaluator.functions[text](*arguments)


def shown(value: Any) -> str:
    """Return a value as GitHub writes it into a text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
