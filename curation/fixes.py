"""Findings turned into one plan that can be carried out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..validator.dataset import Dataset
from ..validator.finding import Finding
from ..validator.operation import Operation, Remove, Rename, Set, from_mapping, spelling
from ..validator.plan import Plan, Proposal
from ..validator.plan_check import check_plan
from .expand import Companions, expand_edit


def plan_fixes(findings: Iterable[Finding], dataset: Dataset) -> Plan:
    """Return a plan of the findings' fixes.

    What several findings propose stands there once. What can't be carried out, and all that was
    proposed with it, stands there with ``apply`` no and the reason.
    """
    companions = Companions(dataset)
    gathered: dict[str, tuple[Operation, str, list[str]]] = {}
    for finding in findings:
        for operation, reason in _proposed(finding, companions, dataset):
            known = gathered.setdefault(spelling(operation), (operation, reason, []))
            if finding.identity not in known[2]:
                known[2].append(finding.identity)
    proposals = [
        Proposal(operation, reason, tuple(identities))
        for operation, reason, identities in gathered.values()
    ]
    return _without_conflicts(Plan(tuple(proposals)), dataset)


def _proposed(
    finding: Finding, companions: Companions, dataset: Dataset
) -> Iterator[tuple[Operation, str]]:
    if finding.fix is None:
        return
    try:
        operation = from_mapping(finding.fix)
    except ValueError:  # a fix that only a later version knows
        return
    operations: Iterable[Operation] = [operation]
    if isinstance(operation, Rename):
        operations = companions.expand(operation)
    elif isinstance(operation, Set | Remove):
        operations = expand_edit(operation, dataset)
    for each in operations:
        yield each, finding.code if each == operation else f"belongs to {operation.path}"


def _without_conflicts(plan: Plan, dataset: Dataset) -> Plan:
    """Switch off what can't be done, with the rest of its findings, until all else can."""
    while problems := check_plan(plan, dataset.tree):
        chosen = plan.chosen
        why = {id(chosen[problem.at]): problem.message for problem in reversed(problems)}
        spoilt = {
            identity: why[id(proposal)]
            for proposal in chosen
            if id(proposal) in why
            for identity in proposal.findings
        }
        plan = replace(plan, proposals=tuple(_judged(p, why, spoilt) for p in plan.proposals))
    return plan


def _judged(proposal: Proposal, why: dict[int, str], spoilt: dict[str, str]) -> Proposal:
    if not proposal.apply:
        return proposal
    left = tuple(identity for identity in proposal.findings if identity not in spoilt)
    if left and id(proposal) not in why:
        return replace(proposal, findings=left)
    reason = why.get(id(proposal)) or spoilt[proposal.findings[0]]
    return replace(proposal, apply=False, reason=f"{proposal.reason}: {reason}")
