from __future__ import annotations

from pathlib import Path

import pytest

from spinegate.curation.deface.fsl import fsl_is_here
from spinegate.curation.deface.removal import deface
from spinegate.curation.deface.search import Placement
from spinegate.system.errors import SpinegateError


@pytest.mark.skipif(fsl_is_here(), reason="FSL is installed")
def test_without_fsl_its_method_is_refused(
    image: Path, in_place: Placement, tmp_path: Path
) -> None:
    with pytest.raises(SpinegateError, match="FSL was asked for but isn't here"):
        deface(image, tmp_path / "out.nii.gz", method="fsl", placement=in_place)
    assert not (tmp_path / "out.nii.gz").exists()
