"""One exam: what the scanner adjusted for this participant, and when each series ran.

The NIfTI sidecars and the DICOM headers are both written from these values.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from .grids import Grid, Size, make_grid
from .participants import Participant
from .protocol import CONTRASTS, Timing

_SCALE_CORRECTION = {"T1w": 1.0, "T2w": 4.0, "T2star": 1.0, "dwi": 5.0, "MTS": 5.0}


@dataclass(frozen=True, slots=True)
class Series:
    """One series as acquired: settings that the protocol leaves to the scanner, and its place."""

    participant: Participant
    contrast: str
    grid: Grid
    timing: Timing
    number: int
    """SeriesNumber."""
    time: str
    """AcquisitionTime, HH:MM:SS.ffffff."""
    sar: float
    """Specific absorption rate, W/kg."""
    shim: tuple[int, ...]
    """Siemens: 3 offsets and 5 currents; GE: 3 gradients; Philips: none."""
    reference: float
    """Transmit reference amplitude, V."""
    scale_correction: float
    overall_scale: float
    channel_scales: tuple[float, ...]
    """FFT scale factors of the receive channels (Siemens)."""
    rescale_slope: float
    """Philips's slope to displayed values; `scale_slope` leads to the true ones."""
    scale_slope: float
    table: tuple[float, float, float]
    frame_of_reference: str

    @property
    def family(self) -> str:
        """The protocol's family: T1w, T2w, T2star, dwi or MTS."""
        return CONTRASTS[self.contrast].family

    @property
    def description(self) -> str:
        """SeriesDescription and ProtocolName."""
        return CONTRASTS[self.contrast].description[self.participant.vendor.name]


def plan_exam(participant: Participant, seed: int, size: Size = "small") -> dict[str, Series]:
    """Set up the scanner for each series of the protocol, in the order of the exam."""
    vendor = participant.vendor
    digest = hashlib.sha256(f"{seed} {participant.name}".encode()).digest()
    rng = np.random.default_rng(list(digest))
    start = int(rng.integers(9 * 3600, 17 * 3600))
    # The first adjustment serves T1w and T2w, the second one the axial series.
    shims = [_draw_shim(vendor.name, rng) for _ in range(2)]
    reference = round(float(rng.uniform(230, 290)), 3)
    load = float(rng.uniform(0.9, 1.1))
    channels = tuple(round(float(x), 5) for x in rng.uniform(0.9, 1.5, 5))
    slope = round(float(rng.uniform(1.5, 3.5)), 5)
    offset = float(rng.integers(-40, 41))
    exam: dict[str, Series] = {}
    for order, (contrast, entry) in enumerate(CONTRASTS.items(), start=2):
        axial = entry.family not in {"T1w", "T2w"}
        seconds = start + round(entry.minute * 60)
        fraction = 2500 * int(rng.integers(400)) if vendor.name == "siemens" else 0
        number = {"siemens": order, "ge": order, "philips": order * 100 + 1}[vendor.name]
        stamp = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        exam[contrast] = Series(
            participant=participant,
            contrast=contrast,
            grid=make_grid(vendor, contrast, participant.tilt, size),
            timing=vendor.timing[contrast],
            number=number,
            time=f"{stamp}.{fraction:06d}",
            sar=round(_SAR[vendor.name][contrast] * load, 6),
            shim=shims[axial],
            reference=reference,
            scale_correction=_SCALE_CORRECTION[entry.family],
            overall_scale=1.0,
            channel_scales=channels,
            rescale_slope=slope,
            scale_slope=round(slope / 2500, 9),
            table=(0.0, 0.0, offset),
            frame_of_reference=hashlib.sha256(digest).hexdigest()[:16],
        )
    return exam


def _draw_shim(vendor: str, rng: np.random.Generator) -> tuple[int, ...]:
    if vendor == "siemens":
        wide = (900, 9000, 6000, 1500, 200, 2000, 800, 120)
        return tuple(int(rng.integers(-w, w)) for w in wide)
    if vendor == "ge":
        return tuple(int(rng.integers(-40, 40)) for _ in range(3))
    return ()


# W/kg; the MT pulse multiplies the SAR by 98 on Siemens and by 408 on GE. Philips reports one
# value for both.
_SAR = {
    "siemens": {
        "T1w": 0.062,
        "T2w": 0.54,
        "dwi": 0.41,
        "MTon": 0.5145,
        "MToff": 0.00525,
        "GRE-T1w": 0.0334,
        "T2star": 0.22,
    },
    "ge": {
        "T1w": 0.62,
        "T2w": 1.21,
        "dwi": 0.31,
        "MTon": 2.754,
        "MToff": 0.00675,
        "GRE-T1w": 0.044,
        "T2star": 0.92,
    },
    "philips": {
        "T1w": 0.034,
        "T2w": 1.3,
        "dwi": 1.9,
        "MTon": 2.36,
        "MToff": 2.36,
        "GRE-T1w": 0.284,
        "T2star": 2.07,
    },
}
