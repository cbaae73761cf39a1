"""A plan of many renames in few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from ...validator.operation import Rename
from ...validator.plan import Plan, Proposal
from ...validator.planned import PlannedTree
from ...validator.report.visible import visible
from ..preview import headline, preview
from .listing import split_place

_FEW = 12
_GROUPS = 40


def summary(plan: Plan, planned: PlannedTree) -> Iterator[str]:
    """Yield the lines of `preview`; renames for one reason, if they are many, as one."""
    groups: dict[str, list[Proposal]] = {}
    for proposal in plan.chosen:
        if isinstance(proposal.operation, Rename):
            groups.setdefault(proposal.reason, []).append(proposal)
    large = {reason: group for reason, group in groups.items() if reason and len(group) > _FEW}
    yield headline(plan)
    for reason, group in islice(large.items(), _GROUPS):
        yield from _lines(reason, group)
    if len(large) > _GROUPS:
        yield f"  and as many for {len(large) - _GROUPS:,} more"
    told = {id(proposal) for group in large.values() for proposal in group}
    rest = Plan(tuple(p for p in plan.proposals if id(p) not in told), plan.name)
    yield from islice(preview(rest, planned), 1, None)


def _lines(reason: str, group: list[Proposal]) -> Iterator[str]:
    places = Counter(split_place(p.operation.path)[0].rstrip("/") for p in group)
    counts = [f"{count:,} {f'in {visible(place)}' if place else 'in the dataset itself'}"
              for place, count in sorted(places.items())]  # fmt: skip
    yield f"  rename  {len(group):,} files   ({visible(reason)})"
    yield f"          {', '.join(counts)}"
    first = next(p for p in group if not split_place(p.operation.path)[0] or p is group[-1])
    assert isinstance(first.operation, Rename)
    yield f"          such as {visible(first.operation.path)} -> {visible(first.operation.to)}"
