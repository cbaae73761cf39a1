"""``spinegate curate github prepare``: the job that reads a stranger's files, without rights."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ...system.errors import SpinegateError
from ...validator.github.api import Client
from ...validator.github.log import annotate, quoted
from ...validator.github.outputs import write_outputs
from ...validator.github.trust import trust_clones
from .admit import find_order, read_pull, require_unmoved
from .change import make_change, signature, write_patch
from .clone import clone_pull
from .comment import Comment
from .handover import Handover, refusal, write_handover
from .order import HELP


@click.command(name="prepare")
@click.option(
    "--folder", type=click.Path(path_type=Path), required=True, envvar="SPINEGATE_FOLDER",
    help="Where what is handed over goes; it is made, with a folder for the clone beside it.",
)  # fmt: skip
def command(folder: Path) -> int:
    """Make the change that a manager orders in a comment, as a patch.

    For a job on issue_comment whose token can read: it tells the other job, by its output
    'answer', whether there is anything to answer, and leaves a patch and words in a folder.
    """
    try:
        with quoted():
            told = prepare(folder)
    except SpinegateError as error:
        annotate("error", str(error))
        return 2
    annotate("notice", told)
    return 0


def prepare(folder: Path) -> str:
    """See `command`; return what was done.

    Raises
    ------
    SpinegateError
        The event can't be read, or GitHub doesn't answer.
    """
    order = find_order(os.environ, "contents: read")
    if isinstance(order, str):
        return order
    client, comment = order
    folder.mkdir(parents=True, exist_ok=True)
    write_outputs(os.environ, {"answer": "true"})  # whatever happens now, there is an answer
    trust_clones(folder.parent)
    try:
        handover = _prepare(client, comment, folder.parent / "pull")
        write_handover(handover, folder)
    except SpinegateError as error:
        handover = Handover((refusal(error),))
        write_handover(handover, folder)
    return handover.said[0]


def _prepare(client: Client, comment: Comment, clone: Path) -> Handover:
    order = comment.order
    if order.fault:
        raise SpinegateError(order.fault)
    if order.kind == "help":
        said = "Write one of these as the first line of a comment of your own:"
        return Handover((said,), tuple(f"{line}   {what}" for line, what in HELP))
    pull = read_pull(client, comment)
    require_unmoved(client, pull, comment)
    base = clone_pull(clone, os.environ, client.repository, pull, client.token)
    os.environ.update(signature(comment))
    change = make_change(clone, base, comment)
    if not change.commit:
        said = {
            "rename": "Nothing to do: the check suggests no name for what is new here.",
            "fix": "Nothing to do: nothing of what is new here can be mended by a command.",
            "baseline": "Nothing to do: what is new here is accepted already, or can't be.",
        }[order.kind]
        return Handover((said, *change.notes, change.left))
    patch = write_patch(clone, change.commit)
    words = tuple(text for text in (*change.notes, change.left) if text)
    return Handover(words, change.listed, pull.head, patch)
