"""What a user asks of `spinegate validate`, as a value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one run; see the command's help for what each means."""

    dataset: Path
    ref: str | None = None
    base: str | None = None
    spec: str | None = None
    profile: str | None = None
    labels: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    bids: str = "names"
    headers: str = "local"
    private_remotes: bool = False
    images: str = "local"
    formats: tuple[str, ...] = ("text",)
    outputs: tuple[Path, ...] = ()
    letter: str | None = None
    load: Path | None = None
    with_plan: Path | None = None

    def check(self, formats: Sequence[str]) -> None:
        """Refuse what can't be done.

        Raises
        ------
        click.UsageError
            With what to do instead.
        """
        for name in self.formats:
            if name not in formats:
                raise click.UsageError(f"no format {name!r}; there are {', '.join(formats)}")
        if len(self.outputs) > len(self.formats):
            raise click.UsageError("each --output needs a --format of its own")
        spoken = len(self.formats) - sum(str(output) != "-" for output in self.outputs)
        if spoken > 1:
            raise click.UsageError("only one report can go to the screen: add --output for others")
        reading = (self.labels, self.only, self.ref, self.base, self.with_plan)
        if self.load is not None and any(reading):
            raise click.UsageError(
                "--load shows a report as it was saved: leave out --participant-label, "
                "--only, --ref, --base and --with-plan"
            )


def split_list(values: Iterable[str]) -> tuple[str, ...]:
    """Split a repeatable option whose values may also be joined by commas."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


class VariadicCommand(click.Command):
    """A command some of whose options take several words: ``--participant-label a b c``."""

    def __init__(self, *arguments: Any, variadic: tuple[str, ...] = (), **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._variadic = variadic

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give every further word of such an option an option of its own."""
        return super().parse_args(ctx, list(self._spread(args)))

    def _spread(self, args: list[str]) -> Iterable[str]:
        option, taken = "", 0
        for index, word in enumerate(args):
            if word == "--":
                yield from args[index:]
                return
            if word.startswith("-"):
                option, taken = (word if word in self._variadic else ""), 0
            elif option and taken and not Path(word).is_dir():
                yield option
                taken += 1
            elif option:
                taken += 1
                if taken > 1:  # a folder after the list is the dataset
                    option = ""
            yield word
