"""Where the contents of annexed images lie, by the git-annex branches at hand: no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..dataset import Dataset, Scan
from ..finding import Outcome
from ..inspection import Inspection
from ..remote.branch import Branch
from ..remote.knowledge import Knowledge
from ..remote.logs import WEB
from ..remote.refs import list_remotes
from ..verdict import Verdict, blind, met
from .copies import count_copies
from .fates import Fate, Fates, sort_images
from .places import listed, shortened
from .repair import can_be_typed, copy_command, find_target, push_command, usual_remote

MISSING, NOT_PUSHED = "GIT_ANNEX_BRANCH_MISSING", "GIT_ANNEX_BRANCH_NOT_PUSHED"
NOWHERE, NOT_PUBLIC, FEW = "CONTENT_NOWHERE", "CONTENT_NOT_PUBLIC", "NUMCOPIES_NOT_MET"
PRIVATE = "NO_PUBLIC_REMOTE"
_CODES = (MISSING, NOT_PUSHED, NOWHERE, NOT_PUBLIC, FEW, PRIVATE)
_NO_REPOSITORY = "the dataset is in no git repository here"
_NO_BRANCH = "there is no git-annex branch here"
_STRANGE = "a repository that the dataset doesn't know"


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield the codes of whereabouts.

    With a base, the images whose contents are new are a group of their own: what is wrong with
    all of those has another cause than what is wrong with some of the dataset.
    """
    dataset = inspection.dataset
    scans = [scan for scan in dataset.scans if scan.content.key is not None]
    if not scans:
        return
    knowledge = Knowledge(reason=_NO_REPOSITORY)
    if dataset.tree.annex is not None:
        knowledge = inspection.knowledge
    new, others = _divide(inspection, scans)
    if knowledge.reason:
        yield from _blind(_CODES, knowledge.reason, scans)
    elif knowledge.branch is None:
        if others or inspection.changes is None:
            yield _missing(dataset, knowledge, [])
        if new:
            yield _missing(dataset, knowledge, new)
        yield from _blind(_CODES[1:], _NO_BRANCH, scans)
    else:
        yield met(MISSING, count=len(scans))
        for group in (new, others):
            if group:
                fates = sort_images(dataset, knowledge, knowledge.branch, group)
                yield from _judge(dataset, knowledge, knowledge.branch, fates)
                if group is others:
                    yield _public(fates, knowledge.branch)


def _divide(inspection: Inspection, scans: Sequence[Scan]) -> tuple[list[Scan], list[Scan]]:
    """Divide images into those whose content the base lacks, and the others."""
    if inspection.changes is None:
        return [], list(scans)
    before = {scan.content.key for scan in inspection.changes.base.scans}
    new = [scan for scan in scans if scan.content.key not in before]
    return new, [scan for scan in scans if scan.content.key in before]


def _blind(codes: Sequence[str], reason: str, scans: Sequence[Scan]) -> Iterator[Verdict]:
    for (site, contrast), count in _count(scans).items():
        for code in codes:
            yield blind(code, reason, site, contrast, count)


def _met(code: str, counts: Counter[tuple[str, str]]) -> Iterator[Verdict]:
    for (site, contrast), count in counts.items():
        yield met(code, site, contrast, count)


def _count(scans: Sequence[Scan]) -> Counter[tuple[str, str]]:
    return Counter((scan.site, scan.contrast or "") for scan in scans)


def _missing(dataset: Dataset, knowledge: Knowledge, scans: Sequence[Scan]) -> Verdict:
    """No branch at all, or not the base's: whose a stranger's can't stand for."""
    remotes = list_remotes(dataset.tree.annex) if dataset.tree.annex else []
    remote = usual_remote(remotes)
    whose = "the base's git-annex branch" if knowledge.refs.trees else "a git-annex branch"
    about = f" of {_images(scans)}" if scans else "s of the annexed images"
    fetch = f"git fetch {remote} git-annex:refs/remotes/{remote}/git-annex"
    return Verdict(
        MISSING,
        Outcome.NOT_MET,
        scans[0].path if scans else ".",
        message=f"There isn't {whose} here, so nothing says where the content{about} lie"
        f"{'s' if len(scans) == 1 else ''}.",
        affects=tuple(scan.path for scan in scans[1:]),
        command=fetch if remotes and can_be_typed(remote) and " " not in remote else "",
    )


def _judge(
    dataset: Dataset, knowledge: Knowledge, branch: Branch, fates: Fates
) -> Iterator[Verdict]:
    images = fates.images
    count = sum(map(len, images.values()))
    push = push_command(dataset.tree) if len(images[Fate.FINE]) < count else ""
    unknown, lost = images[Fate.UNKNOWN], images[Fate.LOST]
    # A clone without a branch of its own is no contributor's: theirs has to be pushed.
    if len(unknown) == count and not knowledge.has_local:
        yield _not_pushed(unknown, "No git-annex branch here has heard of", push)
    else:
        for group in _by_site([*unknown, *lost]):
            yield _nowhere(group, "" if knowledge.has_local else push)
    if images[Fate.UNPUSHED]:
        lead = "Only the git-annex branch of this clone knows of"
        yield _not_pushed(images[Fate.UNPUSHED], lead, push)
    for group in _by_site(images[Fate.UNPUBLISHED]):
        yield _not_public(group, fates, branch, push)
    for group in _by_site(images[Fate.SCARCE]):
        yield _few(group, fates, branch, push)
    yield from _all_well(fates)


