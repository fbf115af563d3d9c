"""Cooling a finite grid takes away no more mass than cooling the lattice at 1/2: finite-grid, integrated in kappa."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb, ctx

from ...symbolic.lattice import theta_half
from ...symbolic.rounding import lower
from ..claim import All, Claim, Sequent, ge, gt, le, number, real
from ..derived import assumed, exponential
from ..kernel import Fact, assume, classical, combine, identity, monotone, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..terms import substitute_term
from ..values import ball
from ._lattice import HOT, kappa, n
from ._reindex import i, total
from ._square import LAST, SOME, nu
from .finite_grid import (
    ABOVE,
    BELOW,
    EXCESS,
    FIRST,
    GRID_MASS,
    HALF,
    LATER,
    P,
    centre,
    finite_grid,
    k,
    steps,
    u,
    vanishing,
)
from .one_sided_grid import gauss, mass

colder, ratio, t, x = real("kappa_1"), real("rho"), real("t"), real("x")
ORDER, ALLOWED = ge(colder, kappa), ge(ratio, 0)
LOSS = 4 * (LAST + P + 3) ** 4 * sp.exp(-kappa * (LAST**2 - 1) / 4)
DROP = sp.exp(-LOSS * (colder - kappa) / 2)


def at(term: sp.Expr, heat: sp.Expr) -> sp.Expr:
    """The term with `heat` for kappa."""
    return substitute_term(term, {kappa: heat})


CAP = All(n, 0, None, le(ratio * mass(HALF, n), at(mass(HALF, n), colder)))


def _claim(shave: Fraction = Fraction(1), order: bool = True, tail: int = 1) -> Claim:
    place = (HOT, FIRST, LATER, ABOVE, BELOW, *[ORDER] * order)
    bound = number(shave) * at(GRID_MASS, colder)
    finite = le(GRID_MASS * at(mass(HALF), colder) * DROP**tail, bound * mass(HALF))
    limit = le(ratio * GRID_MASS, bound)
    return Claim("finite-grid-ratio", (Sequent((*place, SOME), finite), Sequent((*place, ALLOWED, CAP), limit)))


@cache
def nearest() -> Fact:
    """exp(-kappa/8) <= the grid's mass: the nearest centre is within 1/2."""
    hot, first, later, above, below = assumed(HOT, FIRST, LATER, ABOVE, BELOW)
    given = [hot, first, later]
    offset = centre - u
    exponent = le(-kappa / 8, -kappa * offset**2 / 2)
    room = combine(ge(HALF - offset, 0), [(1, below)])
    reach = combine(ge(HALF + offset, 0), [(1, above)])
    one = exponential(combine(exponent, [(kappa / 2 * (HALF - offset), reach)], [hot, room], rest=sp.Integer(0)))
    before, after = total(gauss(k - u), k, 0, centre - 1), total(gauss(k - u), k, centre + 1, P - 1)
    split = identity(GRID_MASS, before + gauss(centre - u) + after, given)
    return combine(le(sp.exp(-kappa / 8), GRID_MASS), [(1, one), (-1, split)], given, rest=before + after)


@cache
def head() -> Fact:
    """exp(-kappa/8) <= the mass at 1/2."""
    some = assume(SOME)
    return combine(le(sp.exp(-kappa / 8), mass(HALF)), [], [some], rest=total(gauss(HALF + i), i, 1, LAST))


