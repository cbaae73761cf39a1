"""The book of outcomes: counts per rule, site and contrast, and the findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..rules.rule import Rule
from .finding import Finding, Origin, Outcome, Remedy, Scope, Severity
from .result import RuleCount, Tally
from .verdict import Verdict

_Place = tuple[str, str]


class Ledger:
    """Collects what the checks say; the order in which they say it never matters."""

    def __init__(self, rules: Iterable[Rule], origin: Origin) -> None:
        self.rules = {rule.code: rule for rule in rules}
        self.origin = origin
        self.findings: list[Finding] = []
        self._counts: Counter[tuple[str, str, str, Outcome]] = Counter()
        self._reasons: dict[str, Counter[str]] = {}

    def count(
        self, code: str, outcome: Outcome, site: str = "", contrast: str = "", count: int = 1
    ) -> None:
        """Count units."""
        self._counts[code, site, contrast, outcome] += count

    def blind(self, code: str, reason: str, count: int = 1) -> None:
        """Count why a rule could not be determined."""
        self._reasons.setdefault(code, Counter())[reason] += count

    def write(self, verdict: Verdict) -> None:
        """Count a verdict, and turn it into a finding where it is not met."""
        if verdict.code not in self.rules:
            return
        self.count(verdict.code, verdict.outcome, verdict.site, verdict.contrast, verdict.count)
        if verdict.outcome is Outcome.NOT_DETERMINABLE:
            self.blind(verdict.code, verdict.reason or "not said in the metadata", verdict.count)
        elif verdict.outcome is Outcome.NOT_MET:
            self.find(verdict)

    def find(self, verdict: Verdict) -> None:
        """Turn a verdict that is not met into a finding, without counting it."""
        self.findings.append(self._finding(verdict, self.rules[verdict.code]))

    def counts(self) -> list[RuleCount]:
        """Return one record per rule, those that applied to nothing included."""
        breakdowns: dict[str, dict[_Place, list[int]]] = {code: {} for code in self.rules}
        order = (Outcome.MET, Outcome.NOT_MET, Outcome.NOT_DETERMINABLE)
        for (code, site, contrast, outcome), number in self._counts.items():
            tally = breakdowns.setdefault(code, {}).setdefault((site, contrast), [0, 0, 0])
            tally[order.index(outcome)] += number
        return [
            self._rule_count(code, breakdown) for code, breakdown in sorted(breakdowns.items())
        ]

    def _rule_count(self, code: str, breakdown: dict[_Place, list[int]]) -> RuleCount:
        rule = self.rules.get(code)
        met, not_met, blind = (sum(tally[i] for tally in breakdown.values()) for i in range(3))
        return RuleCount(
            code,
            met,
            not_met,
            blind,
            concerns=rule.concerns if rule else (),
            title=(rule.title if rule else "") or code.replace("_", " ").capitalize(),
            why=rule.why if rule else "",
            breakdown={place: Tally(*tally) for place, tally in breakdown.items()},
            reasons=dict(self._reasons.get(code, {})),
            source=rule.source if rule else "",
        )

    def _finding(self, verdict: Verdict, rule: Rule) -> Finding:
        remedy = verdict.remedy or (Remedy(rule.remedy) if rule.remedy else None)
        return Finding(
            code=verdict.code,
            severity=verdict.severity or Severity(rule.level),
            location=verdict.location,
            message=verdict.message or rule.message,
            origin=self.origin,
            scope=verdict.scope or Scope(rule.scope),
            sub_code=verdict.sub_code,
            observed=verdict.observed,
            expected=verdict.expected,
            suggestion=verdict.suggestion or rule.suggestion,
            fix=verdict.fix,
            remedy=remedy,
            rule=f"{rule.group}.{rule.code}",
            affects=verdict.affects,
            line=verdict.line,
            site=verdict.site,
            contrast=verdict.contrast,
            concerns=rule.concerns if verdict.concerns is None else verdict.concerns,
            command=verdict.command,
        )
