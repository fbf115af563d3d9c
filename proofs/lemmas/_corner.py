"""Facts behind the corner lemma: finite-grid-ratio over N axes, Bernstein, and the limit of ever longer corners."""

from __future__ import annotations

from functools import cache

import sympy as sp

from ..claim import All, count, function, ge, gt, integer, le, real
from ..derived import assumed, exponential, logarithm, root_at_most
from ..kernel import Fact, assume, classical, combine, identity, specialise, substitute, termwise
from ..terms import substitute_term
from ._lattice import HOT, kappa
from ._product_grid import N, ProductGrid, axis, j, k, n
from ._reindex import i, total
from ._square import LAST, SOME, nu
from .finite_grid import EXCESS, HALF, P, centre, steps, vanishing
from .finite_grid import u as place
from .finite_grid_ratio import LOSS, colder, finite_ratio

u, near = function("u"), count("k_0")
GRID = ProductGrid(count("C"), function("D"), P, sp.Lambda((n, k), k - u(n)))
corner_cells, corner_squares = count("B"), function("E")
CORNER = ProductGrid(
    sp.Lambda(n, corner_cells(nu, n)),
    sp.Lambda((n, j), corner_squares(nu, n, j)),
    LAST + 1,
    sp.Lambda((n, k), k + HALF),
)
AXES, POINTS = ge(N, 1), ge(P, 1)
PLACE = tuple(
    All(axis, 1, N, body)
    for body in (
        ge(near(axis), 0),
        le(near(axis), P - 1),
        le(u(axis), near(axis) + HALF),
        ge(u(axis), near(axis) - HALF),
    )
)
SQUARES = All(j, 0, GRID.cells(N) - 1, ge(GRID.squares(N, j), 0))
CORNERS = All(j, 0, CORNER.cells(N) - 1, ge(CORNER.squares(N, j), sp.Rational(1, 4)))
ALLOWANCE = N * LOSS
p, q = integer("p"), integer("q")
POWERS = (sp.Rational(1, 4), sp.Rational(1, 2), sp.Rational(3, 4))
M = real("M")
SHAPES = tuple(All(nu, 0, None, formula) for formula in (*CORNER.hypotheses(), CORNERS))
CAP = All(nu, 0, None, le(CORNER.mass(kappa, sp.sqrt(CORNER.squares(N, j))), M * CORNER.mass(kappa)))


def moments(power: sp.Rational, extra: int = 1) -> tuple[sp.Expr, sp.Expr]:
    """Sums of |z|^(2 power) over the grid and of (|y|^2 + ALLOWANCE)^power over the corner, times the other's mass."""
    corner = (CORNER.squares(N, j) + extra * ALLOWANCE) ** power
    grid = GRID.mass(kappa, GRID.squares(N, j) ** power)
    return CORNER.mass(kappa) * grid, GRID.mass(kappa) * CORNER.mass(kappa, corner)


@cache
def laplace() -> Fact:
    """The product over the axes of finite-grid-ratio: E exp(-s |z|^2) is at least its value at the corner."""
    some, axes, points = assumed(SOME, AXES, POINTS)
    here = [specialise(fact, axis) for fact in assumed(*PLACE)]
    one = substitute(finite_ratio(), {place: u(axis), centre: near(axis)}, here)
    known = [some, points]
    logs = logarithm(one, combine(gt(one.relation.lhs, 0), [], known))
    warm, cold = ([sp.log(grid.axis_mass(heat)) for grid in (GRID, CORNER)] for heat in (kappa, colder))
    loss = LOSS * (colder - kappa) / 2
    split = combine(le(warm[0] + cold[1] - loss, cold[0] + warm[1]), [(1, logs)], known, rest=sp.Integer(0))
    added = termwise(split, axis, 1, N, [axes, *known])
    warm, cold = ([total(term, axis, 1, N) for term in terms] for terms in (warm, cold))
    summed = combine(le(warm[0] + cold[1] - N * loss, cold[0] + warm[1]), [(1, added)], [axes, *known])
    powers = exponential(summed)
    drop = sp.exp(-N * loss)
    grid, cold_grid, corner, cold_corner = (
        body.factored(heat, [axes, points, some]) for body in (GRID, CORNER) for heat in (kappa, colder)
    )
    product = combine(
        le(grid.relation.rhs * cold_corner.relation.rhs * drop, cold_grid.relation.rhs * corner.relation.rhs),
        [(1, powers)],
        known,
    )
    goal = le(GRID.mass(kappa) * CORNER.mass(colder) * drop, GRID.mass(colder) * CORNER.mass(kappa))
    terms = [
        (cold_corner.relation.lhs * drop, grid),
        (grid.relation.rhs * drop, cold_corner),
        (-corner.relation.lhs, cold_grid),
        (-cold_grid.relation.rhs, corner),
        (1, product),
    ]
    return combine(goal, terms, known, rest=sp.Integer(0))


