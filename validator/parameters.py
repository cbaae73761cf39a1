"""The protocol's parameters: one template rule covers them all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..protocol_specs.parameter import Parameter, Place
from ..protocol_specs.variant import Variant
from ..rules.rule import METRICS, Rule
from .dataset import Scan
from .deviations import Deviation, gather, tell
from .finding import Outcome
from .inspection import Inspection
from .ledger import Ledger
from .observed import incomparable, observe
from .result import Value
from .span import Span, accepted_spans, nearest_span
from .units import is_plausible

_OUTCOMES = {True: Outcome.MET, False: Outcome.NOT_MET, None: Outcome.NOT_DETERMINABLE}
_SCALARS = frozenset((int, float, str))


@dataclass(slots=True)
class _Plan:
    """One parameter of one contrast, with what is the same for all its scans."""

    parameter: Parameter
    code: str
    direct: bool
    tolerance: str
    target: Any
    spans: tuple[Span, ...]
    known: dict[tuple[type, Any], bool | None] = field(default_factory=dict)

    def accepts(self, observed: Any) -> bool | None:
        """Compare a value; the few that all scans share are compared once."""
        kind = type(observed)
        key: tuple[type, Any] = kind, observed
        if kind is list and all(type(word) is str for word in observed):
            key = kind, tuple(observed)
        elif kind not in _SCALARS:
            return self.parameter.accepts(observed)
        if key not in self.known:
            self.known[key] = self.parameter.accepts(observed)
        return self.known[key]


def check_parameters(inspection: Inspection, template: Rule, ledger: Ledger) -> list[Value]:
    """Judge every parameter of every raw scan by the variant that its scanner was given.

    A deviation at error level is a finding per scan, or one for the site where all its scans of
    the contrast share it; one at warning level is a finding per site. A scan that kept to the
    version of the protocol that was in force on its date meets a parameter of warning level,
    and gets a warning for one of error level.
    """
    values: list[Value] = []
    deviations: list[Deviation] = []
    counts: dict[tuple[str, str, str], list[int]] = {}
    plans: dict[tuple[str, str], list[_Plan]] = {}
    for scan in inspection.raw:
        contrast, site = scan.contrast, scan.site
        if contrast is None or contrast not in inspection.spec.contrasts:
            continue  # what looks like a localizer is none of the protocol's
        variant = inspection.variant(scan)
        if variant is None:
            continue
        place = variant.name, contrast
        if place not in plans:
            plans[place] = _plan(variant, contrast, template, inspection, ledger)
        for plan in plans[place]:
            parameter = plan.parameter
            if plan.direct:
                observed, reason = scan.sidecar.get(parameter.name), ""
            else:
                observed, reason = observe(inspection, scan, parameter)
            accepted = plan.accepts(observed)
            excused = False
            if accepted is False and _is_in_wrong_unit(scan, parameter):
                accepted = None  # its own rule says so
                ledger.blind(plan.code, "its unit is wrong")
            elif accepted is False:
                deviation = _deviation(inspection, plan, scan, observed, variant)
                excused = deviation.judged.excused
                if excused and parameter.level == "warning":
                    accepted = True
                elif parameter.level != "ignore":
                    deviations.append(deviation)
            elif accepted is None:
                if observed is not None:
                    reason = incomparable(parameter, observed)
                ledger.blind(plan.code, reason or f"no {parameter.name} in the sidecar")
            outcome = _OUTCOMES[accepted]
            tally = counts.setdefault((plan.code, site, contrast), [0, 0, 0])
            tally[0 if accepted else 2 if accepted is None else 1] += 1
            values.append(
                Value(
                    scan.path, parameter.name, observed, plan.target, plan.tolerance, outcome,
                    site, contrast, variant.name, parameter.unit,
                    *nearest_span(plan.spans, observed), excused,
                )
            )  # fmt: skip
    _write(ledger, inspection, template, counts, deviations)
    return values


def _is_in_wrong_unit(scan: Scan, parameter: Parameter) -> bool:
    """Whether a rule for units rejects what the parameter is read from."""
    if parameter.where is Place.HEADER:
        return False
    key = "EchoTime" if parameter.name == "EchoSpacing" else parameter.name
    suffix = scan.name.suffix if scan.name is not None else None
    return not is_plausible(key, scan.sidecar.get(key), suffix)


def _deviation(
    inspection: Inspection, plan: _Plan, scan: Scan, observed: Any, variant: Variant
) -> Deviation:
    judged = variant.judge(
        scan.contrast or "", plan.parameter.name, observed, inspection.date(scan)
    )
    assert judged is not None
    return Deviation(plan.code, scan, observed, plan.parameter, variant, judged)


def _write(
    ledger: Ledger,
    inspection: Inspection,
    template: Rule,
    counts: Mapping[tuple[str, str, str], list[int]],
    deviations: list[Deviation],
) -> None:
    order = (Outcome.MET, Outcome.NOT_MET, Outcome.NOT_DETERMINABLE)
    for (code, site, contrast), tally in counts.items():
        for outcome, number in zip(order, tally, strict=True):
            if number:
                ledger.count(code, outcome, site, contrast, number)
    judged = {place: tally[0] + tally[1] for place, tally in counts.items()}
    for group in gather(deviations, judged):
        total = sum(judged[place] for place in {deviation.place for deviation in group})
        ledger.find(tell(group, total, template, inspection.spec))


def _plan(
    variant: Variant, contrast: str, template: Rule, inspection: Inspection, ledger: Ledger
) -> list[_Plan]:
    concerns = inspection.spec.contrasts[contrast].concerns
    plans = []
    for parameter in variant.parameters(contrast).values():
        code = parameter.code
        _add_rule(ledger, template, code, concerns)
        target = parameter.target
        plans.append(
            _Plan(
                parameter,
                code,
                # A file per echo holds its own echo time, which `observe` knows.
                parameter.where is Place.SIDECAR and parameter.name != "EchoTime",
                parameter.tolerance.text(parameter.unit),
                list(target) if isinstance(target, tuple) else target,
                accepted_spans(parameter),
            )
        )
    return plans


def _add_rule(ledger: Ledger, template: Rule, code: str, concerns: tuple[str, ...]) -> None:
    """Put the parameter's own rule into the book; it concerns what all its contrasts concern."""
    known = ledger.rules.get(code)
    if known is None:
        title = code.replace("_", " ").capitalize()
        ledger.rules[code] = replace(template, code=code, title=title, concerns=concerns)
    elif not set(concerns) <= set(known.concerns):
        both = {*known.concerns, *concerns}
        merged = tuple(metric for metric in METRICS if metric in both)
        ledger.rules[code] = replace(known, concerns=merged)
