"""The name that a wrong one was meant to be.

A name is taken apart loosely and written anew; what comes out counts only where the schema
accepts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..entities import ENTITY_ORDER, format_path
from .schema import misfits, naming
from .spelling import entity_like, extension_like, nearest, suffix_like

FOLDER_MISMATCH = "the subject in the name isn't the one of the folder"
WRONG_FOLDER = "the file lies in the folder of another datatype"
OLD_CONVENTION = "the name follows the protocol's convention from before 2023"

OLD_NAMES = {
    "MTon": {"flip": "1", "mt": "on"},
    "MToff": {"flip": "1", "mt": "off"},
    "T1w": {"flip": "2", "mt": "off"},
}
"""What ``acq-<label>_MTS`` is called since 2023."""

_PLACE = re.compile(r"(sub|ses)(?:ject|sion)?[-_ ]*([0-9A-Za-z+_ -]+)", re.IGNORECASE)
_STUCK = re.compile(r"(run|echo|flip|inv|mt|split|chunk)-?(\d+|on|off)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Repair:
    """A corrected path, and what was wrong with the old one."""

    path: str
    reasons: tuple[str, ...]


@dataclass(slots=True)
class _Draft:
    """A name while it is read."""

    place: dict[str, str] = field(default_factory=dict)
    datatype: str = ""
    entities: dict[str, str] = field(default_factory=dict)
    suffix: str = ""
    extension: str = ""
    reasons: list[str] = field(default_factory=list)

    def note(self, reason: str, applies: bool = True) -> None:
        if applies and reason not in self.reasons:
            self.reasons.append(reason)


def repair(path: str) -> Repair | None:
    """Find the valid path that a wrong one was meant to be; None where there is none near."""
    *folders, name = path.split("/")
    for variant in _variants(name):
        draft = _Draft()
        draft.note("the name holds spaces", variant != name)
        if not _read_folders(folders, draft) or not _read_name(variant, draft):
            continue
        _order(draft)
        _choose_datatype(draft)
        corrected = format_path(
            draft.entities, draft.suffix, draft.extension, datatype=draft.datatype
        )
        if corrected != path and not misfits(corrected):
            return Repair(corrected, tuple(draft.reasons))
    return None


def _variants(name: str) -> Iterator[str]:
    """Ways to read the spaces in a name: slips, or meant as underscores."""
    name = re.sub(r"[\u2010-\u2015\u2212]", "-", name)
    tight = re.sub(r"\s+", "", name)
    yield tight
    spaced = re.sub(r"\s+", "_", name.strip())
    if spaced != tight:
        yield spaced


def _read_folders(folders: list[str], draft: _Draft) -> bool:
    for folder in folders:
        kind = _PLACE.fullmatch(folder)
        if kind and not draft.datatype:
            key, label = kind[1].lower(), _plain(kind[2])
            if not label or key in draft.place or (key == "sub" and draft.place):
                return False
            draft.place[key] = label
            draft.note(f"the folder isn't called {key}-{label}", folder != f"{key}-{label}")
        elif draft.datatype:
            return False
        else:
            known = naming().datatypes
            plain = folder.strip().lower()
            draft.datatype = plain if plain in known else nearest(plain, sorted(known))
            draft.note(f"the folder {folder}/ isn't spelt {draft.datatype}/", folder != plain)
            if not draft.datatype:
                return False
    return True


def _read_name(name: str, draft: _Draft) -> bool:
    stem, _, rest = name.partition(".")
    draft.extension = extension_like("." + rest)
    draft.note(f"the extension isn't spelt {draft.extension}", draft.extension != "." + rest)
    for key in ("sub", "ses"):
        stem = _read_place(stem, key, draft)
    if "sub" not in draft.entities or not draft.extension:
        return False
    tokens = [token for token in stem.split("_") if token]
    if "__" in stem or stem.endswith("_"):
        draft.note("an underscore too many")
    return _read_suffix(tokens, draft) and _read_entities(tokens, draft)


def _read_place(stem: str, key: str, draft: _Draft) -> str:
    """Take subject or session from the start of a stem, trusting the folder where there is one."""
    label = draft.place.get(key, "")
    loose = "[-_]?".join(map(re.escape, label))
    if label and (match := re.match(rf"(?:{key}[-_]?)?{loose}(?![0-9A-Za-z+])", stem, re.I)):
        written = f"{key}-{label}"
        draft.note(f"{match[0]!r} isn't spelt {written}", match[0] != written)
        draft.entities[key] = label
        return stem[match.end() :].lstrip("_-")
    if match := re.match(rf"{key}[-_]?([0-9A-Za-z+]+)(?=_|$)", stem, re.I):
        draft.entities[key] = label or match[1]
        if label:
            draft.note(FOLDER_MISMATCH if key == "sub" else "session and folder disagree")
        else:
            draft.note(
                f"{match[0]!r} isn't spelt {key}-{match[1]}", match[0] != f"{key}-{match[1]}"
            )
            draft.note(f"the file isn't in a folder {key}-{match[1]}/")
        return stem[match.end() :].lstrip("_")
    if label:
        draft.entities[key] = label
        draft.note(f"the name doesn't start with sub-{label}", key == "sub")
        draft.note(f"the name lacks ses-{label}", key == "ses")
    return stem


def _read_suffix(tokens: list[str], draft: _Draft) -> bool:
    """Take the suffix off the end of the tokens; T2_star is one word in two."""
    for length in (1, 2):
        word = "_".join(tokens[-length:])
        draft.suffix = suffix_like(word, draft.datatype) if len(tokens) >= length else ""
        if draft.suffix:
            del tokens[-length:]
            draft.note(f"the suffix {word!r} isn't spelt {draft.suffix}", word != draft.suffix)
            return True
    return False


def _read_entities(tokens: list[str], draft: _Draft) -> bool:
    waiting = ""
    for token in tokens:
        key, dash, label = token.partition("-")
        stuck = _STUCK.fullmatch(token)
        if waiting:
            key, label, waiting = waiting, token, ""
        elif stuck and not dash:
            key, label = stuck[1], stuck[2]
        elif not dash:
            waiting = token if entity_like(token) == token.lower() else ""
            if waiting:
                continue
            return False
        short, plain = entity_like(key), _plain(label)
        plain = plain.lower() if short in {"mt", "part"} else plain
        if not short or not plain or draft.entities.get(short, plain) != plain:
            return False
        draft.note(f"{token!r} isn't spelt {short}-{plain}", token != f"{short}-{plain}")
        draft.note(f"the entity {short}- stands twice", short in draft.entities)
        draft.entities[short] = plain
    return not waiting


def _order(draft: _Draft) -> None:
    """Bring the entities into the schema's order, and an old name of the MT series up to date."""
    keys = list(draft.entities)
    ranks = [ENTITY_ORDER.index(key) for key in keys]
    draft.note("the entities aren't in the standard's order", ranks != sorted(ranks))
    if draft.suffix == "MTS" and draft.entities.get("acq") in OLD_NAMES and "mt" not in keys:
        draft.entities |= OLD_NAMES[draft.entities.pop("acq")]
        draft.note(OLD_CONVENTION)


def _choose_datatype(draft: _Draft) -> None:
    """Keep the folder where the suffix may lie in it, else take the only one it may lie in."""
    allowed = {
        datatype
        for rule in naming().rules[draft.suffix]
        for datatype in rule.datatypes
        if rule.allows_extension(draft.extension)
    }
    if draft.datatype not in allowed and len(allowed) == 1:
        draft.note(WRONG_FOLDER, bool(draft.datatype))
        draft.note("the file isn't in the folder of its datatype", not draft.datatype)
        draft.datatype = allowed.pop()


def _plain(label: str) -> str:
    return re.sub(r"[^0-9A-Za-z+]", "", label)
