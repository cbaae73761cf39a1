"""``spinegate curate rename``: other names, and all that hangs on them."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

import click

from ...validator.entities import split_subject
from ...validator.operation import Rename
from ...validator.plan import Plan, read_plan, write_plan
from ...validator.planned import plan_tree
from ...validator.report.visible import visible
from ...validator.tree import Tree, open_tree
from ..apply import apply_plan
from ..asked import (
    afterwards,
    apply_option,
    count_files,
    from_plan_option,
    plan_option,
    progress,
    say,
)
from ..commit import apply_and_commit, commit_message
from ..deface.held import held_images
from ..place import find_place
from ..preview import headline
from ..top import require_top
from .convention import load_convention, packaged_conventions
from .keys import TRAILER, Memory, recall
from .moves import Moves, by_convention, by_pairs, by_subjects, distinct
from .plan import Renaming, plan_renaming
from .sites import by_sites
from .sources import from_findings, from_report
from .summary import summary
from .wishes import by_wishes

_NOTES = 20


@click.command("rename")
@click.argument("dataset", default=".", type=click.Path(path_type=Path))
@click.option(
    "--file",
    "files",
    nargs=2,
    multiple=True,
    metavar="OLD NEW",
    help="One file; an image takes along what is named after it. Repeatable.",
)
@click.option(
    "--swap",
    "swaps",
    nargs=2,
    multiple=True,
    metavar="A B",
    help="Two images exchange their names. Repeatable.",
)
@click.option(
    "--convention",
    metavar="NAME|FILE",
    help=f"All names of a convention: {', '.join(packaged_conventions())}, or a file.",
)
@click.option("--reverse", is_flag=True, help="The convention's new names become the old ones.")
@click.option("--names-only", is_flag=True, help="Leave the sidecars' keys as they are.")
@click.option(
    "--all-keys",
    is_flag=True,
    help="Write the convention's keys (--reverse: take them out) whatever was there before it.",
)
@click.option(
    "--subject",
    "subjects",
    multiple=True,
    metavar="OLD=NEW",
    help="A participant, as in sub-unf01=sub-montreal01. Repeatable.",
)
@click.option(
    "--site",
    "sites",
    multiple=True,
    metavar="OLD=NEW",
    help="A site and all its participants, as in unf=montreal. Repeatable.",
)
@click.option("--from-findings", is_flag=True, help="The names that validate suggests.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The names that this report of validate suggests (JSON or JSONL).",
)
@plan_option
@from_plan_option
@apply_option
@afterwards
def command(
    dataset: Path,
    files: tuple[tuple[str, str], ...],
    swaps: tuple[tuple[str, str], ...],
    convention: str | None,
    reverse: bool,
    names_only: bool,
    all_keys: bool,
    subjects: tuple[str, ...],
    sites: tuple[str, ...],
    from_findings: bool,
    report: Path | None,
    plan_file: Path | None,
    from_plan: Path | None,
    apply_: bool,
) -> None:
    """Rename files, a whole convention, participants or sites.

    Moves sidecars, gradients, the raw twin and all derivatives along, and rewrites what names
    them: IntendedFor, Sources, scans.tsv, participants.tsv, exclude.yml, waivers, decisions and
    records of contributions. Without --apply the plan is only shown. --apply commits it, which
    --undo takes back by another commit.
    """
    kinds = {
        "--file or --swap": bool(files or swaps), "--convention": convention is not None,
        "--subject or --site": bool(subjects or sites),
        "--from-findings": from_findings or report is not None,
        "--from-plan": from_plan is not None,
    }  # fmt: skip
    asked = [name for name, given in kinds.items() if given]
    if len(asked) != 1:
        raise click.UsageError(f"say what is to be renamed, by one of: {', '.join(kinds)}")
    if (reverse or names_only or all_keys) and convention is None:
        raise click.UsageError("--reverse, --names-only and --all-keys go with --convention")
    if names_only and all_keys:
        raise click.UsageError("--names-only and --all-keys can't go together")
    require_top(dataset)

    gc.disable()  # many small values are made and all are kept: nothing to collect
    tree = open_tree(dataset)
    if from_plan is not None:
        renaming = Renaming(read_plan(from_plan), ())
        told = _summary(renaming.plan) or f"as {from_plan.name} says"
    elif convention is not None:
        wanted = load_convention(convention)
        wanted = wanted.reversed() if reverse else wanted
        moves = by_convention(_paths(tree), wanted.without_keys() if names_only else wanted)
        memory = Memory() if names_only or all_keys else recall(dataset, wanted, moves)
        renaming = plan_renaming(tree, moves, memory=memory)
        told = f"convention {wanted.name}{', back' if reverse else ''}"
    elif from_findings or report is not None:
        renaming, told = _by_findings(tree, dataset, report), "names that validate suggests"
    elif subjects or sites:
        renaming = _by_subjects(tree, dataset, _pairs(subjects, "sub-"), _pairs(sites))
        told = ", ".join([*subjects, *sites])
    else:
        both = [pair for a, b in swaps for pair in ((a, b), (b, a))]
        pairs = distinct([*files, *both])
        renaming = plan_renaming(tree, by_pairs(_paths(tree), pairs.items()))
        told = ", ".join(f"{old} to {new}" for old, new in pairs.items())
    _show(renaming, tree, whole=not apply_)
    if plan_file is not None:
        write_plan(renaming.plan, plan_file)
        given = f"{quote(str(dataset))} --from-plan {quote(str(plan_file))}"
        progress(
            f"Wrote {plan_file}; read it, change it, then: spinegate curate rename {given} --apply"
        )
    if apply_:
        _apply(renaming.plan, dataset, told)
    elif renaming.plan.chosen and plan_file is None:
        progress("Nothing was changed; --apply carries it out, --plan FILE lists every file.")


def _show(renaming: Renaming, tree: Tree, whole: bool) -> None:
    """Print the plan; where it is carried out, how much it does and what is left to be seen."""
    plan = renaming.plan
    for line in summary(plan, plan_tree(tree, plan)) if whole else [headline(plan)]:
        say(line)
    if renaming.notes:
        say(f"\nFor you to look at ({len(renaming.notes):,}):")
        for note in renaming.notes[:_NOTES]:
            say(f"  {visible(note)}")
        if len(renaming.notes) > _NOTES:
            say(f"  and {len(renaming.notes) - _NOTES:,} more")


def _apply(plan: Plan, dataset: Path, told: str) -> None:
    if not find_place(dataset).in_git:
        count = apply_plan(plan, dataset)
        done = f"Done: {count_files(count)}" if count else ""
    else:
        names = _summary(plan)
        short = told if len(told) < 200 else f"{told[:197]}..."
        message = commit_message(
            "rename", short, headline(plan), {TRAILER: names} if names else {}
        )
        commit = apply_and_commit(plan, dataset, message, names_first=True)
        done = f"Committed {commit[:12]}" if commit else ""
    if done:
        progress(f"{done}; --undo takes it back.")


def _summary(plan: Plan) -> str:
    """Say why most of a plan's files are renamed; "" where it doesn't say."""
    reasons = Counter(p.reason for p in plan.chosen if isinstance(p.operation, Rename))
    return ", ".join(reason for reason, _ in reasons.most_common() if " -> " in reason)


def _by_findings(tree: Tree, dataset: Path, report: Path | None) -> Renaming:
    if report is not None:
        wishes = from_report(report)
    else:
        from ...validator.options import Options
        from ...validator.run import validate

        wishes = from_findings(validate(Options(dataset)).findings)
    return by_wishes(tree, wishes)


def _by_subjects(
    tree: Tree, dataset: Path, subjects: dict[str, str], sites: dict[str, str]
) -> Renaming:
    found = by_sites(tree, sites)
    moves: Moves = by_subjects(_paths(tree), {**found.subjects, **subjects})
    renaming = plan_renaming(tree, moves, sites)
    kept = [name for name in found.kept if name not in subjects]
    notes = [
        f"{name} doesn't begin with its site's name and keeps its own; --subject renames it"
        for name in kept
    ]
    notes += [
        f"{held.path} waits outside of git under its old name; first: spinegate curate deface "
        f"{quote(str(dataset))} --participant-label {split_subject(held.path)[1]}"
        for held in held_images(find_place(dataset))
        if moves.follow(held.path) != held.path
    ]
    return Renaming(renaming.plan, (*notes, *renaming.notes))


def _pairs(texts: Sequence[str], lead: str = "") -> dict[str, str]:
    pairs = []
    for text in texts:
        for part in text.split(","):
            old, sign, new = part.partition("=")
            if not (old and sign and new):
                raise click.UsageError(f"{part!r} is not OLD=NEW")
            if old.removeprefix(lead) == new.removeprefix(lead):
                raise click.UsageError(f"{part!r} renames nothing: both names are the same")
            pairs.append((lead + old.removeprefix(lead), lead + new.removeprefix(lead)))
    return distinct(pairs)


def _paths(tree: Tree) -> list[str]:
    return [entry.path for entry in tree.entries]
