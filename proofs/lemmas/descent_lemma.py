"""Taylor's remainder for a Lipschitz gradient, from the mean value theorem on ever finer steps of a segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache

import sympy as sp

from ..claim import All, Claim, Sequent, eq, function, ge, integer, le, number, real
from ..derived import assumed, at_most_in_absolute_value
from ..kernel import Fact, assume, classical, combine, induction, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs

C, slope, start, end = real("C"), real("g"), real("f_0"), real("f_1")
m, i, n = integer("m"), integer("i"), integer("n")
F = function("F")
STEPS = ge(m, 1)
STARTS, ENDS = (All(m, 1, None, eq(F(m, at), value)) for at, value in ((0, start), (m, end)))


def _step(first: int = 0) -> All:
    """|F(m, i+1) - F(m, i) - g/m| <= C (i+1)/m^2: on step i the slope is within C (i+1)/m of g."""
    return All(i, first, m - 1, le(sp.Abs(F(m, i + 1) - F(m, i) - slope / m), C * (i + 1) / m**2))


def _claim(shave: Fraction = Fraction(1), finite: int = 1, first: int = 0) -> Claim:
    bound = number(shave) * C / 2
    one = le(sp.Abs(F(m, m) - F(m, 0) - slope), bound * (1 + finite * 1 / m))
    limit = le(sp.Abs(end - start - slope), bound)
    always = All(m, 1, None, _step(first))
    return Claim("descent-lemma", (Sequent((STEPS, _step(first)), one), Sequent((always, STARTS, ENDS), limit)))


@cache
def sides() -> tuple[Fact, ...]:
    """F(m, m) - F(m, 0) - g and its negative are at most C (1 + 1/m)/2, by induction over the steps."""
    steps, held, low, high = assumed(STEPS, _step(), ge(n, 0), le(n + 1, m))
    near, found = specialise(held, n, given=[low, high]), []
    for sign in (1, -1):

        def so_far(size: sp.Expr, sign: int = sign) -> sp.Expr:
            return sign * (F(m, size) - F(m, 0) - slope * size / m)

        goal = le(so_far(n), C * n * (n + 1) / (2 * m**2))
        following = le(so_far(n + 1), C * (n + 1) * (n + 2) / (2 * m**2))
        gap = classical("absolute value bounds", sign * (F(m, n + 1) - F(m, n) - slope / m), given=[steps])
        base = combine(le(so_far(sp.Integer(0)), 0), [], [steps])
        step = combine(following, [(1, assume(goal, [steps])), (1, gap), (1, near)], [steps, low])
        whole = substitute(induction(goal, n, 0, base, step, upto=m), {n: m}, [steps])
        final = le(sign * (F(m, m) - F(m, 0) - slope), C / 2 * (1 + 1 / m))
        found.append(combine(final, [(1, whole)], [steps]))
    return tuple(found)


@cache
def limit() -> Fact:
    """|f_1 - f_0 - g| <= C/2 if every m admits such steps from f_0 to f_1."""
    late = assume(STEPS)
    always, starts, ends = (assume(h) for h in (All(m, 1, None, _step()), STARTS, ENDS))
    first, last = specialise(starts, m, given=[late]), specialise(ends, m, given=[late])
    found = []
    for sign, one in zip((1, -1), sides(), strict=True):
        at_m = substitute(one, {}, [late, specialise(always, m, given=[late])])
        goal = le(sign * (end - start - slope), C / 2 + C / 2 / m)
        near = combine(goal, [(1, at_m), (sign, first), (-sign, last)], [late])
        everywhere = termwise(near, m, 1, None, quantify=True)
        found.append(classical("archimedean", goal.lhs, C / 2, C / 2, m, given=[everywhere]))
    return at_most_in_absolute_value(*found)


def _proof(statement: Claim) -> Sequence[Fact]:
    return at_most_in_absolute_value(*sides()), limit()


def _brute(example: Example, shave: Fraction = Fraction(1), finite: int = 1, first: int = 0) -> Sequence[Pairs]:
    values, steps = example.values, int(example.values[m])
    error = abs(values[F](steps, steps) - values[F](steps, 0) - values[slope])
    bound = shave * values[C] / 2
    return ((error, bound * (1 + Fraction(finite, steps))),), ((error, bound),)


def _shapes(rise: Fraction, bend: Fraction) -> dict[str, Callable[[int, int], Fraction]]:
    return {
        "parabola": lambda p, q: rise * q / p + bend * q * q / (2 * p * p),
        "steepest": lambda p, q: rise * q / p + bend * q * (q + 1) / (2 * p * p),
        "jump": lambda p, q: rise * q / p + 9 * (q > 0),
    }


def _examples(level: int) -> tuple[Example, ...]:
    """Parabolas g t + C t^2/2 on the steps, the steepest steps allowed, and a jump at the start."""
    found = []
    for size in (1, 2, 7):
        for rise in (Fraction(0), Fraction(-3, 2)):
            for bend in (Fraction(2), Fraction(1, 3)):
                for name, shape in _shapes(rise, bend).items():
                    ends = {start: shape(size, 0), end: shape(size, size)}
                    values = {m: Fraction(size), C: bend, slope: rise, F: shape, **ends}
                    found.append(Example(f"m={size}, g={rise}, C={bend}, {name}", values))
    return tuple(found)


LEMMA = Lemma(
    slug="descent-lemma",
    group="max-affine",
    words="If f is C^1 and its gradient M-Lipschitz on the segment from x to v, f(v) - f(x) - grad f(x).(v-x) is at"
    " most (M/2)|v - x|^2. Proved here from the mean value theorem's conclusion, which is a hypothesis: on the"
    " segment cut into m steps every step has a slope within C (i+1)/m of g, C = M |v - x|^2, g = grad f(x).(v -"
    " x); the sum is at most C (1 + 1/m)/2, for every m.",
    latex=r"\bigl|f(v)-f(x)-\nabla f(x)\cdot(v-x)\bigr|\le\tfrac M2\|v-x\|^2",
    source="standard (Nesterov, Introductory Lectures on Convex Optimization, Lemma 1.2.3)",
    hypotheses=(
        "F(m, i) = f(x + (i/m)(v - x)), f_0 = f(x), f_1 = f(v)",
        "|F(m, i+1) - F(m, i) - g/m| <= C (i+1)/m^2 for every step i of m (mean value theorem, C = M |v - x|^2)",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core("step", "the sum of (i+1)/m^2 for i < m", "m*(m+1)/(2*m**2) == (1 + 1/m)/2", ("m >= 1 integer",)),
        Core("instance", "two steps", "abs(f - g) <= 3/4*C", ("abs(a - g/2) <= C/4", "abs(f - a - g/2) <= C/2")),
    ),
    beyond="the number m of steps is symbolic and tends to infinity",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("C/2 already after finitely many steps", {"finite": 0}),
        Mutant("nothing is asked of the first step", {"first": 1}),
    ),
)
