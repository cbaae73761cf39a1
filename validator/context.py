"""What a rule's expressions may read of a scan, a series, a participant, the dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from ..protocol_specs.variant import Variant
from ..rules.language.context import Context
from .contents import Presence, read_header_bytes
from .dataset import Dataset, Scan
from .gradients import Gradients, read_gradients
from .nifti import FIRST, LIMIT, Header, HeaderError, parse_header

_NOTHING: Mapping[str, Any] = {}


ABSENT = "the image's content is not here"
OFF = "headers are not read in this run"
_SPOILT = "what the remote sent is no image"


class Source(Protocol):
    """Where the first bytes of images come from whose content isn't here."""

    def __call__(self, scan: Scan) -> bytes | None:
        """Return an image's first bytes, None where they can't be had."""

    def reason(self, scan: Scan) -> str:
        """Return why they can't be had, "" where they can or weren't asked for."""


class Headers:
    """Headers of the images at hand, each read once and only when asked for."""

    def __init__(
        self, dataset: Dataset, enabled: bool = True, source: Source | None = None
    ) -> None:
        self._dataset = dataset
        self._enabled = enabled
        self._source = source
        self._known: dict[str, Header | HeaderError | None] = {}

    def of(self, scan: Scan) -> Header | None:
        """Return a scan's header; None where it isn't at hand or is broken."""
        header = self.read(scan)
        return None if isinstance(header, HeaderError) else header

    def read(self, scan: Scan) -> Header | HeaderError | None:
        """Return a scan's header, or what is wrong with it; None where it isn't at hand."""
        if not self._enabled:
            return None
        if scan.path not in self._known:
            self._known[scan.path] = self._read(scan)
        return self._known[scan.path]

    def has(self, scan: Scan) -> bool:
        """Say whether a scan's header is at hand, or what is wrong with it known."""
        if scan.content.presence is Presence.PRESENT:
            return True
        return self._source is not None and self.read(scan) is not None

    def reason(self, scan: Scan) -> str:
        """Return why a scan's header isn't at hand."""
        if not self._enabled:
            return OFF
        if self._source is None or scan.content.presence is Presence.PRESENT:
            return ABSENT
        return self._source.reason(scan) or (_SPOILT if self._source(scan) else ABSENT)

    def _read(self, scan: Scan) -> Header | HeaderError | None:
        if scan.content.presence is not Presence.PRESENT:
            return self._read_source(scan)
        try:
            for limit in (FIRST, LIMIT):
                content = read_header_bytes(self._dataset.tree, scan.entry, scan.content, limit)
                if content is None:
                    return None
                whole = len(content) <= limit or limit == LIMIT
                header = parse_header(content, complete=whole)
                if header is not None:
                    _check_packing(scan.path, content)
                    return header
        except HeaderError as error:
            return error
        return None

    def _read_source(self, scan: Scan) -> Header | None:
        """Read a header from elsewhere; bytes that a server spoilt say nothing of the image."""
        content = self._source(scan) if self._source is not None else None
        try:
            return None if content is None else parse_header(content)
        except HeaderError:
            return None


def _check_packing(path: str, content: bytes) -> None:
    """Refuse what other programs refuse: they unpack by the name, not by the content."""
    packed = content[:2] == b"\x1f\x8b"
    if packed != path.endswith(".gz"):
        said = "compressed, but named .nii" if packed else "named .nii.gz, but not compressed"
        raise HeaderError(f"it is {said}")


class LazyContext(Context):
    """A context whose costly parts are made when they are first asked for."""

    __slots__ = ("_lazy", "why_no_header")

    def __init__(
        self,
        eager: Mapping[str, Any],
        lazy: Mapping[str, Callable[[], Any]],
        why_no_header: Callable[[], str] = lambda: ABSENT,
    ) -> None:
        super().__init__(eager)
        self._lazy, self.why_no_header = lazy, why_no_header

    def __missing__(self, name: str) -> Any:
        make = self._lazy.get(name)
        value = self[name] = make() if make is not None else None
        return value


