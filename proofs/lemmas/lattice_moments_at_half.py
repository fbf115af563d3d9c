"""E|u - k|^alpha, 0 < alpha < 2, is largest at u = 1/2: no finite grid exceeds the lattice's value there."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import All, Claim, Sequent, ge, gt, le, number, real
from ..derived import assumed, root_at_most
from ..kernel import Fact, classical, combine, identity, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..terms import substitute_term
from ..values import ball
from ._lattice import HOT, kappa, n
from ._reindex import i, integer, total
from ._square import LAST, SOME, nu
from .finite_grid import ABOVE, BELOW, EXCESS, FIRST, GRID_MASS, HALF, LATER, P, centre, k, steps, u, vanishing
from .finite_grid_ratio import LOSS, colder, finite_ratio
from .one_sided_grid import gauss, mass

M, p, q = real("M"), integer("p"), integer("q")
POWERS = (sp.Rational(1, 4), sp.Rational(1, 2), sp.Rational(3, 4))


def grid_moment(power: sp.Rational) -> sp.Expr:
    """Sum of the grid's weights times |k - u|^(2 power)."""
    return total(((k - u) ** 2) ** power * gauss(k - u), k, 0, P - 1)


def half_moment(power: sp.Rational, last: sp.Expr = LAST, extra: sp.Expr | int = 0) -> sp.Expr:
    """Sum over the distances y = 1/2, 3/2, ... of their weights times (y^2 + extra)^power."""
    return total(((HALF + i) ** 2 + extra) ** power * gauss(HALF + i), i, 0, last)


CAP = All(n, 0, None, le(half_moment(POWERS[1], n), M * mass(HALF, n)))


def _claim(shave: Fraction = Fraction(1), below: bool = True, extra: int = 1) -> Claim:
    place = (HOT, FIRST, LATER, ABOVE, *[BELOW] * below)
    finite = [
        le(mass(HALF) * grid_moment(power), number(shave) * GRID_MASS * half_moment(power, extra=extra * LOSS))
        for power in POWERS
    ]
    limit = le(grid_moment(POWERS[1]), number(shave) * M * GRID_MASS)
    parts = [Sequent((*place, SOME), conclusion) for conclusion in finite]
    return Claim("lattice-moments-at-half", (*parts, Sequent((*place, CAP), limit)))


@cache
def finite_moment(power: sp.Rational) -> Fact:
    """mass(1/2) grid_moment <= GRID_MASS half_moment with LOSS added to the squares: Bernstein on finite-grid-ratio."""
    hot, some, first, later, above, below, up, down = assumed(HOT, SOME, FIRST, LATER, ABOVE, BELOW, ge(p, 1), ge(q, 1))
    order = combine(ge(kappa + 2 * p / q, kappa), [], [up, down])
    ratio = substitute(finite_ratio(), {colder: kappa + 2 * p / q}, [order, down])
    half = total(gauss(HALF + k), k, 0, LAST)
    grid = (half * gauss(i - u), (i - u) ** 2, sp.Integer(0), P - 1)
    lattice = (GRID_MASS * gauss(HALF + i), (HALF + i) ** 2 + LOSS, sp.Integer(0), LAST)
    sums = [total(data[0] * sp.exp(-p / q * data[1]), i, 0, data[3]) for data in (lattice, grid)]
    known = [some, first, later]
    one = combine(le(*sums), [(1, ratio)], [*known, down], rest=sp.Integer(0))
    everywhere = termwise(termwise(one, q, 1, None, [*known, up], quantify=True), p, 1, None, known, quantify=True)
    equal = identity(total(grid[0], i, 0, grid[3]), total(lattice[0], i, 0, lattice[3]), known)
    some_loss = combine(ge(LOSS, 0), [], [some, first, later])
    apart = termwise(combine(ge(lattice[1], 0), [(1, some_loss)]), i, 0, LAST, known, quantify=True)
    square = termwise(combine(ge((i - u) ** 2, 0)), i, 0, P - 1, known, quantify=True)
    given = [everywhere, equal, square, apart, hot, above, below, *known]
    moments = classical("Bernstein powers", power, p, q, i, sp.Tuple(*grid), sp.Tuple(*lattice), given=given)
    goal = le(mass(HALF) * grid_moment(power), GRID_MASS * half_moment(power, extra=LOSS))
    return combine(goal, [(1, moments)], [*known, some_loss], rest=sp.Integer(0))


@cache
def mean_limit() -> Fact:
    """E|u - k| <= M for every M that bounds all the one-sided means of the distance at 1/2."""
    first, later, cap, one, low = assumed(FIRST, LATER, CAP, ge(steps, 1), ge(i, 0))
    some = combine(ge(steps, 0), [(1, one)])
    size = combine(ge(P, 1), [(1, first), (1, later)])
    last = 2 * steps + 1
    loss = substitute_term(LOSS, {nu: steps})
    finite = substitute(finite_moment(POWERS[1]), {nu: steps}, [some])
    distance = HALF + i
    square = le(distance**2 + loss, (distance + loss) ** 2)
    here = [low, size, some]
    squares = combine(square, [(2 * loss, low)], here, rest=loss**2)
    root = root_at_most(squares, combine(ge(distance + loss, 0), [], here), here)
    scaled = combine(
        le(root.relation.lhs * gauss(distance), (distance + loss) * gauss(distance)), [(gauss(distance), root)]
    )
    longer = termwise(scaled, i, 0, last, [some, size])
    capped = specialise(cap, last, given=[some])
    small = substitute(vanishing(LAST**2 - 1), {}, [size])
    half = mass(HALF, last)
    positive = combine(gt(half, 0), [], [some])
    terms = [(1 / half, finite), (GRID_MASS / half, longer), (GRID_MASS / half, capped), (GRID_MASS, small)]
    excess = GRID_MASS * EXCESS
    goal = le(grid_moment(POWERS[1]), M * GRID_MASS + excess / steps)
    near = combine(goal, terms, [first, later, size, some, positive], rest=sp.Integer(0))
    everywhere = termwise(near, steps, 1, None, [size], quantify=True)
    return classical("archimedean", grid_moment(POWERS[1]), M * GRID_MASS, excess, steps, given=[everywhere])


