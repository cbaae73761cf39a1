"""What became of each annexed image: who holds its content, and who knows of that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from ..contents import Presence
from ..dataset import Dataset, Scan
from ..remote.branch import Branch, Whereabouts
from ..remote.knowledge import Knowledge, Lying
from ..remote.logs import WEB
from ..remote.places import Places
from ..remote.refs import list_remotes
from .copies import copies_wanted, count_copies


class Fate(Enum):
    """What is wrong with where a content lies; an image has one, so that it has one finding."""

    FINE = "nothing"
    UNKNOWN = "no branch at hand has heard of its key"
    LOST = "no repository holds it any more"
    UNPUBLISHED = "no public remote holds it"
    UNPUSHED = "only this clone's branch knows where it lies"
    SCARCE = "there are fewer copies than wanted"


@dataclass(frozen=True, slots=True)
class Fates:
    """The images of a group, each under its fate.

    Attributes
    ----------
    located
        Where the keys lie that a branch has heard of.
    public
        UUIDs of the special remotes from which everybody can read.
    wanted
        How many copies of a file are wanted; None where nobody has said.
    """

    images: Mapping[Fate, Sequence[Scan]]
    located: Mapping[str, Lying]
    public: frozenset[str]
    wanted: Callable[[str], int | None] | None

    def holders(self, scan: Scan) -> Lying:
        """Return where an image's content lies; nowhere if nobody knows."""
        key = scan.content.key
        return self.located.get(key.text if key else "", Lying(()))


def sort_images(
    dataset: Dataset, knowledge: Knowledge, branch: Branch, scans: Sequence[Scan]
) -> Fates:
    """Sort annexed images by what became of them."""
    places = Places(branch, Whereabouts({}))
    uuids = {remote.uuid for remote in branch.remotes.values()} - branch.dead
    public = frozenset(uuid for uuid in uuids if places.public(uuid))
    wanted = copies_wanted(dataset, branch)
    tell = _teller(public, shares=_shares(dataset, knowledge))
    images: dict[Fate, list[Scan]] = {fate: [] for fate in Fate}
    located = knowledge.locate(scan.content.key.text for scan in scans if scan.content.key)
    told: dict[tuple[int, bool], Fate] = {}
    for scan in scans:
        lying = located.get(scan.content.key.text) if scan.content.key else None
        here = scan.content.presence is Presence.PRESENT
        fate = told.get((id(lying), here))  # a few for thousands of images
        if fate is None:
            fate = told[id(lying), here] = tell(lying, here)
        if fate is Fate.FINE and wanted is not None and lying is not None:
            number = wanted(scan.path)
            if number is not None and count_copies(lying.holders, branch) < number:
                fate = Fate.SCARCE
        images[fate].append(scan)
    return Fates(images, located, public, wanted)


def _teller(public: frozenset[str], *, shares: bool) -> Callable[[Lying | None, bool], Fate]:
    open_to_all = public | {WEB}

    def tell(lying: Lying | None, here: bool) -> Fate:
        """Sort by where a content lies, and whether it is here."""
        if not here and lying is None:
            return Fate.UNKNOWN
        lying = lying or Lying(())
        if not here and not lying.holders and not lying.strange:
            return Fate.LOST
        if public and open_to_all.isdisjoint(lying.holders):
            return Fate.UNPUBLISHED
        return Fate.FINE if lying.shared or not shares else Fate.UNPUSHED

    return tell


def _shares(dataset: Dataset, knowledge: Knowledge) -> bool:
    """Whether there is another repository to which the git-annex branch can be pushed."""
    annex = dataset.tree.annex
    return bool(knowledge.refs.tracked or (annex is not None and list_remotes(annex)))
