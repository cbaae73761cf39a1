"""A plan as a person reads it before anything moves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from difflib import unified_diff
from typing import Any

from ..validator.operation import Delete, Operation, Remove, Rename, Set, Write, word_of
from ..validator.plan import Plan, Proposal
from ..validator.planned import PlannedTree
from ..validator.report.visible import visible
from ..validator.table import LIMIT
from ..validator.tree import LINK, Unreadable

_OPERATIONS = 200
_DIFF = 400
_LINE = 300
_LARGE = 1024 * 1024


def preview(plan: Plan, planned: PlannedTree) -> Iterator[str]:
    """Yield the lines: counts, what is to be done, what was left out, the edits as a diff."""
    chosen = plan.chosen
    yield headline(plan)
    yield from _listed(chosen)
    left = [proposal for proposal in plan.proposals if not proposal.apply]
    if left:
        yield ""
        yield f"Left out ({len(left):,}):"
        yield from _listed(left)
    yield from _diffs(planned, plan.operations)


def headline(plan: Plan) -> str:
    """Say in one line how much a plan does."""
    kinds = Counter(word_of(proposal.operation) for proposal in plan.chosen)
    counts = ", ".join(f"{count:,} {word}" for word, count in sorted(kinds.items()))
    findings = len({identity for p in plan.chosen for identity in p.findings})
    mended = f" for {findings:,} finding{'s' * (findings != 1)}" if findings else ""
    number = f"{len(plan.chosen):,} operation{'s' * (len(plan.chosen) != 1)}"
    return f"{number}{mended}: {counts}" if counts else "Nothing to do."


def _listed(proposals: tuple[Proposal, ...] | list[Proposal]) -> Iterator[str]:
    for proposal in proposals[:_OPERATIONS]:
        reason = f"   ({visible(proposal.reason)})" if proposal.reason else ""
        yield f"  {_cut(_said(proposal.operation))}{_cut(reason)}"
    if len(proposals) > _OPERATIONS:
        yield f"  and {len(proposals) - _OPERATIONS:,} more"


def _said(operation: Operation) -> str:
    """Say what an operation does, in one line."""
    path = visible(operation.path)
    if isinstance(operation, Rename):
        return f"rename  {path} -> {visible(operation.to)}"
    if isinstance(operation, Delete):
        return f"delete  {path}"
    if isinstance(operation, Write):
        return f"write   {path}"
    if isinstance(operation, Set):
        where = "" if operation.row is None else f" of {visible(operation.row)}"
        former = "" if operation.former is None else f" {_json(operation.former)} ->"
        return f"set     {path}: {visible(operation.key)}{where}:{former} {_json(operation.value)}"
    return f"remove  {path}: {visible(operation.key)}"


def _json(value: Any) -> str:
    return visible(json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= _LINE else text[: _LINE - 3] + "..."


def _diffs(planned: PlannedTree, operations: tuple[Operation, ...]) -> Iterator[str]:
    """Yield unified diffs of the edited files, of very many the first."""
    left = _DIFF
    # What is removed may name a person: it isn't repeated here.
    private = {operation.path for operation in operations if isinstance(operation, Remove)}
    edited = [
        entry
        for entry in planned.contents
        if entry.mode != LINK and planned.origins.get(entry, entry).path not in private
    ]
    for number, entry in enumerate(edited):
        if left <= 0:
            yield f"and edits of {len(edited) - number:,} more files"
            return
        old = planned.origins.get(entry)
        before = b"" if old is None else next(iter(planned.base.read([old], LIMIT)))
        after = planned.contents[entry]
        if isinstance(before, Unreadable) or before == after:
            continue
        if max(len(before), len(after)) > _LARGE:
            yield f"{visible(entry.path)} is too large to be shown"
            continue
        names = (visible(old.path) if old else "nothing", visible(entry.path))
        for line in unified_diff(_lines(before), _lines(after), *names, n=1, lineterm=""):
            if not left:
                yield "..."
            if left <= 0:
                break
            yield _cut(visible(line.replace("\t", "  ")))
            left -= 1


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "backslashreplace").split("\n")