def _proof(statement: Claim) -> Sequence[Fact]:
    return *(finite_moment(power) for power in POWERS), mean_limit()


def _brute(example: Example, shave: Fraction = Fraction(1), below: bool = True, extra: int = 1) -> Sequence[Pairs]:
    value = example.values
    heat, last = value[kappa], 2 * int(value[nu]) + 1
    grid = [(a - value[u]) ** 2 for a in range(int(value[P]))]
    half = [(a + Fraction(1, 2)) ** 2 for a in range(last + 1)]
    loss = ball(4 * extra * (last + len(grid) + 3) ** 4) * ball(-heat * (last**2 - 1) / 4).exp()

    def power_of(square: arb, power: Fraction) -> arb:
        return square.sqrt() if power == Fraction(1, 2) else (square**3 if power > Fraction(1, 2) else square).root(4)

    def direct(squares: Sequence[Fraction], power: Fraction, more: arb) -> arb:
        return sum((power_of(ball(x) + more, power) * ball(-heat * x / 2).exp() for x in squares), arb(0))

    masses = [sum((ball(-heat * x / 2).exp() for x in squares), arb(0)) for squares in (grid, half)]
    found = []
    for power in map(Fraction, ("1/4", "1/2", "3/4")):
        left, right = direct(grid, power, arb(0)), direct(half, power, loss)
        found.append(((masses[1] * left, ball(shave) * masses[0] * right),))
    return (*found, ((direct(grid, Fraction(1, 2), arb(0)), ball(shave * value[M]) * masses[0]),))


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    for heat, size in ((Fraction(1), 8), (Fraction(2), 6), (Fraction(6), 4)):
        for points in (1, 2, 5) if level < 2 else (1, 2, 3, 5, 8, 13):
            for near in {0, points // 2, points - 1}:
                for offset in map(Fraction, ("-1/2", "-1/5", "0", "1/3", "1/2")):
                    found.append(_example(heat, points, near, near + offset, size))
    return (*found, _example(Fraction(2), 5, 0, Fraction(-2), 6), _example(Fraction(1), 5, 2, Fraction(2), 0))


def _example(heat: Fraction, points: int, near: int, place: Fraction, terms: int) -> Example:
    values = {kappa: heat, P: Fraction(points), centre: Fraction(near), u: place, nu: Fraction(terms), M: Fraction(9)}
    return Example(f"kappa={heat}, P={points}, u={place}, nearest centre {near}, nu={terms}", values)


LEMMA = Lemma(
    slug="lattice-moments-at-half",
    group="lattice",
    words="On every finite grid E|u - k|^alpha is at most that of the distances 1/2, 3/2, ... of a cell corner, cut"
    " after 2 nu + 2 terms, their squares enlarged by LOSS, which tends to 0; for alpha = 1/2, 1, 3/2. For"
    " alpha = 1 it is at most every M that bounds all the cut means (m1 is the least such M). Reason:"
    " finite-grid-ratio says that E exp(-s (u - k)^2) is smallest at a corner for every s > 0, and |x|^alpha is"
    " a Bernstein function of x^2. The second moment is finite-grid. That the lattice attains the corner's"
    " value at u = 1/2 is not part of the claim.",
    latex=r"E|u-k|\le m_1(\kappa)=\sup_n\frac{\sum_{k=0}^n(k+\frac12)w_k}{\sum_{k=0}^nw_k},\qquad"
    r" E|u-k|^\alpha\le\frac{\sum_{k\le2\nu+1}((k+\frac12)^2+\mathrm{loss})^{\alpha/2}w_k}{\sum_{k\le2\nu+1}w_k},"
    r"\ \alpha=\tfrac12,1,\tfrac32",
    source="ours",
    hypotheses=(
        "kappa > 0, nu >= 0",
        "k_0 = 0, ..., P - 1 is a nearest centre: |u - k_0| <= 1/2",
        "last part: M is at least every one-sided mean of the distance at 1/2",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "two points, kappa = 1, alpha = 1, against the mean of two terms",
            "(abs(u) + (1-u)*exp(u - 1/2))/(1 + exp(u - 1/2)) <= (1/2 + 3/2*exp(-1))/(1 + exp(-1))",
            ("u in [-1/2, 1/2]",),
        ),
    ),
    beyond="its grid has a symbolic number of points and its last part is a limit",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("u may lie farther below the grid", {"below": False}),
        Mutant("no allowance for cutting the one-sided sums", {"extra": 0}),
    ),
)