@cache
def length(power: sp.Rational) -> Fact:
    """E|z|^(2 power) is at most E(|y|^2 + ALLOWANCE)^power, y at the corner: Bernstein on laplace."""
    hot, some, axes, points, up, down, *rest = assumed(
        HOT, SOME, AXES, POINTS, ge(p, 1), ge(q, 1), SQUARES, CORNERS, *GRID.hypotheses(), *CORNER.hypotheses()
    )
    order = combine(ge(kappa + 2 * p / q, kappa), [], [up, down])
    ratio = substitute(laplace(), {colder: kappa + 2 * p / q}, [order, down])
    filled = [specialise(sizes, N, given=[axes]) for sizes in (rest[5], rest[10])]
    known = [some, axes, points, *filled]
    grid, corner = (
        (factor * sp.exp(-kappa * square / 2), square + extra, sp.Integer(0), body.cells(N) - 1)
        for factor, body, square, extra in (
            (CORNER.mass(kappa), GRID, GRID.squares(N, i), 0),
            (GRID.mass(kappa), CORNER, CORNER.squares(N, i), ALLOWANCE),
        )
    )
    sums = [total(data[0] * sp.exp(-p / q * data[1]), i, 0, data[3]) for data in (corner, grid)]
    one = combine(le(*sums), [(1, ratio)], [*known, down], rest=sp.Integer(0))
    everywhere = termwise(termwise(one, q, 1, None, [*known, up], quantify=True), p, 1, None, known, quantify=True)
    equal = identity(total(grid[0], i, 0, grid[3]), total(corner[0], i, 0, corner[3]), known)
    squares, corners = specialise(rest[0], i), specialise(rest[1], i)
    shown = [everywhere, equal]
    for fact, data in ((squares, grid), (combine(ge(corner[1], 0), [(1, corners)], known), corner)):
        shown.append(termwise(fact, i, 0, data[3], known, quantify=True))
    place = assumed(*PLACE)
    given = [*shown, hot, *known, *place, *rest]
    found = classical("Bernstein powers", power, p, q, i, sp.Tuple(*grid), sp.Tuple(*corner), given=given)
    return combine(le(*moments(power)), [(1, found)], [*known, *rest[:2]], rest=sp.Integer(0))


@cache
def length_limit() -> Fact:
    """E|z|_2 <= M for every M that bounds the mean length of all the corners."""
    axes, points, one, *shapes, cap = assumed(AXES, POINTS, ge(steps, 1), *SHAPES, CAP)
    some = combine(ge(steps, 0), [(1, one)])
    known = [some, axes, points]
    here = [specialise(fact, steps, given=[some]) for fact in shapes]
    finite = substitute(length(HALF), {nu: steps}, [some, *here])
    capped = specialise(cap, steps, given=known)
    square, allowance = (substitute_term(term, {nu: steps}) for term in (CORNER.squares(N, j), ALLOWANCE))
    far = specialise(here[-1], j)
    half = classical("root is increasing", HALF**2, square, given=[far])
    positive = combine(ge(square, 0), [(1, far)])
    reach = sp.sqrt(square) + allowance
    longer = combine(le(square + allowance, reach**2), [(2 * allowance, half)], [positive, *known], rest=allowance**2)
    sides = [positive, *known]
    root = root_at_most(longer, combine(ge(reach, 0), [], sides), sides)
    weight = sp.exp(-kappa * square / 2)
    scaled = combine(le(root.relation.lhs * weight, reach * weight), [(weight, root)], sides)
    cells = substitute_term(CORNER.cells(N), {nu: steps})
    filled = specialise(here[3], N, given=[axes])
    added = termwise(scaled, j, 0, cells - 1, [*known, filled])
    small = substitute(vanishing(LAST**2 - 1), {}, [points])
    base = substitute_term(CORNER.mass(kappa), {nu: steps})
    filled_grid = specialise(assume(GRID.hypotheses()[3]), N, given=[axes])
    shown = combine(gt(base, 0), [], [filled])
    mean = GRID.mass(kappa, sp.sqrt(GRID.squares(N, j)))
    excess = N * GRID.mass(kappa) * EXCESS
    terms = [
        (1 / base, finite),
        (GRID.mass(kappa) / base, added),
        (GRID.mass(kappa) / base, capped),
        (N * GRID.mass(kappa), small),
    ]
    goal = le(mean, M * GRID.mass(kappa) + excess / steps)
    near = combine(goal, terms, [*known, shown, filled_grid], rest=sp.Integer(0))
    everywhere = termwise(near, steps, 1, None, [axes, points], quantify=True)
    return classical("archimedean", mean, M * GRID.mass(kappa), excess, steps, given=[everywhere])
