"""``spinegate curate merge``: a contribution taken in, or accepted."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ...system.errors import SpinegateError
from ...system.files import write_atomic
from ...validator.report.visible import fit, visible
from ..annex import check_presence
from .accept import Acceptance, accept, find_tip, holds, prepare
from .after import find_accepted, how_to_accept, how_to_delete
from .attest import read_attestation
from .contribution import Contribution
from .faces import find_faces
from .folder import read_folder
from .fork import is_branch, read_fork
from .offer import Way, offer, publish_offer
from .place import find_main, find_remote, find_repository, refresh_main, workshop
from .plan import MergePlan, make_plan
from .plan_file import apply_choices, write_plan
from .queue import choose, fetch_queue, files_in_queue, open_branches
from .show import list_errors, preview, pull_request, stored_in_words
from .store import find_store
from .trial import new_errors, tells_of_people, try_out

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("merge")
@click.argument("dataset", default=".", type=click.Path(path_type=Path))
@click.option(
    "--from", "source", metavar="PATH|ZIP|REMOTE/BRANCH",
    help="Take in what lies there: a folder or zip of BIDS data, or a fork's branch.",
)  # fmt: skip
@click.option(
    "--accept",
    "accepted",
    metavar="BRANCH",
    help="Merge this contribution; the beginning of its name is enough.",
)
@click.option("--contact", metavar="TEXT", help="Who answers for it: name and mail address.")
@click.option(
    "--attest", type=_FILE, metavar="FILE",
    help="The contributor's word on ethics, consent and defacing (YAML).",
)  # fmt: skip
@click.option("--site", metavar="NAME", help="The site; else as the rows or names say.")
@click.option(
    "--column", "columns", multiple=True, metavar="THEIRS=OURS",
    help="Which column of participants.tsv theirs is; repeatable.",
)  # fmt: skip
@click.option("--store", metavar="NAME", help="Special remote that gets the contents.")
@click.option("--remote", metavar="NAME", help="Git remote of the dataset. [default: origin]")
@click.option("--into", "main", metavar="BRANCH", help="The main branch.")
@click.option("--spec", metavar="NAME|FILE", help="Protocol; else as validate chooses.")
@click.option("--plan", "plan_file", type=_FILE, metavar="FILE", help="Write the plan there.")
@click.option("--from-plan", type=_FILE, metavar="FILE", help="Take in only what this plan says.")
@click.option(
    "--with-errors", is_flag=True, help="Offer it although it has errors, to mend them there."
)
@click.option(
    "--allow-deletions", is_flag=True,
    help="Accept also what takes files or rows out of the dataset.",
)  # fmt: skip
@click.option("--fast", is_flag=True, help="Ask the store for contents without reading them back.")
@click.option("--no-push", is_flag=True, help="Keep the new branch here.")
@click.option(
    "--pull-request", type=_FILE, metavar="FILE",
    help="Write the text of the pull request there, not to the screen.",
)  # fmt: skip
@click.option("--apply", "apply_", is_flag=True, help="Do it; else it is only shown.")
def command(
    dataset: Path,
    source: str | None,
    accepted: str | None,
    contact: str | None,
    attest: Path | None,
    site: str | None,
    columns: tuple[str, ...],
    store: str | None,
    remote: str | None,
    main: str | None,
    spec: str | None,
    plan_file: Path | None,
    from_plan: Path | None,
    with_errors: bool,
    allow_deletions: bool,
    fast: bool,
    no_push: bool,
    pull_request: Path | None,
    apply_: bool,
) -> int:
    """Take a contribution into the dataset, or merge one that was taken in.

    --from makes a branch of its own for it, after its contents were copied to the special remote
    and verified there. --accept merges such a branch into the main one, validates the merge, and
    publishes contents, git-annex branch and main branch in this order. Your work tree and the
    branch that you are on stay as they are.

    Exit status: 0 done or nothing in the way, 1 refused, 2 usage.
    """
    if (source is None) == (accepted is None):
        raise click.UsageError("say --from SOURCE to take in, or --accept BRANCH to merge")
    repository = find_repository(dataset)
    published = find_remote(repository, remote)
    branch = find_main(repository, published, main)
    if accepted is not None:
        way = Way(store, published)
        return _accept(repository, accepted, branch, way, spec, apply_, allow_deletions)
    assert source is not None
    base = refresh_main(repository, published, branch)
    if published:
        fetch_queue(repository, published)
    attestation = read_attestation(attest, contact)
    with workshop(repository, alone=apply_) as work:
        contribution = _read(repository, source, base, work)
        if from_plan is not None:
            contribution = apply_choices(contribution, from_plan)
        waiting = open_branches(repository, published, base)
        plan = make_plan(
            repository, base, contribution, attestation,
            columns=_columns(columns), site=site,
            open_ones=files_in_queue(repository, waiting, base),
        )  # fmt: skip
        status = _take_in(
            repository, work, plan, waiting, Way(store, "" if no_push else published, not fast),
            spec, plan_file, pull_request, with_errors, apply_,
        )  # fmt: skip
    if apply_ and not status:
        options = {"--accept": plan.branch, "--store": store, "--remote": remote, "--into": main,
                   "--spec": spec}  # fmt: skip
        for line in how_to_accept(dataset, options):
            _say(line)
    return status


def _take_in(
    repository: Path, work: Path, plan: MergePlan, waiting: dict[str, str], way: Way,
    spec: str | None, plan_file: Path | None, text: Path | None, with_errors: bool, apply_: bool,
) -> int:  # fmt: skip
    if plan.branch in waiting:  # its own branch isn't in its way
        return _again(repository, work, plan, way, apply_)
    report = None if plan.problems else try_out(repository, work, plan, spec)
    for line in preview(plan, report, find_faces(repository, plan)):
        click.echo(fit(line, sys.stdout.encoding))
    if plan.keys and not apply_:
        click.echo(fit(_where(repository, way), sys.stdout.encoding))
    if plan_file is not None:
        write_plan(plan, plan_file)
        _say(f"Wrote {plan_file}; read it, change it, then give it back by --from-plan.")
    if report is None:
        _say("It can't be taken in so; nothing was changed.")
        return 1
    if people := tells_of_people(report):
        _say(f"Nothing was changed: {people} tells who was measured; deidentify it first.")
        return 1
    errors = new_errors(report)
    if errors and not with_errors:
        _say("Nothing was changed. Mend the errors first, or --with-errors offers it as it is.")
        return 1
    if not apply_:
        _say("Nothing was changed; --apply takes it in.")
        return 0
    store = offer(repository, work, plan, way, _say)
    stored = stored_in_words(store, read_back=way.read_back) if store else ""
    written = pull_request(plan, report, find_faces(repository, plan), stored)
    if text is not None:
        write_atomic(text, written)
    else:
        click.echo(fit(written, sys.stdout.encoding))
    _say(f"Offered as {plan.branch}")
    return 0


def _where(repository: Path, way: Way) -> str:
    try:
        return f"Contents would go to {find_store(repository, way.store)}."
    except SpinegateError as error:
        return f"It can't be taken in yet: {error}"


def _again(repository: Path, work: Path, plan: MergePlan, way: Way, apply_: bool) -> int:
    click.echo(f"{plan.branch}: this contribution was taken in already.")
    if apply_:
        publish_offer(repository, work, plan, way)
    return 0


def _accept(
    repository: Path, name: str, main: str, way: Way, spec: str | None, apply_: bool,
    allow_deletions: bool,
) -> int:  # fmt: skip
    if way.remote:
        fetch_queue(repository, way.remote)
    base = refresh_main(repository, way.remote, main)
    waiting = open_branches(repository, way.remote, base)
    name = choose(name, waiting)
    if name not in waiting and (merged := find_accepted(repository, base, name)):
        raise SpinegateError(f"{merged} of {main}: nothing is left to be done")
    with workshop(repository, alone=apply_) as work:
        if apply_:
            ready = accept(repository, work, name, main, way, spec, _say, allow_deletions)
        else:
            ready = _try(repository, work, name, main, way, spec)
    for record in ready.records:
        told = visible(f"{record.id}: {', '.join(record.participants)}")
        click.echo(fit(told, sys.stdout.encoding))
    for effect in ready.effects:
        for line in effect.lines():
            click.echo(fit(f"  {line}", sys.stdout.encoding))
    if ready.rows_gone:
        click.echo(f"  rows taken out: {', '.join(map(visible, ready.rows_gone))}")
    click.echo(f"The merge of {name} into {main}:")
    for line in list_errors(ready.report):
        click.echo(fit(line, sys.stdout.encoding))
    if ready.report.failed:
        _say(f"It wasn't merged. Mend the errors on the branch: git switch {name}")
        return 1
    if ready.lost and not allow_deletions:
        more = f" and {len(ready.lost) - 1:,} more" if len(ready.lost) > 1 else ""
        told = visible(ready.lost[0])
        _say(f"It wasn't merged: it takes out {told}{more}. If that is meant: --allow-deletions")
        return 1
    if apply_:
        _say(f"Merged and published: {ready.commit[:12]}. Your own {main}: git pull --ff-only")
        if command := how_to_delete(repository, name, way.remote):
            _say(f"Its branch isn't needed any more: {command}")
    else:
        _say("Nothing was changed; --apply merges and publishes it.")
    return 0


def _try(
    repository: Path, work: Path, name: str, main: str, way: Way, spec: str | None
) -> Acceptance:
    base = refresh_main(repository, way.remote, main)
    tip = find_tip(repository, name, way.remote)
    if holds(repository, base, tip):
        raise SpinegateError(f"{name} is in {main} already")
    ready = prepare(repository, work, base, tip, name, spec)
    if ready.keys:
        try:
            store = find_store(repository, way.store)
            lacks = len(check_presence(repository, store.name, ready.keys))
            told = f"Contents: {len(ready.keys) - lacks:,} of {len(ready.keys):,} in {store}."
        except SpinegateError as error:
            told = f"It can't be merged yet: {error}"
        click.echo(fit(told, sys.stdout.encoding))
    return ready


def _read(repository: Path, source: str, base: str, work: Path) -> Contribution:
    if is_branch(repository, source):
        return read_fork(repository, source, base)
    return read_folder(Path(source), work)


def _columns(words: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for word in words:
        theirs, mark, ours = word.partition("=")
        if not mark or not theirs or not ours:
            raise click.UsageError(f"--column is THEIRS=OURS, not {word!r}")
        pairs[theirs] = ours
    return pairs


def _say(line: str) -> None:
    click.echo(fit(line, sys.stderr.encoding), err=True)
