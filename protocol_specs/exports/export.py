"""What one export file said, whatever its vendor and format."""

from __future__ import annotations

from dataclasses import dataclass, field

Setting = float | int | str


@dataclass(frozen=True, slots=True)
class Step:
    """One scan of an exported protocol.

    Attributes
    ----------
    name
        As the export calls it.
    values
        BIDS key to value, in BIDS units (seconds, degree, mm, Hz/px).
    directions, b_values
        Diffusion: number of directions and shells in s/mm2, b = 0 left out.
    """

    name: str
    values: dict[str, Setting] = field(default_factory=dict)
    directions: int | None = None
    b_values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """One export file, read.

    Attributes
    ----------
    file, kind
        Its name, and what it was taken for.
    unread
        What such a file holds and this program doesn't read, for people.
    """

    file: str
    kind: str
    manufacturer: str
    model: str
    software: str
    steps: tuple[Step, ...]
    unread: str

    def report(self) -> str:
        """Say what was read of the file and what wasn't."""
        lines = [f"{self.file}: {self.kind}, {len(self.steps)} scans"]
        for step in self.steps:
            read = ", ".join(step.values) or "its name only"
            lines.append(f"  {step.name}: {read}")
        return "\n".join([*lines, f"  not read: {self.unread}"])
