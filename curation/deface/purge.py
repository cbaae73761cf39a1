"""Contents with faces are dropped for good, here and wherever git-annex reaches."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ...system.errors import ToolError
from ...system.git import git
from ...validator.remote.reading import start_reading
from ...validator.report.visible import visible
from ..annex import find_here, run
from ..apply import forget
from ..place import Place
from .former import Formers, find_formers
from .held import Held, held_images, let_go
from .images import Found
from .work import PAGE, Made, all_made

_NONE = Formers({}, {}, {}, ())


@dataclass(frozen=True, slots=True)
class Store:
    """A place that holds contents.

    Attributes
    ----------
    uuid, called
        What git-annex and what people call it.
    remote
        Its name here; "" for this clone, or where it can't be reached from here.
    here
        Whether it is this clone.
    versions
        Whether it is a bucket that keeps what is deleted as an old version.
    """

    uuid: str
    called: str
    remote: str = ""
    here: bool = False
    versions: bool = False

    @property
    def reachable(self) -> bool:
        """Whether contents can be dropped from it."""
        return self.here or bool(self.remote)


@dataclass(frozen=True, slots=True)
class Purge:
    """What is to be deleted for good.

    Attributes
    ----------
    formers
        Contents that were replaced.
    stores
        Where each key lies.
    held
        Images that have entered; the originals still wait outside of git.
    work
        Defaced copies and pictures of images that have entered.
    """

    formers: Formers
    stores: Mapping[str, tuple[Store, ...]]
    held: tuple[Held, ...]
    work: tuple[Made, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to delete."""
        return not (self.held or self.work or any(self.stores.values()))


def plan_purge(place: Place, found: Found) -> Purge:
    """Say what of accepted images is kept with a face.

    Raises
    ------
    SpinegateError
        The repository can't be read.
    """
    done = set(found.done)
    formers = find_formers(place.dataset) if place.in_git else _NONE
    stores = _find_stores(place.dataset, list(formers.keys)) if formers.keys else {}
    return Purge(
        formers,
        stores,
        tuple(held for held in held_images(place) if held.path in done),
        tuple(one for one in all_made(place) if one.sources.path in done),
    )


def _find_stores(dataset: Path, keys: list[str]) -> dict[str, tuple[Store, ...]]:
    knowledge = start_reading(dataset)()
    here, remotes = _remotes(dataset)
    versions = {
        remote.uuid
        for remote in (knowledge.branch.remotes.values() if knowledge.branch else ())
        if remote.settings.get("versioning") == "yes"
    }
    known: dict[str, Store] = {}
    found = {}
    lying = knowledge.locate(keys)
    stored = find_here(dataset, keys) if here else set()
    for key in keys:
        known_of = (*lying[key].holders, *lying[key].strange) if key in lying else ()
        uuids = dict.fromkeys((*([here] if key in stored else []), *known_of))
        for uuid in uuids:
            known.setdefault(
                uuid,
                Store(
                    uuid, knowledge.describe([uuid])[0], remotes.get(uuid, ""), uuid == here,
                    uuid in versions,
                ),
            )  # fmt: skip
        found[key] = tuple(known[uuid] for uuid in uuids)
    return found


def _remotes(dataset: Path) -> tuple[str, dict[str, str]]:
    """Return this clone's UUID, and those of its remotes with their names here."""
    try:
        listing = git(
            dataset, "config", "--null", "--get-regexp", r"^(remote\..*\.)?annex[-.]uuid$"
        )
    except ToolError:
        return "", {}
    here, remotes = "", {}
    for item in os.fsdecode(listing).split("\0"):
        name, _, uuid = item.partition("\n")
        if name == "annex.uuid":
            here = uuid
        elif name:
            remotes[uuid] = name.removeprefix("remote.").removesuffix(".annex-uuid")
    return here, remotes


def commands(purge: Purge) -> Iterator[str]:
    """Yield what drops the contents, to be typed in the dataset."""
    for key, stores in purge.stores.items():
        for store in stores:
            if store.reachable:
                yield shlex.join(["git", "annex", *_drop(key, store)])


def _drop(key: str, store: Store) -> list[str]:
    source = [] if store.here else ["--from", store.remote]
    return ["drop", "--force", *source, "--key", key]


def carry_out(place: Place, purge: Purge) -> list[str]:
    """Delete it all; return what couldn't be deleted, in words.

    Raises
    ------
    SpinegateError
        A run was stopped half-way: what is kept may be the only copy.
    """
    forget(place.dataset)  # an undo would bring images back that nothing stands behind
    failed = []
    for key, stores in purge.stores.items():
        for store in stores:
            if not store.reachable:
                continue
            done = run(place.dataset, *_drop(key, store))
            if done.returncode:
                words = " ".join((done.stdout + done.stderr).decode(errors="replace").split())
                failed.append(visible(f"{key} is still in {store.called}: {words[-300:]}"))
    let_go(place, [held.path for held in purge.held])
    for one in purge.work:
        shutil.rmtree(one.folder, ignore_errors=True)
    (place.folder / "deface" / PAGE).unlink(missing_ok=True)
    return failed


def left(purge: Purge) -> Purge:
    """Return what is out of reach from here."""
    stores = {
        key: tuple(store for store in stores if not store.reachable)
        for key, stores in purge.stores.items()
    }
    return replace(purge, stores=stores)
