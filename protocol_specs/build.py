"""Turns a spec's YAML data into typed values, once, when it is loaded."""

from __future__ import annotations

import re
from typing import Any

from ..system.patterns import compile_pattern
from .contrast import Contrast, Form
from .inheritance import VariantBuilder
from .layers import Layers
from .spec import Series, Spec
from .tolerance import Tolerance
from .values import as_fraction

_SITE = r"(?P<site>.*?[^0-9])[0-9]*\Z"


def build_spec(layers: Layers) -> Spec:
    """Build a spec from its merged documents.

    Raises
    ------
    ConfigError
        Names a contrast, variant or parameter that isn't defined, or contradicts itself.
    """
    data = layers.value
    for key in ("protocol", "version", "contrasts", "variants"):
        if not data.get(key):
            raise layers.error(f"the key {key!r} is missing", key)
    contrasts = {name: _contrast(layers, name, entry) for name, entry in data["contrasts"].items()}
    telling = {key for c in contrasts.values() for form in c.forms for key, _ in form.entities}
    telling.update(key for c in contrasts.values() for key in c.without)
    return Spec(
        name=layers.name,
        protocol=data["protocol"],
        version=str(data["version"]),
        source=data.get("source", ""),
        site=_site(layers),
        contrasts=contrasts,
        variants=VariantBuilder(layers, tuple(contrasts)).build(),
        series={
            name: _series(layers, name, entry, contrasts)
            for name, entry in data.get("series", {}).items()
        },
        sources=data.get("sources", {}),
        files=tuple(document.name for document in layers.documents),
        _telling=tuple(sorted(telling)),
    )


def _site(layers: Layers) -> re.Pattern[str]:
    text = layers.value.get("site", _SITE)
    try:
        pattern = compile_pattern(text).compiled
    except ValueError as error:
        raise layers.error(f"not a regular expression: {error}", "site") from None
    if "site" not in pattern.groupindex:
        raise layers.error("the pattern needs a group (?P<site>...)", "site")
    return pattern


def _contrast(layers: Layers, name: str, entry: dict[str, Any] | None) -> Contrast:
    if not (entry and entry.get("forms")):
        raise layers.error("a contrast needs forms: how its files are named", "contrasts", name)
    forms = tuple(
        Form(form["suffix"], tuple((k, str(v)) for k, v in form.get("entities", {}).items()))
        for form in entry["forms"]
    )
    return Contrast(
        name=name,
        title=entry.get("title", name),
        bids=entry.get("bids", name),
        datatype=entry.get("datatype", "anat"),
        forms=forms,
        without=tuple(map(str, entry.get("without", ()))),
        required=entry.get("required", True),
        keys=tuple(entry.get("keys", ())),
        concerns=tuple(entry.get("concerns", ())),
    )


def _series(
    layers: Layers, name: str, entry: dict[str, Any] | None, contrasts: dict[str, Contrast]
) -> Series:
    if not (entry and entry.get("members")):
        raise layers.error("a series needs members", "series", name)
    for i, member in enumerate(entry["members"]):
        if member not in contrasts:
            raise layers.error(f"no contrast {member!r}", "series", name, "members", i)
    equal = {
        key: Tolerance(float((t or {}).get("absolute", 0)), as_fraction((t or {}).get("relative")))
        for key, t in entry.get("equal", {}).items()
    }
    return Series(
        name, tuple(entry["members"]), equal, entry.get("source", ""), entry.get("note", "")
    )
