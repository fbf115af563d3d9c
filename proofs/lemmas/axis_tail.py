"""One axis: the weights of the centres further than 1/2 + delta from u, in cells, fall like exp(-kappa delta)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import All, Claim, claim, eq, ge, gt, integer, le, lt, number, real
from ..derived import assumed, exponential
from ..kernel import Fact, assume, combine, identity, induction, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._tails import HALF, gauss, kappa, share

P, q, low, high, k, t, n = (integer(name) for name in ("P", "q", "l", "r", "k", "t", "n"))
u, delta = real("u"), real("delta")
HOT, NEAR_LEFT, NEAR_RIGHT = gt(kappa, 0), le(q - u, HALF), le(u - q, HALF)
SIZE = ge(P, 1)
RANGES = START, BEFORE, AFTER, STOP = ge(low, -1), le(low + 1, q), le(q + 1, high), le(high, P)
LEFT = All(k, 0, low, le(HALF + delta, u - k))


def _right(slack: Fraction = Fraction(0)) -> All:
    return All(k, high, P - 1, le(HALF + delta - number(slack), k - u))


def _sum(first: sp.Expr | int, last: sp.Expr) -> sp.Expr:
    return sp.Sum(gauss(k - u), (k, first, last))


SIDES = _sum(0, low), _sum(high, P - 1)
ALL = _sum(0, P - 1)
LAMBDA = 2 * sp.exp(-kappa * delta) * share(kappa)


def _claim(sides: int = 2, rate: Fraction = Fraction(1), slack: Fraction = Fraction(0)) -> Claim:
    lam = sides * sp.exp(-number(rate) * kappa * delta) * share(kappa)
    hypotheses = (HOT, SIZE, *RANGES, NEAR_LEFT, NEAR_RIGHT, LEFT, _right(slack))
    return claim("axis-tail", hypotheses, le(sum(SIDES) / ALL, lam / (1 + lam)))


@cache
def integer_square() -> Fact:
    """t <= t^2 for integers t >= 0."""
    goal, positive = ge(t**2, t), assume(ge(t, 0))
    step = combine(ge((t + 1) ** 2, t + 1), [(1, assume(goal))], [positive])
    return induction(goal, t, 0, identity(sp.Integer(0), sp.Integer(0)), step)


@cache
def geometric_runs() -> tuple[Fact, ...]:
    """1 - e^-kappa times the sum of e^{-kappa (l - k)}, k = 0..l, or of e^{-kappa (k - r)}, k = r..n, is at most 1."""
    found = []
    for sign, last, start in ((-1, low, sp.Integer(-1)), (1, n, high - 1)):
        origin, begin = (low, sp.Integer(0)) if sign < 0 else (high, high)

        def series(end: sp.Expr, sign: int = sign, origin: sp.Expr = origin, begin: sp.Expr = begin) -> sp.Expr:
            centre = end if sign < 0 else origin
            return (1 - sp.exp(-kappa)) * sp.Sum(sp.exp(-kappa * sign * (k - centre)), (k, begin, end))

        size = assume(ge(last, start))
        goal = eq(series(last), 1 - sp.exp(-kappa * (last - start)))
        base = identity(series(start), sp.Integer(0))
        following = eq(series(last + 1), 1 - sp.exp(-kappa * (last + 1 - start)))
        factor = sp.exp(-kappa) if sign < 0 else sp.Integer(1)
        step = combine(following, [(factor, assume(goal, [size]))], [size])
        found.append(combine(le(series(last), 1), [(1, induction(goal, last, start, base, step))], [size]))
    return tuple(found)


@cache
def far_runs() -> tuple[Fact, ...]:
    """Each of the two far sums is at most exp(-kappa delta)/(1 - exp(-kappa)) times the weight of q."""
    hot, start, before, after, stop, left, right = assumed(HOT, START, BEFORE, AFTER, STOP, NEAR_LEFT, NEAR_RIGHT)
    small = exponential(combine(lt(-kappa, 0), [], [hot]))
    left_run, right_run = geometric_runs()
    right_run = substitute(right_run, {n: P - 1}, [stop])
    found = []
    for sign, end, hypothesis, close, first, last, run in (
        (1, high, _right(), right, high, P - 1, right_run),
        (-1, low, LEFT, left, sp.Integer(0), low, left_run),
    ):
        inside = assumed(le(first, k), le(k, last))
        apart = (inside[0], after) if sign > 0 else (inside[1], before)
        beyond = combine(le(1, sign * (k - q)), [(1, fact) for fact in apart])
        steps = sign * (k - q) - 1
        square = substitute(integer_square(), {t: steps}, [beyond])
        away = specialise(assume(hypothesis), end, given=inside)
        goal = le(-kappa * (k - u) ** 2 / 2, -kappa * (q - u) ** 2 / 2 - kappa * delta - kappa * sign * (k - end))
        terms = [(kappa / 2, square), (kappa * steps, close), (kappa, away)]
        exponent = combine(goal, terms, [hot, beyond])
        ends = [start, before, after, stop]
        total = termwise(exponential(exponent), k, first, last, ends)
        weight = gauss(q - u) * sp.exp(-kappa * delta)
        bound = le(_sum(first, last), weight * share(kappa))
        found.append(combine(bound, [(1, total), (weight / (1 - sp.exp(-kappa)), run)], [hot, small, *ends]))
    return tuple(found)


@cache
def axis_tail() -> Fact:
    """The lemma."""
    known = assumed(HOT, SIZE, *RANGES)
    others = _sum(low + 1, q - 1) + _sum(q + 1, high - 1)
    near = combine(le(gauss(q - u), _sum(low + 1, high - 1)), [], known, rest=others)
    far = sum(SIDES)
    factor = 1 / (ALL * (1 + LAMBDA))
    terms = [(factor, fact) for fact in far_runs()] + [(factor * LAMBDA, near)]
    return combine(le(far / ALL, LAMBDA / (1 + LAMBDA)), terms, known)


def _proof(statement: Claim) -> Sequence[Fact]:
    return (axis_tail(),)


def _brute(
    example: Example, sides: int = 2, rate: Fraction = Fraction(1), slack: Fraction = Fraction(0)
) -> Sequence[Pairs]:
    values = example.values
    heat, at, beyond = (values[name] for name in (kappa, u, delta))
    first, last = int(values[low]), int(values[high])
    weights = {a: ball(-heat * (a - at) ** 2 / 2).exp() for a in range(int(values[P]))}
    far = sum((weight for a, weight in weights.items() if a <= first or a >= last), arb(0))
    lam = sides * ball(-rate * heat * beyond).exp() / (1 - ball(-heat).exp())
    return (((far / sum(weights.values(), arb(0)), lam / (1 + lam)),),)


def _examples(level: int) -> tuple[Example, ...]:
    """All centres at least 1/2 + delta away are far; then, against the hypotheses, one more."""
    found = []
    for heat in (Fraction(1, 2), Fraction(3), Fraction(12)):
        for size, at in ((1, Fraction(2, 5)), (6, Fraction(5, 2)), (6, Fraction(12, 5)), (6, Fraction(-1, 2))):
            for beyond in (Fraction(0), Fraction(1, 10), Fraction(2, 5), Fraction(3, 2)):
                nearest = min((abs(a - at), a) for a in range(size))[1]
                far = [a for a in range(size) if a != nearest and abs(a - at) >= beyond + Fraction(1, 2)]
                first = max((a for a in far if a < at), default=-1)
                last = min((a for a in far if a > at), default=size)
                base = {kappa: heat, P: Fraction(size), u: at, delta: beyond, q: Fraction(nearest)}
                words = f"kappa={heat}, P={size}, u={at}, delta={beyond}"
                found.append(Example(words, {**base, low: Fraction(first), high: Fraction(last)}))
                if last > nearest + 1:
                    sooner = {**base, low: Fraction(first), high: Fraction(last - 1)}
                    found.append(Example(f"{words}, one nearer centre on the right called far", sooner))
    return tuple(found)


LEMMA = Lemma(
    slug="axis-tail",
    group="max-affine",
    words="On the centres 0, ..., P-1 of one axis, with q a centre within 1/2 of u, the centres at least 1/2 +"
    " delta from u (0..l and r..P-1, q between) share at most lambda/(1+lambda), lambda = 2 exp(-kappa"
    " delta)/(1 - exp(-kappa)): a centre at distance d has d^2 - |q-u|^2 >= 2 d - 1, and further ones lose a"
    " factor exp(-kappa) each.",
    latex=r"\Pr\bigl(|k-u|\ge\tfrac12+\delta\bigr)\le\frac{\lambda}{1+\lambda},"
    r"\qquad\lambda=\frac{2e^{-\kappa\delta}}{1-e^{-\kappa}}",
    source="ours",
    hypotheses=(
        "kappa > 0, P >= 1, -1 <= l < q < r <= P",
        "|q - u| <= 1/2",
        "u - k >= 1/2 + delta for k = 0, ..., l and k - u >= 1/2 + delta for k = r, ..., P-1",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "the i-th centre beyond q is far",
            "(i - q)**2 - q**2 >= 2*d",
            ("i >= 1 integer", "q <= 1/2", "i - q >= 1/2 + d"),
        ),
        Core(
            "step",
            "from a bound on the far weight F to its share",
            "F/(N + F) <= t/(1 + t)",
            ("N > 0", "F >= 0", "t >= 0", "F <= t*N"),
        ),
        Core(
            "instance",
            "two centres, w = 1/2 - u",
            "1/(1 + exp(k*w)) <= 2*exp(-k*d)/(1 - exp(-k) + 2*exp(-k*d))",
            ("k > 0", "w >= d", "d >= 0"),
        ),
    ),
    beyond="the number of centres is symbolic",
    mutants=(
        Mutant("one far side in place of two", {"sides": 1}),
        Mutant("twice the rate", {"rate": Fraction(2)}),
        Mutant("the right side may be nearer by 1/2", {"slack": Fraction(1, 2)}),
    ),
)
