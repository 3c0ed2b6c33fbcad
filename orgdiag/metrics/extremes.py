"""The exact bounds of a ratio of two sums whose terms are known only in part.

The naive quotient of two intervals is far too wide, because the same unknown stands above and below
the line. Here each term is a shape in the plane (above, below), and the ratio of the sums is
bounded over all points that the shapes allow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import lcm

from orgdiag.frozen import frozen
from orgdiag.partial.quantity import Number, Quantity, added, ratio

Point = tuple[Number, Number]


@frozen
class Shape:
    """A convex region of points (above, below): the hull of its corners, open along its rays."""

    corners: tuple[Point, ...]
    rays: tuple[Point, ...] = ()

    def mapped(self, image: Callable[[Number, Number], Point]) -> Shape:
        """The region under a linear map."""
        if len(self.corners) == 1 and not self.rays:
            return Shape((image(*self.corners[0]),))
        return Shape(
            tuple(dict.fromkeys(image(*corner) for corner in self.corners)),
            tuple(dict.fromkeys(image(*ray) for ray in self.rays)),
        )

    def joined(self, other: Shape) -> Shape:
        """The hull of both regions."""
        return Shape(
            tuple(dict.fromkeys(self.corners + other.corners)),
            tuple(dict.fromkeys(self.rays + other.rays)),
        )


def part_and_whole(part: Quantity, whole: Quantity) -> Shape:
    """What a part and the whole that contains it can be: 0 ≤ part ≤ whole.

    >>> part_and_whole(Quantity(2, 2), Quantity(5, 5)).corners
    ((2, 5),)
    """
    small, least = part.low or 0, whole.low or 0
    if part.exact and whole.exact:
        return Shape(((small, least),))
    corners = [(small, max(least, small))]
    rays: list[Point] = []
    large = whole.high if part.high is None else _least(part.high, whole.high)
    if large is not None:
        corners.append((large, max(least, large)))
    else:
        rays.append((1, 1))
    if whole.high is None:
        rays.append((0, 1))
    else:
        corners += [(small, whole.high), (min(large or 0, whole.high), whole.high)]
    return Shape(tuple(dict.fromkeys(corners)), tuple(rays))


def _least(first: Number, second: Number | None) -> Number:
    return first if second is None else min(first, second)


def quotient(shapes: Sequence[Shape]) -> Quantity:
    """The bounds of (sum of what is above) / (sum of what is below).

    Unknown without bounds when what is below can only be 0: 0/0 is not 100 %.

    >>> known = part_and_whole(Quantity(4, 4), Quantity(160, 160))
    >>> half_known = part_and_whole(Quantity(8, 8), Quantity(8, None))
    >>> quotient([known, half_known])
    Quantity(low=0, high=Fraction(1, 14), missing=(), estimated=False)
    """
    rays = [ratio(above, below) for shape in shapes for above, below in shape.rays if below]
    known = [shape.corners[0] for shape in shapes if len(shape.corners) == 1]
    fixed = (added(above for above, _ in known), added(below for _, below in known))
    free = [shape.corners for shape in shapes if len(shape.corners) > 1]
    if not free and not rays:
        above, below = fixed
        return Quantity.of(ratio(above, below)) if below else Quantity(None, None)
    places = _in_whole_numbers([(fixed,), *free])
    low, high = _extreme(places, -1), _extreme(places, 1)
    if low is None or high is None:
        return Quantity(min(rays), max(rays)) if rays else Quantity(None, None)
    return Quantity(min([low, *rays]), max([high, *rays]))


def _in_whole_numbers(places: Sequence[Sequence[Point]]) -> list[list[tuple[int, int]]]:
    """The same points, all times one number that makes them whole; ratios stay as they are."""
    common = lcm(*{number.denominator for points in places for point in points for number in point})
    return [
        [
            (
                above.numerator * (common // above.denominator),
                below.numerator * (common // below.denominator),
            )
            for above, below in points
        ]
        for points in places
    ]


def _extreme(places: Sequence[Sequence[tuple[int, int]]], sign: int) -> Number | None:
    """The largest (sign 1) or smallest (−1) ratio of the sums over one point of each place.

    None when below is 0 always. Dinkelbach's iteration: with the ratio r so far, each point is the
    one with the best above − r · below, until r stays. With r as a fraction, times its denominator,
    all numbers are whole.
    """
    chosen = [max(points, key=lambda point: point[1]) for points in places]
    above, below = sum(point[0] for point in chosen), sum(point[1] for point in chosen)
    if not below:
        return None
    while True:
        gain = next_above = next_below = 0
        for points in places:
            value, x, y = max((sign * (x * below - above * y), x, y) for x, y in points)
            gain, next_above, next_below = gain + value, next_above + x, next_below + y
        if gain <= 0 or not next_below:
            return ratio(above, below)
        above, below = next_above, next_below
