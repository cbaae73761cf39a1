"""What an order does to a pull request: a plan for its new findings, carried out in a clone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ...protocol_specs.loader import load_spec
from ...rules.records import Record
from ...system.git import git
from ...validator.baseline import Acceptance, Choice, accept
from ...validator.baseline_yaml import HEAD, read_text, write_text
from ...validator.checks.policy import CODE as POLICY
from ...validator.dataset import load_dataset
from ...validator.finding import Finding, Severity, Status
from ...validator.operation import Write, digest
from ...validator.options import Options
from ...validator.plan import Plan, Proposal
from ...validator.planned import plan_tree
from ...validator.report.visible import visible
from ...validator.result import Report
from ...validator.run import validate
from ...validator.settings import (
    BASELINE_LIMIT,
    Settings,
    find_entry,
    read_entry,
    read_settings,
)
from ...validator.tree import Tree, open_tree
from ..commit import apply_and_commit, commit_message
from ..fixes import plan_fixes
from ..preview import preview
from ..rename.sources import from_findings
from ..rename.wishes import by_wishes
from .comment import Comment

_ANY = "spine-generic"  # which files belong together doesn't depend on the protocol
_BOT = "github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com"
_CODES = 12
_NOTES = 20


@dataclass(frozen=True, slots=True)
class Change:
    """What was done in the clone.

    Attributes
    ----------
    commit
        The one commit; "" where there was nothing to do.
    listed
        What it does, line by line.
    notes
        What a person should look at.
    left
        What the check says of the pull request with it, in a sentence; "" of a baseline.
    """

    commit: str
    listed: tuple[str, ...]
    notes: tuple[str, ...]
    left: str


def make_change(clone: Path, base: str, comment: Comment) -> Change:
    """Plan what is ordered and commit it to the branch that is checked out.

    What the base had already is left alone, and its policy judges.

    Parameters
    ----------
    clone
        The head of the pull request, checked out.
    base
        Tip of the branch that it goes into.

    Raises
    ------
    SpinegateError
        The dataset can't be read, or the plan can't be carried out.
    """
    options = Options(clone, ref="HEAD", base=base)
    report, tree = validate(options), open_tree(clone)
    plan, notes = _PLANS[comment.order.kind](tree, report, comment, base)
    if len(notes) > _NOTES:
        notes = (*notes[:_NOTES], f"And {len(notes) - _NOTES:,} more like these.")
    listed = tuple(preview(plan, plan_tree(tree, plan))) if plan.chosen else ()
    commit = apply_and_commit(plan, clone, message_of(comment)) if plan.chosen else ""
    if not commit:
        return Change("", (), notes, _told(report))
    if comment.order.kind == "baseline":  # this check goes by that of the base
        return Change(commit, listed, notes, "")
    return Change(commit, listed, notes, _told(validate(options)))


def message_of(comment: Comment) -> str:
    """Return what the commit says; it is the same whoever makes it."""
    order = comment.order
    trailers = {"Requested-by": f"@{comment.login}", "Command": order.line}
    if comment.page:
        trailers["Comment"] = comment.page
    return commit_message(order.kind, f"ordered in #{comment.number}", trailers=trailers)


def signature(comment: Comment) -> Mapping[str, str]:
    """Return the environment that signs the commit: a second run makes the same one again."""
    told = {"NAME": _BOT[0], "EMAIL": _BOT[1], "DATE": comment.created.isoformat()}
    people = ("AUTHOR", "COMMITTER")
    return {f"GIT_{who}_{what}": text for who in people for what, text in told.items()}


def write_patch(clone: Path, commit: str) -> bytes:
    """Return a commit as ``git am`` takes it: whole, whatever git is set to."""
    return git(
        clone, "format-patch", "-1", "--stdout", "--binary", "--full-index", "--find-renames",
        "--no-signature", "--no-ext-diff", "--no-textconv", "--no-attach", "--no-thread",
        "--src-prefix=a/", "--dst-prefix=b/", "--no-numbered", "--encoding=UTF-8", commit,
    )  # fmt: skip


def _new(report: Report) -> list[Finding]:
    return [
        finding
        for finding in report.findings
        if finding.status is Status.NEW and finding.severity is not Severity.IGNORE
    ]


def _fix(tree: Tree, report: Report, comment: Comment, base: str) -> tuple[Plan, tuple[str, ...]]:
    plan = plan_fixes(_new(report), load_dataset(tree, load_spec(_ANY)))
    left = [proposal for proposal in plan.proposals if not proposal.apply]
    return plan, tuple(f"{proposal.operation.path}: {proposal.reason}" for proposal in left)


def _rename(
    tree: Tree, report: Report, comment: Comment, base: str
) -> tuple[Plan, tuple[str, ...]]:
    renaming = by_wishes(tree, from_findings(_new(report)))
    return renaming.plan, renaming.notes


class _NewAlone(Choice):
    """Chooses what the change brings."""

    def takes(self, finding: Finding) -> bool:
        return finding.status is Status.NEW and finding.code != POLICY


def _baseline(
    tree: Tree, report: Report, comment: Comment, base: str
) -> tuple[Plan, tuple[str, ...]]:
    settings = read_settings(open_tree(Path(tree.folder or "."), base))
    entry = find_entry(tree, settings.baseline)
    content = None if entry is None else read_entry(tree, entry, BASELINE_LIMIT)
    former = digest(content)
    content = b"accepted: []" if content is None else content
    old, about, head = read_text(content, settings.baseline)
    others = [record for record in settings.records if not record.exact]
    order = comment.order
    acceptance = Acceptance(order.reason, comment.login, order.until, comment.page)
    planned = accept(report, old, others, acceptance, _NewAlone(), today=datetime.now(UTC).date())
    accepted = (*planned.new, *planned.renewed)
    notes = _brought(old, settings)
    if not accepted:
        return Plan(()), notes
    text = write_text(planned.records, about, head or HEAD)
    write = Write(settings.baseline, text, former)
    notes = (
        *notes,
        f"Accepted until {order.until}: {_counted(record.code[0] for record in accepted)}.",
        "The check goes by the baseline of the branch that this pull request goes into. So it "
        "stays red here; once this is merged, all of that counts as accepted.",
    )
    return Plan((Proposal(write, f"accepted by {comment.login}"),)), notes


def _brought(old: Iterable[Record], settings: Settings) -> tuple[str, ...]:
    """Tell of records that the pull request brings: anybody can have written them."""
    known = {repr(replace(record, source="", line=0)) for record in settings.records}
    count = sum(repr(replace(record, source="", line=0)) not in known for record in old)
    if not count:
        return ()
    return (
        f"The baseline of this pull request had {count:,} record{'s' * (count != 1)} of its own "
        "before this order. They accept findings, too, once this is merged: look at their reasons "
        f"and names in {settings.baseline}, since anybody can have written them.",
    )


_PLANS = {"fix": _fix, "rename": _rename, "baseline": _baseline}


def _told(report: Report) -> str:
    """Say what the check finds newly."""
    found = _new(report)
    if not found:
        return "The check finds nothing that this pull request would bring."
    errors, warnings = report.summary.errors, report.summary.warnings
    counts = [f"{count:,} {word}{'s' * (count != 1)}"
              for count, word in ((errors, "error"), (warnings, "warning")) if count]  # fmt: skip
    codes = _counted(finding.code for finding in found)
    return f"The check still finds {' and '.join(counts)} that this brings: {codes}."


def _counted(codes: Iterable[str]) -> str:
    counts = Counter(map(visible, codes)).most_common()
    named = ", ".join(f"{code} ({count:,})" for code, count in counts[:_CODES])
    return named + (f" and {len(counts) - _CODES} more rules" if len(counts) > _CODES else "")
