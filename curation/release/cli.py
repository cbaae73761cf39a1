"""``spinegate curate release``: a plan, a signed checklist, one commit, one tag, one archive."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from ...system.errors import SpinegateError
from ...system.git import find_commit
from ...validator.planned import plan_tree
from ...validator.report.visible import fit, visible
from ..commit import apply_and_commit, commit_message
from ..preview import preview
from .archive import gather, write_archive
from .compose import FILES, compose, problems, record_path, tag_exists
from .draft import Draft, read_draft, signed, write_draft
from .judgement import judge, pages, said
from .make import Known, check_name, look, make_draft
from .tag import TRAILER, is_release, made_here, put_tag, take_back


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
    undo_: bool,
) -> int:
    """Make a release of the commit that is checked out.

    Without --apply the plan is only shown. Nothing is pushed.

    Exit status: 0 done, 1 refused, for errors that validation with profile release finds or for
    what the plan leaves open.
    """
    check_name(release)
    if undo_:
        if plan_file or from_plan or results or archive or sign or apply_:
            raise click.UsageError("--undo goes alone")
        click.echo(take_back(dataset, release), err=True)
        return 0
    if from_plan is not None and results:
        raise click.UsageError("the plan names the results: leave out --results")
    known = look(dataset, FILES)
    if apply_ and is_release(dataset, known.commit, release) and made_here(dataset, known.commit):
        return _finish(known, release)
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
    for line in preview(plan, planned):
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
        f"Validation: {report.summary.errors:,} errors, {report.summary.warnings:,} warnings, "
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


def _finish(known: Known, release: str) -> int:
    """Make the tag of a release whose command was stopped after its commit."""
    if tag_exists(known, release):
        raise SpinegateError(f"{release} is released already")
    put_tag(known.folder, release, known.commit)
    return _told(release, known.commit)


def _told(release: str, commit: str) -> int:
    click.echo(
        f"Released {release}: commit {commit[:12]} and its tag. Nothing is pushed yet: "
        f"git push --follow-tags; --undo takes it back before that.",
        err=True,
    )
    return 0


def _beside(dataset: Path, release: str) -> Path:
    top = dataset.resolve()
    return top.parent / f"{top.name}-{release}.tar.gz"
