"""What each vendor calls the sequences of the protocol: the words of its DICOM headers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Played:
    """One sequence in a vendor's words; strings of several values are joined by backslashes."""

    acquisition: str
    sequence: str
    variant: str
    options: str
    image_type: tuple[str, ...]
    bandwidth: float
    """Hz per pixel."""
    train: int = 1
    phase: str = "COL"
    phase_fov: float = 100
    acceleration: int = 1
    base: int = 256
    lines: int = 0
    """Phase encoding lines acquired; 0 as reconstructed."""
    partial: float = 1
    name: str = ""
    details: str = ""
    spacing: float = 0
    """Effective echo spacing, s; 0 where it has no meaning."""


def played(vendor: str, contrast: str) -> Played:
    """Return the sequence that a vendor plays for a contrast."""
    return _PLAYED[vendor][contrast]


_NORM_3D = ("ORIGINAL", "PRIMARY", "M", "NORM", "DIS3D", "DIS2D")
_NORM_2D = ("ORIGINAL", "PRIMARY", "M", "NORM", "DIS2D")
_FFE = ("ORIGINAL", "PRIMARY", "M", "FFE", "M", "FFE")
_SE = ("ORIGINAL", "PRIMARY", "M", "SE", "M", "SE")
_GE = ("ORIGINAL", "PRIMARY", "OTHER")

_FL3D = "%SiemensSeq%\\gre"


def _siemens_gre(variant: str, options: str) -> Played:
    return Played(
        "3D", "GR", variant, options, _NORM_2D, 260, base=256, name="*fl3d1", details=_FL3D
    )


def _ge_gre(options: str) -> Played:
    return Played("3D", "GR", "SS\\SP", options, _GE, 434.062)


_PHILIPS_GRE = Played("3D", "GR", "SP", "PFF", _FFE, 261)

_PLAYED: dict[str, dict[str, Played]] = {
    "siemens": {
        "T1w": Played(
            "3D",
            "GR\\IR",
            "SK\\SP\\MP",
            "IR",
            _NORM_3D,
            150,
            phase="ROW",
            phase_fov=81.25,
            acceleration=2,
            base=320,
            name="*tfl3d1_16ns",
            details="%SiemensSeq%\\tfl",
        ),
        "T2w": Played(
            "3D",
            "SE",
            "SK\\SP\\OSP",
            "PFP",
            _NORM_3D,
            625,
            train=76,
            acceleration=3,
            base=320,
            name="*spcR_100ns",
            details="%SiemensSeq%\\tse_vfl",
        ),
        "dwi": Played(
            "2D",
            "EP",
            "SK\\SP",
            "PFP\\SFS\\CT",
            ("ORIGINAL", "PRIMARY", "DIFFUSION", "NONE", "NORM", "DIS2D", "MOSAIC"),
            1270,
            train=31,
            phase_fov=37.5,
            base=96,
            partial=0.875,
            name="ez_b0",
            details="%SiemensSeq%\\ep2d_diff",
            spacing=0.00094,
        ),
        "MTon": _siemens_gre("MTC\\SP", "MT"),
        "MToff": _siemens_gre("SP", ""),
        "GRE-T1w": _siemens_gre("SP", ""),
        "T2star": Played(
            "2D",
            "GR",
            "SP",
            "SAT1",
            _NORM_2D,
            260,
            train=3,
            acceleration=2,
            base=448,
            name="me2d1r3",
            details="%SiemensSeq%\\medic",
        ),
    },
    "ge": {
        "T1w": Played(
            "3D",
            "GR",
            "SS\\SP\\SK",
            "FAST_GEMS\\EDR_GEMS\\FILTERED_GEMS\\ACC_GEMS\\PFF\\IR_GEMS",
            _GE,
            892.875,
            phase="ROW",
            phase_fov=80,
            lines=256,
        ),
        "T2w": Played(
            "3D",
            "SE",
            "SK\\OSP",
            "FC_FREQ_AX_GEMS\\FC\\NPW\\EDR_GEMS\\FILTERED_GEMS\\ACC_GEMS",
            _GE,
            520.812,
            train=78,
            phase="ROW",
        ),
        "dwi": Played(
            "2D",
            "EP\\SE",
            "NONE",
            "SAT_GEMS\\PPG\\EDR_GEMS\\EPI_GEMS\\PFF\\SP\\FS",
            _GE,
            3479.17,
            phase_fov=50,
            spacing=0.0011,
        ),
        "MTon": _ge_gre("EDR_GEMS\\MT_GEMS\\FILTERED_GEMS\\PFF"),
        "MToff": _ge_gre("EDR_GEMS\\FILTERED_GEMS\\PFF"),
        "GRE-T1w": _ge_gre("EDR_GEMS\\FILTERED_GEMS\\PFF"),
        "T2star": Played(
            "2D",
            "GR",
            "SS\\SK",
            "FAST_GEMS\\FC\\SAT_GEMS\\EDR_GEMS\\FILTERED_GEMS\\ACC_GEMS\\SP",
            _GE,
            279.018,
            train=3,
        ),
    },
    "philips": {
        "T1w": Played(
            "3D", "GR", "MP", "OTHER", _FFE, 191.5, train=246, phase="ROW", phase_fov=81.25
        ),
        "T2w": Played("3D", "SE", "SK", "PFP", _SE, 367, train=92, phase="ROW", phase_fov=92.5),
        "dwi": Played(
            "2D",
            "SE",
            "SK",
            "FS",
            _SE,
            1299,
            train=47,
            phase_fov=75,
            lines=63,
            spacing=0.0009,
        ),
        "MTon": _PHILIPS_GRE,
        "MToff": _PHILIPS_GRE,
        "GRE-T1w": _PHILIPS_GRE,
        "T2star": Played("2D", "GR", "SS", "PFF", _FFE, 241, train=3),
    },
}
