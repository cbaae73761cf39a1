"""What tells of a person in the DICOM headers, found again in texts that are kept, and cut out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...validator.checks.privacy import SAYS_NOTHING
from .headers import HeaderError, items_of, read_header, text_of, value_of, words_of

LIMIT = 10_000  # characters of a text that are looked at; the rest of a longer one goes
_WORDS = 500
_LOOSE = 5  # letters from which on a name is found inside of longer words too
_SHORTEST_NUMBER = 4
_SHORTEST_NAME = 3  # in a scanner's word; ScanningSequence knows SE and GR
_DEPTH = 3
_ELEMENTS = 20_000
_IDS = (
    "PatientID", "OtherPatientIDs", "AccessionNumber", "AdmissionID", "StudyID", "PatientAddress",
    "PatientTelephoneNumbers", "MedicalRecordLocator", "DeviceSerialNumber", "StationName",
    "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID",
)  # fmt: skip
_NAMES = frozenset(
    ("PatientName", "PatientsName", "PatientBirthName", "PatientMotherBirthName",
     "OtherPatientNames", "ReferringPhysicianName", "PerformingPhysicianName", "OperatorsName",
     "PhysiciansOfRecord", "NameOfPhysiciansReadingStudy", "RequestingPhysician")
)  # fmt: skip
_DATES = ("PatientBirthDate", "StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")
_ANY_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-_./]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])([-_./])(?:0?[1-9]|1[0-2])\2(?:19|20)\d\d)(?!\d)"
)
_WORD = re.compile(r"[^\W_]+")
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa"})
_CUT = "\0"
_HOLE = re.compile(r"[ _\-^,;:.]*\0[ _\-^,;:.\0]*")
_ROUNDS = 10
_IDEOGRAPHS = "\u2e80"  # from here on a sign may be a whole name
_LAST_GROUP = 0x0400
_ITEMS = 20
_FILES = 64


@dataclass(frozen=True, slots=True)
class Identity:
    """What may not be found in any text; never shown.

    Attributes
    ----------
    names
        Words of names, in small letters without accents.
    numbers
        Numbers, and dates in several spellings, likewise.
    """

    names: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """Say how much is known, not what: a traceback or a log must not tell it."""
        return f"Identity({len(self.names)} names, {len(self.numbers)} numbers)"

    def __or__(self, other: Identity) -> Identity:
        """Return both together."""
        return Identity(self.names | other.names, self.numbers | other.numbers)


def read_identity(dicoms: Sequence[Path]) -> Identity:
    """Gather what tells of persons in DICOM files; of very many a part is read, evenly chosen."""
    found = Identity()
    step = max(1, len(dicoms) // _FILES)
    for path in dict.fromkeys([*dicoms[::step], *dicoms[-1:]]):
        try:
            header = read_header(path)
        except HeaderError:
            continue
        ids = [word for key in _IDS for word in words_of(value_of(header, key))]
        dates = [text_of(value_of(header, key)) for key in _DATES]
        found |= make_identity(_person_names(header), ids, dates)
    return found


def sidecar_identity(sidecar: Mapping[str, Any]) -> Identity:
    """Gather what a sidecar's own keys tell of persons, before they are taken out."""

    def texts(keys: Iterable[str]) -> list[str]:
        return [word for key in keys if key in sidecar for word in words_of(sidecar[key])]

    return make_identity(texts(sorted(_NAMES)), texts(_IDS), texts(_DATES))


def make_identity(
    names: Iterable[str], numbers: Iterable[str] = (), dates: Iterable[str] = ()
) -> Identity:
    """Make an identity of names as they are written, numbers, and dates as DICOM has them."""
    words = {
        word
        for name in names
        if name.strip().casefold() not in SAYS_NOTHING
        for spelt in (name[:LIMIT], name[:LIMIT].casefold().translate(_SPELT_OUT))
        for word in _WORD.findall(_folded(spelt))
        if (len(word) > 1 or word >= _IDEOGRAPHS)
        and not word.isdigit()
        and word not in SAYS_NOTHING
    }
    spelt = {_folded(number.strip()) for number in numbers}
    kept = {
        number
        for number in spelt
        if len(number) >= _SHORTEST_NUMBER and number not in SAYS_NOTHING and number.strip("0 .-")
    }
    for date in dates:
        kept |= _spellings(date)
    return Identity(frozenset(sorted(words)[:_WORDS]), frozenset(sorted(kept)[:_WORDS]))


