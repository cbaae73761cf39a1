"""The floor: walk the dataset, read and parse every JSON file, and nothing else."""

from __future__ import annotations

import gc
import json
import os
import sys


def main(dataset: str) -> None:
    """Walk, read, parse; print how many files and how many JSON files there were."""
    gc.disable()
    files = parsed = 0
    for folder, folders, names in os.walk(dataset):
        if ".git" in folders:
            folders.remove(".git")
        files += len(names)
        for name in names:
            if name.endswith(".json"):
                with open(os.path.join(folder, name), "rb", buffering=0) as file:
                    json.loads(file.read())
                parsed += 1
    print(files, parsed)


if __name__ == "__main__":
    main(sys.argv[1])
