"""Necessary size: with fewer grid points no use of the values at the centres serves all Lipschitz functions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp

from ..claim import All, Claim, Sequent, eq, function, ge, gt, integer, le, number, real
from ..derived import absolute_bounds, assumed
from ..kernel import Fact, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from .covering_radius import c, corner_distance, h, q, x
from .triangle_inequality import DIMENSION, N, i, norm, p, triangle
from .triangle_inequality import q as step_name

P, k = integer("P"), integer("k")
L, F, a, b, eps = (real(name) for name in ("L", "F", "a", "b", "epsilon"))
near_y, near_z = real("D_y"), real("D_z")
y, z, w = function("y"), function("z"), function("w")
LIPSCHITZ, BOX, POINTS, SMALL = ge(L, 0), gt(b, a), ge(P, 1), gt(eps, 0)
HALF = sp.Rational(1, 2)
GRID = All(i, 1, N, ge(q(i), 0))
CENTRE = All(i, 1, N, eq(c(i), a + (q(i) + HALF) * (b - a) / P))
ATTAINED, LEAST = eq(near_y, norm(y(i) - w(i))), le(near_z, norm(z(i) - w(i)))
ABOVE, BELOW = le(sp.Abs(F - L * near_y), eps), le(sp.Abs(F + L * near_y), eps)
FAR = le(sp.sqrt(N) * (b - a) / (2 * P), near_y)


def _claim(
    slope: Fraction = Fraction(1), half: Fraction = HALF, points: Fraction = Fraction(1), both: bool = True
) -> Claim:
    corner = number(half) * sp.sqrt(N) * (b - a) / P
    fooled = (LIPSCHITZ, ABOVE, BELOW) if both else (LIPSCHITZ, ABOVE)
    everything = (DIMENSION, POINTS, BOX, gt(L, 0), SMALL, FAR, ABOVE, BELOW)
    return Claim(
        "necessary-size",
        (
            Sequent(
                (DIMENSION, LIPSCHITZ, ATTAINED, LEAST),
                le(L * near_z - L * near_y, number(slope) * L * norm(z(i) - y(i))),
            ),
            Sequent((DIMENSION, POINTS, BOX, GRID, CENTRE), le(corner, norm(a - c(i)))),
            Sequent(fooled, le(L * near_y, eps)),
            Sequent(everything, le(number(points) * L * (b - a) * sp.sqrt(N) / (2 * eps), P)),
        ),
    )


@cache
def slope_of_distance() -> Fact:
    """The distance to the nearest centre is 1-Lipschitz: D_z - D_y <= |z - y|."""
    size, scale, attained, least = assumed(DIMENSION, LIPSCHITZ, ATTAINED, LEAST)
    steps = {p: sp.Lambda(i, z(i) - y(i)), step_name: sp.Lambda(i, y(i) - w(i))}
    apart = substitute(triangle(), steps)
    rise = combine(le(near_z - near_y, norm(z(i) - y(i))), [(1, least), (1, apart), (-1, attained)], [size])
    return combine(le(L * near_z - L * near_y, L * norm(z(i) - y(i))), [(L, rise)], [scale, size])


@cache
def corner_is_far() -> Fact:
    """Every centre of the midpoint grid is at least sqrt(N)(b-a)/(2P) from the corner (a, ..., a)."""
    size, points, box, grid, centre = assumed(DIMENSION, POINTS, BOX, GRID, CENTRE)
    step = (b - a) / P
    width = termwise(combine(gt(step, 0), [], [points, box]), k, 1, N, quantify=True)
    place = specialise(centre, k, given=[points, box])
    shifted = combine(eq(c(k), a + (q(k) + HALF) * step), [(1, place)], [points, box])
    corner = termwise(shifted, k, 1, N, quantify=True)
    index = termwise(specialise(grid, k), k, 1, N, quantify=True)
    box_values = {h: sp.Lambda(k, step), x: sp.Lambda(k, a)}
    far = substitute(corner_distance(), box_values, [size, points, box, width, corner, index])
    return combine(le(sp.sqrt(N) * step / 2, norm(a - c(i))), [(1, far)], [size, points, box])


@cache
def fooled() -> Fact:
    """One output F for both f and -f, f = L D: the worse of the two errs by at least L D."""
    _, above, below = assumed(LIPSCHITZ, ABOVE, BELOW)
    return combine(
        le(L * near_y, eps),
        [
            (HALF, absolute_bounds(L * near_y - F)),
            (HALF, above),
            (HALF, absolute_bounds(F + L * near_y)),
            (HALF, below),
        ],
    )


def _proof(statement: Claim) -> Sequence[Fact]:
    known = assumed(DIMENSION, POINTS, BOX, gt(L, 0), SMALL, FAR)
    enough = combine(
        le(L * (b - a) * sp.sqrt(N) / (2 * eps), P), [(P / eps, fooled()), (L * P / eps, known[-1])], known
    )
    return slope_of_distance(), corner_is_far(), fooled(), enough


def _brute(
    example: Example,
    slope: Fraction = Fraction(1),
    half: Fraction = Fraction(1, 2),
    points: Fraction = Fraction(1),
    both: bool = True,
) -> Sequence[Pairs]:
    value = example.values
    axes = range(1, int(value[N]) + 1)
    shift = ball(sum((value[z](axis) - value[y](axis)) ** 2 for axis in axes)).sqrt()
    away = ball(sum((value[a] - value[c](axis)) ** 2 for axis in axes)).sqrt()
    width, root = (value[b] - value[a]) / value[P], ball(value[N]).sqrt()
    rise = ball(value[L]) * (ball(value[near_z]) - ball(value[near_y]))
    return (
        ((rise, ball(slope * value[L]) * shift),),
        ((ball(Fraction(half)) * root * ball(width), away),),
        ((value[L] * value[near_y], value[eps]),),
        ((ball(points * value[L] * (value[b] - value[a]) / (2 * value[eps])) * root, ball(value[P])),),
    )


def _examples(level: int) -> tuple[Example, ...]:
    """On a line through the nearest centre: y at 1/2, z at 3/2 from w; grids and fooling pairs at the extreme."""
    found = []
    for size in (1, 4) if level < 2 else (1, 4, 9):
        for count in (1, 3):
            for scale in (Fraction(1), Fraction(5, 2)):
                for out in (Fraction(0), Fraction(1, 3)):
                    root = {1: 1, 4: 2, 9: 3}[size]
                    reach = Fraction(root, count)
                    table = {N: size, P: count, L: scale, F: out, a: -1, b: 1, near_y: reach, near_z: 3 * reach}
                    values: dict[sp.Basic, Any] = {key: Fraction(entry) for key, entry in table.items()}
                    values |= {eps: scale * reach + out, w: lambda axis: Fraction(0), q: lambda axis: Fraction(0)}
                    values |= {
                        y: lambda axis, s=reach, r=root: Fraction(s) / r,
                        z: lambda axis, s=reach, r=root: 3 * Fraction(s) / r,
                    }
                    values[c] = lambda axis, n=count: Fraction(1, n) - 1
                    words = f"N={size}, P={count}, L={scale}, F={out}, box [-1,1], w=0, y and z on the diagonal"
                    found.append(Example(words, values))
                    if out:
                        words += ", one-sided accuracy"
                        found.append(Example(words, {**values, F: scale * reach, eps: scale * reach / 2}))
    return tuple(found)


LEMMA = Lemma(
    slug="necessary-size",
    group="max-affine",
    words="L times the distance D to the nearest centre is L-Lipschitz; every centre of the midpoint grid is at least"
    " sqrt(N)(b-a)/(2P) from a corner of the box; if one number F is within eps of L D and of -L D, then L D <= eps;"
    " where D is at least that distance, eps needs P >= L(b-a) sqrt(N)/(2 eps). As f = L D and -f are both 0 at all"
    " centres, any output F that depends on the values there only is the same for both: no reconstruction from them"
    " serves all L-Lipschitz functions with fewer points.",
    latex=r"\max_{\pm}|F\mp LD|\le\varepsilon,\ D\ge\frac{\sqrt N(b-a)}{2P}"
    r"\implies P\ge\frac{L(b-a)\sqrt N}{2\varepsilon}",
    source="ours",
    hypotheses=(
        "N, P >= 1, a < b, L >= 0",
        "D_y is the distance of y to the centre w, D_z is at most that of z (w nearest to y)",
        "the centre c has coordinates a + (q_i + 1/2)(b - a)/P with q_i >= 0",
        "the output F at y is within epsilon of L D_y and of -L D_y",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "from two targets that one number serves to the size",
            "P >= L*(b-a)*sqrt(N)/(2*eps)",
            (
                "N >= 1 integer",
                "P >= 1 integer",
                "b > a",
                "L >= 0",
                "eps > 0",
                "D >= sqrt(N)*(b-a)/(2*P)",
                "abs(F - L*D) <= eps",
                "abs(F + L*D) <= eps",
            ),
        ),
    ),
    beyond="the distances are sums over a symbolic number of coordinates",
    mutants=(
        Mutant("the distance function with slope 99/100", {"slope": Fraction(99, 100)}),
        Mutant("the corner further than 51/100 of the diagonal", {"half": Fraction(51, 100)}),
        Mutant("one percent more points necessary", {"points": Fraction(101, 100)}),
        Mutant("only f, not -f, approximated", {"both": False}),
    ),
)
