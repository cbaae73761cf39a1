"""The protocol's parameters: one template rule covers them all."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from ..protocol_specs.parameter import Parameter, Place, value_text
from ..protocol_specs.variant import Variant
from ..protocol_specs.variant import Verdict as Judgement
from ..rules.rule import Rule, render
from .dataset import Scan
from .finding import Outcome, Remedy, Severity
from .inspection import Inspection
from .ledger import Ledger
from .result import Value
from .verdict import Verdict

_OUTCOMES = {True: Outcome.MET, False: Outcome.NOT_MET, None: Outcome.NOT_DETERMINABLE}
_Failure = tuple[Scan, Any, Parameter, Variant, Judgement]


def check_parameters(inspection: Inspection, template: Rule, ledger: Ledger) -> list[Value]:
    """Judge every parameter of every raw scan by the variant that its scanner was given.

    A deviation at error level is a finding per scan; one at warning level (a setting that a whole
    site shares) is a finding per site.
    """
    values: list[Value] = []
    shared: dict[tuple[str, str, str], list[_Failure]] = {}
    for scan in inspection.raw:
        variant = inspection.variant(scan) if scan.contrast is not None else None
        if scan.contrast is None or variant is None:
            continue
        for name, parameter in variant.parameters(scan.contrast).items():
            code = _code(name, parameter)
            _add_rule(ledger, template, code, inspection.spec.contrasts[scan.contrast].concerns)
            observed = observe(inspection, scan, parameter)
            judged = variant.judge(scan.contrast, name, observed, inspection.date(scan))
            assert judged is not None
            outcome = _OUTCOMES[judged.accepted]
            values.append(_value(scan, parameter, observed, outcome, variant))
            if outcome is not Outcome.NOT_MET or parameter.level == "ignore":
                ledger.count(code, outcome, scan.site, scan.contrast)
                if outcome is Outcome.NOT_DETERMINABLE:
                    ledger.blind(code, _reason(parameter, observed))
                continue
            failure = (scan, observed, parameter, variant, judged)
            if parameter.level == "warning":
                shared.setdefault((code, scan.site, scan.contrast), []).append(failure)
            else:
                ledger.write(_verdict(code, template, [failure]))
    for (code, site, contrast), failures in shared.items():
        ledger.count(code, Outcome.NOT_MET, site, contrast, len(failures) - 1)
        ledger.write(_verdict(code, template, failures))
    return values


def observe(inspection: Inspection, scan: Scan, parameter: Parameter) -> Any:
    """Return a parameter's value as the sidecar or the image's header has it; None where not."""
    if parameter.where is Place.SIDECAR:
        return scan.sidecar.get(parameter.name)
    if parameter.where is not Place.HEADER:
        return None
    header = inspection.headers.of(scan)
    if header is None:
        return None
    if parameter.name == "VoxelSize":
        return header["voxel_sizes"]
    if parameter.name == "MatrixSize":
        return header["shape"][:3]
    return header.get(parameter.name)


@lru_cache(maxsize=1024)
def _code(name: str, parameter: Parameter) -> str:
    return parameter.code


def _add_rule(ledger: Ledger, template: Rule, code: str, concerns: tuple[str, ...]) -> None:
    known = ledger.rules.get(code)
    if known is None:
        ledger.rules[code] = replace(template, code=code, concerns=concerns)
    elif not set(concerns) <= set(known.concerns):
        merged = tuple(dict.fromkeys((*known.concerns, *concerns)))
        ledger.rules[code] = replace(known, concerns=merged)


def _reason(parameter: Parameter, observed: Any) -> str:
    if observed is not None:
        return f"{parameter.name} is {_kind(observed)} that can't be compared"
    if parameter.where is Place.HEADER:
        return "the image's content is not here"
    return f"no {parameter.name} in the sidecar"


def _kind(value: Any) -> str:
    return {str: "a text", bool: "a truth value", list: "a list", dict: "an object"}.get(
        type(value), "a value"
    )


def _value(
    scan: Scan, parameter: Parameter, observed: Any, outcome: Outcome, variant: Variant
) -> Value:
    target = parameter.target
    return Value(
        scan.path,
        parameter.name,
        observed,
        list(target) if isinstance(target, tuple) else target,
        parameter.tolerance.text(parameter.unit),
        outcome,
        scan.site,
        scan.contrast or "",
        variant.name,
        parameter.unit,
    )


def _verdict(code: str, template: Rule, failures: list[_Failure]) -> Verdict:
    scan, observed, parameter, variant, judged = failures[0]
    contrast = scan.contrast or ""
    unit = f" {parameter.unit}" if parameter.unit else ""
    shown = value_text(observed) + (unit if not isinstance(observed, str) else "")
    message = render(
        template.message,
        {
            "contrast": contrast,
            "parameter": parameter.name,
            "observed": shown,
            "expected": parameter.expected_text(),
            "variant": variant.title or variant.name,
            "site": scan.site,
            "subject": scan.subject,
            "path": scan.path,
        },
    )
    severity = Severity(parameter.level) if parameter.level else None
    if judged.older is not None:
        message = f"{message.rstrip('.')}; it agrees with {judged.older.text()}"
        if judged.excused:
            message += ", which was in force on the date of scan"
            severity = Severity.WARNING
    alike = all(failure[1] == observed for failure in failures)
    return Verdict(
        code,
        Outcome.NOT_MET,
        scan.path,
        scan.site,
        contrast,
        message=message,
        sub_code=contrast,
        observed=observed if alike else f"{len(failures)} scans, several values",
        expected=parameter.expected_text(),
        suggestion=parameter.note,
        remedy=Remedy(parameter.remedy) if parameter.remedy else None,
        severity=severity,
        affects=tuple(failure[0].path for failure in failures[1:]),
    )
