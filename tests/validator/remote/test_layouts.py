"""Names of objects and addresses of buckets."""

from __future__ import annotations

import pytest

from spinegate.validator.remote.layouts import (
    bucket_addresses,
    chunk,
    join,
    key_paths,
    object_name,
)

KEY = "SHA256E-s9--ab.nii.gz"


@pytest.mark.parametrize(
    ("settings", "plain", "expected"),
    [
        ({}, False, ()),
        ({"bucket": "b/../c"}, False, ()),
        ({"bucket": "b", "host": "x@y"}, False, ()),
        ({"bucket": "b", "host": "h.org/path"}, False, ()),
        (
            {"bucket": "Data", "host": "s3.amazonaws.com", "port": "80"},
            False,
            ("https://data.s3.amazonaws.com", "https://s3.amazonaws.com/data"),
        ),
        (
            {"bucket": "d", "datacenter": "ca-central-1"},
            False,
            (
                "https://d.s3.ca-central-1.amazonaws.com",
                "https://s3.ca-central-1.amazonaws.com/d",
            ),
        ),
        (
            {"bucket": "d", "datacenter": "EU", "requeststyle": "path"},
            False,
            ("https://s3.eu-west-1.amazonaws.com/d",),
        ),
        (
            {"bucket": "d.org", "datacenter": "US"},
            False,
            ("https://s3.amazonaws.com/d.org",),
        ),
        (
            {"bucket": "d", "host": "h.org", "port": "443", "requeststyle": "path"},
            False,
            ("https://h.org/d",),
        ),
        (
            {"bucket": "d", "host": "h.org", "port": "9000", "protocol": "https"},
            False,
            ("https://d.h.org:9000", "https://h.org:9000/d"),
        ),
        (
            {"bucket": "d", "host": "h.org", "port": "9000", "requeststyle": "path"},
            True,
            ("http://h.org:9000/d",),
        ),
        (
            {"bucket": "d", "host": "h.org", "port": "9000", "requeststyle": "path"},
            False,
            ("https://h.org:9000/d",),
        ),
        (
            {"bucket": "item", "host": "s3.us.archive.org"},
            False,
            ("https://archive.org/download/item",),
        ),
    ],
)
def test_bucket_addresses(
    settings: dict[str, str], plain: bool, expected: tuple[str, ...]
) -> None:
    assert bucket_addresses(settings, plain) == expected


def test_names_of_objects() -> None:
    assert object_name({}, KEY) == KEY
    assert object_name({"fileprefix": "a b/"}, KEY) == f"a b/{KEY}"
    assert object_name({"mungekeys": "ia"}, "a/b c:ü") == "a&47;bc&58;&252;"


def test_chunks_are_keys_of_their_own() -> None:
    assert chunk(KEY, 1024) == "SHA256E-s9-S1024-C1--ab.nii.gz"
    assert chunk("URL--http://a--b", 5) == "URL-S5-C1--http://a--b"


def test_addresses_are_escaped() -> None:
    assert join("https://h.org/x/", "a b/c+&#?%\udcff") == (
        "https://h.org/x/a%20b/c%2B%26%23%3F%25%FF"
    )


def test_layouts_with_folders() -> None:
    """The hashes are those that git-annex's own examinekey prints for this key."""
    found = list(key_paths(KEY, flat=False))
    assert [layout for layout, _ in found] == [
        "folders",
        "folders",
        "flat",
        "files",
        "files",
        "level",
        "level",
    ]
    lower, mixed = "975/3b7", "kJ/xZ"
    assert found[0][1] == f"{lower}/{KEY}/{KEY}"
    assert found[1][1] == f"{mixed}/{KEY}/{KEY}"
    assert found[3][1] == f"{lower}/{KEY}"
    assert found[5][1] == f"{lower[:3]}/{KEY}"


def test_buckets_are_flat() -> None:
    first = next(iter(key_paths("URL--http://a/b", flat=True)))
    assert first == ("object", "URL--http://a/b")
