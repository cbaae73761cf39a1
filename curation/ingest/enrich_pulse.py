"""Whether the MT pulse was on, and the time between excitations."""

from __future__ import annotations

from typing import Any

from .headers import number_of, shared_value, text_of, value_of, words_of

_ON = frozenset(("MT", "MT_GEMS"))
_OTHERS = frozenset(("EP", "IR", "SE", "RM"))
_PREPARED = frozenset(("MP", "IR", "IR_GEMS"))
_SAYS_NOTHING = "Philips scanners don't say it in these files"


def pulse_facts(header: Any, vendor: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return MTState and RepetitionTimeExcitation, and why one can't be told.

    Both are told of spoiled 3D gradient echoes without another preparation, as the MT series is
    made of; of other sequences they say nothing that a rule reads.
    """
    found: dict[str, Any] = {}
    sequence, variant, options = (
        set(words_of(value_of(header, name)))
        for name in ("ScanningSequence", "SequenceVariant", "ScanOptions")
    )
    state = _state(header)
    if state is None and ("MTC" in variant or options & _ON):
        state = True
    simple = "GR" in sequence and not sequence & _OTHERS and not (variant | options) & _PREPARED
    simple = simple and text_of(value_of(header, "MRAcquisitionType")) == "3D"
    if state is None and simple and vendor in ("Siemens", "GE"):
        state = False
    if state is not None:
        found["MTState"] = state
    repetition = number_of(value_of(header, "RepetitionTime"))
    if simple and repetition is not None and repetition > 0:
        found["RepetitionTimeExcitation"] = round(repetition / 1000, 9)
    if simple and state is None:
        return found, {"MTState": _SAYS_NOTHING if vendor == "Philips" else "not in the headers"}
    return found, {}


def _state(header: Any) -> bool | None:
    """Return what the standard's own element says (0018,9020)."""
    word = text_of(value_of(header, "MagnetizationTransfer"))
    word = word or text_of(shared_value(header, "MRModifierSequence", "MagnetizationTransfer"))
    return word.upper() != "NONE" if word else None
