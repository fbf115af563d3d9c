"""A finite grid never does worse than the lattice at 1/2: its second moment is at most m2, wherever the point lies."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import All, Claim, Sequent, ge, integer, le, number, real
from ..derived import assumed, exponential
from ..kernel import Fact, assume, classical, combine, monotone, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..terms import substitute_term
from ..values import ball
from ._lattice import HOT, kappa, n
from ._reindex import c, f, i, m, reversed_sum, shifted, total
from ._square import LAST, SOME, nu
from ._window import HALF, WIDE, A, B, window
from .one_sided_grid import gauss, mass, second
from .theta_decreases import delta

P, k, centre = integer("P"), integer("k"), integer("k_0")
u, M, steps = real("u"), real("M"), integer("m")
FIRST, LATER = ge(centre, 0), le(centre, P - 1)
ABOVE, BELOW = le(u, centre + HALF), ge(u, centre - HALF)
GRID_MASS = total(gauss(k - u), k, 0, P - 1)
GRID_SECOND = total((k - u) ** 2 * gauss(k - u), k, 0, P - 1)
ERROR = 4 * (LAST + P + 3) ** 4 * WIDE
EXCESS = 24 * (P + 6) ** 4 / kappa**3
CAP = All(n, 0, None, le(second(HALF, n), M * mass(HALF, n)))


def _claim(shave: Fraction = Fraction(1), below: bool = True, tail: int = 4) -> Claim:
    place = (HOT, FIRST, LATER, ABOVE, *[BELOW] * below)
    error = ERROR * tail / 4
    finite = le(mass(HALF) * GRID_SECOND, number(shave) * second(HALF) * GRID_MASS + error)
    limit = le(GRID_SECOND, number(shave) * M * GRID_MASS)
    return Claim("finite-grid", (Sequent((*place, SOME), finite), Sequent((*place, CAP), limit)))


def _half(left: bool) -> Fact:
    """The finite inequality for u <= k_0 (`left`) or u >= k_0: the window seen from u, outwards on both sides."""
    hot, some, first, later, side, bound = assumed(
        HOT, SOME, FIRST, LATER, le(u, centre) if left else ge(u, centre), BELOW if left else ABOVE
    )
    given = [hot, some, first, later]
    offset = centre - u if left else u - centre
    sizes = {A: P - centre, B: centre} if left else {A: centre + 1, B: P - 1 - centre}
    rules = [
        combine(ge(HALF - offset, 0), [(1, bound)]),
        combine(le(HALF - offset, HALF), [(1, side)]),
        combine(ge(sizes[A], 1), [(1, later if left else first)]),
        combine(ge(sizes[B], 0), [(1, first if left else later)]),
    ]
    seen = substitute(window(), {delta: HALF - offset, **sizes}, [*given, *rules])
    moved = []
    for body in (gauss(i - u), (i - u) ** 2 * gauss(i - u)):
        split = centre if left else centre + 1
        down = {f: sp.Lambda(i, body), c: split - 1, m: split - 1}
        up = {f: sp.Lambda(i, body), c: split, m: P - 1 - split}
        moved.append((substitute(reversed_sum(), down, given), substitute(shifted(), up, given)))
    goal = le(mass(HALF) * GRID_SECOND, second(HALF) * GRID_MASS + ERROR)
    terms = [(1, seen)]
    for factor, facts in ((second(HALF), moved[0]), (-mass(HALF), moved[1])):
        terms += [(factor, fact) for fact in facts]
    return combine(goal, terms, given, rest=sp.Integer(0))


@cache
def finite_grid() -> Fact:
    """mass(1/2) times the grid's second moment <= second(1/2) times its mass + ERROR, cut after 2 nu + 2 terms."""
    goal = le(mass(HALF) * GRID_SECOND, second(HALF) * GRID_MASS + ERROR)
    return classical("total order", u, centre, goal, given=[_half(True), _half(False)])


@cache
def cubic() -> Fact:
    """t^3/6 <= exp(t) for t >= 0."""
    t = real("t")
    start = assume(ge(t, 0))
    fact = combine(ge(sp.exp(t), 0))
    for term in (1, t, t**2 / 2, t**3 / 6):
        gap = sp.exp(t) - term
        fact = monotone(gap, t, combine(ge(sp.diff(gap, t), 0), [(1, fact)], [start]), start)
        fact = combine(ge(gap, 0), [(1, fact)], [start])
    return combine(le(t**3 / 6, sp.exp(t)), [(1, fact)])


@cache
def vanishing(decay: sp.Expr = LAST**2) -> Fact:
    """4 (LAST + P + 3)^4 exp(-kappa decay/4) <= 24 (P + 6)^4 / (kappa^3 m) at nu = m >= 1, if decay >= 4 m^2."""
    hot, one, some = assumed(HOT, ge(steps, 1), ge(P, 1))
    given = [hot, one, some]
    argument = kappa * steps**2
    growth = substitute(cubic(), {real("t"): argument}, [combine(ge(argument, 0), [], given)])
    fast = sp.exp(-kappa * substitute_term(decay, {nu: steps}) / 4)
    faster = exponential(combine(le(fast.args[0], -argument), [], given))
    wide = combine(le(2 * steps + P + 4, (P + 6) * steps), [(P + 4, one)], given)
    size, room = 2 * steps + P + 4, (P + 6) * steps
    squared = combine(le(size**2, room**2), [(size + room, wide)], given)
    fourth = combine(le(size**4, room**4), [(size**2 + room**2, squared)], given)
    scale = 4 * room**4
    terms = [
        (4 * fast, fourth),
        (scale, faster),
        (scale * 6 / (kappa * steps**2) ** 3 * sp.exp(-argument), growth),
        (EXCESS / steps**2, one),
    ]
    return combine(le(4 * size**4 * fast, EXCESS / steps), terms, given, rest=sp.Integer(0))


