from __future__ import annotations

import pytest

from spinegate.system.errors import ConfigError
from spinegate.validator.finding import Origin
from spinegate.validator.report.sites import find_site
from spinegate.validator.result import Header, Report, VariantUse, make_report

ORIGIN = Origin("spinegate", "1")
SITES = {"tokyo": 2, "tokyo750w": 2, "tokyoSkyra": 1, "amu": 1, "oxfordFmrib": 1, "oxfordOhba": 1}


@pytest.fixture
def report() -> Report:
    uses = [
        VariantUse("sub-tokyoIngenia01", "tokyo", "philips"),
        VariantUse("sub-tokyoIngenia02", "tokyo", "philips"),
        VariantUse("sub-tokyo750w01", "tokyo750w", "ge"),
        VariantUse("sub-amu01", "amu", ""),
        VariantUse("sub-01", "amu", ""),
    ]
    return make_report(Header("d", ORIGIN), [], variants=uses, sites=SITES)


@pytest.mark.parametrize(
    ("word", "site"),
    [
        ("tokyo", "tokyo"),
        ("TOKYOskyra", "tokyoSkyra"),
        ("tokyoIngenia", "tokyo"),
        ("sub-tokyoIngenia02", "tokyo"),
        ("tokyoIng", "tokyo"),
        ("tokyo7", "tokyo750w"),
        ("am", "amu"),
    ],
)
def test_site_is_found_by(word: str, site: str, report: Report) -> None:
    assert find_site(report, word) == site


@pytest.mark.parametrize("word", ["ox", "oxford"])
def test_word_for_several_sites_is_refused(word: str, report: Report) -> None:
    with pytest.raises(ConfigError, match="several sites: oxfordFmrib, oxfordOhba"):
        find_site(report, word)


def test_unknown_site_names_the_nearest_first(report: Report) -> None:
    with pytest.raises(ConfigError, match=r"no site 'tokio' .* did you mean tokyo.*\? There are:"):
        find_site(report, "tokio")


@pytest.mark.parametrize("word", ["", "\x1b[2J", "sub-", "99"])
def test_what_is_no_site_is_refused(word: str, report: Report) -> None:
    with pytest.raises(ConfigError, match="there are: amu, "):
        find_site(report, word)
