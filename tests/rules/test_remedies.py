"""Every rule says by what kind of work its finding goes away."""

from __future__ import annotations

from spinegate.rules.loader import load_rules


def test_every_rule_has_a_remedy() -> None:
    assert [rule.code for rule in load_rules() if not rule.remedy] == []