@cache
def finite_ratio() -> Fact:
    """grid(kappa) half(kappa_1) DROP <= grid(kappa_1) half(kappa): log(grid/half) + LOSS kappa/2 increases in kappa."""
    hot, some, first, later, above, below, order = assumed(HOT, SOME, FIRST, LATER, ABOVE, BELOW, ORDER)
    place = [some, first, later, above, below]
    warmer = assume(ge(t, kappa))
    heat = combine(gt(t, 0), [(1, warmer), (1, hot)])
    grid, half = at(GRID_MASS, t), at(mass(HALF), t)
    moment, near, top = (substitute(fact, {kappa: t}, [heat, *place]) for fact in (finite_grid(), nearest(), head()))
    exponent = le(-t * LAST**2 / 4, -kappa * (LAST**2 - 1) / 4 - t / 4)
    decay = exponential(combine(exponent, [((LAST**2 - 1) / 4, warmer)], [some], rest=sp.Integer(0)))
    pair = 2 * half * grid
    terms = [
        (1 / pair, moment),
        (LOSS * half / pair, near),
        (LOSS * sp.exp(-t / 8) / pair, top),
        (4 * (LAST + P + 3) ** 4 / pair, decay),
    ]
    gain = sp.log(grid) - sp.log(half) + LOSS * t / 2
    known = [some, first, later, combine(gt(grid, 0), [(1, near)]), combine(gt(half, 0), [(1, top)])]
    slope = combine(ge(sp.diff(gain, t), 0), terms, known, rest=sp.Integer(0))
    ends = []
    for end, fact in ((kappa, hot), (colder, combine(gt(colder, 0), [(1, order), (1, hot)]))):
        for floor, body in ((nearest(), GRID_MASS), (head(), mass(HALF))):
            ends.append(combine(gt(at(body, end), 0), [(1, substitute(floor, {kappa: end}, [fact, *place]))]))
    order_of_logs = monotone(gain, t, slope, order, [hot, *place[:3], *ends])
    left = sp.log(GRID_MASS) + sp.log(at(mass(HALF), colder)) - LOSS * (colder - kappa) / 2
    right = sp.log(at(GRID_MASS, colder)) + sp.log(mass(HALF))
    powers = exponential(combine(le(left, right), [(1, order_of_logs)], [*place[:3], *ends]))
    goal = le(GRID_MASS * at(mass(HALF), colder) * DROP, at(GRID_MASS, colder) * mass(HALF))
    return combine(goal, [(1, powers)], [*place[:3], *ends], rest=sp.Integer(0))


@cache
def ratio_limit() -> Fact:
    """rho times the grid's mass at kappa is at most that at kappa_1, if that holds for all one-sided sums at 1/2."""
    hot, first, later, order, allowed, cap, one = assumed(HOT, FIRST, LATER, ORDER, ALLOWED, CAP, ge(steps, 1))
    given = [hot, first, later]
    low = combine(ge(steps, 0), [(1, one)])
    size = combine(ge(P, 1), [(1, first), (1, later)])
    finite = substitute(finite_ratio(), {nu: steps}, [low])
    capped = specialise(cap, 2 * steps + 1, given=[low])
    half = mass(HALF, 2 * steps + 1)
    drop, loss = (substitute_term(term, {nu: steps}) for term in (DROP, LOSS))
    positive = combine(gt(half, 0), [], [low])
    small = substitute(vanishing(LAST**2 - 1), {}, [size])
    flat = substitute(above_tangent(), {x: loss * (colder - kappa) / 2}, [order, low, size])
    constant = ratio * GRID_MASS * (colder - kappa) * EXCESS / 2
    terms = [
        (1 / half, finite),
        (GRID_MASS * drop / half, capped),
        (ratio * GRID_MASS, flat),
        (ratio * GRID_MASS * (colder - kappa) / 2, small),
    ]
    goal = le(ratio * GRID_MASS, at(GRID_MASS, colder) + constant / steps)
    near = combine(goal, terms, [*given, order, allowed, size, low, positive], rest=sp.Integer(0))
    everywhere = termwise(near, steps, 1, None, [hot, size, order, allowed], quantify=True)
    return classical("archimedean", ratio * GRID_MASS, at(GRID_MASS, colder), constant, steps, given=[everywhere])


@cache
def above_tangent() -> Fact:
    """1 - x <= exp(-x) for x >= 0."""
    start = assume(ge(x, 0))
    flat = exponential(combine(le(-x, 0), [(1, start)]))
    rises = monotone(x + sp.exp(-x), x, combine(ge(1 - sp.exp(-x), 0), [(1, flat)]), start)
    return combine(le(1 - x, sp.exp(-x)), [(1, rises)])


