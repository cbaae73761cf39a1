"""From YAML to rules: typed at the door, with errors that name file, line and key."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..system.errors import ConfigError
from ..system.yaml import Document, read_yaml
from .language import Check, Expression, Selector
from .rule import (
    FIX_OPERATIONS,
    LEVELS,
    METRICS,
    OVERS,
    PLACEHOLDERS,
    REMEDIES,
    SCOPES,
    Fix,
    Rule,
)
from .spelling import did_you_mean
from .vocabulary import Vocabulary, load_vocabulary

NOT_RULES = frozenset(("vocabulary.yaml", "profiles.yaml"))
REQUIRED = ("scope", "level", "message", "why", "source")
_OPTIONAL = (
    "title",
    "over",
    "group",
    "selectors",
    "checks",
    "observed",
    "expected",
    "suggestion",
    "remedy",
    "fix",
    "concerns",
    "examples",
    "check",
    "absorbs",
)
KEYS = frozenset((*REQUIRED, *_OPTIONAL))
_CODE_CHARACTERS = frozenset(string.ascii_uppercase + string.digits + "_")
T = TypeVar("T")


def load_rules(
    paths: Sequence[Path] | None = None,
    extra: Iterable[Path | Document] = (),
    vocabulary: Vocabulary | None = None,
) -> tuple[Rule, ...]:
    """Load rules, compiled.

    Parameters
    ----------
    paths
        Rule files; without them, those of the package.
    extra
        More rule files, or documents read from elsewhere (a commit). Such a file may add names:
        ``vocabulary: {sidecar: {MyKey: {type: number, unit: s, description: ...}}}``.
    vocabulary
        The names that expressions may use; without it, the package's.

    Raises
    ------
    ConfigError
        Anything that isn't right in a rule, and a code that stands twice.
    """
    names = load_vocabulary() if vocabulary is None else vocabulary
    rules: dict[str, Rule] = {}
    documents: dict[str, Document] = {}
    for document in (*map(_document, rule_files() if paths is None else paths), *extra):
        read = document if isinstance(document, Document) else _document(document)
        for rule in _rules(read, names):
            if rule.code in rules:
                first = rules[rule.code]
                place = f"{first.file}:{first.line}"
                raise read.error(f"this code stands in {place} already", rule.code)
            rules[rule.code], documents[rule.code] = rule, read
    for rule in rules.values():
        _check_absorbed(rule, rules, documents[rule.code])
    return tuple(rules.values())


def _check_absorbed(rule: Rule, codes: Iterable[str], document: Document) -> None:
    known = frozenset(codes)
    for at, code in enumerate(rule.absorbs):
        if code == rule.code or code not in known:
            what = "itself" if code == rule.code else f"no rule {code!r}"
            hint = did_you_mean(code, known - {rule.code})
            raise document.error(f"{what}{hint}", rule.code, "absorbs", at)


def rule_files() -> list[Path]:
    """Return the package's own rule files."""
    files = Path(__file__).parent.glob("*.yaml")
    return sorted(file for file in files if file.name not in NOT_RULES)


def _document(path: Path) -> Document:
    inside = path.parent == Path(__file__).parent
    return read_yaml(path, f"rules/{path.name}" if inside else str(path))


