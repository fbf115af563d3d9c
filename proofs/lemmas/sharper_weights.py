"""A larger kappa on some axis only lowers the mean of what grows with the distance on that axis."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import All, Claim, Formula, claim, function, ge, integer, le, number, real
from ..derived import assumed, exponential
from ..kernel import Fact, combine, specialise, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball

G, near, j = integer("G"), integer("b"), integer("j")
warm, cold, level, bound = real("kappa"), real("kappa_2"), real("E"), real("m")
rest, square, phi = function("r"), function("e"), function("phi")
SIZE, START, SOME, COLDER = ge(G, 1), ge(near, 0), le(near, G), le(warm, cold)
INNER = All(j, 1, near, le(square(j), level)), All(j, 1, near, le(phi(j), bound))
OUTER = All(j, near + 1, G, le(level, square(j))), All(j, near + 1, G, le(bound, phi(j)))


def weight(kappa: sp.Expr) -> sp.Expr:
    """exp(r_j - kappa e_j / 2)."""
    return sp.exp(rest(j) - kappa * square(j) / 2)


def total(kappa: sp.Expr, term: sp.Expr | int, ends: tuple[sp.Expr | int, sp.Expr] = (1, G)) -> sp.Expr:
    """Weighted sum over a range of centres."""
    return sp.Sum(weight(kappa) * term, (j, *ends))


MEAN = le(total(warm, phi(j)), bound * total(warm, 1))


def _claim(shave: Fraction = Fraction(1), colder: bool = True, ordered: bool = True) -> Claim:
    hypotheses: list[Formula] = [SIZE, START, SOME, MEAN, *INNER, OUTER[1], *[COLDER] * colder, *[OUTER[0]] * ordered]
    mean = total(cold, phi(j)) / total(cold, 1)
    return claim("sharper-weights", tuple(hypotheses), le(mean, number(shave) * bound))


@cache
def sharper() -> Fact:
    """Weights are tilted by exp(-(kappa_2 - kappa) e_j/2), above its value at E for j <= b and below it for j > b."""
    size, start, some, colder, mean = assumed(SIZE, START, SOME, COLDER, MEAN)
    sizes, tilt, parts = [size, start, some], sp.exp(-(cold - warm) * level / 2), []
    for (places, values), (low_end, high_end), sign in ((INNER, (1, near), 1), (OUTER, (near + 1, G), -1)):
        place, value = (specialise(fact, j) for fact in assumed(places, values))
        shift = le(-sign * (cold - warm) * level / 2, -sign * (cold - warm) * square(j) / 2)
        ordered = combine(shift, [((cold - warm) / 2, place)], [colder])
        low, high = -(cold - warm) * level / 2, -(cold - warm) * square(j) / 2
        exponent = combine(le(low, high) if sign > 0 else le(high, low), [(1, ordered)])
        gap = phi(j) - bound
        goal = le(weight(cold) * gap, tilt * weight(warm) * gap)
        one = combine(goal, [(weight(warm) * sign * -gap, exponential(exponent))], [value])
        parts.append(termwise(one, j, low_end, high_end, sizes))
    goal = le(total(cold, phi(j)) / total(cold, 1), bound)
    factor = 1 / total(cold, 1)
    return combine(goal, [(factor, part) for part in parts] + [(tilt * factor, mean)], sizes)


def _proof(statement: Claim) -> Sequence[Fact]:
    return (sharper(),)


def _brute(
    example: Example, shave: Fraction = Fraction(1), colder: bool = True, ordered: bool = True
) -> Sequence[Pairs]:
    values = example.values
    top = bottom = arb(0)
    for a in range(1, int(values[G]) + 1):
        one = ball(values[rest](a) - values[cold] * values[square](a) / 2).exp()
        top, bottom = top + one * ball(values[phi](a)), bottom + one
    return (((top / bottom, ball(shave * values[bound])),),)


def _examples(level_: int) -> tuple[Example, ...]:
    """Distances on a grid of one axis with |distance| and its square, equal and larger kappa; then a smaller one."""
    found = []
    for u in (Fraction(1, 2), Fraction(1, 5)):
        squares = sorted((a - u) ** 2 for a in range(-3, 4))
        for power in (1, 2):
            table = [e**power for e in squares]
            for first, second in (
                (Fraction(1), Fraction(1)),
                (Fraction(1, 2), Fraction(4)),
                (Fraction(3), Fraction(1)),
            ):
                found.append(_example(squares, table, first, second, f"u={u}, phi = e^{power}"))
        found.append(_example(squares[::-1], table, Fraction(1, 2), Fraction(4), f"u={u}, distances reversed"))
    return tuple(found)


def _example(
    squares: Sequence[Fraction], table: Sequence[Fraction], first: Fraction, second: Fraction, words: str
) -> Example:
    weights = [ball(-first * e / 2).exp() for e in squares]
    mean = sum((w * ball(value) for w, value in zip(weights, table, strict=True)), arb(0)) / sum(weights, arb(0))
    middle = Fraction(int((mean * 10**9).upper().ceil().unique_fmpz()), 10**9)
    inside = sum(value <= middle for value in table)
    values = {
        G: Fraction(len(table)),
        near: Fraction(inside),
        warm: first,
        cold: second,
        level: max(squares[:inside]),
        bound: middle,
        rest: lambda a: Fraction(0),
        square: lambda a: squares[a - 1],
        phi: lambda a: table[a - 1],
    }
    return Example(f"{words}, kappa={first}, kappa_2={second}", values)


LEMMA = Lemma(
    slug="sharper-weights",
    group="max-affine",
    words="If phi grows with the squared distance e on an axis and its mean under weights exp(r_j - kappa e_j/2) is"
    " at most m, so it is under any kappa_2 >= kappa: bounds at the smallest kappa of the axes hold for"
    " unequal spacings. The centres are numbered so that e_j <= E, phi_j <= m for j <= b and e_j >= E, phi_j"
    " >= m for j > b.",
    latex=r"\mathbb E_\kappa\,\phi\le m,\ \kappa'\ge\kappa\implies\mathbb E_{\kappa'}\,\phi\le m",
    source="ours; Chebyshev's association inequality",
    hypotheses=(
        "G >= 1 centres, 0 <= b <= G, kappa <= kappa_2",
        "e_j <= E and phi_j <= m for j <= b; e_j >= E and phi_j >= m for j > b",
        "sum_j exp(r_j - kappa e_j/2) (phi_j - m) <= 0",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "two centres, x >= y the new factors exp(-(kappa_2 - kappa) e_j/2)",
            "a*x*(f-m) + b*y*(g-m) <= 0",
            ("a > 0", "b > 0", "f <= m", "g >= m", "y > 0", "x >= y", "a*(f-m) + b*(g-m) <= 0"),
        ),
    ),
    beyond="the number of centres is symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("a smaller kappa", {"colder": False}),
        Mutant("the outer centres may be nearer", {"ordered": False}),
    ),
)
