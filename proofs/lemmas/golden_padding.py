"""Values at centres outside the box from f inside it: the golden ratio replaces an extension of f."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import All, Claim, claim, function, ge, le, number, real
from ..derived import assumed, at_most_in_absolute_value
from ..kernel import Fact, classical, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._averages import below
from ._vectors import DIMENSION, N, a, b, cauchy_schwarz, k, total

M, inside, target = real("M"), real("f_pi"), real("f")
g, q = function("g"), function("q")
SMOOTH = ge(M, 0)
STEPS, JUMPS = total(a(k) ** 2), total(b(k) ** 2)
p, r = sp.sqrt(STEPS), sp.sqrt(JUMPS)
REMAINDER = le(sp.Abs(inside - target - total(g(k) * a(k))), M / 2 * STEPS)
GRADIENT = le(total((q(k) - g(k)) ** 2), M**2 * STEPS)
CLIPPED = All(k, 1, N, ge(a(k) * b(k), 0))
GAP = inside + total(q(k) * b(k)) - target - total(g(k) * (a(k) + b(k)))
GOLDEN = (1 + sp.sqrt(5)) / 2
DISTANCE = total((a(k) + b(k)) ** 2)


def _claim(ratio: sp.Expr = GOLDEN, cross: Fraction = Fraction(1), clipped: bool = True) -> Claim:
    hypotheses = [DIMENSION, SMOOTH, REMAINDER, GRADIENT] + [CLIPPED] * clipped
    bounds = (M * (p**2 / 2 + number(cross) * p * r), ratio / 2 * M * DISTANCE)
    return claim("golden-padding", tuple(hypotheses), *(le(sp.Abs(GAP), bound) for bound in bounds))


@cache
def padding_error() -> tuple[Fact, Fact]:
    """Both bounds: the remainder to pi, the turn of the gradient by Cauchy-Schwarz, and phi^2 = phi + 1."""
    dimension, smooth, remainder, gradient, clipped = assumed(DIMENSION, SMOOTH, REMAINDER, GRADIENT, CLIPPED)
    turn = q(k) - g(k)
    schwarz = substitute(cauchy_schwarz(), {a: sp.Lambda(k, turn)})
    square = combine(le(total(turn * b(k)) ** 2, (M * p * r) ** 2), [(1, schwarz), (JUMPS, gradient)], [dimension])
    most = combine(ge(M * p * r, 0), [], [dimension, smooth])
    bound, sides = M * (p**2 / 2 + p * r), []
    for sign in (1, -1):
        swing = below(sign * total(turn * b(k)), square, most, [dimension])
        over = classical("absolute value bounds", sign * (inside - target - total(g(k) * a(k))), given=[dimension])
        sides.append(combine(le(sign * GAP, bound), [(1, over), (1, remainder), (1, swing)], [dimension]))
    error = at_most_in_absolute_value(*sides)
    apart = termwise(specialise(clipped, k), k, 1, N, [dimension])
    split = combine(le(STEPS + JUMPS, DISTANCE), [(2, apart)], [dimension])
    rest = M / (2 * GOLDEN) * (p - GOLDEN * r) ** 2
    final = le(sp.Abs(GAP), GOLDEN / 2 * M * DISTANCE)
    return error, combine(final, [(1, error), (GOLDEN / 2 * M, split)], [dimension, smooth], rest=rest)


def _proof(statement: Claim) -> Sequence[Fact]:
    return padding_error()


def _brute(
    example: Example, ratio: sp.Expr = GOLDEN, cross: Fraction = Fraction(1), clipped: bool = True
) -> Sequence[Pairs]:
    values, axes = example.values, range(1, int(example.values[N]) + 1)
    step, jump, here, there = ([values[name](axis) for axis in axes] for name in (a, b, g, q))
    rows = list(zip(step, jump, here, there, strict=True))
    padded = values[inside] + sum(v * t for _, t, _, v in rows)
    error = abs(padded - values[target] - sum(u * (s + t) for s, t, u, _ in rows))
    near, far = (ball(sum(s * s for s in row)).sqrt() for row in (step, jump))
    golden = (1 + arb(5).sqrt()) / 2 if ratio == GOLDEN else ball(Fraction(int(ratio.p), int(ratio.q)))
    bound = ball(values[M]) * (near * near / 2 + ball(cross) * near * far)
    return ((error, bound),), ((error, golden / 2 * ball(values[M] * sum((s + t) ** 2 for s, t, _, _ in rows))),)


def _example(words: str, bend: Fraction, rows: Sequence[tuple[int, int, int, int]], value: Fraction) -> Example:
    table = [tuple(map(Fraction, row)) for row in rows]
    columns = {name: lambda axis, c=c: table[axis - 1][c] for c, name in enumerate((a, b, g, q))}
    return Example(words, {N: Fraction(len(rows)), M: bend, inside: value, target: Fraction(0), **columns})


def _examples(level: int) -> tuple[Example, ...]:
    """Rows (pi - x, v - pi, gradient at x, gradient at pi): f = x^2/2 from x = 0, a saddle, and extreme numbers."""
    half = Fraction(1, 2)
    parabola = [
        _example(f"f = x^2/2, x = 0, pi = {s}, v = {s + t}", Fraction(1), [(s, t, 0, s)], half * s * s)
        for s, t in ((0, 3), (2, 1), (8, 5), (-2, -3), (8, -5))
    ]
    saddle = _example(
        "f = x y, x = (1, 0), pi = (1, 4), v = (1, 7)", Fraction(1), [(0, 0, 0, 4), (4, 3, 1, 1)], Fraction(4)
    )
    extreme = _example("the gradient turns towards v - pi", Fraction(1), [(8, 0, 0, 0), (0, 5, 0, 8)], Fraction(32))
    return (*parabola, saddle, extreme)


LEMMA = Lemma(
    slug="golden-padding",
    group="max-affine",
    words="If f is known on the box only, use y = f(pi) + grad f(pi).(v - pi) at a centre v outside, pi its nearest"
    " point of the box. With p = |pi - x|, r = |v - pi| the second-order remainder at x is at most M (p^2/2 + p r), and"
    " so at most (1 + sqrt 5)/2 times (M/2) |v - x|^2: the smooth bound holds with M times the golden ratio.",
    latex=r"\bigl|y-f(x)-\nabla f(x)\cdot(v-x)\bigr|\le M\bigl(\tfrac12p^2+pr\bigr)"
    r"\le\frac{1+\sqrt5}{2}\cdot\frac M2\|v-x\|^2",
    source="ours",
    hypotheses=(
        "N >= 1, M >= 0, g and q the gradients of f at x and at pi",
        "|f(pi) - f(x) - g.(pi - x)| <= (M/2) |pi - x|^2 (descent-lemma)",
        "|q - g|_2 <= M |pi - x|_2: the gradient is M-Lipschitz",
        "(pi_k - x_k)(v_k - pi_k) >= 0 on every axis: pi is v clipped to the box, x is in the box",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "the two distances against the hypotenuse",
            "p**2/2 + p*r <= (1 + sqrt(5))/4*s",
            ("p >= 0", "r >= 0", "s >= p**2 + r**2"),
        ),
    ),
    beyond="the dimension is symbolic",
    mutants=(
        Mutant("8/5 in place of the golden ratio", {"ratio": sp.Rational(8, 5)}),
        Mutant("the cross term p r one percent smaller", {"cross": Fraction(99, 100)}),
        Mutant("pi need not be the nearest point", {"clipped": False}),
    ),
)