@cache
def grid_limit() -> Fact:
    """The grid's second moment is at most M times its mass, for every M that bounds all one-sided means at 1/2."""
    hot, first, later, cap, one = assumed(HOT, FIRST, LATER, CAP, ge(steps, 1))
    given = [hot, first, later, one]
    low = combine(ge(steps, 0), [(1, one)])
    size = combine(ge(P, 1), [(1, first), (1, later)])
    finite = substitute(finite_grid(), {nu: steps}, [low])
    capped = specialise(cap, 2 * steps + 1, given=[low])
    base = mass(HALF, 2 * steps + 1)
    positive = combine(ge(total(gauss(HALF + i), i, 1, 2 * steps + 1), 0), [], [low])
    head = combine(le(sp.exp(-kappa / 8), base), [(1, positive)], [low])
    small = substitute(vanishing(), {}, [size])
    constant = sp.exp(kappa / 8) * EXCESS
    goal = le(GRID_SECOND, M * GRID_MASS + constant / steps)
    terms = [
        (1 / base, finite),
        (GRID_MASS / base, capped),
        (1 / base, small),
        (constant / (steps * base), head),
    ]
    near = combine(goal, terms, [*given, size, low], rest=sp.Integer(0))
    everywhere = termwise(near, steps, 1, None, [hot, size], quantify=True)
    return classical("archimedean", GRID_SECOND, M * GRID_MASS, constant, steps, given=[everywhere])


def _proof(statement: Claim) -> Sequence[Fact]:
    return finite_grid(), grid_limit()


def _brute(example: Example, shave: Fraction = Fraction(1), below: bool = True, tail: int = 4) -> Sequence[Pairs]:
    value = example.values
    heat, place, size, last = value[kappa], value[u], int(value[P]), 2 * int(value[nu]) + 1

    def direct(distances: Sequence[Fraction], power: int) -> arb:
        return sum((ball(d**power) * ball(-heat * d * d / 2).exp() for d in distances), arb(0))

    grid, half = [a - place for a in range(size)], [a + Fraction(1, 2) for a in range(last + 1)]
    error = ball(tail * (last + size + 3) ** 4) * ball(-heat * last**2 / 4).exp()
    finite = (direct(half, 0) * direct(grid, 2), ball(shave) * direct(half, 2) * direct(grid, 0) + error)
    return ((finite,), ((direct(grid, 2), ball(shave * value[M]) * direct(grid, 0)),))


def _examples(level: int) -> tuple[Example, ...]:
    """Points at the ends, at centres, at corners and elsewhere; many and few terms of the one-sided sums."""
    found = []
    for heat, size in ((Fraction(1, 2), 9), (Fraction(2), 5), (Fraction(6), 3)):
        for points in (1, 2, 5) if level < 2 else (1, 2, 3, 5, 8, 13):
            for near in {0, points // 2, points - 1}:
                for offset in map(Fraction, ("-1/2", "-1/5", "0", "1/3", "1/2")):
                    for terms in (0, size):
                        found.append(_example(heat, points, near, near + offset, terms))
    return (*found, _example(Fraction(2), 5, 0, Fraction(-2), 5))


def _example(heat: Fraction, points: int, near: int, place: Fraction, terms: int) -> Example:
    values = {kappa: heat, P: Fraction(points), centre: Fraction(near), u: place, nu: Fraction(terms), M: Fraction(9)}
    return Example(f"kappa={heat}, P={points}, u={place}, nearest centre {near}, nu={terms}", values)


LEMMA = Lemma(
    slug="finite-grid",
    group="lattice",
    words="For every grid 0, ..., P - 1, every kappa > 0 and every u within half a cell of the grid, the weights"
    " exp(-kappa (k - u)^2/2) have E(k - u)^2 at most m2(kappa), stated as the least upper bound of the"
    " one-sided means at 1/2. Cut after 2 nu + 2 terms the inequality holds up to 4 (2 nu + 4 + P)^4 exp(-kappa"
    " (2 nu + 1)^2/4), which tends to 0; so it holds with every M that bounds all the one-sided means.",
    latex=r"\frac{\sum_{k=0}^{P-1}(k-u)^2e^{-\kappa(k-u)^2/2}}{\sum_{k=0}^{P-1}e^{-\kappa(k-u)^2/2}}\le m_2(\kappa)"
    r"=\sup_n\frac{\sum_{k=0}^n(k+\frac12)^2e^{-\kappa(k+\frac12)^2/2}}{\sum_{k=0}^ne^{-\kappa(k+\frac12)^2/2}},"
    r"\qquad -\tfrac12\le u\le P-\tfrac12",
    source="ours",
    hypotheses=(
        "kappa > 0, nu >= 0",
        "k_0 = 0, ..., P - 1 is a nearest centre: |u - k_0| <= 1/2",
        "second part: M is at least every one-sided mean of the squared distance at 1/2",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "two points, kappa = 1, against the mean of two terms",
            "(u**2 + (1-u)**2*exp(u - 1/2))/(1 + exp(u - 1/2)) <= (1/4 + 9/4*exp(-1))/(1 + exp(-1))",
            ("u in [-1/2, 1/2]",),
        ),
    ),
    beyond="its grid has a symbolic number of points and its last part is a limit",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("u may lie farther below the grid", {"below": False}),
        Mutant("no allowance for cutting the one-sided sums", {"tail": 0}),
    ),
)
