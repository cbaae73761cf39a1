"""Which variant of a protocol a scanner was given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .variant import Variant

# Words that some exports put before the model's name and others leave out.
_BRANDS = ("magnetom", "discovery")


@dataclass(frozen=True, slots=True)
class Match:
    """The variant that fits a scanner best, and why.

    Attributes
    ----------
    variant
        None where the scanner's manufacturer has no variant, or nothing is known of it.
    reason
        For people: what was compared.
    exact
        Whether the variant names this model (False for a vendor's fallback).
    alternatives
        Names of further variants that could be meant.
    """

    variant: Variant | None
    reason: str
    exact: bool
    alternatives: tuple[str, ...] = ()


def alphanumerics(text: str | None) -> str:
    """Reduce a name to what counts: `Prisma_fit` and `Prisma-fit` give `prismafit`."""
    return re.sub(r"[^0-9a-z]", "", text.casefold()) if text else ""


def model_key(model: str | None) -> str:
    """Reduce a model's name: `MAGNETOM Vida` gives `vida`."""
    key = alphanumerics(model)
    for brand in _BRANDS:
        if key.startswith(brand) and len(key) > len(brand):
            return key[len(brand) :]
    return key


def find_variant(
    variants: Sequence[Variant],
    manufacturer: str | None,
    model: str | None,
    software: str | None = None,
    field_strength: float | None = None,
    scanned: date | None = None,
) -> Match:
    """Find the variant that fits a scanner best.

    Names are compared by letters and digits only. A variant that asks for a software version, a
    field strength or a date is taken only where that is known and agrees, and then beats one
    that doesn't ask.

    Parameters
    ----------
    software
        Any text that holds the version; several exports' texts may be joined by a space.
    field_strength
        In tesla.
    """
    maker, wanted = alphanumerics(manufacturer), model_key(model)
    if not maker and not wanted:
        return Match(None, "neither manufacturer nor model is known", False)
    own = [v for v in variants if _same_maker(v, maker)] if maker else list(variants)
    if not own:
        return Match(None, f"the protocol has no variant for {manufacturer}", False)
    named = [v for v in own if wanted and wanted in map(model_key, v.models)]
    ranked = [
        (score, variant)
        for variant in named
        if (score := _score(variant, software, field_strength, scanned)) is not None
    ]
    if ranked:
        best = max(ranked, key=lambda pair: pair[0])[1]
        others = tuple(v.name for v in named if v is not best)
        return Match(best, _reason(best, manufacturer, model, software), True, others)
    return _fall_back(own, named, manufacturer, model)


def _same_maker(variant: Variant, maker: str) -> bool:
    own = alphanumerics(variant.manufacturer)
    return maker.startswith(own) or (len(maker) > 1 and own.startswith(maker))


def _score(
    variant: Variant, software: str | None, strength: float | None, scanned: date | None
) -> int | None:
    score = 0
    if variant.software:
        text = alphanumerics(software)
        if not any(alphanumerics(version) in text for version in variant.software):
            return None
        score += 4
    if variant.since or variant.until:
        if scanned is None:
            return None
        if (variant.since and scanned < variant.since) or (
            variant.until and scanned >= variant.until
        ):
            return None
        score += 2
    if variant.fields:
        if strength is None or not variant.fields[0] <= strength <= variant.fields[1]:
            return None
        score += 1
    return score


def _reason(
    variant: Variant, manufacturer: str | None, model: str | None, software: str | None
) -> str:
    told = " ".join(part for part in (manufacturer, model) if part)
    reason = f"{told} is named by {variant.name}"
    if variant.software:
        reason += f", software {software}"
    return reason


def _fall_back(
    own: list[Variant], named: list[Variant], manufacturer: str | None, model: str | None
) -> Match:
    told = " ".join(part for part in (manufacturer, model) if part)
    fallbacks = [variant for variant in own if variant.fallback]
    if named:
        why = f"{told} is named by {', '.join(v.name for v in named)}, but its software differs"
    elif model:
        why = f"no variant names the model {told}"
    else:
        why = f"the model of this {told} scanner is not known"
    near = _near_names(own, model)
    if len(fallbacks) != 1 or not manufacturer:
        return Match(None, f"{why}; no variant stands in for it", False, near)
    chosen = fallbacks[0]
    return Match(chosen, f"{why}: {chosen.name} stands in for it", False, near)


def _near_names(own: list[Variant], model: str | None) -> tuple[str, ...]:
    import difflib

    keys = {model_key(name): variant.name for variant in own for name in variant.models}
    close = difflib.get_close_matches(model_key(model), list(keys), n=3, cutoff=0.5)
    return tuple(dict.fromkeys(keys[key] for key in close))
