"""Columns of participants.tsv that tell who was measured."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, met
from .participants import FILE
from .places import shortened
from .privacy import SAYS_NOTHING

CODE = "PARTICIPANT_COLUMN_IDENTIFIES"
_NAMES = frozenset(
    (
        "name", "names", "fullname", "firstname", "middlename", "lastname", "surname",
        "familyname", "givenname", "forename", "maidenname", "birthname", "patientname",
        "patientsname", "participantname", "subjectname", "initials",
        "birthdate", "dateofbirth", "birthday", "dob", "patientbirthdate", "patientsbirthdate",
        "email", "mail", "emailaddress", "address", "homeaddress", "streetaddress", "street",
        "postaladdress", "zipcode", "postcode", "postalcode",
        "phone", "phonenumber", "telephone", "telephonenumber", "mobile", "mobilephone",
        "mobilenumber", "cellphone",
        "mrn", "medicalrecord", "medicalrecordnumber", "medicalrecordno", "patientid",
        "patientnumber", "hospitalid", "hospitalnumber", "ipp", "nhsnumber", "ssn",
        "socialsecuritynumber", "insurancenumber", "healthinsurancenumber", "passport",
        "passportnumber",
    )
)  # fmt: skip
"""Names in small letters, without what stands between the words."""


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield one finding per column that holds what identifies a person; never what it holds."""
    table = inspection.dataset.participants
    if inspection.dataset.bare or table is None or not table.columns:
        return
    rest = 0
    for index, column in enumerate(table.columns):
        told = 0
        if "".join(filter(str.isalnum, column.casefold())) in _NAMES:
            cells = (row[index].strip().casefold() for row in table.rows)
            told = sum(cell not in SAYS_NOTHING for cell in cells)
        if not told:
            rest += 1
            continue
        name = shortened(column)
        yield Verdict(
            CODE,
            Outcome.NOT_MET,
            FILE,
            message=f"{name} can tell who was measured: the column is filled in for {told:,} "
            f"participant{'s' * (told > 1)}.",
            sub_code=name,
            line=1,
            observed=f"{told:,} cells",
        )
    yield met(CODE, count=rest)
