"""Cross-attention errs by no more than max-affine attention in all the coordinates of both sequences."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ...symbolic.lattice import m1, m1N
from ..claim import All, Claim, Formula, Sequent, ge, le, number, real
from ..derived import assumed
from ..kernel import Fact, assume, combine, specialise, substitute, termwise
from ..lemma import Example, Lemma, Mutant, Pairs
from ..values import Number, ball
from ._averages import Network, d, length, listed, mean, mean_bound, scale, target, upward, y
from ._averages import s as score
from ._centres import G, N, R, distance, j, k, squared_norm, v, x
from ._cross import PARTS, M, cross_score, literal_scores

L, h, moment, axis = real("L"), real("h"), real("m"), real("a")
DIMENSION, COUNT, RATE = ge(N, 1), ge(G, 1), ge(L, 0)
EUCLID = sp.sqrt(distance(j))
TAXI = sp.Sum(sp.Abs(v(j, k) - x(k)), (k, 1, N))


def _mean(term: sp.Expr, weight: sp.Expr) -> sp.Expr:
    return sp.Sum(sp.exp(weight) * term, (j, 1, G))


def _at_most(term: sp.Expr, bound: sp.Expr, weight: sp.Expr) -> Formula:
    """The weighted mean of the term is at most the bound."""
    return le(_mean(term, weight), bound * _mean(sp.Integer(1), weight))


GAUSS = -R / 2 * distance(j)
LENGTHS = _at_most(EUCLID, h * moment, GAUSS)
AXES = All(k, 1, N, _at_most(sp.Abs(v(j, k) - x(k)), h * axis, GAUSS))


def _lipschitz(norm: sp.Expr) -> All:
    return All(j, 1, G, le(sp.Abs(y(j) - target), L * norm))


def _claim(shave: Fraction = Fraction(1), inner: int = 1, axes: sp.Expr = N) -> Claim:
    weight = cross_score(j, inner=inner)
    error = sp.Abs(_mean(y(j), weight) / _mean(sp.Integer(1), weight) - target)
    known = (COUNT, DIMENSION, *PARTS, RATE)
    return Claim(
        "cross-attention-bound",
        (
            Sequent((*known, _lipschitz(EUCLID), LENGTHS), le(error, number(shave) * L * h * moment)),
            Sequent((*known, _lipschitz(TAXI), AXES), le(error, number(shave) * L * axes * h * axis)),
        ),
    )


def _moved(term: sp.Expr, bound: sp.Expr, gaussian: Fact, given: Sequence[Fact]) -> Fact:
    """The mean of the term under the cross-attention weights, from that under the Gaussian ones."""
    factor = sp.exp(R / 2 * squared_norm())
    return combine(_at_most(term, bound, cross_score(j)), [(factor, gaussian)], given)


@cache
def _facts() -> tuple[Fact, ...]:
    """The parts of the statement: the mean bound of max-affine attention with the scores of cross-attention."""
    *known, rate = assumed(COUNT, DIMENSION, *PARTS, RATE)
    lengths, axes = (assume(formula, known) for formula in (LENGTHS, AXES))
    scores = {score: sp.Lambda(j, cross_score(j)), scale: L}
    reach = _moved(EUCLID, h * moment, lengths, known)
    euclid = {**scores, d: sp.Lambda(j, EUCLID), mean: h * moment}
    first = substitute(mean_bound(), euclid, [assume(_lipschitz(EUCLID), known), reach, rate, *known])
    each = termwise(_moved(sp.Abs(v(j, k) - x(k)), h * axis, specialise(axes, k), known), k, 1, N, known)
    whole = combine(_at_most(TAXI, N * h * axis, cross_score(j)), [(1, each)], known)
    taxi = {**scores, d: sp.Lambda(j, TAXI), mean: N * h * axis}
    second = substitute(mean_bound(), taxi, [assume(_lipschitz(TAXI), known), whole, rate, *known])
    return first, second


def _proof(statement: Claim) -> Sequence[Fact]:
    return _facts()


def _brute(example: Example, shave: Fraction = Fraction(1), inner: int = 1, axes: sp.Expr = N) -> Sequence[Pairs]:
    value = example.values
    scores = literal_scores(example, inner=inner)
    powers = [ball(one - max(scores)).exp() for one in scores]
    values = [ball(value[y](a)) for a in range(1, len(scores) + 1)]
    output = sum((p * q for p, q in zip(powers, values, strict=True)), arb(0)) / sum(powers, arb(0))
    error, size = abs(output - ball(value[target])), value[N] if axes == N else value[N] - value[M]
    bounds = (shave * value[L] * value[h] * value[moment], shave * value[L] * size * value[h] * value[axis])
    return tuple(((error, bound),) for bound in bounds)


def _examples(level: int) -> tuple[Example, ...]:
    """Cones at corners of the box, which attain the bounds, and at another point, for all splits of the coordinates."""
    half, found = Fraction(1, 2), []
    for cells, point in (((6,), (0,)), ((4, 4), (2, 2)), ((3, 3), (half, Fraction(3, 5)))):
        size = len(cells)
        place = tuple(map(Fraction, point))
        net = Network(cells, (half,) * size, Fraction(2 if level < 2 else 3), place)
        moments = upward(m1N, net.kappa, size), upward(m1, net.kappa)
        centres = net.centres()
        rows = [[a - b for a, b in zip(c, place, strict=True)] for c in centres]
        cones: dict[str, list[Number]] = {
            "Euclidean cone": [length(row) for row in rows],
            "l1 cone": [sum(map(abs, row)) for row in rows],
        }
        for first in range(size + 1):
            for words, values in cones.items():
                base = {
                    G: Fraction(len(centres)),
                    N: Fraction(size),
                    M: Fraction(first),
                    R: net.kappa / half**2,
                    h: half,
                    L: 1 + Fraction(1, 10**30),
                    moment: moments[0],
                    axis: moments[1],
                    target: Fraction(0),
                    x: listed(place),
                    v: lambda b, a, rows=centres: rows[b - 1][a - 1],
                    y: listed(values),
                }
                found.append(Example(f"{cells} cells, x=({', '.join(map(str, place))}), M={first}, {words}", base))
    return tuple(found)


LEMMA = Lemma(
    slug="cross-attention-bound",
    group="cross-attention",
    words="Where the entries of f are L-Lipschitz in x = (x_K, x_Q), cross-attention with values f(v_j) errs by at most"
    " L h m (Euclidean norm, h m bounding the mean distance to the centres, m = m_{1,N}) and L N h a (l1 norm, h a"
    " bounding it on every axis, a = m1), the bounds of max-affine attention in N = d(m + n) coordinates: the weights"
    " are the same. The moments are those of corner-lemma and axis-marginal.",
    latex=r"\Bigl|\sum_jp_jf(v_j)-f(x_K,x_Q)\Bigr|\le L\,h\,m_{1,N}(\kappa)",
    source="ours; sharpens the cross-attention theorem of [MA]",
    hypotheses=(
        "G >= 1 centres in N >= 1 coordinates, the first 0 <= M <= N from the keys' sequence; L >= 0",
        "|f(v_j) - f(x)| <= L |v_j - x| in the norm of the bound",
        "under weights exp(-R|x - v_j|^2/2) the mean of |x - v_j|_2 (of |x_k - v_jk|, all k) is at most h m (h a)",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    beyond="the numbers of centres and axes are symbolic; its instances are those of lipschitz-bound-l1 and -l2",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("keys without v_jK.x_K", {"inner": 0}),
        Mutant("only the queries' coordinates counted", {"axes": N - M}),
    ),
)
