"""``spinegate curate release``: a plan, a signed checklist, one commit, one tag, one archive."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from shlex import quote

import click

from ...system.errors import SpinegateError
from ...system.git import find_commit
from ...validator.plan import Plan
from ...validator.planned import plan_tree
from ...validator.report.phrases import number
from ...validator.report.visible import fit, visible
from ..apply import resume
from ..commit import apply_and_commit, commit_message
from ..deface.held import held_images
from ..merge.accept import holds
from ..place import find_place
from ..preview import preview
from .archive import gather, write_archive
from .compose import FILES, compose, problems, record_path
from .draft import Draft, read_draft, signed, write_draft
from .judgement import judge, pages, said
from .make import Known, check_name, look, make_draft
from .publish import how_to_publish, publish
from .tag import (
    TRAILER,
    is_release,
    made_here,
    published_at,
    put_tag,
    stopped_at,
    tag_of,
    take_back,
)


@click.command("release")
@click.argument("release", metavar="rYYYYMMDD")
@click.argument("dataset", default=".", type=click.Path(path_type=Path))
@click.option(
    "--plan", "plan_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write the plan there (.yaml), to be read, changed and signed.",
)  # fmt: skip
@click.option(
    "--from-plan", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Go by the plan in FILE.",
)  # fmt: skip
@click.option(
    "--results", multiple=True, type=click.Path(), metavar="FOLDER",
    help="Results that go into the archive; repeatable.",
)  # fmt: skip
@click.option(
    "--archive", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="The archive of reports and results. [default: NAME-rYYYYMMDD.tar.gz beside the dataset]",
)  # fmt: skip
@click.option(
    "--sign", metavar="NAME", help="Sign all open questions of the checklist: I have seen to them."
)
@click.option(
    "--bids", type=click.Choice(["off", "names", "full"]), default="names", show_default=True,
    help="As for validate.",
)  # fmt: skip
@click.option("--apply", "apply_", is_flag=True, help="Make the release: commit, tag, archive.")
@click.option(
    "--publish", "publish_", is_flag=True,
    help="Push a release that was made: git-annex branch, then branch and tag at once.",
)  # fmt: skip
@click.option("--remote", metavar="NAME", help="Git remote to publish at. [default: origin]")
@click.option("--undo", "undo_", is_flag=True, help="Take back a release that wasn't pushed.")
def command(
    release: str,
    dataset: Path,
    plan_file: Path | None,
    from_plan: Path | None,
    results: tuple[str, ...],
    archive: Path | None,
    sign: str | None,
    bids: str,
    apply_: bool,
    publish_: bool,
    remote: str | None,
    undo_: bool,
) -> int:
    """Make a release of the commit that is checked out.

    Without --apply the plan is only shown. Nothing is pushed without --publish, which goes
    together with --apply or alone, later.

    Exit status: 0 done, 1 refused, for errors that validation with profile release finds or for
    what the plan leaves open.
    """
    check_name(release)
    if undo_:
        if plan_file or from_plan or results or archive or sign or apply_ or publish_:
            raise click.UsageError("--undo goes alone")
        click.echo(take_back(dataset, release), err=True)
        if (left := _beside(dataset, release)).exists():
            click.echo(visible(f"Its archive is still there: rm {quote(str(left))}"), err=True)
        return 0
    if remote is not None and not publish_:
        raise click.UsageError("--remote goes with --publish")
    if apply_ or not publish_:
        if status := _release(
            release, dataset, plan_file, from_plan, results, archive, sign, bids, apply_
        ):
            return status
    elif plan_file or from_plan or results or archive or sign:
        raise click.UsageError("--publish pushes what was made: --apply first, or with it")
    if publish_:
        click.echo(publish(dataset, release, remote), err=True)
    elif apply_:
        click.echo(how_to_publish(dataset, release), err=True)
    return 0


def _release(
    release: str, dataset: Path, plan_file: Path | None, from_plan: Path | None,
    results: tuple[str, ...], archive: Path | None, sign: str | None, bids: str, apply_: bool,
) -> int:  # fmt: skip
    if from_plan is not None and results:
        raise click.UsageError("the plan names the results: leave out --results")
    if apply_ and stopped_at(dataset, release):
        click.echo(f"{release} was stopped half-way: finishing it as it was begun.", err=True)
        resume(dataset)
    if where := published_at(dataset, release):
        raise SpinegateError(
            f"{release} is released and published at {where} already: nothing is left to be done"
        )
    known = look(dataset, FILES)
    made = made_here(dataset)
    if made and is_release(dataset, made, release) and holds(dataset, known.commit, made):
        return _finish(dataset, made, release, apply_=apply_)
    today = date.today()
    open_: list[str] = []
    if from_plan is None:
        draft, open_ = make_draft(known, release, today, results)
    else:
        draft = read_draft(from_plan)
        if draft.release != release:
            raise SpinegateError(f"{from_plan} is the plan of {draft.release!r}, not {release}")
    if sign:
        draft = signed(draft, " ".join(sign.split()), today.isoformat())
    if plan_file is not None:
        write_draft(draft, plan_file)
        click.echo(f"Wrote {plan_file}; fill it in, then --from-plan it with --apply.", err=True)
    stops = [*open_, *problems(draft, known, today)]
    return _make(known, draft, stops, archive or _beside(dataset, release), bids, apply_=apply_)


def _make(
    known: Known, draft: Draft, stops: Sequence[str], archive: Path, bids: str, *, apply_: bool
) -> int:
    plan = compose(draft, known)
    planned = plan_tree(known.dataset.tree, plan)
    for line in _shown(plan, known, draft):
        click.echo(fit(line, sys.stdout.encoding))
    report = judge(known.folder, known.commit, draft, plan, bids)
    lines = [*said(report)]
    if stops:
        lines += ["Before the release:", *(f"  {stop}" for stop in dict.fromkeys(stops))]
    folders = {
        f"results/{number}-{Path(name).resolve().name}": Path(name)
        for number, name in enumerate(draft.results, start=1)
    }
    files = gather(folders)
    lines.append(f"Archive: {archive}, with the validation's report and {len(files):,} results")
    for line in lines:
        click.echo(fit(visible(line), sys.stdout.encoding))
    if waiting := len(held_images(find_place(known.folder))):
        told = f"{number(waiting, 'image')} {'waits' if waiting == 1 else 'wait'} for defacing"
        where = f"spinegate curate deface {quote(str(known.folder))}"
        click.echo(visible(f"note: {told} and will not be in this release: {where}"), err=True)
    if not apply_:
        click.echo("Nothing was changed; --apply makes the release.", err=True)
        return 0
    if stops or report.failed:
        click.echo("Refused: nothing was changed.", err=True)
        return 1
    contents = {entry.path: text for entry, text in planned.contents.items()}
    wanted = (record_path(draft.release), "CITATION.cff")
    texts = pages(report) | {Path(p).name: contents[p] for p in wanted if p in contents}
    digest = write_archive(archive, archive.name.removesuffix(".tar.gz"), texts, files, draft.date)
    body = (
        f"{draft.changes}\n\n"
        f"Validation: {number(report.summary.errors, 'error')}, "
        f"{number(report.summary.warnings, 'warning')}, "
        f"{report.summary.waived:,} waived.\n"
        f"Archive: {visible(archive.name)}, SHA-256 {digest}"
    )
    trailers = {TRAILER: draft.release}
    message = commit_message("release", draft.release, body, trailers)
    commit = apply_and_commit(plan, known.folder, message)
    if find_commit(known.folder, f"{commit}^") != known.commit:
        raise SpinegateError(
            f"somebody committed while {draft.release} was checked: --undo takes its commit back"
        )
    put_tag(known.folder, draft.release, commit)
    return _told(draft.release, commit)


def _shown(plan: Plan, known: Known, draft: Draft) -> Iterator[str]:
    """Yield what is written, but for the plan itself: whoever signs it has it at hand."""
    record = record_path(draft.release)
    rest = Plan(tuple(each for each in plan.proposals if each.operation.path != record))
    yield from preview(rest, plan_tree(known.dataset.tree, rest))
    yield f"{record} keeps this plan as it is signed"


def _finish(dataset: Path, commit: str, release: str, *, apply_: bool) -> int:
    """Make the tag of a release whose command was stopped after its commit."""
    if tag_of(dataset, release):
        raise SpinegateError(f"{release} is released already: --publish pushes it")
    if apply_:
        put_tag(dataset, release, commit)
        return _told(release, commit)
    click.echo(
        f"{release} was stopped between its commit {commit[:12]} and its tag: --apply makes the "
        "tag, --undo takes the commit back.",
        err=True,
    )
    return 0


def _told(release: str, commit: str) -> int:
    click.echo(f"Released {release}: commit {commit[:12]} and its tag.", err=True)
    return 0


def _beside(dataset: Path, release: str) -> Path:
    top = dataset.resolve()
    return top.parent / f"{top.name}-{release}.tar.gz"
