"""The exact bounds of a ratio of two sums whose terms are known only in part.

The naive quotient of two intervals is far too wide, because the same unknown stands above and below
the line. Here each term is a shape in the plane (above, below), and the ratio of the sums is
bounded over all points that the shapes allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from orgdiag.frozen import frozen
from orgdiag.quantity import Number, Quantity, ratio

Point = tuple[Number, Number]


@frozen
class Shape:
    """A convex region of points (above, below): the hull of its corners, open along its rays."""

    corners: tuple[Point, ...]
    rays: tuple[Point, ...] = ()

    def mapped(self, image: Callable[[Number, Number], Point]) -> Shape:
        """The region under a linear map."""
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

    >>> part_and_whole(Quantity(2, 2), Quantity(5, 5))
    Shape(corners=((2, 5),), rays=())
    """
    if part.exact and whole.exact:
        return Shape(((part.low or 0, whole.low or 0),))
    small, least = part.low or 0, whole.low or 0
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
    rays = [ratio(above, below) for s in shapes for above, below in s.rays if below]
    if all(len(shape.corners) == 1 for shape in shapes) and not rays:
        above = sum(shape.corners[0][0] for shape in shapes)
        below = sum(shape.corners[0][1] for shape in shapes)
        return Quantity.of(ratio(above, below)) if below else Quantity(None, None)
    low, high = _extreme(shapes, -1), _extreme(shapes, 1)
    if low is None or high is None:
        return Quantity(min(rays), max(rays)) if rays else Quantity(None, None)
    return Quantity(_tidy(min([low, *rays])), _tidy(max([high, *rays])))


def _extreme(shapes: Sequence[Shape], sign: int) -> Number | None:
    """The largest (sign 1) or smallest (−1) ratio over the corners; None when below is 0 always.

    Dinkelbach's iteration: with the ratio r so far, each shape moves to the corner with the best
    above − r · below, until r stays.
    """
    chosen = [max(shape.corners, key=lambda corner: corner[1]) for shape in shapes]
    below = sum(corner[1] for corner in chosen)
    if not below:
        return None
    best: Number = ratio(sum(corner[0] for corner in chosen), below)
    while True:
        gain, above, below = _corner_sums(shapes, best, sign)
        if gain <= 0 or not below:
            return best
        best = ratio(above, below)


def _corner_sums(shapes: Iterable[Shape], r: Number, sign: int) -> tuple[Number, Number, Number]:
    """The gain over the ratio r at the best corners, and the sums above and below there."""
    gain: Number = 0
    above: Number = 0
    below: Number = 0
    for shape in shapes:
        value, x, y = max((sign * (x - r * y), x, y) for x, y in shape.corners)
        gain, above, below = gain + value, above + x, below + y
    return gain, above, below


def _tidy(number: Number) -> Number:
    """An int where the number is whole."""
    return number.numerator if isinstance(number, Fraction) and number.denominator == 1 else number
