"""A contribution in words: for the manager's screen, and for the pull request."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Sized

from ...validator.finding import Finding, Severity, Status
from ...validator.report.markdown import escape
from ...validator.report.visible import visible
from ...validator.result import Report
from .contribution import Problem, subject_of
from .plan import MergePlan, new_errors
from .rows import read_people

_SHOWN = 40


def preview(plan: MergePlan, report: Report | None) -> Iterator[str]:
    """Yield what would come in, what stays outside, and what is in the way."""
    contribution = plan.contribution
    yield (
        f"{visible(contribution.label)}: {_number(contribution.subjects, 'participant')} of "
        f"{visible(plan.site)}, {_number(contribution.pieces, 'file')}, "
        f"{_number(plan.keys, 'image')} -> {plan.branch}"
    )
    files = Counter(subject_of(piece.path) for piece in contribution.pieces)
    yield from _first(
        f"  {subject}: {_number(range(n), 'file')}" for subject, n in sorted(files.items())
    )
    changed = [piece.path for piece in contribution.pieces if not piece.new]
    yield from _list("Changed", changed)
    yield from _list("Taken out", contribution.gone)
    yield from _rows(plan)
    yield from _list("Left out", [f"{name}: {why}" for name, why in contribution.left])
    if plan.problems:
        yield f"In the way ({len(plan.problems):,}):"
        yield from _first(f"  {visible(p.path)}: {visible(p.message)}" for p in plan.problems)
    if report is not None:
        yield errors_in_words(new_errors(report))
        yield from _first(f"  {_finding(finding)}" for finding in _errors(report))


def _rows(plan: MergePlan) -> Iterator[str]:
    people = plan.people
    if people is None or not people.content:
        return
    table = read_people(people.content)
    for old, new in plan.columns.items():
        yield f"participants.tsv: column {visible(old)} is {visible(new)}"
    for word, names in (("new", people.added), ("changed", people.changed)):
        if names:
            yield f"participants.tsv, {word} ({len(names):,}):"
            lines = (visible(table.lines[name].replace("\t", "  ")) for name in names)
            yield from _first(f"  {line}" for line in lines)
    yield from _list("participants.tsv, taken out", people.removed)


def errors_in_words(errors: Counter[str]) -> str:
    """Say how many errors there are, by what is to be done about them."""
    if not errors:
        return "No errors by the profile incoming."
    told = ", ".join(f"{count:,} {word}" for word, count in errors.most_common())
    return f"{sum(errors.values()):,} errors by the profile incoming: {told}"


def pull_request(plan: MergePlan, report: Report) -> str:
    """Write the text of the pull request, in Markdown; nothing in it is taken for markup."""
    said, contribution = plan.attestation, plan.contribution
    lines = [
        f"## {escape(plan.site)}: {_number(contribution.subjects, 'participant')}",
        "",
        f"- Participants: {', '.join(map(escape, contribution.subjects)) or 'none'}",
        f"- {_number(contribution.pieces, 'file')}, {_number(plan.keys, 'image')}; contents are "
        "in the dataset's store and were verified there",
        f"- Source: {escape(contribution.label)}",
        "",
        "### Attested by the contributor",
        "",
        f"- Contact: {escape(said.contact)}",
        f"- Ethics approval: {escape(said.ethics_approval)}",
        "- Consent to publication: yes",
        f"- Defaced: {'yes' if said.defaced is True else escape(str(said.defaced))}",
        "",
        "### Checks",
        "",
        errors_in_words(new_errors(report)),
    ]
    errors = list(_errors(report))
    if errors:
        lines += ["", "| Where | What | To do |", "|---|---|---|"]
        lines += [
            f"| {' | '.join(map(escape, (found.location, found.message, found.suggestion)))} |"
            for found in errors[:_SHOWN]
        ]
        if len(errors) > _SHOWN:
            lines += ["", f"and {len(errors) - _SHOWN:,} more"]
    people = plan.people
    if people is not None and people.changed:
        lines += ["", f"Rows changed: {', '.join(map(escape, people.changed))}"]
    if contribution.left:
        kinds = defaultdict(list)
        for name, why in contribution.left:
            kinds[why].append(name)
        lines += ["", "### Left out", ""]
        lines += [f"- {escape(why)}: {len(names):,}, such as {escape(names[0])}"
                  for why, names in kinds.items()]  # fmt: skip
    return "\n".join(lines) + "\n"


def _errors(report: Report) -> Iterator[Finding]:
    for finding in report.findings:
        if finding.severity is Severity.ERROR and finding.status is not Status.OLD:
            yield finding


def _finding(finding: Finding) -> str:
    return visible(f"{finding.location}: {finding.message} ({finding.code})")


def in_the_way(problems: Sequence[Problem]) -> str:
    """Say in one message what a contribution is refused for."""
    told = "; ".join(f"{visible(p.path)} {visible(p.message)}" for p in problems[:5])
    more = f" and {len(problems) - 5:,} more" if len(problems) > 5 else ""
    return f"{told}{more}"


def _list(title: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"{title} ({len(names):,}):"
        yield from _first(f"  {visible(name)}" for name in names)


def _first(lines: Iterator[str]) -> Iterator[str]:
    rest = 0
    for number, line in enumerate(lines):
        if number < _SHOWN:
            yield line
        else:
            rest += 1
    if rest:
        yield f"  and {rest:,} more"


def _number(things: Sized, word: str) -> str:
    count = len(things)
    return f"{count:,} {word}{'s' * (count != 1)}"
