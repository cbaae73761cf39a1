"""MkDocs hook: writes the reference pages from the rules, protocols, vocabulary and commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from spinegate.cli import COMMANDS, spinegate
from spinegate.protocol_specs.layers import packaged_specs
from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.spec import Spec
from spinegate.rules.loader import load_rules
from spinegate.rules.profiles import Profile, load_profiles
from spinegate.rules.rule import Rule
from spinegate.rules.term import Term
from spinegate.rules.vocabulary import Vocabulary, load_vocabulary
from spinegate.validator.profile_table import levels


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages to the site."""
    pages = {
        "rules": rules_page(load_rules()),
        "protocols": protocols_page([load_spec(name) for name in packaged_specs()]),
        "vocabulary": vocabulary_page(load_vocabulary()),
        "command-line": command_line_page(),
    }
    for name, lines in pages.items():
        content = "\n".join(lines) + "\n"
        files.append(File.generated(config, f"reference/{name}.md", content=content))
    return files


def cell(text: object) -> str:
    """Return text that can stand in a cell of a table."""
    return " ".join(str(text).split()).replace("|", "&#124;").replace("<", "&lt;")


def linked(source: str) -> str:
    """Return a source, as a link where it is one."""
    return f"<{source}>" if source.startswith("https://") else cell(source)


def code(text: str) -> str:
    """Return text as code; in a cell of a table a bar in it needs no escape."""
    return f"`{' '.join(text.split())}`" if text else ""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table without its empty columns; nothing where it has no rows."""
    body = list(rows)
    kept = [at for at in range(len(header)) if any(row[at] for row in body)]
    if not kept:
        return
    yield ""
    yield "| " + " | ".join(header[at] for at in kept) + " |"
    yield "|" + "---|" * len(kept)
    for row in body:
        yield "| " + " | ".join(row[at] for at in kept) + " |"
    yield ""


def rules_page(rules: Iterable[Rule]) -> Iterator[str]:
    """Yield the page that lists and explains the rules."""
    ordered = sorted(rules, key=lambda rule: (rule.group, rule.code))
    yield "# Rules"
    yield ""
    yield "This page is made from the rules themselves. Each has three outcomes: met, not met, and"
    yield "not determinable ([concepts](../concepts.md#outcomes))."
    for group, members in groupby(ordered, key=lambda rule: rule.group):
        inside = list(members)
        yield f"\n## {group.replace('_', ' ').capitalize()}"
        yield from table(
            ["Rule", "Level", "One finding per", "Remedy"],
            ([f"[{code(r.code)}](#{r.code.lower()})", r.level, r.scope, r.remedy] for r in inside),
        )
        for rule in inside:
            yield from rule_section(rule)
    yield from profiles_section(rules, load_profiles())


def profiles_section(rules: Iterable[Rule], profiles: Mapping[str, Profile]) -> Iterator[str]:
    """Yield how severe the rules are under each profile, those that are alike left out."""
    yield "\n## Profiles"
    yield ""
    yield "A profile changes severities for one use: `spinegate validate --profile NAME`."
    yield "Rules that aren't in this table are equally severe under all of them."
    yield ""
    yield from (f"- `{name}`: {profile.title}" for name, profile in profiles.items())
    yield ""
    rows = [
        [f"[`{row['code']}`](#{row['code'].lower()})", *(row[name] for name in profiles)]
        for row in levels(rules, profiles)
        if len({row[name] for name in profiles}) > 1
    ]
    yield from table(["Rule", *map(code, profiles)], rows)


def rule_section(rule: Rule) -> Iterator[str]:
    """Yield what there is to know about one rule."""
    yield f"### {rule.code} {{ #{rule.code.lower()} }}"
    yield ""
    over = f", over each {rule.over}" if rule.over else ""
    remedy = f"; remedy: {rule.remedy}" if rule.remedy else ""
    yield f"{rule.level}, one finding per {rule.scope}{over}{remedy}"
    yield "{ .facts }"
    yield ""
    yield cell(rule.why)
    yield ""
    facts = {
        "Message": cell(rule.message),
        "Suggestion": cell(rule.suggestion),
        "Applies when": "<br>".join(map(code, rule.selectors)),
        "Must hold": "<br>".join(code(check.source) for check in rule.checks)
        or f"code in {code(f'validator/checks/{rule.check}.py')}",
        "In doubt without it": ", ".join(map(code, rule.concerns)),
        "Source": cell(rule.source),
    }
    yield from table(["", ""], ([f"**{key}**", value] for key, value in facts.items() if value))


def protocols_page(specs: Iterable[Spec]) -> Iterator[str]:
    """Yield the page that shows every protocol: variants, and parameters by contrast."""
    yield "# Protocols"
    yield ""
    yield "This page is made from the protocols themselves; `spinegate spec show` prints the same."
    for spec in specs:
        yield f"\n## {cell(spec.name)}"
        yield ""
        yield f"{cell(spec.protocol)}, version {cell(spec.version)}: {linked(spec.source)}"
        yield "\n### Variants"
        yield from table(
            ["Variant", "For", "Models", "Software"],
            (
                [
                    code(v.name),
                    cell(v.title),
                    cell(", ".join(v.models)) or "all others",
                    cell(", ".join(v.software)),
                ]
                for v in spec.variants
            ),
        )
        for name in spec.contrasts:
            yield f"\n### {cell(name)}"
            yield from table(
                ["Parameter", "Accepted", "Variants", "Source"], parameter_rows(spec, name)
            )
            yield from table(["Diffusion scheme", "Variants"], scheme_rows(spec, name))
        older = list(older_rows(spec))
        if older:
            yield "\n### Older versions"
        yield from table(["Before", "Contrast", "Parameter", "Accepted", "Variants"], older)
        yield "\n### Sources"
        yield from table(["Source", "Is"], ([k, cell(v)] for k, v in spec.sources.items()))


def parameter_rows(spec: Spec, contrast: str) -> Iterator[list[str]]:
    """Yield one row for each accepted value, with the variants that share it."""
    shared: dict[tuple[str, str, str], list[str]] = {}
    having: dict[str, int] = {}
    for variant in spec.variants:
        for parameter in variant.parameters(contrast).values():
            key = (parameter.name, parameter.expected_text(), parameter.source)
            shared.setdefault(key, []).append(variant.name)
            having[parameter.name] = having.get(parameter.name, 0) + 1
    last = ""
    for (name, accepted, source), variants in sorted(shared.items()):
        everywhere = len(variants) == having[name] == len(spec.variants)
        named = "all" if everywhere else ", ".join(map(code, variants))
        unbroken = cell(accepted).replace("± ", "±\u00a0").replace(" %", "\u00a0%")
        yield [code(name) if name != last else "", unbroken, named, cell(source)]
        last = name


def scheme_rows(spec: Spec, contrast: str) -> Iterator[list[str]]:
    """Yield one row for each diffusion scheme of a contrast."""
    shared: dict[str, list[str]] = {}
    for variant in spec.variants:
        for scheme in variant.diffusion.get(contrast, ()):
            shared.setdefault(scheme.text(), []).append(variant.name)
    for text, variants in shared.items():
        yield [cell(text), ", ".join(map(code, variants))]


def older_rows(spec: Spec) -> Iterator[list[str]]:
    """Yield one row for each value that was valid before."""
    shared: dict[tuple[str, str, str, str], list[str]] = {}
    for variant in spec.variants:
        for (contrast, name), olders in variant.olders.items():
            for older in olders:
                accepted = older.parameter.expected_text()
                key = (str(older.before or ""), contrast, name, accepted)
                shared.setdefault(key, []).append(variant.name)
    for (before, contrast, name, accepted), variants in sorted(shared.items(), reverse=True):
        named = ", ".join(map(code, variants))
        yield [before, cell(contrast), code(name), cell(accepted), named]


def vocabulary_page(vocabulary: Vocabulary) -> Iterator[str]:
    """Yield the page that lists every name an expression may use."""
    yield "# Vocabulary of expressions"
    yield ""
    yield "Rules are written in the expression language of the BIDS standard. These are the names"
    yield "that they may use; any other name is refused when the rules are loaded."
    roots = vocabulary.roots.values()
    yield "\n## The file itself"
    yield from term_table(root for root in roots if not root.fields)
    for root in roots:
        if root.fields:
            yield f"\n## {root.path}"
            yield f"\n{cell(root.description)}"
            yield from term_table(own_terms(root, vocabulary.roots["sidecar"].fields))


def own_terms(term: Term, keys: Mapping[str, Term]) -> Iterator[Term]:
    """Yield what a term holds, without the sidecar's keys where it only repeats them."""
    for name, inner in term.fields.items():
        known = keys.get(name)
        if known is None or known is inner or known.description != inner.description:
            yield inner
            yield from own_terms(inner, keys)