def _all_well(fates: Fates) -> Iterator[Verdict]:
    """Count the images that a rule was met by, where it says something of the dataset."""
    counts = {fate: _count(scans) for fate, scans in fates.images.items()}
    shared = counts[Fate.FINE] + counts[Fate.SCARCE]
    placed = shared + counts[Fate.UNPUSHED]
    yield from _met(NOT_PUSHED, shared)
    yield from _met(NOWHERE, placed + counts[Fate.UNPUBLISHED])
    if fates.public:
        yield from _met(NOT_PUBLIC, placed)
    if fates.wanted is not None:
        yield from _met(FEW, counts[Fate.FINE])


def _by_site(scans: Sequence[Scan]) -> Iterator[list[Scan]]:
    groups: dict[str, list[Scan]] = {}
    for scan in sorted(scans, key=lambda scan: scan.path):
        groups.setdefault(scan.site, []).append(scan)
    yield from groups.values()


def _not_pushed(scans: Sequence[Scan], lead: str, push: str) -> Verdict:
    message = f"{lead} the content of {_images(scans)}: others can't get what they don't find."
    return _finding(NOT_PUSHED, sorted(scans, key=lambda scan: scan.path), message, push)


def _nowhere(scans: Sequence[Scan], command: str) -> Verdict:
    what = "is a pointer" if len(scans) == 1 else "are pointers"
    message = (
        f"{_images(scans)} {what} without content: no repository that is known here holds "
        f"{'it' if len(scans) == 1 else 'theirs'}."
    )
    return _finding(NOWHERE, scans, message, command)


def _public(fates: Fates, branch: Branch) -> Verdict:
    """Say whether there is any place from which everybody could get these images."""
    held = [*fates.images[Fate.FINE], *fates.images[Fate.SCARCE]]
    scans = [scan for scan in held if WEB not in fates.holders(scan).holders]
    if fates.public or not scans:
        return met(PRIVATE)
    scans.sort(key=lambda scan: scan.path)
    one = len(scans) == 1
    message = (
        f"{_images(scans)} {'lies' if one else 'lie'} only in "
        f"{listed(_names(scans, fates, branch) or ['this clone'])}, and the dataset has no public "
        f"remote: nobody else can get {'it' if one else 'them'}."
    )
    paths = tuple(scan.path for scan in scans)
    return Verdict(PRIVATE, Outcome.NOT_MET, ".", message=message, affects=paths)


def _not_public(scans: Sequence[Scan], fates: Fates, branch: Branch, push: str) -> Verdict:
    where = _names(scans, fates, branch) or ["this clone"]
    lies = "lies" if len(scans) == 1 else "lie"
    message = (
        f"{_images(scans)} {lies} only in {listed(where)}: none of the dataset's public remotes "
        f"({listed(sorted(branch.describe(uuid) for uuid in fates.public))}) holds "
        f"{'it' if len(scans) == 1 else 'them'}."
    )
    return _finding(NOT_PUBLIC, scans, message, _copy(scans, branch, (), push, public=True), where)


def _few(scans: Sequence[Scan], fates: Fates, branch: Branch, push: str) -> Verdict:
    first = scans[0]
    counts = [count_copies(fates.holders(scan).holders, branch) for scan in scans]
    wanted = fates.wanted(first.path) if fates.wanted is not None else None
    fewest = min(counts)
    where = listed(_names(scans, fates, branch))
    message = (
        f"{_images(scans)} {'has' if len(scans) == 1 else 'have'} "
        f"{'no copy' if not fewest else 'one copy' if fewest == 1 else f'{fewest} copies'}"
        f"{f' ({where})' if where else ''}; the dataset asks for {wanted}."
    )
    held = [set(fates.holders(scan).holders) for scan in scans]
    command = _copy(scans, branch, set().union(*held), push, public=False) or _copy(
        scans, branch, set.intersection(*held), push, public=False
    )
    return _finding(FEW, scans, message, command, fewest, wanted)


def _copy(
    scans: Sequence[Scan], branch: Branch, held: Sequence[str] | set[str], push: str, public: bool
) -> str:
    target = find_target(branch, held, public=public)
    paths = [scan.path for scan in scans]
    if target is None or not all(map(can_be_typed, (target.name, *paths))):
        return ""
    return f"{copy_command(target, paths)} && {push}"


def _names(scans: Sequence[Scan], fates: Fates, branch: Branch) -> list[str]:
    """Return how people call the repositories that hold the contents."""
    lying = [fates.holders(scan) for scan in scans]
    uuids = {uuid for one in lying for uuid in one.holders}
    names = sorted({shortened(branch.describe(uuid), 60) for uuid in uuids})
    return [*names, _STRANGE] if any(one.strange for one in lying) else names


def _images(scans: Sequence[Scan]) -> str:
    paths = [scan.path for scan in scans]
    return paths[0] if len(paths) == 1 else f"{len(paths)} images ({listed(paths)})"


def _finding(
    code: str,
    scans: Sequence[Scan],
    message: str,
    command: str,
    observed: object = None,
    expected: object = None,
) -> Verdict:
    contrasts = {scan.contrast or "" for scan in scans}
    sites = {scan.site for scan in scans}
    return Verdict(
        code,
        Outcome.NOT_MET,
        scans[0].path,
        min(sites) if len(sites) == 1 else "",
        min(contrasts) if len(contrasts) == 1 else "",
        message=message,
        observed=observed,
        expected=expected,
        affects=tuple(scan.path for scan in scans[1:]),
        command=command,
    )
