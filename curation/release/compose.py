"""A planned release turned into files of the dataset, after everything was checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date

from ...system.errors import ConfigError
from ...validator.operation import Operation, Set, Write, digest
from ...validator.plan import Plan, Proposal
from ...validator.report.phrases import number
from .changes import file_of, knows, with_entry
from .checklist import unsigned
from .citation import CFF, ZENODO, doi_of, renew_cff, write_cff, write_zenodo, zenodo_facts
from .draft import Draft, format_draft
from .history import lacking
from .make import Known, check_name
from .tag import tag_of

DESCRIPTION = "dataset_description.json"
FILES = (DESCRIPTION, CFF, ZENODO)
_VERSIONS = ("Version", "DatasetVersion")


def problems(draft: Draft, known: Known, today: date, *, sign: bool = True) -> list[str]:
    """Return all that stands in the way of a release.

    Parameters
    ----------
    sign
        Whether the checklist must be signed.
    """
    said = []
    check_name(draft.release)
    if draft.commit != known.commit:
        said.append(
            f"the plan was made for commit {draft.commit[:12] or 'nothing'}, and now "
            f"{known.commit[:12]} is checked out: make it again"
        )
    if tag_of(known.folder, draft.release):
        said.append(f"the tag {draft.release} is there already")
    if behind := lacking(known.folder, known.commit):
        said.append(f"{number(behind, 'published commit')} not here yet: git pull --ff-only")
    name = file_of(known.texts)
    if knows(known.texts.get(name, ""), draft.release):
        said.append(f"{name} has an entry for {draft.release} already")
    for key in ("version", "title", "description", "license", "changes", "date"):
        if not getattr(draft, key):
            said.append(f"{key} is empty")
    if not draft.authors:
        said.append("authors are missing")
    if draft.doi and doi_of(draft.doi) != draft.doi:
        said.append(f"doi is no DOI such as 10.5281/zenodo.4299140: {draft.doi[:80]}")
    if draft.repository and not draft.repository.startswith(("https://", "http://")):
        said.append(f"repository is no address: {draft.repository[:80]}")
    try:
        date.fromisoformat(draft.date)
    except ValueError:
        said.append(f"date is none such as {today.isoformat()}: {draft.date[:40]!r}")
    wrong = [line for line in draft.changes.splitlines() if line[:1] not in ("", "-", " ")]
    if wrong:
        said.append(f"a line of changes begins without a dash: {wrong[0][:60]!r}")
    if sign:
        said += unsigned(known.questions, draft.checklist, today)
    return said


def compose(draft: Draft, known: Known) -> Plan:
    """Return what a release changes in the dataset.

    Raises
    ------
    SpinegateError
        A file that it would bring up to date isn't what its name says.
    """
    operations = list(_operations(draft, known))
    return Plan(tuple(Proposal(each, f"release {draft.release}") for each in operations))


def record_path(release: str) -> str:
    """Return where the signed plan of a release is kept."""
    return f".spinegate/releases/{release}.yml"


def _operations(draft: Draft, known: Known) -> Iterator[Operation]:
    texts = known.texts
    name = file_of(texts)
    entry = with_entry(
        texts.get(name, ""), name, draft.release, draft.date, draft.changes, draft.since,
        draft.repository,
    )  # fmt: skip
    yield _write(texts, name, entry)
    described = known.dataset.description()
    for key in _VERSIONS:
        if isinstance(described.get(key), str) and described[key] != draft.version:
            yield Set(DESCRIPTION, key, draft.version)
    cff = renew_cff(texts[CFF], draft) if CFF in texts else write_cff(draft)
    if cff != texts.get(CFF):
        yield _write(texts, CFF, cff)
    if ZENODO not in texts:
        yield _write(texts, ZENODO, write_zenodo(draft))
    else:
        before = _object(texts[ZENODO])
        facts = {
            **zenodo_facts(draft),
            **({"license": draft.license} if "license" in before else {}),
        }
        for key, value in facts.items():
            if before.get(key) != value:
                yield Set(ZENODO, key, value)
    yield Write(record_path(draft.release), format_draft(draft))


def _write(texts: Mapping[str, str], name: str, text: str) -> Write:
    former = texts[name].encode() if name in texts else None
    return Write(name, text, digest(former))


def _object(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ConfigError("isn't a JSON object: mend it first", ZENODO)
    return value
