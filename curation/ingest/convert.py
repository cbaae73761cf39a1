"""dcm2niix, one series at a time: a series that it can't convert doesn't stop the others."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...system.errors import SpinegateError, ToolError
from ...validator.sidecar import parse_sidecar
from .series import Series

_SECONDS = 1800
_BARE = b"\x02\x00"
_STEM = "x"
_NOISE = ("Chris Rorden", "Defaults ignored", "Found ", "Convert ", "Conversion required")
_TEXT = 500
_SIDECAR = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Output:
    """One image that dcm2niix made of a series.

    Attributes
    ----------
    part
        What tells it from the series' other images: "" for the only one, ``e2``, ``ph``...
    volume
        Of an image of several volumes the one that is meant; None for all.
    """

    series: Series
    part: str
    image: Path
    sidecar: dict[str, Any] = field(repr=False)
    bval: Path | None = None
    bvec: Path | None = None
    volume: int | None = None

    @property
    def name(self) -> tuple[str, str]:
        """The series' key and the part: what a plan calls it."""
        return self.series.key, self.part


def find_dcm2niix() -> str:
    """Return the program: beside the running Python, else on PATH.

    Raises
    ------
    SpinegateError
        It isn't installed.
    """
    places = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    found = shutil.which("dcm2niix", path=places)
    if found is None:
        raise SpinegateError("dcm2niix is not installed: pip install 'spinegate[curate]'")
    return found


def convert(series: Series, work: Path, program: str) -> list[Output]:
    """Convert a series into an empty folder of its own below `work`.

    Raises
    ------
    ToolError
        dcm2niix fails, or makes nothing of it.
    """
    place = work / f"{series.key}-{series.part or 'all'}"
    source, target = place / "dicom", place / "nifti"
    source.mkdir(parents=True)
    target.mkdir()
    for number, path in enumerate(series.files, start=1):
        _put(path, source / f"{number:06d}.dcm")
    options = ["-g", "i", "-b", "y", "-ba", "n", "-z", "n", "-w", "2", "-d", "0", "-f", _STEM]
    argv = [program, *options, "-o", str(target), str(source)]
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")}
    try:
        done = subprocess.run(
            argv,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
            env={**kept, "HOME": str(place), "LC_ALL": "C"},
        )
    except OSError as error:
        raise ToolError(argv, None, str(error)) from None
    except subprocess.TimeoutExpired:
        raise ToolError(argv, None, f"no end after {_SECONDS // 60} minutes") from None
    finally:
        shutil.rmtree(source)
    outputs = [_output(series, path) for path in sorted(target.glob("*.nii"))]
    if not outputs:
        raise ToolError(argv, done.returncode, _complaint(done.stdout + done.stderr))
    return outputs


def _put(path: Path, target: Path) -> None:
    """Give dcm2niix a file; one without its preamble gets it, or it would be overlooked."""
    with path.open("rb") as file:
        if file.read(2) != _BARE:
            target.symlink_to(path.resolve())
            return
        file.seek(0)
        with target.open("wb") as copy:
            copy.write(bytes(128) + b"DICM")
            shutil.copyfileobj(file, copy)


def _output(series: Series, image: Path) -> Output:
    sidecar: dict[str, Any] = {}
    beside = image.with_suffix(".json")
    if beside.is_file() and beside.stat().st_size <= _SIDECAR:
        text = beside.read_bytes().decode("utf-8", "replace")  # whatever the scanner's alphabet
        sidecar = dict(parse_sidecar(text.encode()).value)
    if series.part or (series.pulse is not None and not _says_pulse(sidecar)):
        sidecar["MTState"] = bool(series.pulse)
    bval, bvec = (image.with_suffix(kind) for kind in (".bval", ".bvec"))
    whole = bval.is_file() and bvec.is_file()
    return Output(
        series,
        _join(series.part, image.stem.removeprefix(_STEM).strip("_")),
        image,
        sidecar,
        bval if whole else None,
        bvec if whole else None,
    )


def _says_pulse(sidecar: dict[str, Any]) -> bool:
    """Whether the sidecar tells of the MT pulse in the vendor's own words."""
    words = f"{sidecar.get('ScanOptions')} {sidecar.get('SequenceVariant')}"
    return "MTState" in sidecar or bool(re.search(r"(?<![A-Z])MTC?(?![A-Z])", words))


def _join(*parts: str) -> str:
    return "+".join(part for part in parts if part)


def _complaint(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").splitlines()
    told = [line for line in lines if line.strip() and not line.startswith(_NOISE)]
    return " ".join(told)[:_TEXT] or "it makes no image of these files"