def cut_out(
    text: str, identity: Identity, keep_dates: bool = False, whole_words: bool = False
) -> str:
    """Return a text without what tells of a person; "" where nothing of weight is left.

    A short name is found as a word of its own (also where only a capital starts it, as in
    ``JohnT1``), a longer one inside of words too unless `whole_words`. Capitals and accents don't
    matter. Full dates go unless they are to be kept.

    Examples
    --------
    >>> cut_out("T1w_Muller_sagittal", make_identity(["Müller^Anna"]))
    'T1w_sagittal'
    """
    text = text[:LIMIT].replace(_CUT, " ")
    for _ in range(_ROUNDS):  # what was apart may stand together after a cut
        cut = _cut_once(text, identity, keep_dates, whole_words)
        if cut == text:
            break
        text = cut
    return text


def cut_names(text: str, identity: Identity) -> str:
    """Return a text without names that stand in it as words of their own, and nothing else.

    For what a scanner writes: numbers mean something there, and a short name may be a code.

    Examples
    --------
    >>> cut_names("Spine_32 Muller", make_identity(["Müller^Anna"]))
    'Spine_32'
    """
    names = frozenset(name for name in identity.names if len(name) >= _SHORTEST_NAME)
    return cut_out(text, Identity(names), keep_dates=True, whole_words=True)


def _cut_once(text: str, identity: Identity, keep_dates: bool, whole_words: bool) -> str:
    if not keep_dates:
        text = _ANY_DATE.sub(_CUT, text)
    folded = _folded(text)
    gone: set[int] = set()
    for part in (*identity.numbers, *identity.names):
        loose = not whole_words and _is_loose(part, part in identity.numbers)
        for start, end in _find(folded, part):
            if loose or _alone(text, start, end):
                gone.update(range(start, end))
    marked = "".join(_CUT if at in gone else char for at, char in enumerate(text))
    if _CUT not in marked:
        return text
    left = _HOLE.sub(_closed, marked)
    return left if any(map(str.isalnum, left)) else ""


def _closed(match: re.Match[str]) -> str:
    """Put one sign where several stood around a hole; none at the text's ends."""
    if match.start() == 0 or match.end() == len(match.string):
        return ""
    return next((char for char in match[0] if char != _CUT), " ")


def _is_loose(part: str, number: bool) -> bool:
    """Whether a part is looked for inside of words, too."""
    if number and any(map(str.isdigit, part)):
        return True
    return len(part) >= _LOOSE or any(char >= _IDEOGRAPHS for char in part)


def _find(text: str, part: str) -> Iterator[tuple[int, int]]:
    at = text.find(part)
    while at >= 0:
        yield at, at + len(part)
        at = text.find(part, at + len(part))


def _alone(text: str, start: int, end: int) -> bool:
    """Whether a part is a word of its own."""
    before, after = text[start - 1 : start], text[end : end + 1]
    first, last = text[start], text[end - 1]
    begins = not before.isalnum() or before.isdigit() or (before.islower() and first.isupper())
    ends = not after.isalnum() or after.isdigit() or (last.islower() and after.isupper())
    return begins and ends


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    """Return a text in small letters without accents, as long as it was."""
    return "".join(map(_plain, text))


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    return unicodedata.normalize("NFKD", char)[:1].casefold()[:1] or char


def _spellings(date: str) -> set[str]:
    match = _DATE.match(date.strip())
    if not match or match[1] < "1850":
        return set()
    year, month, day = match.groups()
    orders = ((year, month, day), (day, month, year), (month, day, year))
    return {sign.join(order) for order in orders for sign in ("", "-", ".", "/", "_", " ")}


def _person_names(header: Any) -> list[str]:
    """Return all names of persons, also of those inside of sequences."""
    found: list[str] = []
    waiting: list[tuple[Any, int]] = [(header, 0)]
    left = _ELEMENTS
    while waiting and left > 0:
        place, depth = waiting.pop()
        for tag in tuple(place.keys()):
            if tag.group % 2 or tag.group > _LAST_GROUP:
                continue
            left -= 1
            value = value_of(place, tag)
            kind = type(value).__name__
            if kind == "MultiValue" and len(value):
                kind = type(value[0]).__name__
            if kind == "PersonName":
                found += words_of(value)
            elif kind == "Sequence" and depth < _DEPTH:
                waiting += [(item, depth + 1) for item in items_of(value)[:_ITEMS]]
    return found
