"""What deviates from the protocol, put together where a site shares it, and told in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..protocol_specs.parameter import Parameter, value_text
from ..protocol_specs.spec import Spec
from ..protocol_specs.variant import Variant
from ..protocol_specs.variant import Verdict as Judgement
from ..rules.rule import METRICS, Rule, render
from .dataset import Scan
from .finding import Outcome, Remedy, Scope, Severity
from .verdict import Verdict

_LONGEST = 80  # characters of an observed value
_SHOWN = 3  # different values of a group
_OF_ITS_DAY = (
    "Nothing to correct at the scanner. Keep the older values in mind where sites are compared, "
    "or waive this with a reason."
)
_DEGREES = re.compile(r"(\S+) degree\b")


@dataclass(frozen=True, slots=True)
class Deviation:
    """One parameter of one scan that isn't the protocol's."""

    code: str
    scan: Scan
    observed: Any
    parameter: Parameter
    variant: Variant
    judged: Judgement

    @property
    def place(self) -> tuple[str, str, str]:
        """What it is counted under: code, site, contrast."""
        return self.code, self.scan.site, self.scan.contrast or ""

    @property
    def is_error(self) -> bool:
        """Whether it is more than a warning."""
        return self.parameter.level != "warning" and not self.judged.excused


def gather(
    deviations: Sequence[Deviation], judged: Mapping[tuple[str, str, str], int]
) -> list[list[Deviation]]:
    """Put together what is one finding, in the order of the deviations.

    Warnings of a site that ask for the same are one; errors are one where every scan of the
    site's contrast, of two participants or more, has the same wrong value.

    Parameters
    ----------
    judged
        (code, site, contrast) -> how many scans could be judged.
    """
    sets: dict[tuple[str, str, str], list[Deviation]] = {}
    for deviation in deviations:
        sets.setdefault(deviation.place, []).append(deviation)
    shared = {place for place, found in sets.items() if _is_shared(found, judged[place])}
    groups: dict[tuple[Any, ...], list[Deviation]] = {}
    for deviation in deviations:
        code, site, _ = deviation.place
        asked = deviation.parameter.expected_text()
        key: tuple[Any, ...] = (code, site, asked)
        if not deviation.is_error:
            key += (deviation.judged.excused,)
        elif deviation.place in shared:
            key += (repr(deviation.observed),)
        else:
            key = (deviation.code, deviation.scan.path)
        groups.setdefault(key, []).append(deviation)
    return list(groups.values())


def _is_shared(found: Sequence[Deviation], judged: int) -> bool:
    first = repr(found[0].observed)
    return (
        len(found) == judged
        and len({deviation.scan.subject for deviation in found}) > 1
        and all(each.is_error and repr(each.observed) == first for each in found)
    )


def tell(group: Sequence[Deviation], total: int, template: Rule, spec: Spec) -> Verdict:
    """Make one verdict of a group.

    Parameters
    ----------
    total
        How many scans of these contrasts the site has, of those that could be judged.
    """
    first = group[0]
    scan, parameter = first.scan, first.parameter
    named = {deviation.scan.contrast or "" for deviation in group}
    contrasts = [name for name in spec.contrasts if name in named]
    observed = _observed_text(group)
    if len(group) > 1:
        every = "both" if total == 2 else f"all {total}"
        observed += f" in {every} scans" if len(group) == total else (
            f" in {len(group)} of {total} scans"
        )  # fmt: skip
    message = render(
        template.message,
        {
            "contrast": ", ".join(contrasts),
            "parameter": parameter.name,
            "observed": observed,
            "expected": _expected_text(parameter),
            "variant": short_title(first.variant),
            "site": scan.site,
            "subject": scan.subject,
            "path": scan.path,
        },
    )
    excused = first.judged.excused
    concerned = {metric for name in contrasts for metric in spec.contrasts[name].concerns}
    severity = Severity.WARNING if excused else None
    if parameter.level and not excused:
        severity = Severity(parameter.level)
    return Verdict(
        first.code,
        Outcome.NOT_MET,
        scan.path,
        scan.site,
        contrasts[0] if len(contrasts) == 1 else "",
        message=message + _older_text(group),
        sub_code=parameter.name,
        observed=_observed_value(group),
        expected=parameter.expected_text(),
        suggestion=_OF_ITS_DAY if excused else "",
        remedy=Remedy.WAIVE if excused else Remedy(parameter.remedy) if parameter.remedy else None,
        severity=severity,
        scope=Scope.SITE if len(group) > 1 else None,
        affects=tuple(deviation.scan.path for deviation in group[1:]),
        concerns=tuple(metric for metric in METRICS if metric in concerned),
    )


def short_title(variant: Variant) -> str:
    """Return a variant's title without a list of models: `GE`, but `Siemens Verio (VB17)`."""
    title = variant.title or variant.name
    return title.partition(" (")[0] if "," in title else title


@lru_cache(maxsize=1024)
def in_degrees(text: str) -> str:
    """Write the unit of angles as people do.

    >>> in_degrees("120 degree ± 1 degree")
    '120 degrees ± 1 degree'
    """
    return _DEGREES.sub(lambda found: found[0] + ("" if found[1] == "1" else "s"), text)


def _is_lack(parameter: Parameter) -> bool:
    """Whether all that is asked is one word in a list."""
    return parameter.contains is not None and parameter.target is None and not parameter.pattern


def _expected_text(parameter: Parameter) -> str:
    if _is_lack(parameter):
        return str(parameter.contains)
    text = in_degrees(parameter.expected_text())
    return f"{text} ({parameter.note})" if parameter.note else text


def _observed_text(group: Sequence[Deviation]) -> str:
    parameter = group[0].parameter
    if _is_lack(parameter):
        return f"lacks {parameter.contains}" + (f" ({parameter.note})" if parameter.note else "")
    shown = list(dict.fromkeys(_shown(deviation.observed, parameter.unit) for deviation in group))
    more = f" and {len(shown) - _SHOWN} other values" if len(shown) > _SHOWN else ""
    return "is " + " or ".join(shown[:_SHOWN]) + more


def _shown(value: Any, unit: str) -> str:
    text = value_text(value)
    if len(text) > _LONGEST:
        return text[:_LONGEST] + "…"
    return in_degrees(f"{text} {unit}") if unit and not isinstance(value, str) else text


def _observed_value(group: Sequence[Deviation]) -> Any:
    values = _distinct(deviation.observed for deviation in group)
    return values[0] if len(values) == 1 else values


def _distinct(values: Iterable[Any]) -> list[Any]:
    return list({repr(value): value for value in values}.values())


def _older_text(group: Sequence[Deviation]) -> str:
    """Say with which earlier version of the protocol the scans agree."""
    told = Counter(each.judged.older.text() for each in group if each.judged.older is not None)
    parts = []
    for text, count in told.items():
        who = "This agrees" if count == len(group) else f"{count} of them agree"
        parts.append(f" {who} with {text}")
    end = ", which was in force on the date of scan" if group[0].judged.excused else ""
    return "".join(f"{part}{end}." for part in parts)
