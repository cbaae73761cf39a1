"""`spinegate spec`: look at protocols, check one's own, make one from data or from exports."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..system.errors import ConfigError
from ..system.files import write_atomic
from .layers import packaged_specs, read_layers
from .loader import DEFAULT, load_spec
from .spec import Spec
from .variant import Variant


@click.group(name="spec")
def command() -> None:
    """Show, check, derive and import protocols."""


@command.command("list")
def list_specs() -> None:
    """List the protocols that come with the program."""
    for name in packaged_specs():
        spec = load_spec(name)
        counts = f"{len(spec.contrasts)} contrasts, {len(spec.variants)} variants"
        click.echo(f"{name}  {spec.version}  {counts}  {spec.source}")
        for variant in spec.variants:
            click.echo(f"  {variant.name:<24} {variant.title}")


@command.command("show")
@click.argument("name", default=DEFAULT)
@click.option("--model", help="Only the variant for this scanner model, such as Prisma.")
@click.option("--manufacturer", help="Its manufacturer, where the model alone isn't clear.")
@click.option("--software", help="Its software version, where variants differ by it.")
@click.option("--print", "card", is_flag=True, help="One page for the scanner room.")
@click.option("--format", "form", type=click.Choice(["text", "json", "html"]), default=None)
@click.option("--output", type=click.Path(path_type=Path), help="Write there; .html for a page.")
def show(
    name: str,
    model: str | None,
    manufacturer: str | None,
    software: str | None,
    card: bool,
    form: str | None,
    output: Path | None,
) -> None:
    """Show a protocol as tables, or as a card for the scanner room."""
    spec = load_spec(name)
    variants = _chosen(spec, manufacturer, model, software)
    form = form or ("html" if output and output.suffix in {".html", ".htm"} else "text")
    if form == "html":
        card = True
    if card and form != "json":
        if len(variants) != 1:
            raise click.UsageError("the card is for one scanner: name it with --model")
        from .card import card_html, card_text

        text = (card_html if form == "html" else card_text)(spec, variants[0])
    elif form == "json":
        import json

        from .table import spec_json

        text = json.dumps(spec_json(spec, variants), indent=2, ensure_ascii=False) + "\n"
    else:
        from .table import print_spec

        text = print_spec(spec, variants, None if sys.stdout.isatty() and not output else 100)
    _give(text, output)


@command.command("check")
@click.argument("file", type=click.Path())
@click.pass_context
def check(context: click.Context, file: str) -> None:
    """Check a protocol of your own.

    Each fault is named with its file, line and key; what is allowed but hardly meant is named as
    doubtful. Exit status: 0 fine, 2 faulty.
    """
    from .build import build_spec
    from .doubts import doubts
    from .validation import schema_errors

    layers = read_layers(file, check=False)
    errors = [error for document in layers.documents for error in schema_errors(document)]
    for error in errors:
        click.echo(str(error), err=True)
    if errors:
        context.exit(2)
    spec = build_spec(layers)
    if not spec.variants:
        raise layers.error("no variant has models, so no scan can match one", "variants")
    for doubt in doubts(spec, load_spec(DEFAULT)):
        click.echo(f"{file}: doubtful: {doubt}", err=True)
    click.echo(
        f"{file}: fine. {spec.protocol} {spec.version}: {len(spec.contrasts)} contrasts, "
        f"{len(spec.variants)} variants, {len(spec.series)} series"
    )


@command.command("derive")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--name", help="The protocol's name; by default the dataset's folder.")
@click.option("--output", type=click.Path(path_type=Path), help="The YAML file to write.")
def derive(dataset: Path, name: str | None, output: Path | None) -> None:
    """Propose a protocol from a dataset.

    For each contrast and scanner: what most scans have, how often, how far they spread.
    """
    from .derive import derive_spec

    _give(derive_spec(dataset, name), output)


@command.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help="The YAML file to write.")
def import_exports(files: tuple[Path, ...], output: Path | None) -> None:
    """Draft a protocol from vendors' exports.

    Siemens: the printout as PDF or text, exar1; Philips: ExamCard; GE: LxProtocol.
    """
    from .exports.draft import draft_spec
    from .exports.reading import read_export

    exports = [read_export(file) for file in files]
    for export in exports:
        click.echo(export.report(), err=True)
    _give(draft_spec(exports), output)


def _chosen(
    spec: Spec, manufacturer: str | None, model: str | None, software: str | None
) -> list[Variant]:
    if not (model or manufacturer):
        return list(spec.variants)
    match = spec.match(manufacturer, model, software)
    if match.variant is None:
        models = sorted({m for v in spec.variants for m in v.models})
        raise ConfigError(f"{match.reason}. Models with a variant: {', '.join(models)}", spec.name)
    if not match.exact:
        click.echo(match.reason, err=True)
    return [match.variant]


def _give(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    if not output.resolve().parent.is_dir():
        raise ConfigError("the folder to write to does not exist", str(output))
    try:
        write_atomic(output, text)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", str(output)) from None
    click.echo(f"{output} written", err=True)
