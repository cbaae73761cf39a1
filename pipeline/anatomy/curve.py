"""A line with a plane across it at each point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Points in mm, each with the axes of its plane.

    Attributes
    ----------
    points
        n x 3.
    frames
        n x 3 x 3: columns are the plane's axes, near x and near y, and the tangent.
    """

    points: Numbers
    frames: Numbers

    def lengths(self) -> Numbers:
        """Return how far each point is from the first, along the line, in mm."""
        steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        return np.concatenate([[0.0], np.cumsum(steps)])

    def nearest(self, places: Numbers) -> NDArray[np.intp]:
        """Return the index of the point nearest to each place."""
        from scipy.spatial import KDTree

        found: NDArray[np.intp] = KDTree(self.points).query(places)[1]
        return found

    def seen_from(self, places: Numbers, at: NDArray[np.intp]) -> Numbers:
        """Return places as points of the line see them: across, across, along (n x 3)."""
        seen: Numbers = np.einsum("nij,ni->nj", self.frames[at], places - self.points[at])
        return seen

    def placed(self, seen: Numbers, at: NDArray[np.intp]) -> Numbers:
        """Return the places that points of the line see so."""
        found: Numbers = np.einsum("nij,nj->ni", self.frames[at], seen) + self.points[at]
        return found


def curve(points: Numbers, tangents: Numbers) -> Curve:
    """Lay planes across a line; their second axis is as near to y as it can be.

    Parameters
    ----------
    points, tangents
        n x 3; tangents of any length.
    """
    along = tangents / np.linalg.norm(tangents, axis=1, keepdims=True)
    front = np.array([0.0, 1.0, 0.0]) - along[:, 1:2] * along
    front /= np.linalg.norm(front, axis=1, keepdims=True)
    side = np.cross(front, along)
    return Curve(points, np.stack([side, front, along], -1))
