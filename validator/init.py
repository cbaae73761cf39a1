"""The files that put a dataset repository under the gate: workflows and settings."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path, PurePosixPath

from ..protocol_specs.layers import packaged_specs
from ..rules.profiles import load_profiles
from ..rules.spelling import did_you_mean
from ..system.errors import ConfigError, SpinegateError
from ..system.files import write_atomic
from ..system.git import find_root
from .pin import Pin

SETTINGS = ".spinegate.yml"
_WORKFLOWS = ("validate", "comment", "nightly")
OPTIONAL = ("curate",)
"""Workflows that are written where they are asked for."""
_PLACE = re.compile(r"uses: OWNER/spinegate/(github_actions/[a-z]+)@SHA # vX$", re.MULTILINE)
_TEXT = """\
# How spinegate judges this dataset. Of a pull request the settings of its base count: it can't
# switch off its own judge.
protocol: {protocol}
profile: {profile}
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """A file to be written.

    Attributes
    ----------
    path
        Relative to the dataset.
    present
        What the file holds already; None where there is none.
    """

    path: PurePosixPath
    text: str
    present: str | None = None

    @property
    def differs(self) -> bool:
        """Whether writing it would undo what somebody wrote."""
        return self.present is not None and self.present != self.text

    def diff(self) -> str:
        """Return the difference to what is there, in unified form."""
        old = (self.present or "").splitlines(keepends=True)
        new = self.text.splitlines(keepends=True)
        name = str(self.path)
        return "".join(difflib.unified_diff(old, new, name, f"{name} (new)"))


def draft_files(
    dataset: Path, pin: Pin, protocol: str, profile: str, more: Sequence[str] = ()
) -> list[Draft]:
    """Return the files that a dataset repository needs; settings that are there stay.

    Parameters
    ----------
    dataset
        Top folder of the dataset and of its repository.
    pin
        Which spinegate the workflows use.
    protocol, profile
        What the settings say.
    more
        Of `OPTIONAL`, those that are wanted; one that is there is kept up to date in any case.

    Raises
    ------
    SpinegateError
        Not such a folder, no such protocol or profile, or a path that leads out of the dataset.
    """
    if not dataset.is_dir():
        raise SpinegateError(f"{dataset} is not a folder")
    top = find_root(dataset)
    if top is not None and top != dataset.resolve():
        raise SpinegateError(
            f"{dataset} is a part of the repository {top}: GitHub reads workflows at the top of a "
            "repository only"
        )
    for name, known in ((protocol, packaged_specs()), (profile, load_profiles())):
        if name not in known:
            raise ConfigError(
                f"no {name!r}; there are {', '.join(known)}{did_you_mean(name, known)}"
            )
    names = [*_WORKFLOWS, *(n for n in OPTIONAL if n in more or (dataset / _file_of(n)).exists())]
    texts = {_file_of(name): _workflow(name, pin) for name in names}
    drafts = [_draft(dataset, PurePosixPath(path), text) for path, text in texts.items()]
    settings = _draft(
        dataset, PurePosixPath(SETTINGS), _TEXT.format(protocol=protocol, profile=profile)
    )
    return drafts if settings.differs else [*drafts, settings]


def write_drafts(dataset: Path, drafts: list[Draft]) -> None:
    """Write files.

    Raises
    ------
    SpinegateError
        One can't be written.
    """
    for draft in drafts:
        target = dataset / draft.path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(target, draft.text)
        except OSError as error:
            raise SpinegateError(f"{target} can't be written: {error.strerror}") from None


def _file_of(name: str) -> str:
    return f".github/workflows/spinegate-{name}.yml"


def _workflow(name: str, pin: Pin) -> str:
    folder = files(f"{__name__.partition('.')[0]}.github_actions") / "workflows"
    template = (folder / f"{name}.yml").read_text(encoding="utf-8")
    return _PLACE.sub(lambda found: pin.uses(found[1]), template)


def _draft(dataset: Path, path: PurePosixPath, text: str) -> Draft:
    target = dataset / path
    if target.is_symlink() or not target.parent.resolve().is_relative_to(dataset.resolve()):
        raise SpinegateError(f"{target} is a link: nothing is written through it")
    try:
        return Draft(path, text, target.read_bytes().decode("utf-8", "backslashreplace"))
    except FileNotFoundError:
        return Draft(path, text)
    except OSError as error:
        raise SpinegateError(f"{target} can't be read: {error.strerror}") from None
