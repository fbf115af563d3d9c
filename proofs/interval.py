"""Interval engine on Arb balls: enclosures of a formula, of its slopes and of its second derivatives over a box.

Everything here is containment-correct for balls of any width: a returned ball contains every true value. Where an
operation may be undefined on its argument the result is not finite; where it is certainly undefined `DomainError` is
raised. So a finite value over a box proves that the formula is defined on the whole box. Results have the precision of
the surrounding ``flint.ctx.workprec`` block.

Kinks. A formula with ``abs``, ``min``, ``max`` is a continuous selection of the smooth *pieces* in which every
undecided kink is replaced by one of its branches. On a segment, walk from the last point where one piece is active to
the next piece: finitely many steps, so f is Lipschitz with the largest constant of the pieces active on the box.
`Formula.pieces` gives them. Calling a `Formula` takes hulls instead: the gradient encloses, for every two points x, y
of the box, some g with f(x) − f(y) = g·(x − y), which is the mean value form (induction over the formula: max(a, b) has
the slope λ g_a + (1−λ) g_b with λ ∈ [0, 1], and sums, products and smooth functions combine slopes like derivatives).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from fractions import Fraction
from functools import lru_cache

from flint import arb, ctx

from ..symbolic.expression import Expr, names, to_fraction
from .elementary import exact, hull, power
from .tape import DomainError, Formula, Jet, Piece, build

__all__ = [
    "DomainError",
    "Formula",
    "Jet",
    "Ordering",
    "Piece",
    "ball",
    "compare",
    "compile",
    "exact",
    "holds",
    "hull",
    "jet",
    "mean_value_range",
    "position",
    "power",
    "side",
]


class Ordering(Enum):
    """What two balls are known to satisfy, for every pair of their points."""

    LESS = "<"
    EQUAL = "=="
    GREATER = ">"
    UNDECIDED = "?"


def compare(a: arb, b: arb) -> Ordering:
    """Order of two balls; UNDECIDED if they overlap (unless both are the same exact number).

    >>> compare(arb(1), arb(2)).name, compare(arb(0, 1), arb(1)).name
    ('LESS', 'UNDECIDED')
    """
    if a < b:
        return Ordering.LESS
    if a > b:
        return Ordering.GREATER
    return Ordering.EQUAL if a == b else Ordering.UNDECIDED


def holds(a: arb, relation: str, b: arb) -> bool | None:
    """Three-valued ``a relation b`` for ``< <= > >= == !=``: True, False, or None where the balls do not decide.

    >>> holds(arb(1), "<=", arb(1)), holds(arb(3), "<", arb(2)), holds(arb(0, 1), ">", arb(0))
    (True, False, None)
    """
    known: dict[str, tuple[bool, bool]] = {
        "<": (a < b, a >= b),
        "<=": (a <= b, a > b),
        ">": (a > b, a <= b),
        ">=": (a >= b, a < b),
        "==": (a == b, a != b),
        "!=": (a != b, a == b),
    }
    yes, no = known[relation]
    return True if yes else False if no else None


def position(lo: Expr, hi: Expr, t: Fraction) -> arb:
    """The point lo + t(hi − lo) as a tiny ball (exact where the ends are rational and the result is a short dyadic)."""
    low, high = to_fraction(lo), to_fraction(hi)
    if low is not None and high is not None:
        return exact(low + t * (high - low))
    start, end = _end(lo, ctx.prec), _end(hi, ctx.prec)
    return start if t == 0 else end if t == 1 else start + exact(t) * (end - start)


@lru_cache(maxsize=64)
def _end(expr: Expr, bits: int) -> arb:
    with ctx.workprec(bits):
        return ball(expr, {})


def side(lo: Expr, hi: Expr, t0: Fraction, t1: Fraction) -> arb:
    """A ball around {lo + t(hi − lo) : t0 ≤ t ≤ t1} for constant formulas lo < hi and 0 ≤ t0 ≤ t1 ≤ 1.

    The lower end is kept where it is a short dyadic number, for t1 = 1, t0 > 0 the upper one: then no box leaves the
    domain at that end.

    >>> from attain.symbolic.expression import constant
    >>> half = side(constant("0"), constant("pi"), Fraction(1, 2), Fraction(1))
    >>> half.contains(2), half.contains(1.5)
    (True, False)
    """
    with ctx.workprec(ctx.prec + 64):
        low, high = position(lo, hi, t0), position(lo, hi, t1)
        return low if t0 == t1 else hull(low.lower(), high.upper(), keep_high=t1 == 1 and t0 != 0)


def compile(expr: Expr, variables: Sequence[str], order: int = 2) -> Formula:  # noqa: A001
    """Prepare a formula for many boxes. ``order`` 0: value; 1: and slope; 2: and Hessian.

    >>> from attain.symbolic.expression import parse
    >>> f = compile(parse("x*y"), ["x", "y"])
    >>> f([arb(2), arb(3)]).gradient
    (3.00000000000000, 2.00000000000000)
    """
    return build(expr, tuple(variables), order)


def ball(expr: Expr, env: Mapping[str, arb]) -> arb:
    """Enclosure of the formula for all values of its variables in the given balls.

    Raises `DomainError` where it is certainly undefined; the result is not finite where it may be.

    >>> from attain.symbolic.expression import parse
    >>> ball(parse("1/(x - 1/2)"), {"x": arb(0.5)})
    Traceback (most recent call last):
        ...
    attain.proofs.tape.DomainError: 1/(x - 1/2) is undefined
    """
    variables = names(expr)
    missing = [name for name in variables if name not in env]
    if missing:
        raise ValueError(f"no value for {', '.join(missing)}")
    return compile(expr, variables, 0)([env[name] for name in variables]).value


def jet(expr: Expr, variables: Sequence[str], box: Sequence[arb], order: int = 2) -> Jet:
    """Value, slope and Hessian over a box; `compile` once instead if there are many boxes.

    >>> from attain.symbolic.expression import parse
    >>> kink = jet(parse("abs(x)"), ["x"], [arb(0, 1)])
    >>> kink.gradient[0].contains(-1) and kink.gradient[0].contains(1), kink.hessian
    (True, None)
    """
    return compile(expr, variables, order)(box)


def mean_value_range(expr: Expr, box: Mapping[str, arb]) -> arb:
    """Range over a box: the intersection of the natural, the mean value and the second-order Taylor enclosure.

    >>> from attain.symbolic.expression import parse
    >>> mean_value_range(parse("x - x**2"), {"x": arb(0.5, 0.1)}).overlaps(arb(0.26))
    False
    """
    variables = names(expr)
    balls = [box[name] for name in variables]
    wide = compile(expr, variables, 2)(balls)
    centre = [b.mid() for b in balls]
    steps = [b - c for b, c in zip(balls, centre, strict=True)]
    try:
        at = compile(expr, variables, 1)(centre)
    except DomainError:
        return wide.value
    result = wide.value
    mean_value = at.value + sum((g * d for g, d in zip(wide.gradient, steps, strict=True)), arb(0))
    enclosures = [mean_value]
    if wide.hessian is not None:
        taylor = at.value + sum((g * d for g, d in zip(at.gradient, steps, strict=True)), arb(0))
        for i, row in enumerate(wide.hessian):
            taylor += row[i] * power(steps[i], 2) / 2 + sum((row[j] * steps[i] * steps[j] for j in range(i)), arb(0))
        enclosures.append(taylor)
    for enclosure in enclosures:
        if enclosure.is_finite():
            result = result.intersection(enclosure) if result.is_finite() else result
    return result
