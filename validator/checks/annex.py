"""What git and git-annex hold of the images: keys, links, and contents that stand twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..annex import POINTER_LIMIT, link_key, pointer_key
from ..contents import Presence
from ..dataset import Dataset, Scan, Stage
from ..finding import Outcome, Severity
from ..inspection import Inspection
from ..tree import LINK, Entry, Unreadable, show
from ..verdict import Verdict, blind, met
from .places import listed, shortened, site_of

_METADATA = (".json", ".tsv", ".bval", ".bvec")
_TEXTS = frozenset(("README", "CHANGES", "LICENSE"))


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield the codes of the annex, of links and of contents."""
    dataset = inspection.dataset
    yield from _broken(dataset)
    yield from _links(dataset)
    yield from _committed(dataset)
    yield from _duplicates(dataset)


def _broken(dataset: Dataset) -> Iterator[Verdict]:
    """Images whose pointer or link into the annex names no key; other links: `_links`."""
    broken = [scan for scan in dataset.scans if scan.content.presence is Presence.BROKEN]
    texts = dataset.tree.read([scan.entry for scan in broken], POINTER_LIMIT)
    found = 0
    for scan, text in zip(broken, texts, strict=True):
        if isinstance(text, Unreadable):
            continue
        if scan.entry.mode == LINK and not text.startswith(b"/annex/") and link_key(text) is None:
            continue
        found += 1
        key = pointer_key(text) or link_key(text) or show(text[:80])
        yield Verdict(
            "ANNEX_KEY_BROKEN",
            Outcome.NOT_MET,
            scan.path,
            scan.site,
            scan.contrast or "",
            message=f"The annex is asked for {shortened(key)!r}, which is no key of git-annex: "
            "the image can't be found by it.",
            observed=shortened(key),
        )
    yield met("ANNEX_KEY_BROKEN", count=_annexed(dataset))


def _annexed(dataset: Dataset) -> int:
    return len([1 for scan in dataset.scans if scan.content.key is not None])


def _links(dataset: Dataset) -> Iterator[Verdict]:
    """Judge links: an image's may lead into the annex only, and metadata may not be annexed."""
    links = [entry for entry in dataset.tree.entries if entry.mode == LINK]
    good = 0
    annexed: list[tuple[Entry, str]] = []
    for entry, target in zip(links, dataset.tree.read(links, POINTER_LIMIT), strict=True):
        if isinstance(target, Unreadable):
            continue
        if link_key(target) is not None:
            good += 1
            if _is_metadata(entry.path):
                annexed.append((entry, "link"))
        elif target.startswith(b"\x1f\x8b"):  # the work tree holds the image itself
            good += 1
        else:
            yield _stray(entry, target, dataset)
    yield met("LINK_NOT_ANNEXED", count=good)
    annexed += [(entry, "pointer") for entry in _metadata_pointers(dataset)]
    for entry, kind in annexed:
        yield Verdict(
            "METADATA_IN_ANNEX",
            Outcome.NOT_MET,
            entry.path,
            site_of(dataset, entry.path),
            message=f"git holds only git-annex's {kind} of {entry.path}: nobody can read it "
            "without fetching it from the annex.",
        )
    yield met("METADATA_IN_ANNEX", count=max(0, len(dataset.json) - len(annexed)))


def _stray(entry: Entry, target: bytes, dataset: Dataset) -> Verdict:
    text = show(target)
    return Verdict(
        "LINK_NOT_ANNEXED",
        Outcome.NOT_MET,
        entry.path,
        site_of(dataset, entry.path),
        message=f"{entry.path} is a link to {shortened(text)!r}, not into the annex: it isn't "
        "followed, and whoever gets the dataset may find nothing there.",
        observed=shortened(text),
    )


def _metadata_pointers(dataset: Dataset) -> list[Entry]:
    """Pointer files of git-annex where text belongs; only texts that didn't parse are read."""
    wanted = [
        dataset.entries[path]
        for path, sidecar in dataset.json.items()
        if sidecar.faults and not sidecar.value and dataset.entries[path].mode != LINK
    ]
    table = dataset.entries.get("participants.tsv")
    if table is not None and table.mode != LINK:
        wanted.append(table)
    texts = dataset.tree.read(wanted, POINTER_LIMIT)
    return [
        entry
        for entry, text in zip(wanted, texts, strict=True)
        if not isinstance(text, Unreadable) and pointer_key(text) is not None
    ]


def _is_metadata(path: str) -> bool:
    return path.endswith(_METADATA) or path.partition(".")[0] in _TEXTS


def _committed(dataset: Dataset) -> Iterator[Verdict]:
    """Find images whose content git itself holds, in a repository that has an annex."""
    code = "NIFTI_IN_GIT"
    annexed = _annexed(dataset)
    inside = [scan for scan in dataset.scans if _in_git(scan)]
    if not annexed and not (inside and _uses_annex(dataset.tree.annex)):
        return
    for scan in inside:
        yield Verdict(
            code,
            Outcome.NOT_MET,
            scan.path,
            scan.site,
            scan.contrast or "",
            message=f"{scan.path} is committed to git itself; images of this dataset belong into "
            "git-annex.",
        )
    yield met(code, count=annexed)


def _in_git(scan: Scan) -> bool:
    content = scan.content
    return content.key is None and bool(scan.entry.oid) and content.presence is Presence.PRESENT


def _uses_annex(git: Path | None) -> bool:
    if git is None:
        return False
    if (git / "annex").is_dir() or (git / "refs" / "heads" / "git-annex").is_file():
        return True
    try:
        return b"/git-annex\n" in (git / "packed-refs").read_bytes()
    except OSError:
        return False


def _duplicates(dataset: Dataset) -> Iterator[Verdict]:
    """Find contents that stand under two names; a twin under sourcedata/ is the same name."""
    code = "CONTENT_DUPLICATE"
    groups: dict[str, list[Scan]] = {}
    unknown: Counter[str] = Counter()
    for scan in dataset.scans:
        key = scan.content.key
        if key is not None:
            groups.setdefault(key.digest or key.text, []).append(scan)
        elif _in_git(scan):
            groups.setdefault(scan.entry.oid, []).append(scan)
        else:
            unknown[scan.site] += 1
    known = 0
    for scans in groups.values():
        names = {scan.path.removeprefix("sourcedata/"): scan for scan in reversed(scans)}
        if len(names) > 1:
            yield _duplicate(code, [names[name] for name in sorted(names)])
        else:
            known += len(scans)
    if known:
        yield met(code, count=known)
    for site, count in unknown.items():
        yield blind(code, "no key or git object says what the content is", site, count=count)


def _duplicate(code: str, scans: Sequence[Scan]) -> Verdict:
    originals = [scan for scan in scans if scan.stage is not Stage.DERIVATIVE]
    first = (originals or scans)[0]
    others = [scan for scan in scans if scan is not first]
    paths = [scan.path for scan in others]
    return Verdict(
        code,
        Outcome.NOT_MET,
        first.path,
        first.site,
        first.contrast or "",
        message=f"{first.path} has the same content as {listed(paths)}: {_meaning(originals)}.",
        severity=Severity.WARNING if len(originals) < 2 else None,
        affects=tuple(paths),
    )


def _meaning(originals: Sequence[Scan]) -> str:
    if len(originals) < 2:
        return "a result can't be that of several images unless both are empty"
    if len({scan.subject for scan in originals}) > 1:
        return "one measurement stands under the names of several participants"
    return "one measurement stands under several names"
