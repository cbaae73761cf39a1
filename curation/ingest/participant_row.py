"""The row of participants.tsv that DICOM headers propose, beside the one that is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ...rules.spelling import did_you_mean
from ...validator.checks.cells import cell_faults
from ...validator.checks.likeness import same_coil, same_maker, same_model, same_software
from ...validator.report.visible import visible
from ..listed import listed
from ..participants.changes import Change
from ..participants.table import ID, Participants, change, load_participants
from .participant import NOTHING, Person

_UNSAID = ("", NOTHING, "-")
_NEARLY = 1.0  # cm, kg: rounded by hand
_LIKE: Mapping[str, Callable[[str, str], bool | None]] = {
    "manufacturer": same_maker,
    "manufacturers_model_name": same_model,
    "software_versions": same_software,
    "receive_coil_name": same_coil,
}
_OTHER_NAMES = {
    "gender": "sex", "participantage": "age", "scandate": "date_of_scan", "site": "institution_id",
    "vendor": "manufacturer", "model": "manufacturers_model_name", "coil": "receive_coil_name",
    "software": "software_versions", "institutionname": "institution",
    "manufacturersmodelname": "manufacturers_model_name", "siteid": "institution_id",
}  # fmt: skip
COLUMNS = (
    ID, "sex", "age", "height", "weight", "date_of_scan", "institution_id", "institution",
    "manufacturer", "manufacturers_model_name", "receive_coil_name", "software_versions",
    "pathology", "notes",
)  # fmt: skip
"""Of a table that doesn't exist yet."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What is to be done to participants.tsv for one participant.

    Attributes
    ----------
    participant
        sub-...
    values
        Column -> what the DICOM headers propose; n/a where nothing is known.
    changes
        The same as changes that `curate participants` knows; conflicts stand there with
        ``apply`` no.
    conflicts
        What the table says otherwise, in words: it stays until somebody decides.
    notes
        What should be known: doubts, values that the table's rules refuse.
    """

    participant: str
    values: Mapping[str, str]
    changes: tuple[Change, ...]
    conflicts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def tell(self) -> Iterator[str]:
        """Say what is proposed, one line each."""
        chosen = [each for each in self.changes if each.apply]
        new = any(each.op == "add" for each in chosen)
        cells = {each.column: each.value for each in chosen if each.op == "set"}
        if new or cells:
            yield f"{'New row' if new else 'Cells to fill in'} of {self.participant}:"
        for column, value in cells.items():
            yield f"  {visible(column)}: {visible(value)}"
        for line in self.conflicts:
            yield f"  disagrees: {line}"
        for line in self.notes:
            yield f"  note: {line}"


def propose_row(
    known: Participants | None,
    participant: str,
    person: Person,
    site: str = "",
    *,
    keep_dates: bool = False,
) -> Proposed:
    """Propose a participant's row, or what its row lacks.

    Parameters
    ----------
    known
        The dataset's table; None where it has none.
    participant
        sub-...
    person
        What the headers tell (`read_person`).
    site
        Its institution_id.
    keep_dates
        Whether the day of the scan is said, not only the year.
    """
    columns = COLUMNS if known is None else known.table.columns
    rows = [] if known is None else known.table.records()
    own = next((row for row in rows if row.get(ID) == participant), None)
    place = site or (own or {}).get("institution_id", "")
    told = dict(person.values(keep_dates))
    if site:
        told["institution_id"] = site
    values: dict[str, str] = {}
    notes = [*person.doubts, *_new_site(site, rows)]
    for column in columns:
        if column != ID:
            value = told.get(_meaning(column), NOTHING)
            value = _as_the_site_writes(column, value, rows, place)
            values[column], note = _accepted(known, column, value)
            if own is None or own.get(column, "") in _UNSAID:
                notes += note
    if own is None:
        sets = [Change("set", participant, c, v) for c, v in values.items() if v != NOTHING]
        added = (Change("add", participant), *sets)
        return Proposed(participant, values, added, (), tuple(notes))
    changes: list[Change] = []
    conflicts: list[str] = []
    for column, value in values.items():
        cell = own.get(column, "")
        if value == NOTHING or _agree(_meaning(column), cell, value):
            continue
        free = cell in _UNSAID
        changes.append(Change("set", participant, column, value, apply=free))
        if not free:
            conflicts.append(
                f"{visible(column)} is {visible(cell)!r} in participants.tsv, "
                f"{visible(value)!r} in the DICOM headers"
            )
    return Proposed(participant, values, tuple(changes), tuple(conflicts), tuple(notes))


def propose_for(
    dataset: Path, participant: str, person: Person, site: str = "", *, keep_dates: bool = False
) -> tuple[Proposed, bytes | None]:
    """Propose a row for a dataset's folder; return it with the whole new participants.tsv.

    The table is None where nothing changes. A table that isn't there is made.

    Raises
    ------
    SpinegateError
        The table is there and can't be read.
    """
    from ...validator.checks.participants import FILE

    known = load_participants(dataset) if (dataset / FILE).exists() else None
    proposed = propose_row(known, participant, person, site, keep_dates=keep_dates)
    if known is None:
        cells = [participant, *(proposed.values[column] for column in COLUMNS[1:])]
        text = "\t".join(COLUMNS) + "\n" + "\t".join(cells) + "\n"
        return proposed, text.encode()
    if not any(each.apply for each in proposed.changes):
        return proposed, None
    return proposed, change(known, proposed.changes, date.today()).encode()


def _meaning(column: str) -> str:
    """Return our name of a column that a dataset may call otherwise."""
    plain = "".join(filter(str.isalnum, column.casefold()))
    if plain in _OTHER_NAMES:
        return _OTHER_NAMES[plain]
    return next((name for name in COLUMNS if name.replace("_", "") == plain), column)


def _as_the_site_writes(
    column: str, value: str, rows: Sequence[Mapping[str, str]], site: str
) -> str:
    """Return the spelling of the site's other rows for what means the same."""
    meaning = _meaning(column)
    others = [row.get(column, "") for row in rows if site and _site_of(row) == site]
    told = [cell for cell in others if cell not in _UNSAID]
    if meaning == "institution":  # sites write it in words of their own
        return told[-1] if told else value
    like = _LIKE.get(meaning)
    if like is None or value == NOTHING:
        return value
    return next((cell for cell in reversed(told) if like(cell, value)), value)


