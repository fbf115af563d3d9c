"""The bias on a padded finite grid is that of the lattice up to the missing mass and the missing first moment."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache, partial

import sympy as sp
from flint import arb

from ...symbolic.lattice import mu1, theta_half
from ..claim import All, Claim, Formula, Rel, Sequent, ge, gt, integer, le, lt, number, real
from ..derived import assumed, at_most_in_absolute_value, exponential
from ..kernel import Fact, assume, classical, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..terms import substitute_term
from ..values import ball
from ._averages import upward
from ._tails import HALF, MASS, MOMENT, D, first, gauss, kappa, mass_bound, mass_sum, moment_bound, moment_sum, n

P, w, k, m, q = integer("P"), integer("w"), integer("k"), integer("m"), integer("q")
u, mu, theta = real("u"), real("mu"), real("Theta")
c = sp.Function("c", integer=True)
HOT, SIZE, PAD, BIAS = gt(kappa, 0), ge(P, 1), ge(w, 0), ge(mu, 0)
LEFT, RIGHT = le(-HALF, u), le(u, P - HALF)
WINDOWS = All(m, 1, None, ge(c(m), 0))
RANGE = (k, -w, P - 1 + w)
MISSING, LOST = (substitute_term(term, {D: w + HALF}) for term in (MASS, MOMENT))
TOTAL = sp.Sum(gauss(k - u), RANGE)
FIRST = sp.Sum((k - u) * gauss(k - u), RANGE)
ENDS = (P + w - u, u + w + 1)
LEAST = sp.exp(-kappa / 8)
FLOOR = sp.Max(2 * theta - 2 * MISSING, LEAST)


def window(size: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Sums of the weights and of (k - u) * weight over the grid and `size` more centres on either side."""
    total = TOTAL + sum(mass_sum(end, size) for end in ENDS)
    return total, FIRST + moment_sum(ENDS[0], size) - moment_sum(ENDS[1], size)


def _lattice(size: sp.Expr, excess: sp.Expr) -> tuple[Rel, Rel]:
    """|bias| <= mu and normaliser >= 2 Theta for a window of the lattice, up to `excess`."""
    total, moment = window(size)
    return le(sp.Abs(moment), mu * total + excess), le(2 * theta, total + excess)


def _claim(moment: Fraction = Fraction(1), left: bool = True, bias: Fraction = Fraction(1)) -> Claim:
    bound = number(bias) * mu * (1 + 2 * MISSING / FLOOR) + number(moment) * LOST / FLOOR
    conclusion = le(sp.Abs(FIRST / TOTAL), bound)
    shared = [HOT, SIZE, PAD, BIAS, RIGHT] + [LEFT] * left
    small, full = _lattice(n, sp.Integer(0))
    finite: list[Formula] = [*shared, ge(n, 0), small, full]
    infinite: list[Formula] = [*shared, WINDOWS, *(All(m, 1, None, formula) for formula in _lattice(c(m), 1 / m))]
    return Claim("truncated-bias", (Sequent(tuple(finite), conclusion), Sequent(tuple(infinite), conclusion)))


@cache
def nearest_weight() -> Fact:
    """exp(-kappa/8) <= TOTAL: some centre q is within 1/2 of u."""
    hot, size, pad, left, right = assumed(HOT, SIZE, PAD, LEFT, RIGHT)
    low, high, above, below = assumed(ge(q, 0), le(q, P - 1), le(q - u, HALF), le(u - q, HALF))
    near = le(-kappa / 8, -kappa * (q - u) ** 2 / 2)
    exponent = combine(near, [(kappa / 2 * (HALF + q - u), above)], [hot, below])
    rest = sum(sp.Sum(gauss(k - u), ends) for ends in ((k, -w, q - 1), (k, q + 1, P - 1 + w)))
    goal = le(LEAST, TOTAL)
    one = combine(goal, [(1, exponential(exponent))], [size, pad, low, high], rest=rest)
    cell = sp.floor(u + HALF)
    under, over = classical("floor below", u + HALF), classical("floor above", u + HALF)
    positive = combine(lt(-1, cell), [(1, left), (1, over)])
    start = classical("integers are discrete", sp.Integer(-1), cell, given=[positive])
    inside, beyond = assume(le(cell, P - 1)), assume(le(P - 1, cell))
    sides = [combine(le(cell - u, HALF), [(1, under)]), combine(le(u - cell, HALF), [(1, over)])]
    interior = substitute(one, {q: cell}, [start, inside, *sides, left, right])
    sides = [combine(le(P - 1 - u, HALF), [(1, beyond), (1, under)]), combine(le(u - P + 1, HALF), [(1, right)])]
    end = substitute(one, {q: P - 1}, [beyond, size, *sides, left, right])
    return classical("total order", cell, P - 1, goal, given=[interior, end])


