"""The last step of a command: show the plan, then commit it where that is asked for."""

from __future__ import annotations

from pathlib import Path

from ..system.git import find_root
from ..validator.plan import Plan
from ..validator.planned import plan_tree
from ..validator.tree import open_tree
from .apply import apply_plan
from .asked import count_files, progress, say
from .commit import apply_and_commit
from .preview import preview

_NOTHING = "Nothing to do."


def carry(plan: Plan, dataset: Path, message: str, *, apply_: bool, commit: bool = True) -> str:
    """Show a plan; with `apply_` carry it out too, as one commit where the dataset is in git.

    Returns
    -------
    str
        The commit's id; "" where there is none, for `commit` is no or the dataset isn't in git.

    Raises
    ------
    SpinegateError
        It can't be carried out; nothing has changed then.
    """
    planned = plan_tree(open_tree(dataset), plan)
    for line in preview(plan, planned):
        say(line)
    if not plan.chosen:
        return ""
    if not apply_:
        progress("Nothing was changed; --apply carries it out.")
        return ""
    if not commit or find_root(dataset) is None:
        count = apply_plan(plan, dataset)
        progress(f"Done: {count_files(count)}; --undo takes it back." if count else _NOTHING)
        return ""
    made = apply_and_commit(plan, dataset, message)
    progress(f"Committed {made[:12]}; --undo takes it back." if made else _NOTHING)
    return made
