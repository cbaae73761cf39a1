"""A sidecar and its image without what tells who was measured, when, and on which device.

The sidecar goes by an allow-list (allowed.yaml), so a key that nobody has thought of is taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...validator.report.visible import visible
from .deidentify_allowed import Allowed, load_allowed
from .deidentify_names import Identity, cut_names, cut_out, sidecar_identity
from .deidentify_salt import hash_text, is_hash
from .nifti_clean import clean_image

_CLOCK = re.compile(r"(?:^|[T ])(\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d{1,9})?)$", re.ASCII)
_DICOM_CLOCK = re.compile(r"^(?:\d{8})?(\d{2})(\d{2})(\d{2}(?:\.\d{1,9})?)$", re.ASCII)
_DEPTH = 8
_SHOWN = 60  # characters of a key
_TIME = "AcquisitionTime"


@dataclass(frozen=True, slots=True)
class Options:
    """How to de-identify.

    Attributes
    ----------
    salt
        The dataset's secret (`find_salt`).
    identity
        What may not stand in any text (`read_identity`).
    keep_dates
        Whether dates stay.
    keep
        Further keys that stay, as texts.
    """

    salt: bytes = field(repr=False)
    identity: Identity = field(default_factory=Identity)
    keep_dates: bool = False
    keep: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Removed:
    """What is left, and what was taken out: by its key, never by its value.

    Attributes
    ----------
    sidecar
        What is left.
    gone
        Keys that were taken out.
    hashed, timed
        Keys whose value was replaced by a salted hash, by a time of day.
    shortened
        Texts in which something that tells of a person or a date was found.
    header
        Fields of the image's own header that were emptied.
    """

    sidecar: dict[str, Any] = field(repr=False)
    gone: tuple[str, ...] = ()
    hashed: tuple[str, ...] = ()
    timed: tuple[str, ...] = ()
    shortened: tuple[str, ...] = ()
    header: tuple[str, ...] = ()

    def tell(self) -> Iterator[str]:
        """Say what was removed, one line for each way."""
        for words, keys in (
            ("taken out", self.gone),
            ("replaced by a salted hash", self.hashed),
            ("only the time of day was kept", self.timed),
            ("a name, a number or a date was cut out of the text", self.shortened),
            ("emptied in the image's own header", self.header),
        ):
            if keys:
                yield f"{words}: {', '.join(visible(key)[:_SHOWN] for key in keys)}"


def deidentify(sidecar: Mapping[str, Any], image: Path | None, options: Options) -> Removed:
    """De-identify a sidecar, and the header of its image in place.

    Parameters
    ----------
    sidecar
        Metadata; it isn't changed.
    image
        A NIfTI file (.nii or .nii.gz), which is rewritten; None for the sidecar alone.

    Raises
    ------
    SpinegateError
        The image is no NIfTI file, or is cut off; it is as it was then.
    """
    removed = deidentify_sidecar(sidecar, options)
    if image is None:
        return removed
    fields = clean_image(image)
    return Removed(
        removed.sidecar, removed.gone, removed.hashed, removed.timed, removed.shortened, fields
    )


def deidentify_sidecar(sidecar: Mapping[str, Any], options: Options) -> Removed:
    """De-identify a sidecar; doing it twice does no more than doing it once."""
    allowed = load_allowed()
    others = {key: value for key, value in sidecar.items() if key not in options.keep}
    identity = options.identity | sidecar_identity(others)
    left: dict[str, Any] = {}
    gone: list[str] = []
    hashed: list[str] = []
    timed: list[str] = []
    shortened: list[str] = []
    for key, value in sidecar.items():
        if key in allowed.dates and options.keep_dates:
            left[key] = value
        elif key == _TIME:
            clock = _clock(value)
            if clock is None:
                gone.append(key)
                continue
            left[key] = clock
            if clock != value:
                timed.append(key)
        elif key in allowed.timed:
            clock = _clock(value)
            if clock is None or allowed.timed[key] in sidecar:
                gone.append(key)
                continue
            left[allowed.timed[key]] = clock
            timed.append(key)
        elif key in allowed.hashed:
            _hash(key, value, left, (gone, hashed), options, allowed)
        elif key in allowed.keep:
            kept = _kept(value, identity, options, coded=key in allowed.coded)
            if kept is None:
                gone.append(key)
                continue
            left[key] = kept
            if kept != value:
                shortened.append(key)
        elif key in allowed.text or key in options.keep:
            text = _cut(value, identity, options, 0)
            if text is None:
                gone.append(key)
                continue
            left[key] = text
            if text != value:
                shortened.append(key)
        else:
            gone.append(key)
    return Removed(left, *map(tuple, (gone, hashed, timed, shortened)))


def _hash(
    key: str,
    value: Any,
    left: dict[str, Any],
    noted: tuple[list[str], list[str]],
    options: Options,
    allowed: Allowed,
) -> None:
    gone, hashed = noted
    text = value.strip() if isinstance(value, str) else ""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else text
    target = allowed.hashed[key]
    if not text or (target != key and target in left):
        gone.append(key)
    elif is_hash(text):
        left[target] = text
    else:
        left[target] = hash_text(options.salt, key, text)
        hashed.append(key)


def _clock(value: Any) -> str | None:
    """Return the time of day that a text ends with; None where it has none."""
    if not isinstance(value, str):
        return None
    if match := _CLOCK.search(value.strip()):
        return match[1]
    if match := _DICOM_CLOCK.search(value.strip()):
        return f"{match[1]}:{match[2]}:{match[3]}"
    return None


def _kept(value: Any, identity: Identity, options: Options, *, coded: bool) -> Any:
    """Keep numbers and the scanner's words, less names; of objects cut the texts wholly."""
    nested = value if isinstance(value, list) else [value]
    if any(isinstance(part, dict | list) for part in nested):
        return _cut(value, identity, options, 0)
    if coded or not identity.names:
        return value
    if isinstance(value, list):
        parts = [cut_names(part, identity) if isinstance(part, str) else part for part in value]
        return [part for part in parts if part != ""] or None
    return (cut_names(value, identity) or None) if isinstance(value, str) else value


def _cut(value: Any, identity: Identity, options: Options, depth: int) -> Any:
    """Cut texts, also inside of lists and objects; None where nothing is left of it."""
    if isinstance(value, str):
        return cut_out(value, identity, options.keep_dates) or None
    if depth >= _DEPTH:
        return None
    if isinstance(value, list):
        parts = [_cut(part, identity, options, depth + 1) for part in value]
        return [part for part in parts if part is not None] or None
    if isinstance(value, dict):
        cut = {}
        for key, part in value.items():
            if key == cut_out(key, identity, options.keep_dates):
                cut[key] = _cut(part, identity, options, depth + 1)
        return {key: part for key, part in cut.items() if part is not None} or None
    return value
