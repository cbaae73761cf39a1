"""Whether a name written by hand and one exported by a scanner mean the same thing."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from ...protocol_specs.matching import alphanumerics, model_key

_NUMBERS = re.compile(r"[0-9]+")
_SOFTWARE_WORDS = re.compile(r"syngo|release|software|version|_lx_|_mr_|\bmr\b")
_RELEASE = re.compile(r"(?:v|r)(?=[a-z]?[0-9])")


@lru_cache(maxsize=4096)
def same_maker(told: str, found: str) -> bool | None:
    """Whether two names of a manufacturer mean the same: GE and GE MEDICAL SYSTEMS."""
    one, other = alphanumerics(told), alphanumerics(found)
    return one.startswith(other) or other.startswith(one) if one and other else None


@lru_cache(maxsize=4096)
def same_model(told: str, found: str) -> bool | None:
    """Whether two names of a model mean the same: Prisma-fit and Prisma_fit."""
    one, other = model_key(told), model_key(found)
    return one == other if one and other else None


@lru_cache(maxsize=4096)
def same_software(told: str, found: str) -> bool | None:
    """Whether two software versions can be the same: VE11C and syngo_MR_E11.

    One often says less than the other, so one must hold the other.
    """
    one, other = _release(told), _release(found)
    if len(one) < 2 or len(other) < 2:
        return None
    return one in other or other in one


def _release(text: str) -> str:
    lower = _SOFTWARE_WORDS.sub(" ", text.casefold()).strip(" _")
    start = _RELEASE.match(lower)
    return alphanumerics(lower[start.end() :] if start else lower)


@lru_cache(maxsize=4096)
def same_coil(told: str, found: str) -> bool | None:
    """Whether two names of a coil can mean the same: 64ch+spine and HeadNeck_64.

    Names by hand are compared by the number of channels; the spine array is no coil of its own,
    it is only the first group of elements that some exports name.
    """
    one, other = alphanumerics(told), alphanumerics(found)
    if one == other:
        return True
    if other.startswith("spine") or one.startswith("spine"):
        return None
    numbers, others = _NUMBERS.findall(told), _NUMBERS.findall(found)
    if numbers and others:
        return bool(set(numbers) & set(others))
    return None


@lru_cache(maxsize=4096)
def same_day(told: str, found: str) -> bool | None:
    """Whether two dates are the same day; None where one of them is no date."""
    try:
        return date.fromisoformat(told) == date.fromisoformat(found)
    except ValueError:
        return None