def term_table(terms: Iterable[Term]) -> Iterator[str]:
    """Yield a table of names."""
    header = ["Name", "Type", "Unit", "Exported by", "Meaning"]
    yield from table(
        header,
        (
            [
                code(term.path),
                " or ".join(term.types),
                cell(term.unit),
                ", ".join(term.vendors),
                cell(": ".join(filter(None, [term.description, ", ".join(term.values)]))),
            ]
            for term in terms
        ),
    )


def command_line_page() -> Iterator[str]:
    """Yield the page of all commands and their options."""
    yield "# Command line"
    yield ""
    yield "Lists are repeatable or comma-separated. A report goes to stdout, everything else to"
    yield "stderr. [Exit status](../start/maintainer.md#exit-status)."
    context = click.Context(spinegate, info_name="spinegate")
    for name in COMMANDS:
        command = spinegate.get_command(context, name)
        assert command is not None
        yield from command_section(command, click.Context(command, context, info_name=name), 2)


def command_section(command: click.Command, context: click.Context, level: int) -> Iterator[str]:
    """Yield a command's usage, text and options, then those of its sub-commands."""
    yield f"\n{'#' * level} {context.command_path}"
    yield ""
    yield cell((command.help or "").partition("\n\n")[0])
    yield ""
    yield "```text"
    yield f"{context.command_path} {' '.join(command.collect_usage_pieces(context))}"
    yield "```"
    yield from table(["Option", "Meaning"], option_rows(command, context))
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                below: Any = click.Context(inner, context, info_name=name)
                yield from command_section(inner, below, level + 1)


def option_rows(command: click.Command, context: click.Context) -> Iterator[list[str]]:
    """Yield one row for each option that has help."""
    for option in command.get_params(context):
        record = option.get_help_record(context)
        if record and record[1] and "--help" not in option.opts:
            yield [code(record[0]), cell(record[1])]
