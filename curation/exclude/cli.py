"""``spinegate curate exclude``: who is left out of which metric, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from ...system.errors import SpinegateError
from ...validator.checks.exclusions import FILE
from ...validator.operation import Write, digest
from ...validator.options import Options, split_list
from ...validator.plan import Plan, Proposal
from ...validator.report.visible import visible
from ..asked import afterwards, apply_option, from_plan_option, plan_option, progress, say
from ..carry import carry
from ..commit import commit_message
from ..lines import read_lines, write_lines
from ..top import at, require_top
from .choices import Choice, make_choice
from .concern import unfounded, unlisted
from .judge import Exclusions, exclude, load_exclusions, overlaps

_SHOWN = 100


@click.command("exclude")
@click.argument("name", required=False, metavar="[PARTICIPANT|SITE]")
@click.option(
    "--dataset", default=".", type=click.Path(path_type=Path), metavar="FOLDER",
    help="The dataset. [default: the folder that you are in]",
)  # fmt: skip
@click.option(
    "--metric", "metrics", multiple=True, metavar="M",
    help="Out of which metric, such as mtr; repeatable, or separated by commas.",
)  # fmt: skip
@click.option("--reason", default="", metavar="TEXT", help="Why, in words.")
@click.option("--issue", default="", metavar="URL", help="Where that is discussed.")
@click.option("--remove", is_flag=True, help="Take the entry out again.")
@click.option(
    "--check", is_flag=True,
    help="List findings at error level without an entry, and entries without a finding.",
)  # fmt: skip
@plan_option
@from_plan_option
@apply_option
@afterwards
def command(
    name: str | None,
    dataset: Path,
    metrics: tuple[str, ...],
    reason: str,
    issue: str,
    remove: bool,
    check: bool,
    plan_file: Path | None,
    from_plan: Path | None,
    apply_: bool,
) -> int:
    """Keep exclude.yml: leave a participant (sub-x) or a site out of a metric, with the reason.

    Without --apply the change is only shown.
    """
    if sum([name is not None, check, from_plan is not None]) != 1:
        raise click.UsageError("name a participant or a site; or one of --check, --from-plan")
    require_top(dataset)
    known = load_exclusions(dataset)
    if check:
        if apply_ or metrics or reason or remove:
            raise click.UsageError("--check goes with --plan only: it changes nothing")
        return _check(known, dataset, plan_file)
    if from_plan is not None:
        if metrics or reason or issue or remove:
            raise click.UsageError("the file says what is done: leave out the other choices")
        choices: Sequence[Choice] = read_lines(from_plan, Choice, make_choice)
    else:
        choices = _asked(name or "", split_list(metrics), reason, issue, remove=remove)
    text = exclude(known, choices)
    for line in overlaps(known, choices):
        say(f"note: {visible(line)}")
    if plan_file is not None:
        write_lines(choices, Choice, plan_file)
        progress(
            f"Wrote {plan_file}; change it, then: "
            f"spinegate curate exclude --from-plan {plan_file}{at(dataset)} --apply"
        )
    chosen = [choice for choice in choices if choice.apply]
    same = text == known.text or not chosen
    former = known.text.encode() if FILE in known.dataset.entries else None
    write = Write(FILE, text, digest(former))
    plan = Plan(() if same else (Proposal(write, _summary(chosen)),))
    body = "\n".join(f"{c.op} {c.metric} {c.name}: {c.comment}".rstrip(": ") for c in chosen)
    carry(plan, dataset, commit_message("exclude", _summary(chosen), body), apply_=apply_)
    return 0


def _asked(
    name: str, metrics: Sequence[str], reason: str, issue: str, *, remove: bool
) -> list[Choice]:
    if not metrics:
        raise click.UsageError("say out of which metric, by --metric")
    if not remove and not reason.strip():
        raise click.UsageError("say why, by --reason")
    words, address = " ".join(reason.split()), issue.strip()
    return [
        Choice("remove" if remove else "add", metric, name, words, address) for metric in metrics
    ]


def _summary(choices: Sequence[Choice]) -> str:
    if len({(choice.name, choice.op) for choice in choices}) == 1:
        verb = "out of" if choices[0].op == "add" else "back into"
        return f"{choices[0].name} {verb} {', '.join(choice.metric for choice in choices)}"
    counts = Counter(choice.op for choice in choices)
    words = {"add": "left out", "remove": "taken back in"}
    return ", ".join(f"{count} {words[op]}" for op, count in sorted(counts.items())) or "nothing"


def _check(known: Exclusions, dataset: Path, plan_file: Path | None) -> int:
    from ...validator.run import validate

    findings = validate(Options(dataset)).findings
    missing, lonely = unlisted(known, findings), unfounded(known, findings)
    wanted = [((each.name, each.proposal.reason), each.metric) for each in missing]
    alone = [
        ((each.name, each.reason or "no reason"), f"{each.metric} line {each.line}")
        for each in lonely
    ]
    count = len({about for about, _ in wanted})
    entries = f" ({len(wanted):,} entries, one per metric)" if len(wanted) > count else ""
    say(f"Findings at error level without an entry in {FILE}: {count:,}{entries}")
    _list(wanted)
    say(f"Entries without a finding, by people's reasons alone: {len(lonely):,}")
    _list(alone)
    if plan_file is not None:
        if not missing:
            raise SpinegateError("there is nothing to plan: every finding has its entry")
        write_lines([concern.proposal for concern in missing], Choice, plan_file)
        progress(
            f"Wrote {plan_file}: say yes where you agree and give the reason, "
            f"then: spinegate curate exclude --from-plan {plan_file}{at(dataset)} --apply"
        )
    elif missing:
        progress("--plan FILE writes entries for them, for you to decide on.")
    return 1 if missing else 0


def _list(concerns: Sequence[tuple[tuple[str, str], str]]) -> None:
    """Print who is concerned, why, and behind it the metrics."""
    gathered: dict[tuple[str, str], list[str]] = {}
    for about, metric in concerns:
        gathered.setdefault(about, []).append(metric)
    lines = [f"  {n} ({', '.join(metrics)}): {why}" for (n, why), metrics in gathered.items()]
    more = [f"  and {len(lines) - _SHOWN:,} more"] * (len(lines) > _SHOWN)
    for line in [*lines[:_SHOWN], *more]:
        say(visible(line))
