"""``spinegate rules profiles``: how severe each rule is under each profile."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from ..rules.loader import load_rules
from ..rules.profiles import Profile, check_groups, load_profiles
from ..rules.rule import Rule
from ..system.errors import ConfigError


@click.command("profiles")
@click.option(
    "--rules",
    "extra",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A further rule file; may be repeated.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def profiles(extra: tuple[Path, ...], form: str) -> None:
    """List how severe each rule is under each profile."""
    columns = load_profiles()
    own = load_rules()
    faults = check_groups(columns, {rule.group for rule in own})
    if faults:
        raise ConfigError("; ".join(faults), "rules/profiles.yaml")
    rules = load_rules(extra=extra) if extra else own
    table = levels(rules, columns)
    if form == "json":
        titles = {name: profile.title for name, profile in columns.items()}
        click.echo(json.dumps({"profiles": titles, "rules": table}, indent=2))
        return
    click.echo(_text(table, columns), nl=False)


def levels(rules: Iterable[Rule], columns: Mapping[str, Profile]) -> list[dict[str, Any]]:
    """Return a row for each rule: code, group, and its level under each profile."""
    return [
        {
            "code": rule.code,
            "group": rule.group,
            "level": rule.level,
            **{
                name: profile.level(rule.code, rule.group, rule.level)
                for name, profile in columns.items()
            },
        }
        for rule in sorted(rules, key=lambda rule: (rule.group, rule.code))
    ]


def _text(table: list[dict[str, Any]], columns: Mapping[str, Profile]) -> str:
    lines = [f"{name}: {profile.title}" for name, profile in columns.items()]
    wide = max(len(row["code"]) for row in table)
    head = "".join(f"  {name:8}" for name in columns).rstrip()
    group = ""
    for row in table:
        if row["group"] != group:
            group = row["group"]
            lines += ["", f"{group:{wide + 2}}{head}"]
        cells = "".join(f"  {row[name]:8}" for name in columns).rstrip()
        lines.append(f"  {row['code']:{wide}}{cells}")
    return "\n".join([*lines, ""])
