"""Where a key can be read, most promising first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from spinegate.protocol_specs.loader import load_spec
from spinegate.validator.annex import Key, parse_key
from spinegate.validator.dataset import load_dataset
from spinegate.validator.remote.branch import Remote, Whereabouts
from spinegate.validator.remote.headers import find_places
from spinegate.validator.remote.logs import WEB
from spinegate.validator.remote.places import Places
from spinegate.validator.tree import open_tree
from tests.validator.remote.servers import make_branch

KEY = "SHA256E-s2000--" + "0" * 64 + ".nii.gz"


@pytest.fixture
def key() -> Key:
    found = parse_key(KEY)
    assert found is not None
    return found


def places(
    *remotes: Remote, holders: tuple[str, ...] = (), **more: Mapping[str, object]
) -> Places:
    held = holders or tuple(remote.uuid for remote in remotes)
    where = Whereabouts({KEY: held}, **more)  # type: ignore[arg-type]
    return Places(make_branch({remote.place: remote for remote in remotes}), where)


def remote(uuid: str, place: str = "", **settings: str) -> Remote:
    named = {name.replace("_", "-"): value for name, value in settings.items()}
    return Remote(uuid, {"name": place or uuid, **named}, place or uuid)


def urls(found: Places, key: Key) -> list[str]:
    return [address.url for address in found.of(key)]


def test_what_everybody_can_surely_read_comes_first(key: Key) -> None:
    store = {"type": "S3", "requeststyle": "path", "host": "h.org"}
    found = places(
        remote("a", **store, bucket="private"),
        remote("b", **store, bucket="open", public="yes"),
        remote("c", **store, bucket="named", publicurl="https://named.org/x/"),
        remote("a", "m", type="httpalso", url="https://mirror.org"),
        holders=("a", "b", "c", WEB),
        urls={KEY: ("https://web.org/a.nii.gz", "ftp://web.org", "yt:https://x", "HTTPS://W.org")},
    )
    mirrored = f"https://mirror.org/{KEY}"
    addresses = [url for url in urls(found, key) if url == mirrored or "mirror.org" not in url]
    assert addresses[0] == f"https://named.org/x/{KEY}"
    assert addresses[1] == mirrored
    assert addresses[-5:] == [
        "https://web.org/a.nii.gz",
        "HTTPS://W.org",
        f"https://h.org/open/{KEY}",
        f"https://h.org/private/{KEY}",
        f"https://h.org/named/{KEY}",
    ]
    assert {address.size for address in found.of(key)} == {2000}


def test_only_holders_are_asked(key: Key) -> None:
    found = places(
        remote("a", type="S3", bucket="a"), remote("b", type="S3", bucket="b"), holders=("b",)
    )
    assert all("b" in address.name for address in found.of(key))
    assert urls(replace(found, whereabouts=Whereabouts({})), key) == []


@pytest.mark.parametrize("kind", ["directory", "rsync", "external", "git"])
def test_other_remotes_have_no_address(kind: str, key: Key) -> None:
    found = places(remote("disk", type=kind, url="https://x.org", bucket="b"))
    assert urls(found, key) == []
    assert found.reason(key) == ("its content lies only where it can't be read over HTTPS: disk")
    assert not found.public("disk")


def test_encrypted_contents_have_no_address(key: Key) -> None:
    found = places(
        remote("a", type="S3", bucket="b", encryption="shared", publicurl="https://x.org"),
        remote("a", "m", type="httpalso", url="https://y.org"),
    )
    assert urls(found, key) == []
    assert not found.public("a")


def test_of_pieces_the_first_is_asked_for(key: Key) -> None:
    found = places(
        remote("a", type="S3", bucket="b", publicurl="https://x.org"),
        chunks={KEY: {"a": 1500}},
    )
    first = next(found.of(key))
    assert first.url == f"https://x.org/{KEY.replace('--', '-S1500-C1--', 1)}"
    assert first.size == 1500


def test_versions_of_exported_files(key: Key) -> None:
    store = remote("a", type="S3", bucket="b", exporttree="yes", publicurl="https://x.org")
    versions = {KEY: {"a": ("v.1_-#sub/a b.nii.gz", "bad&query=1#sub/c.nii.gz")}}
    assert urls(places(store, versions=versions), key)[0] == (
        "https://x.org/sub/a%20b.nii.gz?versionId=v.1_-"
    )
    assert not any("bad" in url for url in urls(places(store, versions=versions), key))
    assert urls(places(store), key) == []


@pytest.mark.parametrize(
    ("settings", "public"),
    [
        ({"type": "S3"}, False),
        ({"type": "S3", "public": "no"}, False),
        ({"type": "S3", "public": "yes"}, True),
        ({"type": "S3", "publicurl": "https://x.org"}, True),
        ({"type": "httpalso", "url": "https://x.org"}, True),
    ],
)
def test_who_is_public(settings: dict[str, str], public: bool) -> None:
    found = places(remote("a", **settings))
    assert found.public("a") is public
    assert found.public(WEB)


@pytest.mark.real
def test_every_real_image_has_a_public_address(bundle: Path) -> None:
    tree = open_tree(bundle)
    scans = load_dataset(tree, load_spec("spine-generic")).scans
    found = find_places(tree, scans)
    assert found is not None
    keys = {scan.content.key.text: scan.content.key for scan in scans if scan.content.key}
    firsts = {next(found.of(key)).url.rpartition("/")[0] for key in keys.values()}
    assert firsts == {
        "https://data-multi-subject---spine-generic---neuropoly.s3.ca-central-1.amazonaws.com",
        "https://object-arbutus.cloud.computecanada.ca/def-jcohen-data-multi-subject",
    }
