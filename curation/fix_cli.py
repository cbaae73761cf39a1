"""``spinegate curate fix``: the findings' own fixes as one plan."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from ..protocol_specs.loader import load_spec
from ..rules.spelling import did_you_mean
from ..system.errors import SpinegateError
from ..validator.dataset import load_dataset
from ..validator.finding import Finding
from ..validator.options import Options, split_list
from ..validator.plan import Plan, read_plan, write_plan
from ..validator.planned import plan_tree
from ..validator.report.visible import fit
from ..validator.tree import open_tree
from .apply import apply_plan, resume, undo
from .fixes import plan_fixes
from .preview import preview

_ANY = "spine-generic"  # which files belong together doesn't depend on the protocol
_SHORTEST = 6  # of an identity's digits


@click.command("fix")
@click.argument("dataset", default=".", type=click.Path(path_type=Path))
@click.option(
    "--finding", "wanted", multiple=True, metavar="ID|CODE",
    help="Only these findings: identities or rule codes; repeatable.",
)  # fmt: skip
@click.option(
    "--site", "sites", multiple=True, metavar="SITE", help="Only findings of these sites."
)
@click.option(
    "--spec", metavar="NAME|FILE",
    help="Protocol that the findings are judged by; else as validate chooses.",
)  # fmt: skip
@click.option("--base", metavar="REF", help="Also what a comparison with this commit finds.")
@click.option(
    "--plan", "plan_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write the plan there (.tsv, or .yaml); with --apply: carry out the plan in FILE.",
)  # fmt: skip
@click.option("--apply", "apply_", is_flag=True, help="Carry the plan out: all of it or nothing.")
@click.option("--resume", "resume_", is_flag=True, help="Finish a run that was stopped.")
@click.option("--undo", "undo_", is_flag=True, help="Take back the last run, stopped or not.")
def command(
    dataset: Path,
    wanted: tuple[str, ...],
    sites: tuple[str, ...],
    spec: str | None,
    base: str | None,
    plan_file: Path | None,
    apply_: bool,
    resume_: bool,
    undo_: bool,
) -> None:
    """Mend what findings say can be mended: names, keys of sidecars, cells of participants.tsv.

    Without --apply the plan is only shown. An image takes along its sidecar, gradients, its twin
    under sourcedata/ and its derivatives. Nothing is committed; in a git repository the renames
    are staged.
    """
    chosen = wanted or sites
    if sum([apply_, resume_, undo_]) > 1:
        raise click.UsageError("--apply, --resume and --undo go one at a time")
    if (resume_ or undo_) and (chosen or plan_file is not None):
        raise click.UsageError("--resume and --undo go by what the last run noted: give no more")
    if resume_ or undo_:
        count = resume(dataset) if resume_ else undo(dataset)
        click.echo(f"{'Finished' if resume_ else 'Took back'}: {_files(count)}.", err=True)
        return
    if apply_ and plan_file is not None:
        if chosen:
            raise click.UsageError(
                "the plan in FILE says what is done: leave out the other choices"
            )
        plan = read_plan(plan_file)
    else:
        plan = _plan(Options(dataset, base=base, spec=spec), split_list(wanted), split_list(sites))
    planned = plan_tree(open_tree(dataset), plan)
    for line in preview(plan, planned):
        click.echo(fit(line, sys.stdout.encoding))
    if apply_:
        count = apply_plan(plan, dataset)
        if count:
            click.echo(f"Done: {_files(count)}; --undo takes it back.", err=True)
        return
    if plan_file is not None:
        write_plan(plan, plan_file)
        click.echo(
            f"Wrote {plan_file}; read it, change it, then --plan it with --apply.", err=True
        )
    elif plan.chosen:
        click.echo("Nothing was changed; --apply carries it out.", err=True)


def _files(count: int) -> str:
    return f"{count:,} file{'s' * (count != 1)}"


def _plan(options: Options, wanted: Sequence[str], sites: Sequence[str]) -> Plan:
    from ..validator.run import validate

    findings = _chosen(validate(options).findings, wanted, sites)
    tree = open_tree(options.dataset)
    return plan_fixes(findings, load_dataset(tree, load_spec(_ANY)))


def _chosen(
    findings: Sequence[Finding], wanted: Sequence[str], sites: Sequence[str]
) -> list[Finding]:
    """Keep the findings that were asked for.

    Raises
    ------
    SpinegateError
        There is none of a kind that was named: a misspelt name must not look like a clean dataset.
    """
    known = {finding.site for finding in findings}
    for site in sites:
        if site not in known:
            raise SpinegateError(f"no finding of site {site!r}{did_you_mean(site, known)}")
    kept = [finding for finding in findings if not sites or finding.site in sites]
    if not wanted:
        return kept
    hits: dict[int, Finding] = {}
    for word in wanted:
        found = list(_matching(kept, word))
        if not found:
            codes = sorted({finding.code for finding in kept})
            raise SpinegateError(f"no finding {word!r}{did_you_mean(word, codes)}")
        hits.update((id(finding), finding) for finding in found)
    without = [finding for finding in hits.values() if finding.fix is None]
    if len(without) == len(hits):
        told = without[0].suggestion or "its rule tells more"
        raise SpinegateError(f"{without[0].code} can't be mended by a command: {told}")
    return list(hits.values())


def _matching(findings: Iterable[Finding], word: str) -> Iterable[Finding]:
    for finding in findings:
        if finding.code == word or (len(word) >= _SHORTEST and finding.identity.startswith(word)):
            yield finding
