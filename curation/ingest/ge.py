"""What GE scanners write into their own elements: shim, prescan gains, table, coil."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .headers import (
    number_of,
    plain,
    plain_list,
    private_value,
    text_of,
    value_of,
    words_of,
)

_ACQUISITION, _PARAMETERS = "GEMS_ACQU_01", "GEMS_PARM_01"
_GAINS: Mapping[str, int] = {
    "PrescanTransmitGain": 0x94,
    "PrescanAnalogReceiveGain": 0x95,
    "PrescanDigitalReceiveGain": 0x96,
}
"""Key -> offset in group 0019."""

_UNTOLD = "GE scanners don't export it"


def ge_facts(header: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what a GE header tells, and why the rest can't be told."""
    found: dict[str, Any] = {}
    shim = [
        number_of(private_value(header, 0x0043, _PARAMETERS, offset))
        for offset in (0x02, 0x03, 0x04)
    ]
    numbers = [number for number in shim if number is not None]
    if len(numbers) == len(shim):
        found["ShimSetting"] = plain_list(numbers)
    for key, offset in _GAINS.items():
        gain = number_of(private_value(header, 0x0019, _ACQUISITION, offset))
        if gain is not None:
            found[key] = plain(gain)
    reuse = text_of(private_value(header, 0x0043, _PARAMETERS, 0x95))
    if reuse:
        found["PrescanReuseString"] = reuse
    coil = text_of(private_value(header, 0x0043, _PARAMETERS, 0x81)).removeprefix("C-GE_")
    coil = coil or text_of(value_of(header, "ReceiveCoilName"))
    if coil:
        found["CoilString"] = coil
    table = words_of(private_value(header, 0x0043, _PARAMETERS, 0xB2))[2:3]
    height = number_of(table[0]) if table else None
    if height is not None:
        found["TablePosition"] = plain_list([0.0, 0.0, height])
    spacing = number_of(private_value(header, 0x0043, _PARAMETERS, 0x2C))
    if spacing is not None and spacing > 0:
        found["EffectiveEchoSpacing"] = round(spacing * 1e-6, 9)
    why = dict.fromkeys(
        ("ImageScaleCorrectionFactor", "OverallImageScaleFactor", "FFTScaleFactor", "TxRefAmp"),
        _UNTOLD,
    )
    lacking = ("ShimSetting", *_GAINS)
    why |= {key: "not in the DICOM headers" for key in lacking if key not in found}
    return found, why
