"""Says in one sentence what several findings of one kind say in many."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_SUBJECT = re.compile(r"sub-[0-9A-Za-z+]+")
_UNITS = (
    "s",
    "ms",
    "mm",
    "cm",
    "T",
    "Hz",
    "Hz/px",
    "V",
    "W/kg",
    "kg",
    "%",
    "°",
    "deg",
    "degree",
    "degrees",
)
_GLUE = re.compile(
    rf"(?<=[0-9]) (?=(?:{'|'.join(map(re.escape, _UNITS))})(?![0-9A-Za-z]))|(?<=±) "
)
_NUMBER = re.compile(r"(-?[0-9]{1,12}(?:\.[0-9]{1,12})?)( ?[^0-9]*)")
_VALUES = 4  # different values written out in one sentence
_LENGTH = 40  # characters of one value
_KINDS = 3  # sentences that stand side by side; of more only the first is shown
_LONGEST = 300  # characters of that one


def anonymous(message: str, participant: str) -> str:
    """Return the message without its participant, so that equal faults read equal.

    >>> anonymous('no sidecar for sub-amu01_T2w.nii.gz', 'sub-amu01')
    'no sidecar for sub-*_T2w.nii.gz'
    """
    if not participant or participant not in message:
        return message
    return _SUBJECT.sub(lambda m: "sub-*" if m[0] == participant else m[0], message)


def merge(messages: Sequence[str]) -> list[tuple[str, list[int]]]:
    """Say many messages in few: those that differ in one value share a sentence.

    Returns
    -------
    list
        (sentence, indices of the messages that it stands for), the most frequent first.

    >>> merge(['TE 2 s, expected 1 s', 'TE 3 s, expected 1 s', 'TE 2 s, expected 1 s'])
    [('TE 2 s ×2, 3 s ×1, expected 1 s', [0, 1, 2])]
    """
    by_tail: dict[tuple[str, str], list[int]] = {}
    for index, message in enumerate(messages):
        head, comma, tail = message.partition(", ")
        by_tail.setdefault((head.partition(" ")[0], comma + tail), []).append(index)
    merged: list[tuple[str, list[int]]] = []
    for (_, tail), indices in by_tail.items():
        heads = [messages[i].partition(", ")[0] for i in indices]
        if joined := _join(heads):
            merged.append((joined + tail, indices))
            continue
        for head in dict.fromkeys(heads):
            own = [i for i, other in zip(indices, heads, strict=True) if other == head]
            merged.append((head + tail, own))
    merged.sort(key=lambda item: -len(item[1]))
    if len(merged) <= _KINDS:
        return merged
    more = f" (and {len(merged) - 1} more like it)"
    return [(shorten(merged[0][0], _LONGEST) + more, list(range(len(messages))))]


def _join(heads: list[str]) -> str:
    """Join clauses that differ in one value: 'TR 2 s', 'TR 3 s' -> 'TR 2 s ×1, 3 s ×1'.

    Returns '' where they differ in more than that.
    """
    counts = Counter(heads)
    if len(counts) == 1:
        return heads[0]
    split = {head: head.split(" ") for head in counts}
    before = _common(list(split.values()))
    after = _common([words[before:][::-1] for words in split.values()])
    some = next(iter(split.values()))
    while after and some[len(some) - after] in _UNITS:  # the unit belongs to its value
        after -= 1
    values: Counter[str] = Counter()
    for head, count in counts.items():
        words = split[head]
        values[" ".join(words[before : len(words) - after])] += count
    if any(len(value) > _LENGTH or ";" in value or ":" in value for value in values):
        return ""
    listed = _range(list(values)) if len(values) > _VALUES else ""
    return " ".join([*some[:before], listed or _list(values), *some[len(some) - after :]])


def _list(values: Counter[str]) -> str:
    often = values.total() > len(values)
    listed = [f"{v} ×{n}" if often else v for v, n in values.most_common(_VALUES)]
    more = len(values) - _VALUES
    return ", ".join(listed) + (f" and {more} other value{'s' * (more > 1)}" if more > 0 else "")


def _range(values: list[str]) -> str:
    """Say from where to where numbers of one unit go; '' where they aren't that."""
    matches = [_NUMBER.fullmatch(value) for value in values]
    numbers = {float(match[1]): match for match in matches if match}
    if len(numbers) < len(values) or len({match[2] for match in numbers.values()}) > 1:
        return ""
    low, high = numbers[min(numbers)], numbers[max(numbers)]
    return f"{low[1]} to {high[1]}{high[2]} ({len(values)} values)"


def _common(rows: list[list[str]]) -> int:
    """Return how many first words all rows share, leaving each at least one."""
    length = 0
    for words in zip(*rows, strict=False):
        if len(set(words)) > 1:
            break
        length += 1
    return min(length, min(map(len, rows)) - 1)


def shorten(text: str, length: int) -> str:
    """Cut a text that is too long for a line."""
    return text if len(text) <= length else text[: length - 1] + "…"


def glued(text: str) -> str:
    """Return the text with no-break spaces between numbers and units, for wrapping."""
    return _GLUE.sub("\xa0", text)
