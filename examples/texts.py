"""The text files of the phantom dataset: description, participants, README, licence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .participants import Participant
from .sidecars import institution

NAME = "spinegate digital phantom"
BIDS_VERSION = "1.10.0"
AUTHORS = ["The spinegate authors", "An analytic cord"]


def json_text(value: Any) -> str:
    """Write our own JSON: indented by 4, one line end at the end."""
    return json.dumps(value, indent=4, ensure_ascii=False) + "\n"


def description(derivative: bool = False) -> dict[str, Any]:
    """Return dataset_description.json of the dataset or of derivatives/labels."""
    common = {
        "Name": f"{NAME}: labels" if derivative else NAME,
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "derivative" if derivative else "raw",
        "License": "CC0",
        "Authors": AUTHORS,
        "Keywords": ["spinal cord", "phantom", "quality control"],
        "Acknowledgements": "The protocol is that of the spine-generic project.",
        "HowToAcknowledge": "Name spinegate and its version.",
        "Funding": ["none"],
        "EthicsApprovals": ["not needed: nobody was scanned"],
        "ReferencesAndLinks": ["https://doi.org/10.1038/s41597-021-00941-8"],
        "GeneratedBy": [{"Name": "spinegate example", "Description": "Analytic phantom"}],
    }
    return common | ({"SourceDatasets": [{"URL": "../../"}]} if derivative else {})


COLUMNS: dict[str, dict[str, Any]] = {
    "participant_id": {"LongName": "Participant ID", "Description": "Unique ID"},
    "sex": {
        "LongName": "Sex",
        "Description": "Sex of the participant",
        "Levels": {"M": "male", "F": "female"},
    },
    "age": {"LongName": "Age", "Description": "Age of the participant", "Units": "year"},
    "height": {"LongName": "Height", "Description": "Height of the participant", "Units": "cm"},
    "weight": {"LongName": "Weight", "Description": "Weight of the participant", "Units": "kg"},
    "date_of_scan": {"LongName": "Date of scan", "Description": "yyyy-mm-dd"},
    "institution_id": {"LongName": "Institution ID", "Description": "Short name of the site"},
    "institution": {"LongName": "Institution", "Description": "Name of the site"},
    "manufacturer": {"LongName": "Manufacturer", "Description": "Maker of the scanner"},
    "manufacturers_model_name": {"LongName": "Model", "Description": "Model of the scanner"},
    "receive_coil_name": {"LongName": "Receive coil", "Description": "Name of the coil"},
    "software_versions": {"LongName": "Software", "Description": "Software of the scanner"},
    "researcher": {"LongName": "Researcher", "Description": "Who ran the study at the site"},
    "pathology": {
        "LongName": "Pathology",
        "Description": "Diagnosis of the participant",
        "Levels": {"HC": "healthy control"},
    },
    "notes": {"LongName": "Notes", "Description": "Remarks about the images"},
}


def participants_tsv(participants: Sequence[Participant]) -> str:
    """Return participants.tsv."""
    rows = [list(COLUMNS)]
    for one in participants:
        vendor = one.vendor
        rows.append(
            [
                one.name,
                one.sex,
                str(one.age),
                str(one.height),
                str(one.weight),
                one.date,
                one.site,
                institution(one.site),
                vendor.manufacturer,
                vendor.model,
                vendor.coil,
                vendor.software,
                "P. Hantom",
                "HC",
                "n/a",
            ]
        )
    return "".join("\t".join(row) + "\n" for row in rows)


def exclude_yml(participants: Sequence[Participant]) -> str:
    """Return exclude.yml: one name with its reason, so that exclusion is exercised."""
    return f"csa_t1:\n- {participants[-1].name}  # Excluded on purpose, to exercise exclusion\n"


README = f"""# {NAME}

A made-up multi-centre spinal cord MRI dataset: nobody was scanned. The images show an analytic
curved cord with grey and white matter, cerebrospinal fluid, vertebrae and discs, whose true
areas, positions and tissue properties stand in `truth.json`.

Written by `spinegate example`; the same options and seed give the same bytes.

- T1w, T2w, T2star, the magnetisation transfer series (MTS) and dwi of each participant
- `derivatives/labels`: masks of the cord (SC) and of the grey matter (GM), disc labels
- `exclude.yml`: participants left out of an analysis, with the reason
"""

CHANGES = """1.0.0 2024-01-01
  - First version.
"""

LICENSE = """CC0 1.0 Universal

To the extent possible under law, the authors have waived all copyright and related or
neighbouring rights to this dataset (Creative Commons CC0 1.0 Universal, Public Domain Dedication).
The full text: https://creativecommons.org/publicdomain/zero/1.0/legalcode
"""

BIDSIGNORE = "truth.json\nfaults.json\nexclude.yml\n"

LABELS_README = """Masks of the cord (SC) and of the grey matter (GM), and disc labels, made from
the true geometry. A mask holds the voxels that are at least half tissue.
"""
