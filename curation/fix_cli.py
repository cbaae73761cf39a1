"""``spinegate curate fix``: the findings' own fixes as one plan."""

from __future__ import annotations

import re
from collections import Counter
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
from ..validator.tree import open_tree
from .asked import afterwards, apply_option, from_plan_option, plan_option, progress
from .carry import carry
from .commit import commit_message
from .fixes import plan_fixes
from .git_commit import UncommittedError
from .preview import headline
from .top import require_top

_ANY = "spine-generic"  # which files belong together doesn't depend on the protocol
_CODE = re.compile(r"[A-Z][A-Z0-9_]+")
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
@plan_option
@from_plan_option
@apply_option
@click.option(
    "--no-commit", is_flag=True,
    help="Leave the changes for you to look at and to commit, in files not committed yet, too.",
)  # fmt: skip
@afterwards
def command(
    dataset: Path,
    wanted: tuple[str, ...],
    sites: tuple[str, ...],
    spec: str | None,
    base: str | None,
    plan_file: Path | None,
    from_plan: Path | None,
    apply_: bool,
    no_commit: bool,
) -> None:
    """Mend what findings say can be mended: names, keys of sidecars, cells of participants.tsv.

    Without --apply the plan is only shown. An image takes along its sidecar, gradients, its twin
    under sourcedata/ and its derivatives. In a git repository --apply makes one commit of what
    the plan touches, and of nothing else.
    """
    if no_commit and not apply_:
        raise click.UsageError("--no-commit goes with --apply")
    require_top(dataset)
    if from_plan is not None:
        if wanted or sites or spec or base:
            raise click.UsageError(
                "the plan in FILE says what is done: leave out the other choices"
            )
        plan = read_plan(from_plan)
    else:
        plan = _plan(Options(dataset, base=base, spec=spec), split_list(wanted), split_list(sites))
    if plan_file is not None:
        write_plan(plan, plan_file)
        progress(f"Wrote {plan_file}; read it, change it, then --from-plan it with --apply.")
    try:
        carry(plan, dataset, _message(plan), apply_=apply_, commit=not no_commit)
    except UncommittedError as error:
        message = f"{error}. Or let --no-commit leave the changes for you to commit with yours"
        raise SpinegateError(message) from None


def _message(plan: Plan) -> str:
    rules = Counter(p.reason for p in plan.chosen if _CODE.fullmatch(p.reason))
    body = "\n".join(f"{code}: {count:,}" for code, count in sorted(rules.items()))
    return commit_message("fix", headline(plan), body)


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