def _rules(document: Document, vocabulary: Vocabulary) -> Iterable[Rule]:
    value = document.value
    if value is None:
        return
    if not isinstance(value, dict):
        raise document.error("must be a mapping from codes to rules")
    if "vocabulary" in value:
        vocabulary = vocabulary.extended(document, "vocabulary")
    group = Path(document.name).stem
    for code, entry in value.items():
        if code == "vocabulary":
            continue
        if not _CODE_CHARACTERS.issuperset(code) or not code[:1].isalpha():
            raise document.error("a code is written LIKE_THIS", code)
        if not isinstance(entry, dict):
            raise document.error("a rule is a mapping", code)
        yield _Entry(document, vocabulary, code, entry).rule(group)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One rule while it is read."""

    document: Document
    vocabulary: Vocabulary
    code: str
    entry: dict[str, Any]

    def error(self, message: str, *path: str | int) -> ConfigError:
        return self.document.error(message, self.code, *path)

    def rule(self, group: str) -> Rule:
        self.check_keys(self.entry, KEYS)
        for key in REQUIRED:
            if not self.entry.get(key):
                raise self.error(f"{key} is missing")
        selectors = tuple(self.texts("selectors"))
        selector = self.selector(selectors)
        module = self.text("check")
        checks = tuple(self.check(source, at) for at, source in enumerate(self.texts("checks")))
        if bool(module) == bool(checks):
            raise self.error("a rule has either checks or the module of a check")
        if module and selectors:
            raise self.error("selectors belong to rules with checks", "selectors")
        for key in ("observed", "expected"):
            if checks and f"{{{key}}}" in self.text("message") and self.entry.get(key) is None:
                raise self.error(f"{{{key}}} needs an expression: {key} is missing", "message")
        return Rule(
            code=self.code,
            group=self.text("group") or group,
            scope=self.word("scope", SCOPES),
            level=self.word("level", LEVELS),
            message=self.message("message"),
            why=self.text("why"),
            source=self.text("source"),
            title=self.text("title") or self.code.replace("_", " ").capitalize(),
            over=self.word("over", OVERS),
            selectors=selectors,
            dispatch=selector.dispatch,
            applies=selector.applies,
            checks=checks,
            observed=self.expression("observed"),
            expected=self.expression("expected"),
            suggestion=self.message("suggestion"),
            remedy=self.word("remedy", ("", *REMEDIES)),
            fix=self.fix(),
            concerns=tuple(self.words("concerns", METRICS)),
            examples=self.examples(),
            check=module,
            absorbs=tuple(self.texts("absorbs")),
            file=self.document.name,
            line=self.document.line(self.code),
        )

    def check_keys(self, entry: dict[str, Any], known: Iterable[str], *path: str) -> None:
        known = tuple(known)
        for key in entry:
            if key not in known:
                raise self.error(f"no such key{did_you_mean(key, known)}", *path, key)

    def text(self, key: str) -> str:
        value = self.entry.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.error("must be text", key)
        return value.strip()

    def texts(self, key: str) -> list[str]:
        value = self.entry.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.error("must be a list of texts", key)
        return value

    def word(self, key: str, words: Sequence[str]) -> str:
        value = self.text(key)
        if value not in words:
            raise self.error(f"must be one of {', '.join(filter(None, words))}", key)
        return value

    def words(self, key: str, words: Sequence[str]) -> list[str]:
        values = self.texts(key)
        for at, value in enumerate(values):
            if value not in words:
                raise self.error(f"no metric {value!r}{did_you_mean(value, words)}", key, at)
        return values

    def message(self, key: str) -> str:
        text = self.text(key)
        try:
            fields = [part[1:] for part in string.Formatter().parse(text) if part[1] is not None]
        except ValueError as error:
            raise self.error(f"braces: {error}", key) from None
        for name, form, conversion in fields:
            if name not in PLACEHOLDERS or form or conversion:
                hint = did_you_mean(str(name), PLACEHOLDERS)
                raise self.error(f"no placeholder {{{name}}}{hint}", key)
        return text

    def compiled(self, make: Callable[[], T], *path: str | int) -> T:
        try:
            return make()
        except ConfigError as error:
            raise self.error(error.message, *path) from None

    def selector(self, sources: tuple[str, ...]) -> Selector:
        try:
            return Selector.of(*sources, names=self.vocabulary)
        except ConfigError:
            for at, source in enumerate(sources):  # to name the line of the one that is wrong
                self.compiled(lambda: Selector.of(source, names=self.vocabulary), "selectors", at)  # noqa: B023
            raise

    def check(self, source: str, at: int) -> Check:
        return self.compiled(lambda: Check.of(source, names=self.vocabulary), "checks", at)

    def expression(self, key: str) -> Expression | None:
        value = self.entry.get(key)
        return None if value is None else self.value(value, key)

    def value(self, value: Any, *path: str) -> Expression:
        """Return an expression from text; any other value stands for itself."""
        if not isinstance(value, str):
            return Expression.constant(value)
        return self.compiled(lambda: Expression.of(value, names=self.vocabulary), *path)

    def fix(self) -> Fix | None:
        entry = self.entry.get("fix")
        if entry is None:
            return None
        if not isinstance(entry, dict) or entry.get("op") not in FIX_OPERATIONS:
            raise self.error(f"needs op: one of {', '.join(FIX_OPERATIONS)}", "fix")
        self.check_keys(entry, ("op", "key", "value"), "fix")
        key = entry.get("key", "")
        if not isinstance(key, str):
            raise self.error("must be text", "fix", "key")
        value = None if entry.get("value") is None else self.value(entry["value"], "fix", "value")
        if (value is None) != (entry["op"] == "remove"):
            raise self.error("set and rename need a value, remove has none", "fix")
        return Fix(entry["op"], key, value)

    def examples(self) -> dict[str, Any]:
        entry = self.entry.get("examples")
        if entry is None:
            return {}
        if not isinstance(entry, dict):
            raise self.error("must be a mapping with pass and fail", "examples")
        self.check_keys(entry, ("pass", "fail"), "examples")
        return entry
