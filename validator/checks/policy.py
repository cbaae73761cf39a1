"""Files by which a dataset is judged, stored and published, and whether a change edits them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..changes import Changes
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, met

CODE = "POLICY_CHANGED"
_JUDGES = "by which the dataset is judged"
_IGNORES = "which says what the BIDS validator doesn't look at"
_RUNS = "which says what runs on GitHub"
_STORES = "which says how and where files are stored"
_STORING = (".gitattributes", ".gitmodules")
_LIMIT = 4 * 1024 * 1024


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield POLICY_CHANGED."""
    changes = inspection.changes
    if changes is None:
        return
    done: dict[str, str] = {}
    for word, paths in (
        ("edits", changes.edited),
        ("edits", changes.replaced),
        ("removes", changes.removed),
        ("adds", changes.added),
        ("removes", changes.renamed),
        ("adds", changes.renamed.values()),
    ):
        done.update({path: word for path in paths if is_policy(path, changes.policy)})
    base = [path for path in changes.base.entries if is_policy(path, changes.policy)]
    for path in base:
        if path not in done and _edited_on_disk(changes, path):
            done[path] = "edits"
    yield met(CODE, count=sum(1 for path in base if path not in done))
    for path, word in sorted(done.items()):
        what = purpose(path, changes.policy)
        judged = what in (_JUDGES, _IGNORES)
        tail = "; what stands in the base judged it" if judged else ""
        yield Verdict(
            CODE,
            Outcome.NOT_MET,
            path,
            message=f"This change {word} {path}, {what}{tail}.",
        )


def is_policy(path: str, policy: Sequence[str] = ()) -> bool:
    """Whether a file says how the dataset is judged, stored or published."""
    # The first test is for the 24,000 files that are none.
    return (path[0] == "." or path.endswith(_STORING) or path in policy) and bool(
        purpose(path, policy)
    )


def purpose(path: str, policy: Sequence[str] = ()) -> str:
    """Say what a file of the policy is for; "" for any other file."""
    if path in policy or path == ".spinegate.yml" or path.startswith(".spinegate/"):
        return _JUDGES
    if path == ".bidsignore":
        return _IGNORES
    if path.startswith(".github/"):
        return _RUNS
    if path.rpartition("/")[2] in _STORING or path == ".datalad/config":
        return _STORES
    return ""


def _edited_on_disk(changes: Changes, path: str) -> bool:
    """Compare a file of a folder itself: git's index needn't know of an edit."""
    head = changes.head
    if head.tree.folder is None or path not in head.entries:
        return False
    return changes.base.read(path, _LIMIT) != head.read(path, _LIMIT)
