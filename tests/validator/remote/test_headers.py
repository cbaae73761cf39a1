"""Headers of scans whose content lies elsewhere."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from spinegate.examples.mutations import MUTATIONS
from spinegate.protocol_specs.loader import load_spec
from spinegate.system.errors import SpinegateError
from spinegate.validator.annex import Key
from spinegate.validator.dataset import Scan, load_dataset
from spinegate.validator.nifti import parse_header
from spinegate.validator.remote.headers import (
    NO_BRANCH,
    NOT_ANNEXED,
    RemoteOptions,
    find_places,
    read_headers,
    read_remote,
)
from spinegate.validator.remote.limits import Limits
from spinegate.validator.tree import Unreadable, open_tree
from tests.validator.remote.servers import Answer, Server, part, places_at

Serve = Callable[[Answer], Server]
Commit = Callable[[Path, dict[str, str | bytes]], Path]


@pytest.fixture
def scans(repository: Path, commit: Commit, key: Key, nifti: bytes) -> tuple[Scan, ...]:
    """Two scans with the same key, a broken one, and one that is here."""
    pointer = f"/annex/objects/{key.text}\n"
    folder = "sub-x01/anat/sub-x01"
    files: dict[str, str | bytes] = {
        f"{folder}_T1w.nii.gz": pointer,
        f"{folder}_T2w.nii.gz": pointer,
        f"{folder}_T2star.nii.gz": "/annex/objects/rubbish\n",
        f"{folder}_run-2_T1w.nii.gz": nifti,
    }
    commit(repository, files)
    return load_dataset(open_tree(repository), load_spec("spine-generic")).scans


def test_each_key_is_read_once(
    scans: tuple[Scan, ...], serve: Serve, key: Key, nifti: bytes, quick: Limits
) -> None:
    server = serve(lambda connection, request, _: connection.sendall(part(nifti, request)))
    options = RemoteOptions(quick, allow_private=True)
    found = read_headers(scans, places_at(server.url, key), options)
    here = parse_header(nifti)
    assert {path.rpartition("_")[2]: header for path, header in found.items()} == {
        "T1w.nii.gz": here,
        "T2w.nii.gz": here,
        "T2star.nii.gz": NOT_ANNEXED,
    }
    assert len(server.requests) == 1


def test_a_source_of_bytes_and_of_reasons(
    scans: tuple[Scan, ...], serve: Serve, key: Key, quick: Limits
) -> None:
    server = serve(lambda connection, *_: connection.sendall(b"HTTP/1.1 404 No\r\n\r\n"))
    source = read_remote(
        scans, places_at(server.url, key), RemoteOptions(quick, allow_private=True)
    )
    reasons = {scan.path.rpartition("_")[2]: source.reason(scan) for scan in scans[1:]}
    assert reasons["T2w.nii.gz"] == "mirror has no such file (status 404)"
    assert {source(scan) for scan in scans} == {None}
    here = next(scan for scan in scans if "run-2" in scan.path)
    assert source.reason(here) == ""


def test_what_was_read_once_needs_no_network(
    scans: tuple[Scan, ...],
    serve: Serve,
    key: Key,
    nifti: bytes,
    quick: Limits,
    tmp_path: Path,
) -> None:
    server = serve(lambda connection, request, _: connection.sendall(part(nifti, request)))
    told: list[tuple[int, int]] = []
    options = RemoteOptions(
        quick,
        allow_private=True,
        cache=tmp_path / "cache",
        progress=lambda done, of: told.append((done, of)),
    )
    first = read_headers(scans, places_at(server.url, key), options)
    second = read_headers(scans, places_at("https://gone.invalid", key), options)
    assert first == second
    assert len(server.requests) == 1
    assert told == [(1, 1)]


def test_a_key_without_a_hash_is_read_again(
    repository: Path,
    commit: Commit,
    serve: Serve,
    nifti: bytes,
    quick: Limits,
    tmp_path: Path,
) -> None:
    pointer = "/annex/objects/URL--http&c%%example.org%a.nii.gz\n"
    commit(repository, {"sub-x01/anat/sub-x01_T1w.nii.gz": pointer})
    scans = load_dataset(open_tree(repository), load_spec("spine-generic")).scans
    assert scans[0].content.key is not None
    places = places_at(
        serve(lambda connection, request, _: connection.sendall(part(nifti, request))).url,
        scans[0].content.key,
    )
    options = RemoteOptions(quick, allow_private=True, cache=tmp_path / "cache")
    assert isinstance(read_headers(scans, places, options)[scans[0].path], dict)
    gone = places_at("https://gone.invalid", scans[0].content.key)
    assert isinstance(read_headers(scans, gone, options)[scans[0].path], Unreadable)


def test_without_a_branch_nothing_is_determinable(scans: tuple[Scan, ...], quick: Limits) -> None:
    found = read_headers(scans, None, RemoteOptions(quick))
    assert NO_BRANCH in found.values()
    assert all(isinstance(header, Unreadable) for header in found.values())


def test_a_folder_without_git_has_no_places(tmp_path: Path, nifti: bytes) -> None:
    (tmp_path / "sub-x01_T1w.nii.gz").write_bytes(nifti)
    tree = open_tree(tmp_path)
    assert find_places(tree, load_dataset(tree, load_spec("spine-generic")).scans) is None


def test_without_the_http_client_the_remedy_is_said(
    scans: tuple[Scan, ...], key: Key, quick: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("spinegate.validator.remote.")]:
        if name.endswith((".fetch", ".request", ".guard", ".health")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "httpcore", None)
    with pytest.raises(SpinegateError, match="httpcore: pip install"):
        read_headers(scans, places_at("https://x.org", key), RemoteOptions(quick))


def test_without_remote_headers_no_http_client_is_loaded() -> None:
    code = (
        "import sys; import spinegate.validator.remote.headers; "
        "print([m for m in ('httpx', 'httpcore', 'h11', 'certifi') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_the_time_for_all_is_an_option(
    scans: tuple[Scan, ...], serve: Serve, key: Key, quick: Limits
) -> None:
    server = serve(lambda *_: None)  # it never answers
    limits = replace(quick, seconds=0.2)
    options = RemoteOptions(limits, allow_private=True)
    found = read_headers(scans, places_at(server.url, key), options)
    reasons = [header.reason for header in found.values() if isinstance(header, Unreadable)]
    assert any("stopped after 0.2 s" in reason for reason in reasons)


def test_addresses_come_from_the_base_and_a_fork_adds_places(
    repository: Path, scans: tuple[Scan, ...], key: Key
) -> None:
    store = "store name=store type=S3 publicurl=https://{}.example/ timestamp=1s\n"
    evil = "evil name=evil type=S3 publicurl=https://evil.example/ timestamp=9s\n"
    log = f"000/111/{key.text}.log"
    branches = {
        "origin": {"remote.log": store.format("base")},
        "fork": {
            "remote.log": store.format("fork") + evil,
            log: "1s 1 store\n1s 1 evil\n1s 1 00000000-0000-0000-0000-000000000001\n",
            f"{log}.web": "1s 1 https://evil.example/x\n",
        },
    }
    for name, files in branches.items():
        ref = f"refs/remotes/{name}/git-annex"
        MUTATIONS["branch"].apply(repository, {"ref": ref, "files": files})
    tree = open_tree(repository)
    places = find_places(tree, scans, base="origin/main")
    assert places is not None
    assert [address.url for address in places.of(key)] == [f"https://base.example/{key.text}"]
    subprocess.run(
        ["git", "update-ref", "-d", "refs/remotes/origin/git-annex"], cwd=repository, check=True
    )
    assert find_places(tree, scans, base="origin/main") is None
