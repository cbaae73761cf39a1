"""A plan carried out and committed: one commit of exactly what it touches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from .. import __version__
from ..validator.operation import Operation
from ..validator.plan import Plan, Proposal
from .apply import carry_out


def apply_and_commit(
    plan: Plan | Iterable[Operation], dataset: Path, message: str, *, names_first: bool = False
) -> str:
    """Carry out a plan on a dataset in git and commit it: all of it or nothing.

    The commit holds what the plan touches and nothing else; files that are staged or changed
    beside it stay so. Annexed files keep their keys. No hooks are run. A run that was stopped is
    finished by `apply.resume` or taken back by `apply.undo`, which also undoes it later.

    Parameters
    ----------
    plan
        A plan, or operations; `Write` makes new text files.
    dataset
        The dataset's folder.
    message
        What the commit says; see `commit_message`.
    names_first
        Two commits where files are both renamed and edited, the first of which only renames: so
        git follows every file. The branch gets both at once.

    Returns
    -------
    str
        The (last) commit's id; "" where nothing changes.

    Raises
    ------
    SpinegateError
        The plan can't be carried out; files that it touches aren't as the last commit has them;
        no branch is checked out; a merge or rebase isn't finished; nobody to commit as. The
        dataset is as it was then.
    """
    whole = plan if isinstance(plan, Plan) else Plan(tuple(map(Proposal, plan)))
    moves = carry_out(whole, dataset, message, names_first)
    return "" if moves is None or moves.commit is None else moves.commit.new


def commit_message(
    kind: str, summary: str, body: str = "", trailers: Mapping[str, str] | None = None
) -> str:
    """Write ``spinegate: <kind>: <summary>``, what there is more to say, and trailers.

    Line ends in what comes from a dataset can't add trailers of their own.
    """
    subject = " ".join(f"spinegate: {kind}: {summary}".split())
    told = {"Spinegate-Operation": kind, "Spinegate-Version": __version__, **(trailers or {})}
    lines = "\n".join(f"{key}: {' '.join(str(value).split())}" for key, value in told.items())
    return "\n\n".join(part for part in (subject, body.strip(), lines) if part) + "\n"
