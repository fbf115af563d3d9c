"""The functions of claims as rows: where each rises, falls, is convex or concave; and shapes of formulas.

For a positive f and a number r say that f is *r-convex* if f**r is convex (r > 0), log f is convex (r = 0) or f**r is
concave (r < 0), and *r-concave*, r ≥ 0, if f**r or log f is concave (Avriel 1972; for r > 0 f may vanish). A smaller r
says more of convexity, a larger one of concavity, and 1-convex and 1-concave are the usual words:

- f**a is (r/a)-convex for a > 0, (r/a)-concave for a < 0 and r ≤ 0; from r-concave f it is (r/a)-concave for a > 0 and
  (r/a)-convex for a < 0;
- f + g is r-convex if both are and r ≤ 1, r-concave if both are and r ≥ 1 (Minkowski and its reverse);
- f·g has 1/r = 1/p + 1/q: r-concave for p, q ≥ 0, r-convex for p, q ≤ 0, or for p > 0 > q and r > 0 (geometric means,
  and their perspectives x**(1 + b)/y**b); if p or q is 0, r is 0, and the other must be ≤ 0 for convexity.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple


class Shape(NamedTuple):
    """``up``: the least known r for which the formula is r-convex, ``down``: the largest known r for r-concave."""

    convex: bool = False
    concave: bool = False
    up: Fraction | None = None
    down: Fraction | None = None

    @property
    def affine(self) -> bool:
        return self.convex and self.concave


NOTHING, AFFINE = Shape(), Shape(True, True)
ONE, LOG = Fraction(1), Fraction(0)
Ends = tuple[int | None, int | None]
EVERYWHERE: Ends = (None, None)
RIGHT, LEFT = (0, None), (None, 0)


class Row(NamedTuple):
    """Where a function rises, falls, is convex, is concave: intervals in the unit π/2 for sin, cos, tan, otherwise 1.

    ``up``: it is 0-convex of an affine argument; ``down``: it is 0-concave of a concave one.
    """

    rises: Ends | None = None
    falls: Ends | None = None
    convex: Ends | None = None
    concave: Ends | None = None
    up: bool = False
    down: bool = False


ATOMS = {
    "exp": Row(rises=EVERYWHERE, convex=EVERYWHERE),
    "log": Row(rises=EVERYWHERE, concave=EVERYWHERE),
    "sinh": Row(rises=EVERYWHERE, convex=RIGHT, concave=LEFT),
    "cosh": Row(rises=RIGHT, falls=LEFT, convex=EVERYWHERE, up=True),
    "tanh": Row(rises=EVERYWHERE, convex=LEFT, concave=RIGHT),
    "atan": Row(rises=EVERYWHERE, convex=LEFT, concave=RIGHT),
    "erf": Row(rises=EVERYWHERE, convex=LEFT, concave=RIGHT),
    "sigmoid": Row(rises=EVERYWHERE, convex=LEFT, concave=RIGHT, down=True),
    "softplus": Row(rises=EVERYWHERE, convex=EVERYWHERE, down=True),
    "asin": Row(rises=EVERYWHERE, convex=RIGHT, concave=LEFT),
    "acos": Row(falls=EVERYWHERE, convex=LEFT, concave=RIGHT),
    "sin": Row(rises=(-1, 1), falls=(1, 3), convex=(-2, 0), concave=(0, 2)),
    "cos": Row(rises=(-2, 0), falls=(0, 2), convex=(1, 3), concave=(-1, 1)),
    "tan": Row(rises=(-1, 1), convex=(0, 1), concave=(-1, 0)),
    "gamma": Row(rises=(2, None), falls=(None, 1), convex=EVERYWHERE, up=True),
    "loggamma": Row(rises=(2, None), falls=(None, 1), convex=EVERYWHERE),
    "lambertw": Row(rises=EVERYWHERE, concave=EVERYWHERE),
}


def negated(s: Shape) -> Shape:
    """The shape of −f."""
    s = flagged(s)
    return Shape(s.concave, s.convex)


def flagged(s: Shape) -> Shape:
    """With what the powers say about convexity and concavity."""
    convex, concave = s.up is not None and s.up <= 1, s.down is not None and s.down >= 1
    return s._replace(convex=s.convex or convex, concave=s.concave or concave)


def composed(s: Shape, rises: bool, falls: bool, convex: bool) -> bool:
    with_it, against = (s.convex, s.concave) if convex else (s.concave, s.convex)
    return s.affine or (rises and with_it) or (falls and against)


def least(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    return b if a is None else a if b is None else min(a, b)


def most(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    return b if a is None else a if b is None else max(a, b)


def raised(s: Shape, e: Fraction) -> Shape:
    """f**e of a positive f."""
    if e > 0:
        return Shape(up=None if s.up is None else s.up / e, down=None if s.down is None else s.down / e)
    down = s.up / e if s.up is not None and s.up <= 0 else None
    return Shape(up=None if s.down is None else s.down / e, down=down)


def joined(parts: list[Shape]) -> Shape:
    """The product of two positive formulas."""
    ups, downs = [s.up for s in parts if s.up is not None], [s.down for s in parts if s.down is not None]
    up = down = None
    if len(ups) == 2:
        p, q = max(ups), min(ups)
        if p <= 0:
            up = LOG if p == 0 or q == 0 else 1 / (1 / p + 1 / q)
        elif q < 0 and 1 / p + 1 / q > 0:
            up = 1 / (1 / p + 1 / q)
    if len(downs) == 2:
        down = LOG if LOG in downs else 1 / (1 / downs[0] + 1 / downs[1])
    return Shape(up=up, down=down)
