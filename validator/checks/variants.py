"""Scanners that the protocol doesn't name: judged by a stand-in, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

from ..dataset import Scan
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met

CODE = "PROTOCOL_VARIANT_UNKNOWN"


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield an outcome per scan of the protocol, and one finding per site and reason."""
    unknown: dict[tuple[str, str], list[Scan]] = {}
    for scan in inspection.raw:
        if scan.contrast not in inspection.spec.contrasts:
            continue
        match = inspection.match(scan)
        if match.exact:
            yield met(CODE, scan.site, scan.contrast or "")
        elif scan.sidecar:
            unknown.setdefault((scan.site, match.reason), []).append(scan)
        else:
            yield blind(CODE, "there is no sidecar to read", scan.site, scan.contrast or "")
    for scans in unknown.values():
        yield _unknown(inspection, scans)


def _unknown(inspection: Inspection, scans: list[Scan]) -> Verdict:
    first, match = scans[0], inspection.match(scans[0])
    model = inspection.fact(first, "ManufacturersModelName", "manufacturers_model_name")
    maker = inspection.fact(first, "Manufacturer", "manufacturer")
    near = ", ".join(match.alternatives)
    end = (
        "Its deviations are warnings"
        if match.variant
        else "Its parameters are not compared with the protocol"
    )
    return Verdict(
        CODE,
        Outcome.NOT_MET,
        first.path,
        first.site,
        message=f"{match.reason[0].upper()}{match.reason[1:]}. {end} ({len(scans)} scans)"
        + (f"; variants with a similar name: {near}." if near else "."),
        sub_code=" ".join(part for part in (maker, model) if part)[:_LONGEST],
        observed=model or maker,
        expected="a scanner that the protocol names",
        affects=tuple(scan.path for scan in scans[1:]),
        count=len(scans),
    )


_LONGEST = 80
