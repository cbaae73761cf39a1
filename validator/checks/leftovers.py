"""Removed results and other files, where no removed image explains them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..changes import Changes, stem_of
from ..dataset import Dataset, Stage
from ..entities import subject_of
from ..finding import Outcome, Scope
from ..verdict import Verdict, met
from .places import listed
from .policy import is_policy

DERIVATIVE, FILE = "DERIVATIVE_REMOVED", "FILE_REMOVED"


def check_leftovers(changes: Changes, paths: Iterable[str]) -> Iterator[Verdict]:
    """Yield DERIVATIVE_REMOVED and FILE_REMOVED for removed files."""
    base = changes.base
    images: dict[str, list[str]] = {}
    texts: list[str] = []
    for path in sorted(paths):
        scan = base.by_path.get(path)
        if scan is not None and scan.stage is Stage.DERIVATIVE:
            images.setdefault("/".join(path.split("/")[:2]), []).append(path)
        elif not is_policy(path, changes.policy):
            texts.append(path)
    beside: dict[str, str] = {}
    for folder, group in images.items():
        beside.update({stem_of(path): folder for path in group})
    own: dict[str, list[str]] = {}
    files: dict[tuple[str, ...], list[str]] = {}
    for path in texts:
        if (stem := path.rpartition(".")[0]) in beside:
            own.setdefault(beside[stem], []).append(path)
        else:
            files.setdefault(_kind(base, path), []).append(path)
    for folder, group in images.items():
        yield _results(base, folder, group, own.get(folder, []))
    for (site, *_), group in files.items():
        yield _files(site, group)
    number = sum(1 for scan in base.scans if scan.stage is Stage.DERIVATIVE)
    yield met(DERIVATIVE, count=number - sum(map(len, images.values())))
    others = len(base.entries) - len(base.by_path)
    yield met(FILE, count=max(0, others - sum(map(len, files.values()))))


def _results(base: Dataset, folder: str, images: list[str], texts: list[str]) -> Verdict:
    who = {base.by_path[path].subject for path in images}
    sites = {base.by_path[path].site for path in images}
    message = f"This change takes {images[0]} away; its source image stays"
    if len(images) > 1:
        whose = f"sub-{min(who)}" if len(who) == 1 else f"{len(who)} participants"
        names = listed([path.rpartition("/")[2] for path in images])
        message = f"This change takes {len(images):,} results of {whose} out of {folder}, whose "
        message += f"source images stay: {names}"
    return Verdict(
        DERIVATIVE,
        Outcome.NOT_MET,
        images[0],
        min(sites) if len(sites) == 1 else "",
        message=f"{message}.",
        affects=(*images[1:], *texts),
        scope=Scope.FILE if len(images) == 1 else None,
        count=len(images),
    )


def _kind(base: Dataset, path: str) -> tuple[str, ...]:
    """Return what gathers files: those of a site that are alike; others stand alone."""
    subject = subject_of(path)
    if not subject:
        return "", path
    top = path.partition("sub-")[0]
    return base.sites.get(subject, ""), top, path.rpartition(".")[2]


def _files(site: str, paths: list[str]) -> Verdict:
    if len(paths) == 1:
        message = f"This change takes {paths[0]} away."
    else:
        names = listed([path.rpartition("/")[2] for path in paths])
        message = f"This change takes {len(paths):,} files away: {names}."
    return Verdict(
        FILE,
        Outcome.NOT_MET,
        paths[0],
        site,
        message=message,
        affects=tuple(paths[1:]),
        scope=Scope.SITE if len(paths) > 1 else None,
        count=len(paths),
    )
