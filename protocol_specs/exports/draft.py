"""Writes what exports said as a draft spec, with everything in it that a person must decide."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from ...system.errors import ConfigError
from ..quoted import quoted
from .export import Export, Step

# How sites name the scans of a spinal cord protocol; the first that fits counts.
_NAMES: tuple[tuple[str, str, str], ...] = (
    ("", r"^(local|survey|scout|smartbrain|cal\b|asset|b[01].?map)|calibration", ""),
    ("MTon", r"mt.?(on|1)(?![0-9])|gre.?mt$", "{suffix: MTS, entities: {flip: 1, mt: on}}"),
    ("MToff", r"mt.?(off|0)(?![0-9])", "{suffix: MTS, entities: {flip: 1, mt: off}}"),
    ("GRE-T1w", r"gre.*t1|mts?.*t1", "{suffix: MTS, entities: {flip: 2, mt: off}}"),
    ("T2star", r"t2.?(star|s\b|\*)|gre.?me|merge|megre|medic", "{suffix: T2star}"),
    ("b0", r"(dwi|dti|diff).*b.?0(?![0-9])", "{suffix: dwi, entities: {acq: b0}}"),
    ("dwi", r"dwi|dti|diff", "{suffix: dwi}"),
    ("T2w", r"t2", "{suffix: T2w}"),
    ("T1w", r"t1|mprage|tfl", "{suffix: T1w}"),
)
_HEAD = """\
# Draft from the exports of scanners. Before it judges anybody:
# - compare each value with the console, add what was not read, and set tolerances;
# - name each contrast's files under `forms`, and the models under `models`.
"""
_PARAMETERS = """\
parameters:
  RepetitionTime: {unit: s, relative: 5 %}
  EchoTime: {unit: s, relative: 5 %}
  InversionTime: {unit: s, relative: 5 %}
  FlipAngle: {unit: degree, absolute: 1}
  SliceThickness: {unit: mm, relative: 5 %}
  PixelBandwidth: {unit: Hz/px, relative: 2 %, level: warning}
  ImageType: {level: warning}
"""


def contrast_name(step: str) -> tuple[str, str]:
    """Return the contrast that a scan's name means, and its form; empty names for a localizer."""
    for name, pattern, form in _NAMES:
        if re.search(pattern, step, re.IGNORECASE):
            return name, form
    plain = re.sub(r"[^A-Za-z0-9-]+", "-", step).strip("-") or "scan"
    return plain, f"{{suffix: {quoted(re.sub('[^A-Za-z0-9]', '', step) or 'scan')}}}"


def draft_spec(exports: Sequence[Export]) -> str:
    """Write a draft spec.

    Returns
    -------
    str
        YAML text that passes `spinegate spec check`.

    Raises
    ------
    ConfigError
        No export holds a scan other than localizers.
    """
    forms: dict[str, str] = {}
    for export in exports:
        for step in export.steps:
            name, form = contrast_name(step.name)
            if name:
                forms.setdefault(name, form)
    if not forms:
        raise ConfigError("no scan but localizers was found, so there is nothing to draft")
    text = [_HEAD, "protocol: draft", 'version: "draft"', "source: vendors' protocol exports", ""]
    text.append("sources:")
    keys = [f"export-{i}" for i in range(1, len(exports) + 1)]
    for key, export in zip(keys, exports, strict=True):
        text.append(f"  {key}: {quoted(f'{export.kind}, {PurePath(export.file).name}')}")
    text += ["", _PARAMETERS, "contrasts:"]
    for name, form in forms.items():
        text += [f"  {quoted(name)}:", f"    forms: [{form}]"]
        if "dwi" in form:
            text.append("    datatype: dwi")
    text += ["", "variants:"]
    for key, export in zip(keys, exports, strict=True):
        text += _variant(key, export, len(exports))
    return "\n".join(text) + "\n"


def _variant(key: str, export: Export, count: int) -> list[str]:
    name = "-".join(
        re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")
        for part in (export.manufacturer, export.model)
        if part
    )
    text = [f"  {name}-{key}:" if count > 1 else f"  {name}:"]
    text.append(f"    title: {quoted(f'{export.manufacturer} {export.model}'.strip())}")
    text.append(f"    manufacturer: {quoted(export.manufacturer)}")
    if export.model:
        text.append(f"    models: [{quoted(export.model)}]")
    else:
        text.append("    models: [unknown]  # the export doesn't say")
    if export.software:
        text.append(f"    # software: [{quoted(export.software)}]")
    text += [f"    source: {key}", f"    # not read: {export.unread}", "    contrasts:"]
    seen: set[str] = set()
    diffusion = []
    for step in export.steps:
        contrast, _ = contrast_name(step.name)
        if not contrast or not step.values:
            text.append(f"      # {quoted(step.name)} is left out")
            continue
        if contrast in seen:
            text.append(f"      # {quoted(step.name)} is a second {contrast}; left out")
            continue
        seen.add(contrast)
        text += [f"      {quoted(contrast)}:  # {quoted(step.name)}", *_values(step)]
        if step.directions and step.b_values:
            shells = ", ".join(f"{b:g}" for b in step.b_values)
            diffusion += [
                f"      {quoted(contrast)}:",
                f"        - {{b: [{shells}], directions: {step.directions}}}",
            ]
    if not seen:
        text[-1 - len(export.steps)] = "    contrasts: {}"
    return text + (["    diffusion:", *diffusion] if diffusion else [])


def _values(step: Step) -> Iterable[str]:
    for key, value in step.values.items():
        if key == "ImageType":
            yield f"        {key}: {{contains: {value}}}"
        else:
            yield f"        {key}: {json.dumps(value)}"
