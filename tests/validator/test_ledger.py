"""The book of outcomes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spinegate.rules.loader import load_rules
from spinegate.validator.finding import Finding, Origin, Outcome, Remedy, Scope, Severity
from spinegate.validator.ledger import Ledger
from spinegate.validator.result import RuleCount
from spinegate.validator.verdict import Verdict, blind, met

RULES = {rule.code: rule for rule in load_rules()}
SHIM, NORM = RULES["SHIM_SETTING_DIFFERS"], RULES["GRADIENT_NORM_WRONG"]
ORIGIN = Origin("spinegate", "0", "a protocol", "1")


def write(*verdicts: Verdict) -> tuple[list[Finding], dict[str, RuleCount]]:
    ledger = Ledger([SHIM, NORM], ORIGIN)
    for verdict in verdicts:
        ledger.write(verdict)
    return ledger.findings, {count.code: count for count in ledger.counts()}


def test_the_rule_gives_what_the_verdict_leaves_out() -> None:
    (finding,), _ = write(Verdict(SHIM.code, Outcome.NOT_MET, "a.nii.gz", "amu", "MTS"))
    assert finding.severity is Severity(SHIM.level)
    assert (finding.scope, finding.remedy) == (Scope.SERIES, Remedy(SHIM.remedy))
    assert (finding.message, finding.suggestion) == (SHIM.message, SHIM.suggestion)
    assert (finding.concerns, finding.origin) == (SHIM.concerns, ORIGIN)
    assert finding.rule == "series.SHIM_SETTING_DIFFERS"


def test_the_verdict_goes_before_the_rule() -> None:
    verdict = Verdict(
        SHIM.code, Outcome.NOT_MET, message="Words.", severity=Severity.WARNING, scope=Scope.SITE,
        remedy=Remedy.WAIVE, suggestion="Nothing.", concerns=(),
    )  # fmt: skip
    (finding,), _ = write(verdict)
    assert (finding.message, finding.severity, finding.scope) == (
        "Words.",
        Severity.WARNING,
        Scope.SITE,
    )
    assert (finding.remedy, finding.suggestion, finding.concerns) == (Remedy.WAIVE, "Nothing.", ())


def test_all_three_outcomes_are_counted_by_site_and_contrast() -> None:
    _, counts = write(
        met(SHIM.code, "amu", "MTS", 3),
        blind(SHIM.code, "no ShimSetting in the sidecar", "amu", "MTS", 2),
        blind(SHIM.code, "", "ucl", "MTS"),
        Verdict(SHIM.code, Outcome.NOT_MET, site="amu", contrast="MTS", count=4),
    )
    count = counts[SHIM.code]
    assert (count.met, count.not_met, count.not_determinable) == (3, 4, 3)
    assert count.breakdown["amu", "MTS"] == (3, 4, 2)
    assert count.reasons == {"no ShimSetting in the sidecar": 2, "not said in the metadata": 1}
    assert (count.title, count.why) == (SHIM.title, SHIM.why)


def test_a_rule_that_applied_to_nothing_is_listed() -> None:
    _, counts = write()
    assert counts[NORM.code].met == counts[NORM.code].not_met == 0


def test_a_code_that_is_switched_off_is_not_written() -> None:
    findings, counts = write(Verdict("ANOTHER", Outcome.NOT_MET))
    assert findings == []
    assert "ANOTHER" not in counts


def verdict(code: str, outcome: Outcome, site: str, reason: str, count: int) -> Verdict:
    return Verdict(code, outcome, site=site, reason=reason, count=count)


VERDICTS = st.lists(
    st.builds(
        verdict,
        st.sampled_from([SHIM.code, NORM.code]),
        st.sampled_from(Outcome),
        site=st.sampled_from(["amu", "ucl"]),
        reason=st.sampled_from(["one", "other"]),
        count=st.integers(1, 5),
    ),
    max_size=12,
)


@given(VERDICTS, st.randoms())
def test_the_order_of_verdicts_does_not_matter(verdicts: list[Verdict], random: object) -> None:
    shuffled = list(verdicts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert write(*shuffled)[1] == write(*verdicts)[1]
