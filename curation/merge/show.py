"""A contribution in words: for the manager's screen, and for the pull request."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Sized

from ...validator.finding import Finding, Severity, Status
from ...validator.report.markdown import escape
from ...validator.report.visible import visible
from ...validator.result import Report
from .contribution import Problem, subject_of
from .faces import Faces
from .plan import MergePlan
from .rows import read_people
from .store import Store
from .trial import new_errors

_SHOWN = 40


def preview(plan: MergePlan, report: Report | None, faces: Faces) -> Iterator[str]:
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
    rows = [f"{row['path']}: {row['decision']}" for row in contribution.decisions]
    yield from _list("Decisions on defacing that come with it", rows)
    yield from _list("Left out", [f"{name}: {why}" for name, why in contribution.left])
    yield from _list(
        f"Look at these images: a face may be seen, and {_defaced(plan)}",
        [f"{path}: {why}" for path, why in faces.looks],
    )
    if faces.unread:
        yield (
            f"{_number(faces.unread, 'more image')} can only be judged once they are here: the "
            "text of the pull request will name them if a face may be seen."
        )
    if plan.problems:
        yield f"In the way ({len(plan.problems):,}):"
        yield from _first(f"  {visible(p.path)}: {visible(p.message)}" for p in plan.problems)
    if report is not None:
        yield from list_errors(report)


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


def _defaced(plan: MergePlan) -> str:
    """Say what is known of the defacing of images without a record of it."""
    said = plan.attestation.defaced
    return (
        "only the contributor says that they are defaced"
        if said is True
        else (f"they are not defaced, as the contributor says: {said}")
    )


def stored_in_words(store: Store, *, read_back: bool) -> str:
    """Say where contents are, and what was done to know it."""
    who = "from which everybody can get them" if store.public else "which isn't public"
    how = (
        "each was read back from there and compared with its hash" if read_back
        else "it was asked for each, none was read back (--fast)"
    )  # fmt: skip
    return f"contents are in {store.name}, {who}: {how}"


def list_errors(report: Report) -> Iterator[str]:
    """Say how many errors there are, and which."""
    yield errors_in_words(new_errors(report))
    yield from _first(f"  {_finding(finding)}" for finding in _errors(report))


def errors_in_words(errors: Counter[str]) -> str:
    """Say how many errors there are, by what is to be done about them."""
    if not errors:
        return "No errors by the profile incoming."
    told = ", ".join(f"{count:,} {word}" for word, count in errors.most_common())
    count = sum(errors.values())
    return f"{count:,} error{'s' * (count != 1)} by the profile incoming: {told}"


def pull_request(plan: MergePlan, report: Report, faces: Faces, stored: str) -> str:
    """Write the text of the pull request, in Markdown; nothing in it is taken for markup.

    Parameters
    ----------
    stored
        What `stored_in_words` says; "" where there are no images.
    """
    said, contribution = plan.attestation, plan.contribution
    lines = [
        f"## {escape(plan.site)}: {_number(contribution.subjects, 'participant')}",
        "",
        f"- Participants: {', '.join(map(escape, contribution.subjects)) or 'none'}",
        f"- {_number(contribution.pieces, 'file')}, {_number(plan.keys, 'image')}"
        f"{escape(f'; {stored}') if stored else ''}",
        f"- Source: {escape(contribution.kind)}",
        "",
        "### Attested by the contributor",
        "",
        f"- Contact: {escape(said.contact)}",
        f"- Ethics approval: {escape(said.ethics_approval)}",
        "- Consent to publication: yes",
        f"- Defaced: {'yes' if said.defaced is True else escape(str(said.defaced))}",
        "",
        *_faces(plan, faces),
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
    changed = [piece.path for piece in contribution.pieces if not piece.new]
    for title, names in (
        ("Files changed", changed), ("Files taken out", contribution.gone),
        ("Rows changed", people.changed if people is not None else ()),
        ("Rows taken out", people.removed if people is not None else ()),
    ):  # fmt: skip
        if names:
            lines += ["", f"{title}: {_few(names)}"]
    if contribution.left:
        kinds = defaultdict(list)
        for name, why in contribution.left:
            kinds[why].append(name)
        lines += ["", "### Left out", ""]
        lines += [f"- {escape(why)}: {len(names):,}, such as {escape(names[0])}"
                  for why, names in kinds.items()]  # fmt: skip
    return "\n".join(lines) + "\n"


def _faces(plan: MergePlan, faces: Faces) -> list[str]:
    lines: list[str] = []
    if faces.looks:
        lines += [f"A face may be seen in these, and {escape(_defaced(plan))}:", ""]
        lines += [f"- {escape(path)}: {escape(why)}" for path, why in faces.looks[:_SHOWN]]
        if len(faces.looks) > _SHOWN:
            lines.append(f"- and {len(faces.looks) - _SHOWN:,} more")
        lines.append("")
    open_ones = [row["path"] for row in plan.contribution.decisions
                 if row["decision"].lower() not in ("pass", "reject")]  # fmt: skip
    if open_ones:
        lines += [f"Nobody has decided yet on the defacing of {_few(open_ones)}.", ""]
    return ["### Images for a look", "", *lines] if lines else []


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(map(escape, names[:_SHOWN])) + more


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
