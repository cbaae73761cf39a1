"""Which record of a dataset's policy decides about a finding.

The records of its settings match by patterns. Those of its baseline are compared file by file, as
findings are with those of a base: a finding is accepted when all its files are, each by a record
of the same fault and, as long as the files are the same, the same value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from ..rules.records import ANYTHING, Patterns, Record, has_signs
from .coverage import agree, same
from .finding import Finding, Origin, Scope, Severity
from .recorded import recorded, writable

_RAW = "sourcedata/"
_WHOLE = (Scope.SITE, Scope.DATASET)
_NOBODY = Origin("spinegate", "")
_Place = tuple[str, str, str]


def plain_path(path: str) -> str:
    """Return a path without the leading ``sourcedata/``: one image in its two states."""
    return path.removeprefix(_RAW)


class Matcher:
    """The records of one dataset on one day; it remembers which of them matched."""

    def __init__(self, records: Sequence[Record], today: date) -> None:
        self._records = records
        self._ended = [record.expired(today) for record in records]
        self._uses = [0] * len(records)
        self._changed: set[int] = set()
        self._again: dict[int, list[Finding]] = {}
        self._places: dict[_Place, list[int]] = {}
        self._twins: dict[int, Finding] = {}
        self._faults: set[tuple[str, str]] = set()
        self._by_code: dict[str, list[tuple[int, _Loose]]] = {}
        self._any_code: list[tuple[int, _Loose]] = []
        for number, record in enumerate(records):
            if record.exact:
                known = self._twins[number] = _twin(record)
                self._faults.add((known.code, known.sub_code))
                for place in _places(known):
                    self._places.setdefault(place, []).append(number)
                continue
            loose = _Loose(record)
            if loose.indexed:
                for code in dict.fromkeys(record.code):
                    self._by_code.setdefault(code, []).append((number, loose))
            else:
                self._any_code.append((number, loose))

    def find(self, finding: Finding) -> Record | None:
        """Return the last record that matches a finding and holds, and count all that match."""
        deciding = [*self._exact(finding), *self._loose(finding)]
        holding = [number for number in deciding if not self._ended[number]]
        if holding:
            return self._records[max(holding)]
        for number in deciding:
            self._again.setdefault(number, []).append(finding)
        return None

    def unused(self) -> Iterator[tuple[Record, bool]]:
        """Yield each record that matched nothing, and whether its fault has another value now."""
        for number, record in enumerate(self._records):
            if not self._uses[number]:
                yield record, number in self._changed

    def expired(self) -> Iterator[tuple[Record, tuple[Finding, ...]]]:
        """Yield each record that holds no longer, and what counts again since."""
        for number, findings in sorted(self._again.items()):
            yield self._records[number], tuple(findings)

    def _loose(self, finding: Finding) -> Iterator[int]:
        for number, loose in (*self._by_code.get(finding.code, ()), *self._any_code):
            if loose.match(finding):
                self._uses[number] += 1
                yield number

    def _exact(self, finding: Finding) -> Sequence[int]:
        """Return the records that accept the first file of a finding, if all are accepted."""
        accepted = self._compare(finding)
        for number in set().union(*accepted):
            self._uses[number] += 1
        if not accepted or not all(accepted):
            return ()
        if all(any(not self._ended[number] for number in numbers) for numbers in accepted):
            return accepted[0]
        return sorted({n for numbers in accepted for n in numbers if self._ended[n]})

    def _compare(self, finding: Finding) -> list[list[int]]:
        """Return, file by file, the records of a baseline that accept it."""
        if (finding.code, writable(finding.sub_code)) not in self._faults:
            return []
        known = _normal(finding)
        found = [self._places.get(place, ()) for place in _places(known)]
        touched = set().union(*found)
        agreeing = {number for number in touched if self._agrees(number, known)}
        self._changed |= touched - agreeing
        return [[number for number in numbers if number in agreeing] for numbers in found]

    def touching(self, finding: Finding) -> list[Record]:
        """Return the records of a baseline that accept any file of a finding."""
        return [self._records[n] for n in sorted(set().union(*self._compare(finding)))]

    def _agrees(self, number: int, known: Finding) -> bool:
        group = self._records[number].group
        return (not group or _group(known) in group) and agree(self._twins[number], known)


def _places(finding: Finding) -> list[_Place]:
    return [(finding.code, finding.sub_code, path) for path in finding.paths]


def _group(finding: Finding) -> str:
    return finding.rule.partition(".")[0]


def _normal(finding: Finding) -> Finding:
    first, *others = dict.fromkeys(writable(plain_path(path)) for path in finding.paths)
    return replace(
        finding,
        location=first,
        affects=tuple(others),
        sub_code=writable(finding.sub_code),
        observed=recorded(finding.observed),
    )


def _twin(record: Record) -> Finding:
    """Return the finding that a record of a baseline accepts."""
    first, *others = dict.fromkeys(map(plain_path, record.location))
    return Finding(
        record.code[0],
        Severity(record.severity),
        first,
        record.reason,
        _NOBODY,
        Scope.SITE if others else Scope.SCAN,
        sub_code=record.parameter[0] if record.parameter else "",
        observed=record.observed,
        affects=tuple(others),
    )


class _Loose:
    """A record of patterns, ready to be tried on many findings."""

    def __init__(self, record: Record) -> None:
        facts = {"code": record.code, "sub_code": record.parameter, "site": record.site}
        self.indexed = bool(record.code) and not any(map(has_signs, record.code))
        if self.indexed:
            del facts["code"]
        self._facts = [(key, Patterns(value)) for key, value in facts.items() if value]
        self._group = Patterns(record.group) if record.group else None
        self._location = Patterns(tuple(map(plain_path, record.location)))
        literal = self._location.literal
        self._listed = set(map(plain_path, record.location)) if literal else set()
        self._under_raw = None if literal else Patterns(record.location)
        self._observed = record.observed

    def match(self, finding: Finding) -> bool:
        """Whether a finding is what the record names; its code is, where it is looked up by it."""
        if not self._is_named(finding.location) or (
            finding.affects
            and finding.scope in _WHOLE
            and not all(map(self._is_named, finding.affects))
        ):
            return False
        for key, test in self._facts:
            if not test.match(getattr(finding, key)):
                return False
        if self._group is not None and not self._group.match(_group(finding)):
            return False
        return self._observed is ANYTHING or self._has_value(finding)

    def _is_named(self, path: str) -> bool:
        plain = plain_path(path)
        if self._location.match(plain):
            return True
        return self._under_raw is not None and plain != path and self._under_raw.match(path)

    def _has_value(self, finding: Finding) -> bool:
        """Whether the value is the record's, or some of the files that it lists were mended."""
        if set(map(plain_path, finding.paths)) < self._listed:
            return True
        return same(self._observed, recorded(finding.observed))