class Contexts:
    """Makes the contexts of one dataset."""

    def __init__(self, dataset: Dataset, headers: Headers) -> None:
        self.dataset, self.headers = dataset, headers
        self._shared: dict[str, Any] = {
            "dataset_description": dataset.description(),
            "subjects": list(dataset.subjects),
        }

    @cached_property
    def gradients(self) -> Mapping[str, Gradients]:
        """All bval and bvec files, read when a rule first asks for one."""
        return read_gradients(self.dataset)

    def scan(self, scan: Scan, variant: Variant | None) -> LazyContext:
        """Make the context of one scan."""
        name = scan.name
        path = scan.path
        parameters: Mapping[str, Any] = _NOTHING
        if variant is not None and scan.contrast is not None:
            parameters = variant.parameters(scan.contrast)
        eager = {
            "path": path,
            "sidecar": scan.sidecar,
            "contrast": scan.contrast,
            "stage": scan.stage.value,
            "presence": scan.content.presence.value,
            "site": scan.site or None,
            "suffix": name.suffix if name else None,
            "datatype": (name.datatype or None) if name else None,
            "extension": name.extension if name else path[path.rfind(".nii") :],
            "spec": parameters,
            "participant": self.dataset.by_participant.get(scan.subject),
        }
        return LazyContext(
            eager,
            {
                "entities": lambda: _entities(scan),
                "modality": lambda: "mri",
                "nifti_header": lambda: self.headers.of(scan),
                "associations": lambda: self._associations(scan),
                "subject": lambda: scan.subject or None,
                "session": lambda: scan.session or None,
                "dataset": lambda: self._shared,
            },
            lambda: self.headers.reason(scan),
        )

    def series(self, name: str, members: Sequence[tuple[Scan, Variant | None]]) -> LazyContext:
        """Make the context of one series: lists of its members' values, in their order."""
        scans = [scan for scan, _ in members]
        first = scans[0]
        return LazyContext(
            {
                "series": SeriesContext(name, scans, self.headers),
                "path": first.path,
                "site": first.site or None,
                "stage": first.stage.value,
                "participant": self.dataset.by_participant.get(first.subject),
                "contrast": None,
                "suffix": None,
                "datatype": None,
                "extension": None,
            },
            {
                "subject": lambda: first.subject or None,
                "session": lambda: first.session or None,
                "dataset": lambda: self._shared,
            },
            lambda: self._why_no_headers(scans),
        )

    def _why_no_headers(self, scans: Sequence[Scan]) -> str:
        absent = [scan for scan in scans if self.headers.of(scan) is None]
        return self.headers.reason(absent[0]) if absent else ABSENT

    def _associations(self, scan: Scan) -> dict[str, Any]:
        stem = scan.path.removesuffix(".gz").removesuffix(".nii")
        found = {kind: self.gradients.get(f"{stem}.{kind}") for kind in ("bval", "bvec")}
        return {kind: file.to_context() for kind, file in found.items() if file is not None}


class SeriesContext(dict[str, Any]):
    """`series` in an expression; `series.sidecar.X` is null where a member lacks X."""

    def __init__(self, name: str, scans: Sequence[Scan], headers: Headers) -> None:
        super().__init__(
            name=name,
            contrasts=[scan.contrast for scan in scans],
            paths=[scan.path for scan in scans],
            sidecar=SeriesSidecar([scan.sidecar for scan in scans]),
        )
        self._scans, self._headers = scans, headers

    def get(self, name: str, default: Any = None) -> Any:
        """Return a part of the series; headers are read only when asked for."""
        if name == "headers" and name not in self:
            found = [self._headers.of(scan) for scan in self._scans]
            self[name] = None if None in found else found
        return super().get(name, default)


class SeriesSidecar(dict[str, Any]):
    """The members' values of a key, as a list; null where one of them lacks it."""

    def __init__(self, sidecars: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        self._sidecars = sidecars

    def get(self, key: str, default: Any = None) -> Any:
        """Return one value per member, in order."""
        if key not in self:
            values = [sidecar.get(key) for sidecar in self._sidecars]
            self[key] = None if None in values else values
        value = super().get(key)
        return default if value is None else value


def _entities(scan: Scan) -> dict[str, str]:
    return scan.name.entities if scan.name else {}
