"""What goes with an image: the files beside it, the raw image, the results made from it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from ..changes import DESCRIBING, stem_of
from ..dataset import IMAGES, Dataset, Scan, Stage

SOURCE = "sourcedata/"


class Companions(NamedTuple):
    """The files that go with one image.

    Attributes
    ----------
    sidecars, gradients
        Beside it: JSON, bval and bvec.
    twins
        The raw image under sourcedata/ of one at the root, or the other way round, and what lies
        beside it.
    derivatives
        Results whose name says that they were made from it, and their sidecars.
    """

    sidecars: tuple[str, ...] = ()
    gradients: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()
    derivatives: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.sidecars, *self.gradients, *self.twins, *self.derivatives)

    def among(self, paths: Container[str]) -> Companions:
        """Keep those that are among some paths."""
        return Companions(*(tuple(path for path in group if path in paths) for group in self))

    def told(self) -> str:
        """Name them in words; "" where there are none."""
        parts = ["its sidecar"] if self.sidecars else []
        if self.gradients:
            ends = sorted({path.rpartition(".")[2] for path in self.gradients})
            parts.append(f"its {' and '.join(ends)}")
        images = [path for path in self.twins if path.endswith(IMAGES)]
        raw = any(path.startswith(SOURCE) for path in self.twins)
        if images:
            parts.append(f"its raw image under {SOURCE}" if raw else "the image at the root")
        elif self.twins:
            parts.append("the raw image's sidecar" if raw else "the root image's sidecar")
        number = sum(1 for path in self.derivatives if path.endswith(IMAGES))
        if number:
            parts.append(f"{number} derivative{'s' if number > 1 else ''}")
        elif self.derivatives:
            parts.append("sidecars of derivatives")
        return joined(parts)


class Kinship:
    """Finds the companions of a dataset's images."""

    def __init__(self, dataset: Dataset) -> None:
        self._entries = dataset.entries
        self._made: dict[tuple[str, str, str], list[str]] = {}
        for scan in dataset.scans:
            name = scan.name
            if scan.stage is Stage.DERIVATIVE and name is not None and name.shape.source:
                key = scan.subject, scan.session, name.source
                self._made.setdefault(key, []).append(scan.path)

    def of(self, scan: Scan) -> Companions:
        """Return what goes with an image."""
        path = scan.path
        texts = self._beside(path)
        twins: list[str] = []
        made: list[str] = []
        if scan.stage is not Stage.DERIVATIVE:
            raw = path.startswith(SOURCE)
            twin = path.removeprefix(SOURCE) if raw else SOURCE + path
            twins = [twin] if twin in self._entries else []
            if not (raw and twins):
                for result in self._results(scan):
                    made += [result, *self._beside(result)]
            twins += self._beside(twin)
        return Companions(
            tuple(text for text in texts if text.endswith(".json")),
            tuple(text for text in texts if not text.endswith(".json")),
            tuple(twins),
            tuple(made),
        )

    def _results(self, scan: Scan) -> Iterable[str]:
        stem = stem_of(scan.path).rpartition("/")[2]
        return self._made.get((scan.subject, scan.session, stem), ())

    def _beside(self, image: str) -> list[str]:
        stem = stem_of(image)
        return [stem + end for end in DESCRIBING if stem + end in self._entries]


def joined(parts: Sequence[str]) -> str:
    """Join words as in a sentence.

    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
