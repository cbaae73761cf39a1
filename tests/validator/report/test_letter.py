from __future__ import annotations

import pytest

from spinegate.system.errors import ConfigError
from spinegate.validator.report.letter import write_letter
from spinegate.validator.result import Report


def test_unknown_site_lists_those_there_are(report: Report) -> None:
    with pytest.raises(
        ConfigError, match=r"'zz\\n' in this report; there are: amu, beijingVerio, m"
    ):
        write_letter(report, "zz\n")


def test_letter_holds_all_findings_of_its_site_and_no_others(report: Report) -> None:
    letter = write_letter(report, "milan")
    assert "Subject: spine-generic: 8 findings for milan" in letter
    assert "sub-milan01-02, MToff, MTon: RepetitionTime 0.108 s" in letter
    assert "amu" not in letter


def test_what_only_the_site_can_do_stands_first(report: Report) -> None:
    letter = write_letter(report, "milan")
    assert letter.index("TO SCAN AGAIN") < letter.index("TO CORRECT IN A FILE")


def test_every_participant_is_written_out(report: Report) -> None:
    assert "all participants (sub-amu01-05), T2w" in write_letter(report, "amu")


def test_waived_findings_are_not_brought_up_again(report: Report) -> None:
    assert "waived before" not in write_letter(report, "amu")


def test_contact_is_addressed(report: Report) -> None:
    assert "\nDear Dr Example,\n" in write_letter(report, "amu", "Dr Example")
    assert "\nDear colleagues of amu,\n" in write_letter(report, "amu")


def test_site_without_findings_is_thanked_and_told_of_blind_spots(clean: Report) -> None:
    letter = write_letter(clean, "milan")
    assert "nothing that needs your attention" in letter.replace("\n", " ")
    assert "several reasons (SHIM_SETTING_DIFFERS)" in letter.replace("\n", " ")
    assert "If an exam" not in letter


def test_lines_fit_a_mail(report: Report) -> None:
    assert all(len(line) <= 76 for line in write_letter(report, "amu").splitlines())


def test_site_is_asked_about_waivers_in_its_own_words(report: Report) -> None:
    letter = write_letter(report, "amu").replace("\n", " ")
    assert "please tell us whether this is known or intended" in letter
    assert "waive it" not in letter
