"""The images that a protocol asks for, and how their names tell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """One way to name a contrast: a suffix and the entities that must have these labels."""

    suffix: str
    entities: tuple[tuple[str, str], ...] = ()

    def fits(self, entities: Mapping[str, str]) -> bool:
        """Say whether a name's entities agree; further entities don't matter."""
        return all(entities.get(key) == label for key, label in self.entities)


@dataclass(frozen=True, slots=True)
class Contrast:
    """A contrast of the protocol.

    Attributes
    ----------
    name
        As the protocol calls it: `MTon`.
    bids
        The canonical end of a file name: `flip-1_mt-on_MTS`.
    datatype
        The folder: anat, dwi.
    forms
        Every way of naming it, old and new.
    without
        Entities that a file of this contrast doesn't have (`rec` marks a computed image).
    required
        Whether each participant must have it.
    keys
        Sidecar keys that it must have.
    concerns
        Metrics that a deviation puts in doubt.
    """

    name: str
    title: str
    bids: str
    datatype: str
    forms: tuple[Form, ...]
    without: tuple[str, ...] = ()
    required: bool = True
    keys: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()

    def specificity(self, entities: Mapping[str, str], suffix: str) -> int | None:
        """Count the entities of the best form that fits; None where none does."""
        if any(key in entities for key in self.without):
            return None
        fitting = [
            len(form.entities)
            for form in self.forms
            if form.suffix == suffix and form.fits(entities)
        ]
        return max(fitting, default=None)


def tell_contrast(
    contrasts: Mapping[str, Contrast], entities: Mapping[str, str], suffix: str
) -> str | None:
    """Return the name of the contrast whose form fits best; None where no form fits."""
    best: tuple[int, str] | None = None
    for name, contrast in contrasts.items():
        count = contrast.specificity(entities, suffix)
        if count is not None and (best is None or count > best[0]):
            best = (count, name)
    return best[1] if best else None
