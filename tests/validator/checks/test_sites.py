from __future__ import annotations

from typing import Any

from spinegate.validator.finding import Outcome

Checker = Any  # see conftest.py


def table(**sites: str) -> dict[str, Any]:
    rows = "".join(f"sub-{label}\t{site}\n" for label, site in sites.items())
    images = {f"sub-{label}/anat/sub-{label}_T1w.nii.gz": "" for label in sites}
    return {"participants.tsv": f"participant_id\tinstitution_id\n{rows}", **images}


def found_in(check: Checker, **sites: str) -> list[tuple[str, object]]:
    check.write(table(**sites))
    verdicts = check("sites")
    return [(v.location, v.expected) for v in verdicts.of("SITE_INCONSISTENT")]


def test_the_label_of_another_site(check: Checker) -> None:
    found = found_in(check, amu01="amu", ucl01="ucl", ucl02="amu")
    assert found == [("sub-ucl02", "ucl")]


def test_one_of_a_row_at_another_site(check: Checker) -> None:
    found = found_in(check, mniS01="mni", mniS02="mni", mniS03="ucl")
    assert found == [("sub-mniS03", "mni")]


def test_sites_that_name_their_participants_otherwise(check: Checker) -> None:
    assert not found_in(
        check,
        mniS01="mni",
        mniPilot1="mni",
        beijingGE01="beijing750",
        tehranS01="tehran",
    )


def test_labels_that_name_groups(check: Checker) -> None:
    groups = {f"ctrl{n}": site for n, site in enumerate(("a", "a", "b"))}
    assert not found_in(check, **groups, pat1="b")


def test_numbers_only_tell_nothing(check: Checker) -> None:
    check.write(table(**{"01": "a", "02": "b", "03": "a"}))
    verdicts = check("sites")
    assert verdicts.number("SITE_INCONSISTENT", Outcome.NOT_DETERMINABLE) == 3


def test_no_site_in_the_table(check: Checker) -> None:
    check.write(table(amu01="n/a", amu02="amu", amu03=""))
    verdicts = check("sites")
    assert verdicts.number("SITE_INCONSISTENT", Outcome.NOT_DETERMINABLE) == 2
    assert verdicts.number("SITE_INCONSISTENT", Outcome.MET) == 1
