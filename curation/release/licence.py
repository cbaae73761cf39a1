"""Licences by the names that CITATION.cff and Zenodo know (SPDX)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_KNOWN: Mapping[str, str] = {
    r"cc0.*|.*\bcc0 1\.0 universal.*|creative commons zero.*": "CC0-1.0",
    r"pddl.*|.*public domain dedication and license.*": "PDDL-1.0",
    r"cc[ -]?by[ -]?nc[ -]?sa([ -]?4(\.0)?)?|.*attribution-noncommercial-sharealike 4\.0.*":
        "CC-BY-NC-SA-4.0",
    r"cc[ -]?by[ -]?nc([ -]?4(\.0)?)?|.*attribution-noncommercial 4\.0.*": "CC-BY-NC-4.0",
    r"cc[ -]?by[ -]?sa([ -]?4(\.0)?)?|.*attribution-sharealike 4\.0.*": "CC-BY-SA-4.0",
    r"cc[ -]?by([ -]?4(\.0)?)?|.*attribution 4\.0 international.*": "CC-BY-4.0",
    r"odc[ -]?by.*|.*open data commons attribution.*": "ODC-By-1.0",
    r"odbl.*|.*open database license.*": "ODbL-1.0",
    r"mit( license)?": "MIT",
}  # fmt: skip
_LINES = 15


def spdx(text: str) -> str:
    """Return the SPDX name of what a dataset calls its licence; "" where it isn't known.

    >>> spdx('CC0'), spdx('CC BY 4.0'), spdx('free for friends')
    ('CC0-1.0', 'CC-BY-4.0', '')
    """
    lowered = " ".join(text.lower().split())
    for pattern, name in _KNOWN.items():
        if re.fullmatch(pattern, lowered):
            return name
    return ""


def of_file(text: str) -> str:
    """Return the SPDX name of the licence that a LICENSE file holds, told by its first lines."""
    for line in text.splitlines()[:_LINES]:
        if found := spdx(line[:200]):
            return found
    return ""


def agree(said: str, file: str) -> tuple[str, str]:
    """Return the licence, and what is to be decided where two places disagree.

    Parameters
    ----------
    said
        ``License`` of dataset_description.json.
    file
        What LICENSE holds.
    """
    one, other = spdx(said), of_file(file)
    if one and other and one != other:
        return "", (
            f"dataset_description.json says {one}, LICENSE says {other}: write the one that is "
            "true into license, and correct the other file"
        )
    if not one and not other:
        named = f" ({said[:60]!r} isn't known)" if said else ""
        return "", f"no licence is known{named}: write its SPDX name into license"
    return one or other, ""
