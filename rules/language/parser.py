"""From text to nodes: one regular expression for the tokens, then precedence climbing.

The grammar is the standard's. Loosest first: ``||``, ``&&``, ``!``, comparisons and ``in``,
``+ -``, ``* / %``, ``**``; ``||``, ``&&`` and ``**`` bind to the right.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ...system.errors import ConfigError
from .nodes import Array, Binary, Call, Field, Item, Literal, Name, Node, Not, Object

MAX_CHARACTERS = 8_000
MAX_TOKENS = 500
MAX_DEPTH = 30

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)
    | (?P<name>[^\W\d]\w*)
    | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<op>\|\||&&|==|!=|<=|>=|\*\*|[!<>+\-*/%()\[\]{},.])
    )""",
    re.VERBOSE,
)
_LEVELS = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 4),
    **dict.fromkeys("+-", 5),
    **dict.fromkeys("*/%", 6),
    "**": 7,
}
_NOT_LEVEL = 3
_RIGHT = frozenset(("||", "&&", "**"))
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def parse(source: str) -> Node:
    """Parse one expression.

    Raises
    ------
    ConfigError
        Not an expression, or one that is too long or too deep; the message names the column.
    """
    parser = _Parser(source)
    node = parser.expression(1)
    if parser.token.kind != "end":
        raise parser.error("an operator or the end is missing before", parser.token)
    return node


def _tokens(source: str) -> list[_Token]:
    if len(source) > MAX_CHARACTERS:
        raise ConfigError(f"the expression is longer than {MAX_CHARACTERS} characters")
    end = len(source.rstrip())
    at, tokens = 0, []
    while at < end:
        found = _TOKEN.match(source, at)
        if found is None:
            rest = source[at:].lstrip()
            column = len(source) - len(rest) + 1
            raise ConfigError(f"cannot be read from column {column}: {rest[:30]!r}")
        kind = found.lastgroup or ""
        start, at = found.span(kind)
        tokens.append(_Token(kind, found[kind], start, at))
        if len(tokens) > MAX_TOKENS:
            raise ConfigError(f"the expression has more than {MAX_TOKENS} parts")
    tokens.append(_Token("end", "the end", at, at))
    return tokens


class _Parser:
    """A cursor over the tokens of one expression."""

    __slots__ = ("depth", "index", "token", "tokens")

    def __init__(self, source: str) -> None:
        self.tokens = _tokens(source)
        self.index = self.depth = 0
        self.token = self.tokens[0]

    def error(self, message: str, token: _Token) -> ConfigError:
        return ConfigError(f"{message} {token.text!r} (column {token.start + 1})")

    def advance(self) -> _Token:
        token = self.token
        if token.kind != "end":
            self.index += 1
            self.token = self.tokens[self.index]
        return token

    def accept(self, op: str) -> bool:
        if self.token.kind == "op" and self.token.text == op:
            self.advance()
            return True
        return False

    def expect(self, op: str) -> None:
        if not self.accept(op):
            raise self.error(f"{op!r} is missing before", self.token)

    def expression(self, level: int) -> Node:
        """Parse operators of this level and of those that bind tighter."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error("nested too deep at", self.token)
        if level <= _NOT_LEVEL and self.accept("!"):
            left: Node = Not(self.expression(_NOT_LEVEL))
        else:
            left = self.atom()
        while self.token.kind in ("op", "name"):
            op = self.token.text
            binds = _LEVELS.get(op, 0)
            if binds < level:
                break
            self.advance()
            left = Binary(op, left, self.expression(binds if op in _RIGHT else binds + 1))
        self.depth -= 1
        return left

    def atom(self) -> Node:
        """Parse an item with its fields, indices and arguments."""
        start = self.token
        node = self.item()
        while self.token.kind == "op":
            if self.accept("."):
                name = self.advance()
                if name.kind != "name":
                    raise self.error("the name of a field is missing before", name)
                node = Field(node, name.text, name.start + 1)
            elif self.accept("["):
                at = self.token.start + 1
                index = self.expression(1)
                self.expect("]")
                if type(index) is Literal and isinstance(index.value, str):
                    node = Field(node, index.value, at)
                else:
                    node = Item(node, index)
            elif self.token.text == "(":
                if type(node) is not Name:
                    raise self.error("only a function can be called:", self.token)
                self.advance()
                node = Call(node.name, self.listing(")"), start.start + 1)
            else:
                break
        return node

    def item(self) -> Node:
        token = self.advance()
        if token.kind == "number":
            return Literal(_number(token.text))
        if token.kind == "string":
            return Literal(_string(token.text))
        if token.kind == "name" and token.text != "in":
            if token.text in _WORDS:
                return Literal(_WORDS[token.text])
            return Name(token.text, token.start + 1)
        if token.kind == "op":
            if token.text == "(":
                node = self.expression(1)
                self.expect(")")
                return node
            if token.text == "[":
                return Array(self.listing("]"))
            if token.text == "{":
                self.expect("}")
                return Object()
            following = self.token
            if token.text in "+-" and following.kind == "number" and following.start == token.end:
                self.advance()
                return Literal(_number(token.text + following.text))
        raise self.error("a value is missing before", token)

    def listing(self, closing: str) -> tuple[Node, ...]:
        """Parse values with commas between, up to a closing bracket."""
        if self.accept(closing):
            return ()
        items = [self.expression(1)]
        while self.accept(","):
            items.append(self.expression(1))
        self.expect(closing)
        return tuple(items)


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _string(text: str) -> str:
    r"""Take off the quotes; only a quote and a backslash can be escaped.

    Any other backslash stays, since the standard's own patterns are written ``"\.nii"``.
    """
    body = text[1:-1]
    return re.sub(r"\\([\\\"'])", r"\1", body) if "\\" in body else body
