"""Cauchy-Schwarz and the triangle inequality in R^N, from Lagrange's identity."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp

from ..claim import Claim, claim, function, ge, integer, le, number
from ..derived import absolute_bounds, assumed, root_at_most
from ..kernel import Fact, combine, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball

N, i, j = integer("N"), integer("i"), integer("j")
p, q = function("p"), function("q")
DIMENSION = ge(N, 1)


def dot(first: sp.Function, second: sp.Function) -> sp.Expr:
    """Sum over the coordinates of first(i) second(i)."""
    return sp.Sum(first(i) * second(i), (i, 1, N))


def norm(term: sp.Expr) -> sp.Expr:
    """The Euclidean norm of the vector with coordinates `term` in the index i."""
    return sp.sqrt(sp.Sum(term**2, (i, 1, N)))


def _claim(schwarz: Fraction = Fraction(1), sides: Fraction = Fraction(1), sign: int = 1) -> Claim:
    return claim(
        "triangle-inequality",
        (DIMENSION,),
        le(dot(p, q) ** 2, number(schwarz) * dot(p, p) * dot(q, q)),
        le(norm(p(i) + q(i)), number(sides) * (norm(p(i)) + sign * norm(q(i)))),
    )


@cache
def cauchy_schwarz() -> Fact:
    """(p . q)^2 <= |p|^2 |q|^2."""
    (size,) = assumed(DIMENSION)
    square = combine(ge((p(i) * q(j) - p(j) * q(i)) ** 2, 0))
    lagrange = termwise(termwise(square, i, 1, N, [size]), j, 1, N, [size])
    return combine(le(dot(p, q) ** 2, dot(p, p) * dot(q, q)), [(sp.Rational(1, 2), lagrange)], [size])


@cache
def triangle() -> Fact:
    """|p + q| <= |p| + |q|."""
    (size,) = assumed(DIMENSION)
    cross = combine(le(dot(p, q) ** 2, (norm(p(i)) * norm(q(i))) ** 2), [(1, cauchy_schwarz())], [size])
    product = root_at_most(
        cross, combine(ge(norm(p(i)) * norm(q(i)), 0), [], [size]), [combine(ge(dot(p, q) ** 2, 0), [], [size])]
    )
    inner = combine(
        le(dot(p, q), norm(p(i)) * norm(q(i))), [(1, absolute_bounds(dot(p, q), [size])), (1, product)], [size]
    )
    sides = norm(p(i)) + norm(q(i))
    total = sp.Sum((p(i) + q(i)) ** 2, (i, 1, N))
    square = combine(le(total, sides**2), [(2, inner)], [size])
    return root_at_most(square, combine(ge(sides, 0), [], [size]), [combine(ge(total, 0), [], [size])])


def _proof(statement: Claim) -> Sequence[Fact]:
    return cauchy_schwarz(), triangle()


def _brute(
    example: Example, schwarz: Fraction = Fraction(1), sides: Fraction = Fraction(1), sign: int = 1
) -> Sequence[Pairs]:
    axes = range(1, int(example.values[N]) + 1)
    first, second = ([example.values[name](axis) for axis in axes] for name in (p, q))
    squares = [sum(value * value for value in vector) for vector in (first, second)]
    inner = sum(a * b for a, b in zip(first, second, strict=True))
    norms = [ball(square).sqrt() for square in squares]
    whole = ball(sum((a + b) ** 2 for a, b in zip(first, second, strict=True))).sqrt()
    return (
        ((inner * inner, schwarz * squares[0] * squares[1]),),
        ((whole, ball(sides) * (norms[0] + sign * norms[1])),),
    )


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    for size in (1, 2, 5) if level < 2 else (1, 2, 5, 40):
        for scale in (Fraction(0), Fraction(2), Fraction(-3, 2)):
            for turn in (0, 1):
                table = {N: Fraction(size), p: lambda axis: Fraction(axis, 3)}
                table[q] = lambda axis, scale=scale, turn=turn: scale * (axis + turn * (axis % 2))
                found.append(Example(f"N={size}, p_i=i/3, q_i={scale}(i + {turn} (i mod 2))", table))
    return tuple(found)


LEMMA = Lemma(
    slug="triangle-inequality",
    group="max-affine",
    words="Cauchy-Schwarz by Lagrange's identity, and from it the triangle inequality of the Euclidean norm, in any"
    " dimension.",
    latex=r"(p\cdot q)^2\le\|p\|^2\|q\|^2,\qquad\|p+q\|\le\|p\|+\|q\|",
    source="standard; proved here, used for the necessary size",
    hypotheses=("p, q in R^N, N >= 1",),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "Cauchy-Schwarz in dimension 3",
            "(a*d + b*e + c*f)**2 <= (a**2 + b**2 + c**2)*(d**2 + e**2 + f**2)",
        ),
        Core(
            "instance",
            "the triangle inequality in dimension 2",
            "sqrt((a+c)**2 + (b+d)**2) <= sqrt(a**2 + b**2) + sqrt(c**2 + d**2)",
        ),
    ),
    beyond="the dimension is symbolic",
    mutants=(
        Mutant("Cauchy-Schwarz one percent smaller", {"schwarz": Fraction(99, 100)}),
        Mutant("the sides one percent shorter", {"sides": Fraction(99, 100)}),
        Mutant("the difference of the sides", {"sign": -1}),
    ),
)