@cache
def tails() -> list[tuple[Fact, ...]]:
    """For each side: n missing weights sum to at most MISSING, their first moments to at most LOST."""
    hot, pad, left, right = assumed(HOT, PAD, LEFT, RIGHT)
    reach, found = combine(le(HALF, w + HALF), [(1, pad)]), []
    for end, edge in zip(ENDS, (right, left), strict=True):
        far = combine(le(w + HALF, end), [(1, edge)])
        found.append(
            tuple(substitute(f(), {D: w + HALF, first: end}, [hot, reach, far]) for f in (mass_bound, moment_bound))
        )
    return found


def window_bounds(size: sp.Expr, excess: sp.Expr, count: Fact, small: Fact, full: Fact) -> tuple[Fact, ...]:
    """2 Theta - 2 MISSING <= TOTAL + eps, and FIRST, -FIRST <= mu (TOTAL + 2 MISSING) + LOST + eps, from a window."""
    hot, width, pad, bias, left, right = assumed(HOT, SIZE, PAD, BIAS, LEFT, RIGHT)
    (right_mass, right_moment), (left_mass, left_moment) = (
        tuple(substitute(fact, {n: size}, [count]) for fact in side) for side in tails()
    )
    known = [hot, width, pad, bias, left, right, count]
    lower = le(2 * theta - 2 * MISSING, TOTAL + excess)
    found = [combine(lower, [(1, full), (1, right_mass), (1, left_mass)], known)]
    for sign, tail, end, edge in ((1, left_moment, ENDS[0], right), (-1, right_moment, ENDS[1], left)):
        over = classical("absolute value bounds", sign * window(size)[1], given=[width, pad, count])
        goal = le(sign * FIRST, mu * (TOTAL + 2 * MISSING) + LOST + excess)
        terms = [(1, over), (1, small), (mu, right_mass), (mu, left_mass), (1, tail)]
        outside = combine(ge(end, 0), [(1, edge)], [pad])
        found.append(combine(goal, terms, [*known, outside], rest=moment_sum(end, size)))
    return tuple(found)


@cache
def finite() -> tuple[Fact, ...]:
    """The bounds from one window without excess."""
    count, size, pad = assumed(ge(n, 0), SIZE, PAD)
    small, full = (assume(formula, [count, size, pad]) for formula in _lattice(n, sp.Integer(0)))
    return window_bounds(n, sp.Integer(0), count, small, full)


@cache
def infinite() -> tuple[Fact, ...]:
    """The bounds from windows c(m), m = 1, 2, ..., with excess 1/m."""
    known, (windows, late) = assumed(HOT, SIZE, PAD, BIAS, LEFT, RIGHT), assumed(WINDOWS, ge(m, 1))
    count = specialise(windows, m, given=[late])
    limit = [assume(All(m, 1, None, formula), [*known, windows]) for formula in _lattice(c(m), 1 / m)]
    small, full = (specialise(one, m, given=[late]) for one in limit)
    found = []
    for near in window_bounds(c(m), 1 / m, count, small, full):
        everywhere = termwise(near, m, 1, None, known, quantify=True)
        low, high = near.relation.lhs, near.relation.rhs - 1 / m
        found.append(classical("archimedean", low, high, sp.Integer(1), m, given=[everywhere]))
    return tuple(found)


VARIABLES = S, B, Q, T, lower, least = tuple(map(real, ("S", "B", "Q", "T", "lower", "least")))


@cache
def quotient() -> Fact:
    """|B/S| <= mu (1 + 2 Q/F) + T/F, F = max(lower, least), if lower, least <= S and |B| <= mu (S + 2 Q) + T."""
    bound, floor = mu * (S + 2 * Q) + T, sp.Max(lower, least)
    *known, low, high, above, below = assumed(
        gt(least, 0), BIAS, ge(Q, 0), ge(T, 0), le(lower, S), le(least, S), le(B, bound), le(-B, bound)
    )
    positive = combine(gt(S, 0), [(1, known[0]), (1, high)])
    most = classical("maximum least", S, lower, least, given=[low, high])
    factor, both = (2 * mu * Q + T) / (S * floor), []
    for sign, side in ((1, above), (-1, below)):
        goal = le(sign * B / S, mu * (1 + 2 * Q / floor) + T / floor)
        both.append(combine(goal, [(1 / S, side), (factor, most)], [*known, positive]))
    return at_most_in_absolute_value(*both)


def _finish(normaliser: Fact, *sides: Fact) -> Fact:
    known = assumed(HOT, SIZE, PAD, BIAS, LEFT, RIGHT)
    terms = (TOTAL, FIRST, MISSING, LOST, 2 * theta - 2 * MISSING, LEAST)
    signs = [combine(ge(term, 0), [], known) for term in (MISSING, LOST)]
    given = [*known, normaliser, nearest_weight(), *sides, *signs, combine(gt(LEAST, 0))]
    return substitute(quotient(), dict(zip(VARIABLES, terms, strict=True)), given)


