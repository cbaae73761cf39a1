"""How the other programs are called, where `make bench-peers` could install them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from .measure import Contender

HOME = Path(__file__).parents[2] / ".venv-peers"
RUNS = 3  # they take seconds, not tenths

# It indexes the participants' folders at the root, not those of sourcedata/ and derivatives/: of
# 11,682 images of the multi-subject dataset it reads the metadata of 2,131.
BIDS2TABLE = """
import sys
from bids2table import index_dataset, load_bids_metadata
table = index_dataset(sys.argv[1])
for row in table.select(["root", "path"]).to_pylist():
    if row["path"].endswith(".nii.gz"):
        load_bids_metadata(row["root"] + "/" + row["path"])
"""
PYBIDS = """
import sys
from bids import BIDSLayout, BIDSLayoutIndexer
indexer = BIDSLayoutIndexer(validate=False, index_metadata=True)
BIDSLayout(sys.argv[1], validate=False, indexer=indexer)
"""


def installed(dataset: Path, scratch: Path) -> Iterator[Contender]:
    """Yield the peers that are installed, each set to do as much of our work as it can."""
    scripts = HOME / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(scripts / "python")
    [*site] = HOME.glob("lib/python*/site-packages")
    here = {path.name for folder in site for path in folder.iterdir()}
    if "bids2table" in here:
        index = (python, "-c", BIDS2TABLE, str(dataset))
        yield Contender("bids2table (a fifth of the images)", index, runs=RUNS)
    if (scripts / "bids-validator-deno").exists():
        official = (str(scripts / "bids-validator-deno"), str(dataset), "--json")
        yield Contender("bids-validator-deno", official, frozenset({0, 1, 16}), runs=RUNS)
    if "bids" in here:
        yield Contender("pybids", (python, "-c", PYBIDS, str(dataset)), runs=RUNS)
    if (scripts / "mrqa").exists():
        report = ("-o", str(scratch / "mrqa"), "-f", "bids")
        yield Contender("mrQA", (str(scripts / "mrqa"), "-d", str(dataset), *report), runs=RUNS)
    if (scripts / "cubids").exists():
        group = ("group", str(dataset), str(scratch / "cubids"))
        yield Contender("CuBIDS", (str(scripts / "cubids"), *group), runs=RUNS)
