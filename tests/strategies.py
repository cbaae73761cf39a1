"""Hypothesis strategies for BIDS names and paths, and for what is none."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from spinegate.validator.entities import ENTITY_ORDER, format_name, format_path

LABELS = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=8
)
INDICES = st.integers(0, 99).map(str)
SUFFIXES = st.sampled_from(["T1w", "T2w", "T2star", "MTS", "dwi", "bold", "UNIT1"])
EXTENSIONS = st.sampled_from([".nii.gz", ".nii", ".json", ".bval", ".bvec"])
DATATYPES = st.sampled_from(["anat", "dwi", "func", "fmap"])
FOLDERS = st.sampled_from(["", "sourcedata", "derivatives/labels", "derivatives/labels_softseg"])
FREE_ENTITIES = st.sampled_from([key for key in ENTITY_ORDER if key not in {"sub", "ses"}])


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a path, from which it is written and to which it must be read again."""

    folder: str
    entities: dict[str, str]
    datatype: str
    suffix: str
    extension: str
    source: str = ""

    @property
    def path(self) -> str:
        return format_path(
            self.entities,
            self.suffix,
            self.extension,
            datatype=self.datatype,
            folder=self.folder,
            source=self.source,
        )


@st.composite
def image_parts(draw: st.DrawFn) -> Parts:
    """The parts of a raw file's path, its entities in any order."""
    pairs = {"sub": draw(LABELS)}
    if draw(st.booleans()):
        pairs["ses"] = draw(LABELS)
    pairs |= draw(st.dictionaries(FREE_ENTITIES, LABELS, max_size=4))
    order = draw(st.permutations(list(pairs)))
    return Parts(
        folder=draw(FOLDERS),
        entities={key: pairs[key] for key in order},
        datatype=draw(DATATYPES),
        suffix=draw(SUFFIXES),
        extension=draw(EXTENSIONS),
    )


@st.composite
def derivative_parts(draw: st.DrawFn) -> Parts:
    """The parts of a derivative that names its source: `sub-x_T1w_label-SC_seg`."""
    image = draw(image_parts())
    source = format_name(image.entities, image.suffix, ".json").removesuffix(".json")
    own = {"label": draw(LABELS)}
    if draw(st.booleans()):
        own["desc"] = draw(LABELS)
    own = {key: label for key, label in own.items() if key not in image.entities}
    own = own or {"label": image.entities["label"] + "x"}
    return Parts(
        folder="derivatives/labels",
        entities={**image.entities, **own},
        datatype=image.datatype,
        suffix=draw(st.sampled_from(["seg", "dseg", "dlabel", "softseg"])),
        extension=draw(st.sampled_from([".nii.gz", ".json"])),
        source=source,
    )


ESCAPED_BYTES = st.binary(max_size=40).map(lambda raw: raw.decode("utf-8", "backslashreplace"))
SURROGATES = st.binary(max_size=40).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
NAME_LIKE = st.text("sub-_./T1wnigzé\n\t \x00\\*[]A0+", max_size=60)
ANY_NAMES = st.one_of(st.text(max_size=60), ESCAPED_BYTES, SURROGATES, NAME_LIKE)
ANY_PATHS = st.lists(ANY_NAMES, min_size=1, max_size=4).map("/".join)
"""Whatever a disk or a stranger's commit can hold."""

JSON_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.text(max_size=8),
)
JSON_VALUES = st.recursive(
    JSON_SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=7), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=9,
)
"""Whatever a stranger's sidecar can hold for a key."""