@cache
def truncated_bias() -> tuple[Fact, Fact]:
    """The bound from one window, and from the lattice."""
    return _finish(*finite()), _finish(*infinite())


def _proof(statement: Claim) -> Sequence[Fact]:
    return truncated_bias()


def _mean_bias(heat: Fraction, at: Fraction, first: int, last: int) -> arb:
    """|sum of (a - u) E_a| over the sum of E_a for a = first, ..., last."""
    weights = {a: ball(-heat * (a - at) ** 2 / 2).exp() for a in range(first, last + 1)}
    return abs(sum((ball(a - at) * weight for a, weight in weights.items()), arb(0))) / sum(weights.values(), arb(0))


def _brute(
    example: Example, moment: Fraction = Fraction(1), left: bool = True, bias: Fraction = Fraction(1)
) -> Sequence[Pairs]:
    heat, at, pad, size = (example.values[key] for key in (kappa, u, w, P))
    error = _mean_bias(heat, at, -int(pad), int(size + pad) - 1)
    reach = pad + Fraction(1, 2)
    edge = ball(-heat * reach**2 / 2).exp()
    missing = edge / (1 - ball(-heat * (reach + Fraction(1, 2))).exp())
    lost = ball(reach) * edge / (1 - ball(-heat * reach).exp())
    floor = (2 * ball(example.values[theta]) - 2 * missing).max(ball(-heat / 8).exp())
    limit = ball(bias * example.values[mu])
    pair = (error, limit * (1 + 2 * missing / floor) + ball(moment) * lost / floor)
    return ((pair,), (pair,))


def _examples(level: int) -> tuple[Example, ...]:
    """mu just above mu1(kappa), then just above the bias at u itself; Theta just below Theta(kappa)."""
    found, tiny = [], Fraction(1, 10**20)
    for heat in (Fraction(1), Fraction(8), Fraction(40)):
        largest = upward(mu1, heat) + tiny
        half = upward(theta_half, heat) - tiny
        for pad, size in ((0, 1), (1, 4)) if level < 2 else ((0, 1), (0, 4), (1, 4), (4, 4), (2, 9)):
            for at in (Fraction(-1, 2), Fraction(2, 5), Fraction(-4)):
                values = {kappa: heat, P: Fraction(size), w: Fraction(pad), u: at, n: Fraction(16)}
                values |= {theta: half, c: lambda a: Fraction(16)}
                ends = (-pad - 16, size + pad + 15)
                exact = upward(partial(_mean_bias, heat, at, *ends)) + tiny
                words = f"kappa={heat}, P={size}, w={pad}, u={at}, window of 16"
                found.append(Example(f"{words}, mu of the lattice", {**values, mu: largest}))
                found.append(Example(f"{words}, mu at u", {**values, mu: exact}))
    return tuple(found)


LEMMA = Lemma(
    slug="truncated-bias",
    group="max-affine",
    words="On the grid -w, ..., P-1+w the bias |sum_k p_k k - u| at u in [-1/2, P-1/2] is at most mu (1 + 2 Q/S) + T/S,"
    " with Q and T of missing-mass and missing-moment at D = w + 1/2 and S = max(2 Theta - 2 Q, exp(-kappa/8)), if mu"
    " bounds the bias at u on the whole lattice and 2 Theta its normaliser from below. The lattice enters by windows"
    " that extend the grid by n centres a side: one window on which both hold, or windows on which they do up to 1/m.",
    latex=r"\Bigl|\sum_k p_k k-u\Bigr|\le\bar\mu_1(\kappa,w)"
    r"=\mu_1\Bigl(1+\frac{2\bar Q}{\bar S}\Bigr)+\frac{\bar T}{\bar S}",
    source="ours",
    hypotheses=(
        "kappa > 0, P >= 1 cells, w >= 0 cells of padding, -1/2 <= u <= P - 1/2",
        "mu >= 0 and |sum_k (k-u) E_k| <= mu sum_k E_k on the lattice, E_k = exp(-kappa (k-u)^2/2): mu = mu1(kappa)",
        "2 Theta <= sum_k E_k on the lattice (theta-decreases: the normaliser is least at u = 1/2)",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "from sums to the quotient, F = max(lower bounds of S)",
            "abs(B)/S <= mu*(1 + 2*Q/F) + T/F",
            ("F > 0", "S >= F", "mu >= 0", "Q >= 0", "T >= 0", "abs(B) <= mu*(S + 2*Q) + T"),
        ),
    ),
    beyond="its sums run over a symbolic number of centres, and a limit",
    mutants=(
        Mutant("the missing first moment one percent smaller", {"moment": Fraction(99, 100)}),
        Mutant("u may lie outside the cells", {"left": False}),
        Mutant("the bias of the lattice one percent smaller", {"bias": Fraction(99, 100)}),
    ),
)
