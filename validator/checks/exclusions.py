"""exclude.yml: who is left out of which metric, and why."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...protocol_specs.spec import Spec
from ...rules.rule import METRICS
from ...system.errors import ConfigError
from ...system.yaml import parse_yaml
from ..dataset import Dataset
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, met
from .participants import limited
from .places import shortened

FILE = "exclude.yml"
LIMIT = 1 << 20
KNOWN_METRICS = (*METRICS, "brain_t1")
"""What may be excluded from; the published exclusions also name the brain's T1w image."""

_MALFORMED, _UNKNOWN, _REASON = (
    "EXCLUDE_MALFORMED",
    "EXCLUDE_UNKNOWN_NAME",
    "EXCLUDE_WITHOUT_REASON",
)
_COMMENT = re.compile(r"\s#\s*(.*)")


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One entry: a participant (``sub-x``) or a site left out of a metric.

    Attributes
    ----------
    reason
        The comment behind the entry; "" where there is none.
    """

    metric: str
    name: str
    reason: str
    line: int


def read_exclusions(content: bytes) -> tuple[list[Exclusion], list[tuple[str, int]]]:
    """Read exclude.yml: a mapping from metrics to lists of names, the reasons in comments.

    Returns
    -------
    tuple
        The entries, and (message, line) of what isn't one.

    Raises
    ------
    ConfigError
        Not YAML.
    """
    document = parse_yaml(content, FILE)
    if document.value is None:
        return [], []
    if not isinstance(document.value, dict):
        return [], [("it is a mapping from metrics to lists of participants and sites", 1)]
    texts = content.decode("utf-8", "replace").splitlines()
    entries: list[Exclusion] = []
    faults: list[tuple[str, int]] = []
    for metric, names in document.value.items():
        if names is None:
            continue
        if not isinstance(names, list):
            faults.append((f"{shortened(metric)} holds no list", document.line(metric)))
            continue
        for index, name in enumerate(names):
            line = document.line(metric, index)
            if isinstance(name, str) and name:
                text = texts[line - 1] if line <= len(texts) else ""
                entries.append(Exclusion(metric, name, _comment(text, name), line))
            else:
                faults.append((f"an entry of {shortened(metric)} is no name", line))
    return entries, faults


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield the codes of exclude.yml."""
    dataset = inspection.dataset
    if dataset.bare or FILE not in dataset.entries:
        return
    content = dataset.read(FILE, LIMIT)
    if content is None:
        return
    if len(content) > LIMIT:
        yield _malformed("it is larger than 1 MiB", 1)
        return
    try:
        entries, faults = read_exclusions(content)
    except ConfigError as error:
        yield _malformed(error.message, error.line)
        return
    yield from limited(faults, lambda fault: _malformed(*fault))
    yield met(_MALFORMED, count=len(entries))
    yield from _names(entries, inspection)
    yield from _reasons(entries)


def _comment(text: str, name: str) -> str:
    """Return the comment behind a name in its line; a name may itself hold a #."""
    start = text.find(name)
    match = _COMMENT.search(text, start + len(name) if start >= 0 else 0)
    return match[1].strip() if match else ""


def _names(entries: list[Exclusion], inspection: Inspection) -> Iterator[Verdict]:
    known = known_names(inspection.dataset, inspection.spec)
    first = {entry.metric: entry for entry in reversed(entries)}
    metrics = [entry for metric, entry in first.items() if metric not in KNOWN_METRICS]
    names = [entry for entry in entries if entry.name not in known]

    def metric_verdict(entry: Exclusion) -> Verdict:
        metric = shortened(entry.metric)
        message = f"{metric} is no metric that is computed{_like(entry.metric, KNOWN_METRICS)}."
        return _verdict(_UNKNOWN, message, entry.line, metric)

    def name_verdict(entry: Exclusion) -> Verdict:
        message = (
            f"{shortened(entry.name)}, left out of {shortened(entry.metric)}, is no participant "
            f"or site of this dataset{_like(entry.name, known)}."
        )
        return _verdict(_UNKNOWN, message, entry.line, _key(entry))

    yield from limited(metrics, metric_verdict)
    yield from limited(names, name_verdict)
    yield met(_UNKNOWN, count=len(first) - len(metrics) + len(entries) - len(names))


def known_names(dataset: Dataset, spec: Spec) -> set[str]:
    """Return all participants and both names of each site: its institution_id and its prefix."""
    labels = {*dataset.sites, *dataset.by_participant}
    known = {f"sub-{label}" for label in labels}
    known.update(dataset.sites.values())
    known.update(row.get("institution_id", "") for row in dataset.by_participant.values())
    for label in labels:
        known.add(spec.site_of(label) or label.rstrip("0123456789"))
    return known - {"", "n/a"}


def _like(name: str, known: set[str] | tuple[str, ...]) -> str:
    found = difflib.get_close_matches(name[:100], known, 1, 0.7) if len(known) < 10_000 else []
    return f" (did you mean {found[0]}?)" if found else ""


def _reasons(entries: list[Exclusion]) -> Iterator[Verdict]:
    wrong = [entry for entry in entries if not entry.reason]

    def verdict(entry: Exclusion) -> Verdict:
        name, metric = shortened(entry.name), shortened(entry.metric)
        message = f"{name} is left out of {metric}, and no comment says why."
        return _verdict(_REASON, message, entry.line, _key(entry))

    yield from limited(wrong, verdict)
    yield met(_REASON, count=len(entries) - len(wrong))


def _key(entry: Exclusion) -> str:
    return f"{shortened(entry.metric)} {shortened(entry.name)}"


def _malformed(message: str, line: int | None) -> Verdict:
    text = f"exclude.yml, line {line or 1}: {shortened(message, 200)}."
    return _verdict(_MALFORMED, text, line or 1, shortened(message))


def _verdict(code: str, message: str, line: int, sub_code: str) -> Verdict:
    return Verdict(code, Outcome.NOT_MET, FILE, message=message, sub_code=sub_code, line=line)
