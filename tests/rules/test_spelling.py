from __future__ import annotations

import pytest

from spinegate.rules.spelling import did_you_mean


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("EchoTme", "; did you mean 'EchoTime'?"),
        ("echotime", "; did you mean 'EchoTime'?"),
        ("xyz", ""),
        ("", ""),
    ],
)
def test_did_you_mean(name: str, hint: str) -> None:
    assert did_you_mean(name, ["EchoTime", "FlipAngle"]) == hint