def _new_site(site: str, rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Say that nobody is of a site yet: it may be a misspelling."""
    known = sorted({_site_of(row) for row in rows}.difference(_UNSAID))
    if site and known and site not in known:
        hint = did_you_mean(site, known)
        yield f"{visible(site)!r} is a new site; known are {listed(known)}{hint}"


def _site_of(row: Mapping[str, str]) -> str:
    return next((cell for name, cell in row.items() if _meaning(name) == "institution_id"), "")


def _accepted(known: Participants | None, column: str, value: str) -> tuple[str, list[str]]:
    """Return a value in the form that the table's own description accepts."""
    value = " ".join("".join(c if c.isprintable() else " " for c in value).split()) or NOTHING
    meaning = None if known is None else known.meanings.get(column)
    forms = [value]
    if value.endswith("+"):
        forms.append("89+")  # as BIDS wrote high ages
    if _meaning(column) == "sex":
        levels = meaning.get("Levels") if isinstance(meaning, Mapping) else None
        words = list(levels) if isinstance(levels, Mapping) else []
        forms += [str(w) for w in words if str(w)[:1].casefold() == value[:1].casefold()]
    today = date.today()
    for form in forms:
        if form == NOTHING or not cell_faults(column, meaning, form, today):
            return form, []
    reason = next(iter(cell_faults(column, meaning, value, today).values()))
    return NOTHING, [f"{visible(column)} would be {visible(value)!r}, but {visible(reason)}"]


def _agree(column: str, cell: str, value: str) -> bool:
    """Whether a cell and what the headers tell mean the same, or can't be compared."""
    if cell == value or (column == "institution" and cell not in _UNSAID):
        return True
    if cell in _UNSAID:
        return False
    if column in _LIKE:
        return _LIKE[column](cell, value) is not False
    if column == "sex":
        return cell[:1].casefold() == value[:1].casefold()
    if column == "date_of_scan":
        return cell.startswith(value) or value.startswith(cell)
    try:
        return abs(float(cell) - float(value)) <= (
            _NEARLY if column in ("height", "weight") else 0
        )
    except ValueError:
        return cell.casefold() == value.casefold()
