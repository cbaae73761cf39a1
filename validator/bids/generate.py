"""Write names.json, the naming rules of the official schema in a form that loads at once.

Run ``python -m spinegate.validator.bids.generate`` after an update of bidsschematools: loading
its schema takes a third of a second, which every start of the validator would pay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...system.files import write_atomic

TARGET = Path(__file__).with_name("names.json")


def name_rules() -> dict[str, Any]:
    """Extract the rules for raw names from the installed bidsschematools."""
    from bidsschematools.schema import load_schema

    schema = load_schema().to_dict()
    objects, rules = schema["objects"], schema["rules"]
    files = [rule for group in ("common", "raw") for rule in _leaves(rules["files"][group])]
    short = {key: entity["name"] for key, entity in objects["entities"].items()}
    folders = rules["directories"]["raw"].values()
    return {
        "schema": schema["schema_version"],
        "bids": schema["bids_version"],
        "formats": {key: objects["formats"][key]["pattern"] for key in ("index", "label")},
        "entities": {
            short[key]: {
                "name": key,
                "format": objects["entities"][key]["format"],
                "enum": _enum(objects["entities"][key]),
            }
            for key in rules["entities"]
        },
        "datatypes": sorted(objects["datatypes"]),
        "folders": sorted(rule["name"] for rule in folders if rule.get("opaque")),
        "paths": sorted(rule["path"] for rule in files if "path" in rule),
        "stems": [
            {
                "stem": rule["stem"],
                "extensions": rule["extensions"],
                "datatypes": rule.get("datatypes", []),
            }
            for rule in files
            if "stem" in rule
        ],
        "names": [_name_rule(rule, short) for rule in files if "suffixes" in rule],
    }


def text() -> str:
    """Return the content of names.json, one rule a line."""
    parts = []
    for key, value in name_rules().items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n".join(json.dumps(row) for row in value)
            parts.append(f"{json.dumps(key)}: [\n{rows}\n]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _leaves(group: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [rule for section in group.values() for rule in section.values()]


def _enum(entity: Mapping[str, Any]) -> list[str]:
    values = entity.get("enum", [])
    return [value if isinstance(value, str) else value["name"] for value in values]


def _name_rule(rule: Mapping[str, Any], short: Mapping[str, str]) -> dict[str, Any]:
    entities = {}
    for key, level in rule["entities"].items():
        own = {"level": level} if isinstance(level, str) else level
        entities[short[key]] = [own["level"] == "required", *_enum(own)]
    return {
        "suffixes": rule["suffixes"],
        "extensions": rule["extensions"],
        "datatypes": rule.get("datatypes", []),
        "entities": entities,
    }


if __name__ == "__main__":
    write_atomic(TARGET, text())
