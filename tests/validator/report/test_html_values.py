from __future__ import annotations

from typing import Any

from spinegate.validator.finding import Outcome
from spinegate.validator.report.html_values import Paths, parameter_series, people_of
from spinegate.validator.result import Value


def value(participant: str, observed: Any, **more: Any) -> Value:
    fields: dict[str, Any] = {
        "path": f"sourcedata/{participant}/anat/{participant}_T2w.nii.gz",
        "parameter": "EchoTime",
        "target": 0.1,
        "tolerance": "± 5 %",
        "outcome": Outcome.MET if observed is not None else Outcome.NOT_DETERMINABLE,
        "site": participant[4:-2],
        "contrast": "T2w",
        "variant": "siemens-prisma",
        "unit": "s",
        "low": 0.095,
        "high": 0.105,
        **more,
    }
    return Value(observed=observed, **fields)


def series_of(*values: Value) -> list[dict[str, Any]]:
    return parameter_series(values, people_of(values), Paths())


def test_participants_stand_by_vendor_variant_and_site() -> None:
    values = [
        value("sub-b01", 1), value("sub-a02", 1), value("sub-a01", 1),
        value("sub-c01", 1, variant="ge"), value("sub-d01", 1, variant=""),
        value("sub-e01", 1, variant="siemens-biograph"),
    ]  # fmt: skip
    people = people_of(values)
    order = ["sub-c01", "sub-e01", "sub-a01", "sub-a02", "sub-b01", "sub-d01"]
    assert [person[0] for person in people] == order
    assert [person[3] for person in people] == ["GE", *["Siemens"] * 4, ""]


def test_series_holds_every_scan_with_its_limits() -> None:
    (series,) = series_of(
        value("sub-a01", 0.1),
        value("sub-a02", 0.2, outcome=Outcome.NOT_MET),
        value("sub-a03", None),
        value("sub-b01", 0.3, variant="ge", target=0.3, tolerance="", low=0.3, high=None),
    )
    assert series["code"] == "ECHO_TIME_OUT_OF_TOLERANCE"
    assert (series["counts"], series["readable"], series["unit"]) == ([2, 1, 1], 3, "s")
    assert series["limits"] == [
        ["0.1 s ± 5 %", 0.1, 0.095, 0.105],
        ["0.3 s", 0.3, 0.3, None],
    ]
    points = [point[:4] for point in series["points"]]
    assert points == [[0, 0.3, 0, 1], [1, 0.1, 0, 0], [2, 0.2, 1, 0], [3, None, 2, 0]]


def test_series_with_deviations_come_first_and_those_without_values_last() -> None:
    found = series_of(
        value("sub-a01", None, parameter="VoxelSize"),
        value("sub-a01", 0.1),
        value("sub-a01", 3, parameter="FlipAngle", outcome=Outcome.NOT_MET),
    )
    assert [series["parameter"] for series in found] == ["FlipAngle", "EchoTime", "VoxelSize"]


def test_words_are_rows_and_the_rare_share_one() -> None:
    (series,) = series_of(*(value(f"sub-a{n:02}", f"word{n:02}") for n in range(12)))
    assert len(series["words"]) == 10
    assert series["words"][-1] == "other values"
    assert [point[1] for point in series["points"]] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9]


def test_lists_of_numbers_are_words() -> None:
    (series,) = series_of(value("sub-a01", [1, 1, 5], target=[1, 1, 5], low=None, high=None))
    assert series["words"] == ["1 x 1 x 5"]
    assert series["limits"] == [["1 x 1 x 5 s ± 5 %", None, None, None]]


def test_what_is_no_number_among_numbers_has_no_place() -> None:
    odd = ["x", 10**400, True]
    values = [value(f"sub-a{n:02}", x) for n, x in enumerate([1, 2, 3, *odd])]
    (series,) = series_of(*values)
    assert [point[1] for point in series["points"]] == [1, 2, 3, None, None, None]


def test_scan_without_participant_stands_by_its_path() -> None:
    (series,) = series_of(value("sub-a01", 1, path="phantom/a.nii.gz"))
    assert series["points"] == [[0, 1, 0, 0, 0, 0]]


def test_paths_are_held_once() -> None:
    paths = Paths()
    assert [paths.index(path) for path in ("a", "b", "a")] == [0, 1, 0]
    assert list(paths.known) == ["a", "b"]


def test_old_version_of_the_protocol_is_marked() -> None:
    (series,) = series_of(value("sub-a01", 0.2, excused=True), value("sub-a02", 0.1))
    assert [point[5] for point in series["points"]] == [1, 0]


def test_ends_beyond_what_browsers_read_are_left_out() -> None:
    (series,) = series_of(value("sub-a01", 1, target=10**400, low=-1e305, high=2))
    assert series["limits"][0][1:] == [None, None, 2]
