"""What a contributor declares, and the record of a contribution that stays in the dataset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...system.errors import ConfigError
from ...system.yaml import Document, parse_yaml, read_yaml
from ...validator.plan_yaml import flow

FOLDER = ".spinegate/contributions"
_LONGEST = 2000
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

TEMPLATE = """\
contact: Name <name@institution.example>
ethics_approval: name of the board and number of its approval
consent: true        # the participants agreed that their data are made public
defaced: true        # or in words why no face can be seen
"""


@dataclass(frozen=True, slots=True)
class Attestation:
    """What the contributor answers for.

    Attributes
    ----------
    defaced
        True, or in words why there is no face to take away.
    """

    contact: str
    ethics_approval: str
    consent: bool
    defaced: bool | str


@dataclass(frozen=True, slots=True)
class Record:
    """What the dataset keeps of a contribution.

    Attributes
    ----------
    source
        Folder, zip, or a branch at a commit: never its name, which may be a person's.
    """

    id: str
    site: str
    received: str
    source: str
    participants: tuple[str, ...]
    attestation: Attestation


def read_attestation(file: Path | None, contact: str | None) -> Attestation:
    """Read a contributor's attestation.

    Raises
    ------
    ConfigError
        There is none, or it doesn't say all that is needed; the message shows what is.
    """
    if file is None:
        raise ConfigError(
            "a contribution needs its contributor's word: --attest FILE, a YAML file such as\n"
            + "".join(f"    {line}\n" for line in TEMPLATE.splitlines()).rstrip()
        )
    document = read_yaml(file)
    if not isinstance(document.value, dict):
        raise document.error(f"must have the keys\n{TEMPLATE}".rstrip())
    given = {**document.value, **({"contact": contact} if contact else {})}
    return _check(given, document)


def _check(given: Mapping[str, Any], document: Document) -> Attestation:
    contact, ethics = (_text(given, key, document) for key in ("contact", "ethics_approval"))
    if not _MAIL.search(contact):
        raise document.error("must hold an address that somebody answers at", "contact")
    if given.get("consent") is not True:
        raise document.error(
            "must be true: without the participants' consent their data can't be taken",
            "consent",
        )
    defaced = given.get("defaced")
    if defaced is not True:
        if not isinstance(defaced, str):
            raise document.error(
                "must be true, or say in words why no face can be seen: spinegate curate deface "
                "takes faces away", "defaced",
            )  # fmt: skip
        defaced = _text(given, "defaced", document)
    return Attestation(contact, ethics, True, defaced)


def _text(given: Mapping[str, Any], key: str, document: Document) -> str:
    value = given.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        raise document.error(f"must say so in words; the file needs\n{TEMPLATE}".rstrip(), key)
    return " ".join(value.split())


def format_record(record: Record, counts: Mapping[str, int]) -> bytes:
    """Write the record of a contribution as YAML."""
    said = record.attestation
    values: dict[str, Any] = {
        "id": record.id,
        "site": record.site,
        "received": record.received,
        "source": record.source,
        "participants": list(record.participants),
        **counts,
        "contact": said.contact,
        "ethics_approval": said.ethics_approval,
        "consent": said.consent,
        "defaced": said.defaced,
    }
    return "".join(f"{key}: {flow(value)}\n" for key, value in values.items()).encode()


def read_record(content: bytes, name: str) -> Record:
    """Read the record of a contribution, which may come from a stranger.

    Raises
    ------
    ConfigError
        It isn't one, or the attestation in it isn't whole.
    """
    document = parse_yaml(content, name)
    given = document.value
    if not isinstance(given, dict):
        raise document.error("must be a mapping")
    people = given.get("participants")
    if not isinstance(people, list) or not all(isinstance(one, str) for one in people):
        raise document.error("must be a list of names", "participants")
    ident, site, source = (_text(given, key, document) for key in ("id", "site", "source"))
    received = given.get("received")
    if not isinstance(received, str) or not _DATE.match(received):
        raise document.error("must be a date such as 2026-01-31", "received")
    return Record(ident, site, received, source, tuple(people), _check(given, document))


def record_path(ident: str) -> str:
    """Return where the record of a contribution lies in the dataset."""
    return f"{FOLDER}/{ident}.yml"
