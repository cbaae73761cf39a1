"""``spinegate curate github answer``: the job that may write, and reads no file of a stranger."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click

from ...system.errors import ConfigError, SpinegateError
from ...system.git import git
from ...validator.github.api import Client
from ...validator.github.event import dig
from ...validator.github.log import annotate, quoted
from ...validator.github.sticky import find_own, write_comment
from ...validator.github.trust import trust_clones
from .admit import Pull, find_order, is_pushed_by, read_pull, require_unmoved
from .change import message_of, signature
from .clone import fetch_head
from .comment import Comment
from .handover import Handover, read_handover, refusal
from .push import RefusedError, commit_patch, count_files, push
from .reply import DONE, HELD, block, offered, paragraphs, pushed, run_page, write_reply


@click.command(name="answer")
@click.option(
    "--folder", type=click.Path(path_type=Path), required=True, envvar="SPINEGATE_FOLDER",
    help="What the other job has left.",
)  # fmt: skip
@click.option("--token", default="", envvar="SPINEGATE_TOKEN", hidden=True)
def command(folder: Path, token: str) -> int:
    """Push the change that was prepared, and answer the comment.

    For a job on issue_comment whose token can write contents and pull requests. Who has ordered
    what is asked of GitHub again; of the folder only a patch is taken, and text.
    """
    try:
        with quoted():
            told = answer(folder, token)
    except SpinegateError as error:
        annotate("error", str(error))
        return 2
    annotate("notice", told)
    return 0


def answer(folder: Path, token: str = "") -> str:
    """See `command`; return what was done.

    Raises
    ------
    SpinegateError
        The event can't be read, or GitHub refuses the answer.
    """
    order = find_order(os.environ, "pull-requests: write")
    if isinstance(order, str):
        return order
    client, comment = order
    found = find_own(client, comment.number, comment.marker, client.viewer())
    if found is not None and str(found["body"]).splitlines()[1:2] == [DONE]:
        return f"answered on #{comment.number} already"
    try:
        body = _reply(client, comment, folder, token)
    except SpinegateError as error:
        body = write_reply(comment, [paragraphs([refusal(error)])], done=False)
    return write_comment(client, comment.number, found, body)


def _reply(client: Client, comment: Comment, folder: Path, token: str) -> str:
    try:
        handover = read_handover(folder)
    except ConfigError:
        page = run_page(os.environ)
        log = f"[the log of the run]({page})" if page else "the log of the run"
        said = f"Nothing was changed: something went wrong while the change was made; {log} tells."
        return write_reply(comment, [said], done=False)
    if comment.order.kind == "help" or comment.order.fault:
        return _say(comment, handover)
    pull = read_pull(client, comment)
    if not handover.head:
        # by a run that was stopped before it could say so
        if _is_done(client, comment, pull, token):
            return write_reply(comment, [pushed(pull, pull.head, 0), HELD], done=True)
        return _say(comment, handover)
    if handover.head != pull.head:
        raise SpinegateError("new commits came while this was at work; order again")
    require_unmoved(client, pull, comment)
    repository = folder.parent / "push.git"
    trust_clones(folder.parent)
    commit = _commit(client, comment, pull, handover, repository)
    more = [paragraphs(handover.said), block(handover.listed, "What it changes")]
    try:
        push(repository, os.environ, pull, commit, token or client.token)
    except RefusedError as error:
        told, patch = offered(str(error), handover.patch, os.environ)
        return write_reply(comment, [told, *more], patch=patch, done=False)
    told = pushed(pull, commit, count_files(repository, commit))
    return write_reply(comment, [told, *more, HELD], done=True)


def _commit(
    client: Client, comment: Comment, pull: Pull, handover: Handover, repository: Path
) -> str:
    repository.mkdir()
    git(repository, "init", "--quiet", "--bare", "--template=")
    environment: Mapping[str, str] = os.environ
    fetch_head(repository, environment, client.repository, pull, client.token, "--depth=1")
    message, people = message_of(comment), signature(comment)
    return commit_patch(repository, handover.patch, pull.head, message, people)


def _say(comment: Comment, handover: Handover) -> str:
    first, *more = handover.said or ("",)
    parts = [paragraphs([first]), block(handover.listed), paragraphs(more)]
    return write_reply(comment, parts, done=False)


def _is_done(client: Client, comment: Comment, pull: Pull, token: str) -> bool:
    """Whether the newest commit is the one that this comment has led to.

    Anybody can write the message; who has pushed is GitHub's to tell.
    """
    if not comment.page:
        return False
    message = dig(client.get(f"/commits/{pull.head}"), "commit", "message")
    if not isinstance(message, str) or message.strip() != message_of(comment).strip():
        return False
    return is_pushed_by(client, pull, replace(client, token=token or client.token).viewer())
