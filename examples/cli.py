"""`spinegate example`: write the phantom dataset."""

from __future__ import annotations

from pathlib import Path

import click

from .protocol import VENDORS
from .writing import fresh_folder


def _vendors(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in value.split(",") if name.strip())
    unknown = [name for name in names if name not in VENDORS]
    if unknown or not names or len(set(names)) < len(names):
        raise click.BadParameter(f"give one or more of {', '.join(VENDORS)}, each once")
    return names


@click.command("example")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--sites", type=click.IntRange(1), help="Per vendor; 2, or 1 with --dicom.")
@click.option(
    "--participants",
    type=click.IntRange(1, 99),
    help="Per site; 2, or 1 with --dicom; with faults always 4.",
)
@click.option(
    "--vendors",
    default=",".join(VENDORS),
    show_default=True,
    callback=_vendors,
    help="Separated by commas.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@click.option(
    "--noise",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0),
    help="SD of the Rician noise, as a share of the white matter's signal.",
)
@click.option("--full-size", is_flag=True, help="The protocol's matrices; slow and large.")
@click.option("--multi-echo", is_flag=True, help="T2star as one image per echo.")
@click.option("--dicom", is_flag=True, help="DICOM series of the three vendors instead of BIDS.")
@click.option(
    "--with-faults", is_flag=True, help="Plant one fault per rule, listed in faults.json."
)
@click.option("--fault", metavar="CODE", help="Plant only the fault of this rule.")
@click.option("--force", is_flag=True, help="Replace an earlier phantom in FOLDER.")
def command(
    folder: Path,
    sites: int | None,
    participants: int | None,
    vendors: tuple[str, ...],
    seed: int,
    noise: float,
    full_size: bool,
    multi_echo: bool,
    dicom: bool,
    with_faults: bool,
    fault: str | None,
    force: bool,
) -> None:
    """Write the digital phantom into FOLDER: a small dataset whose true values are known.

    The same options and seed give the same files. truth.json holds the true values.
    """
    from .dataset import Options, write_dataset

    if (with_faults or fault) and (dicom or full_size or multi_echo):
        raise click.UsageError("--with-faults and --fault go with the plain, small dataset only")
    if dicom and multi_echo:
        raise click.UsageError("--dicom and --multi-echo do not go together")
    usual = 1 if dicom else 2
    options = Options(
        sites=sites or usual,
        participants=participants or usual,
        vendors=vendors,
        seed=seed,
        noise=noise,
        size="full" if full_size else "small",
        multi_echo=multi_echo,
    )
    with fresh_folder(folder, force) as target:
        if dicom:
            from .dicom_dataset import write_dicom

            people = write_dicom(target, options)
            said = "as DICOM series"
        elif with_faults or fault:
            from .faults import choose_faults, write_faulty

            people, faults = write_faulty(target, options, choose_faults(fault))
            said = f"with {len(faults)} fault{'s' if len(faults) > 1 else ''}"
        else:
            people = write_dataset(target, options)
            said = ""
    sites_written = len({one.site for one in people})
    click.echo(
        f"Wrote {len(people)} participants at {sites_written} sites {said}".rstrip()
        + f" to {folder}",
        err=True,
    )