def _proof(statement: Claim) -> Sequence[Fact]:
    return finite_ratio(), ratio_limit()


def _brute(example: Example, shave: Fraction = Fraction(1), order: bool = True, tail: int = 1) -> Sequence[Pairs]:
    value = example.values
    warm, cold, last = value[kappa], value[colder], 2 * int(value[nu]) + 1
    grid = [a - value[u] for a in range(int(value[P]))]
    half = [a + Fraction(1, 2) for a in range(last + 1)]

    def direct(distances: Sequence[Fraction], heat: Fraction) -> arb:
        return sum((ball(-heat * d * d / 2).exp() for d in distances), arb(0))

    loss = ball(4 * (last + len(grid) + 3) ** 4) * ball(-warm * (last**2 - 1) / 4).exp()
    drop = (-loss * ball(tail * (cold - warm)) / 2).exp()
    finite = (direct(grid, warm) * direct(half, cold) * drop, ball(shave) * direct(grid, cold) * direct(half, warm))
    return (finite,), ((ball(value[ratio]) * direct(grid, warm), ball(shave) * direct(grid, cold)),)


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    for warm, cold, size in ((1, 3, 8), (3, 4, 5), (4, 12, 4), (6, 1, 4)):
        for points in (1, 2, 5) if level < 2 else (1, 2, 3, 5, 8, 13):
            for near in {0, points // 2, points - 1}:
                for offset in map(Fraction, ("-1/2", "0", "1/3", "1/2")):
                    for terms in (0, size):
                        values = {kappa: warm, colder: cold, P: points, centre: near, u: near + offset, nu: terms}
                        words = f"kappa={warm}, kappa_1={cold}, P={points}, u={near + offset}, nu={terms}"
                        table = {symbol: Fraction(value) for symbol, value in values.items()}
                        found.append(Example(words, {**table, ratio: _allowed(warm, cold)}))
    return tuple(found)


def _allowed(warm: int, cold: int) -> Fraction:
    """A ratio just below Theta(cold)/Theta(warm), which the ratios of the cut sums decrease to."""
    with ctx.workprec(64):
        return Fraction(lower(theta_half(cold) / theta_half(warm), 4))


LEMMA = Lemma(
    slug="finite-grid-ratio",
    group="lattice",
    words="For kappa_1 >= kappa > 0 the mass S(u; kappa) of a finite grid satisfies S(u; kappa_1)/S(u; kappa) >="
    " Theta(kappa_1)/Theta(kappa), Theta the one-sided mass at 1/2, stated as: at least every rho that is at"
    " most Theta_n(kappa_1)/Theta_n(kappa) for all partial sums Theta_n. Reason: by finite-grid the logarithmic"
    " derivative in kappa, -E(k - u)^2/2, is at least -m2/2. Cut after 2 nu + 2 terms there is a factor"
    " exp(-LOSS (kappa_1 - kappa)/2) that tends to 1.",
    latex=r"\frac{S_A(u;\kappa_1)}{S_A(u;\kappa)}\ge\frac{\Theta(\kappa_1)}{\Theta(\kappa)},\qquad \kappa_1\ge\kappa",
    source="ours",
    hypotheses=(
        "kappa_1 >= kappa > 0, nu >= 0",
        "k_0 = 0, ..., P - 1 is a nearest centre: |u - k_0| <= 1/2",
        "second part: rho >= 0 is at most Theta_n(kappa_1)/Theta_n(kappa) for every n",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "one point against one term, s = kappa_1 - kappa",
            "exp(-s*u**2/2) >= exp(-s/8)",
            ("s >= 0", "u in [-1/2, 1/2]"),
        ),
    ),
    beyond="its grid has a symbolic number of points and its last part is a limit",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("kappa_1 may be below kappa", {"order": False}),
        Mutant("no allowance for cutting the one-sided sums", {"tail": 0}),
    ),
)
