"""The protocol against every raw sidecar of the real dataset."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from spinegate.protocol_specs.derive import derive_spec
from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.matching import Match
from spinegate.protocol_specs.parameter import Place
from spinegate.protocol_specs.variant import Verdict

pytestmark = pytest.mark.real


@dataclass(frozen=True)
class Judged:
    """One value of one raw scan."""

    participant: str
    site: str
    contrast: str
    parameter: str
    verdict: Verdict

    @property
    def level(self) -> str:
        """Severity as the validator is to give it."""
        return "warning" if self.verdict.excused else self.verdict.parameter.level or "error"


def _rows(bundle: Path) -> dict[str, dict[str, str]]:
    with (bundle / "participants.tsv").open(encoding="utf-8") as file:
        return {row["participant_id"]: row for row in csv.DictReader(file, delimiter="\t")}


def _match(sidecar: dict[str, str], row: dict[str, str]) -> Match:
    software = " ".join(filter(None, [sidecar.get("SoftwareVersions"), row["software_versions"]]))
    return load_spec().match(
        sidecar.get("Manufacturer") or row["manufacturer"],
        sidecar.get("ManufacturersModelName") or row["manufacturers_model_name"],
        software,
    )


def _judged(bundle: Path) -> Iterator[Judged]:
    spec = load_spec()
    rows = _rows(bundle)
    for path in sorted((bundle / "sourcedata").glob("sub-*/*/*.json")):
        *pairs, suffix = path.stem.split("_")
        entities = dict(pair.split("-", 1) for pair in pairs)
        contrast = spec.contrast_of(entities, suffix)
        assert contrast is not None
        sidecar, row = json.loads(path.read_bytes()), rows[f"sub-{entities['sub']}"]
        match = _match(sidecar, row)
        assert match.variant is not None
        scanned = row["date_of_scan"]
        known = date.fromisoformat(scanned) if re.fullmatch(r"\d{4}-\d\d-\d\d", scanned) else None
        for name, parameter in match.variant.parameters(contrast).items():
            if parameter.where is Place.SIDECAR:
                verdict = match.variant.judge(contrast, name, sidecar.get(name), known)
                assert verdict is not None
                yield Judged(entities["sub"], row["institution_id"], contrast, name, verdict)


@pytest.fixture(scope="session")
def judged(bundle: Path) -> list[Judged]:
    """Every value of every raw scan, judged."""
    return list(_judged(bundle))


def _counted(judged: list[Judged], level: str) -> Counter[tuple[str, str, str]]:
    return Counter(
        (one.parameter, one.contrast, one.site)
        for one in judged
        if one.verdict.accepted is False and one.level == level
    )


def test_every_participant_has_a_named_variant(bundle: Path) -> None:
    for name, row in _rows(bundle).items():
        match = load_spec().match(
            row["manufacturer"], row["manufacturers_model_name"], row["software_versions"]
        )
        assert match.exact, name


def test_errors_are_these_and_no_others(judged: list[Judged]) -> None:
    assert _counted(judged, "error") == {
        ("EchoTime", "dwi", "ucdavis"): 1,
        ("FlipAngle", "T2w", "amu"): 1,
        ("FlipAngle", "T2w", "beijingVerio"): 4,
        ("RepetitionTime", "T2w", "beijingVerio"): 4,
        ("RepetitionTime", "T2star", "tokyo750w"): 7,
        ("RepetitionTime", "GRE-T1w", "brnoUhb"): 8,
        ("RepetitionTime", "GRE-T1w", "fslAchieva"): 4,
        ("RepetitionTime", "MToff", "fslAchieva"): 5,
        ("RepetitionTime", "MTon", "fslAchieva"): 5,
        ("RepetitionTime", "MToff", "stanford"): 6,
        ("RepetitionTime", "MTon", "stanford"): 6,
        ("RepetitionTime", "MToff", "sherbrooke"): 1,
        ("RepetitionTime", "MTon", "sherbrooke"): 1,
    }


def test_scans_of_the_older_version_are_excused_by_their_date(judged: list[Judged]) -> None:
    excused = Counter(
        (one.parameter, one.site)
        for one in judged
        if one.contrast == "T2w" and one.verdict.excused
    )
    assert excused == {
        ("RepetitionTime", "amu"): 5,
        ("FlipAngle", "amu"): 4,
        ("RepetitionTime", "strasbourg"): 2,
        ("FlipAngle", "strasbourg"): 2,
    }


def test_an_unknown_date_names_the_older_version_and_stays_an_error(judged: list[Judged]) -> None:
    beijing = [j for j in judged if j.site == "beijingVerio" and j.verdict.older]
    assert {j.verdict.older.text() for j in beijing if j.verdict.older} == {
        "the protocol before 2019-03-26"
    }
    assert {j.level for j in beijing} == {"error"}


def test_particular_participants(judged: list[Judged]) -> None:
    wrong = {
        (one.participant, one.contrast, one.parameter)
        for one in judged
        if one.verdict.accepted is False
    }
    assert ("amu03", "T2w", "FlipAngle") in wrong
    assert ("sherbrooke03", "MTon", "RepetitionTime") in wrong
    assert ("fslAchieva02", "MTon", "RepetitionTime") in wrong
    assert ("fslAchieva01", "MTon", "RepetitionTime") not in wrong
    assert not any(
        who.startswith("vallHebron") and key == "RepetitionTime" for who, _, key in wrong
    )


def test_no_repetition_time_of_diffusion_is_a_finding(judged: list[Judged]) -> None:
    assert not [
        one
        for one in judged
        if one.contrast in {"dwi", "b0"}
        and one.parameter == "RepetitionTime"
        and one.verdict.accepted is not True
    ]


def test_a_string_of_echo_times_is_not_determinable(judged: list[Judged]) -> None:
    ucl = [
        one
        for one in judged
        if (one.site, one.contrast, one.parameter) == ("ucl", "T2star", "EchoTime")
    ]
    assert [one.verdict.accepted for one in ucl] == [None] * 6


def test_pre_scan_normalise_only_warns(judged: list[Judged]) -> None:
    missing = [o for o in judged if o.parameter == "ImageType" and o.verdict.accepted is False]
    assert len(missing) > 400
    assert {one.level for one in missing} == {"warning"}


def test_diffusion_schemes_of_the_dataset(bundle: Path) -> None:
    rows, spec = _rows(bundle), load_spec()
    odd: Counter[str] = Counter()
    for path in (bundle / "sourcedata").glob("sub-*/dwi/*.bval"):
        row = rows[path.name.split("_")[0]]
        variant = spec.match(row["manufacturer"], row["manufacturers_model_name"]).variant
        assert variant is not None
        b_values = [float(b) for b in path.read_text().split()]
        fitting = [
            scheme
            for scheme in variant.diffusion["dwi"]
            if scheme.shells(b_values) and scheme.counts(b_values)
        ]
        odd[row["institution_id"]] += not fitting
    assert {site: count for site, count in odd.items() if count} == {"brnoUhb": 8}


def test_derive_makes_a_spec_of_it(bundle: Path, tmp_path: Path) -> None:
    file = tmp_path / "derived.yaml"
    file.write_text(derive_spec(bundle))
    spec = load_spec(file)
    variant = spec.match("Siemens", "Prisma_fit").variant
    assert variant is not None
    assert variant.parameters("T2w")["RepetitionTime"].target == 1.5
    assert len(spec.variants) >= 12
