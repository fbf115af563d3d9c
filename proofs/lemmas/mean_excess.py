"""The mean excess over half a cell in the maximum norm, from tails 1 - (1 + c exp(-kappa t))^(-N), summed by parts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import ctx

from ..claim import All, Claim, Formula, claim, eq, function, ge, gt, integer, le, number, real
from ..derived import assumed, exponential, logarithm
from ..kernel import Fact, assume, combine, identity, induction, monotone, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball

N, G, near, i, n, k = (integer(name) for name in ("N", "G", "b", "i", "n", "k"))
kappa, c, base, start, end = (real(name) for name in ("kappa", "c", "beta", "a_", "b_"))
p, excess = function("p"), function("delta")
HOT, WIDE, AXES, START, SOME = gt(kappa, 0), gt(c, 0), ge(N, 1), ge(near, 0), le(near, G)
INSIDE = All(n, 0, near, eq(excess(n), 0))
SORTED = All(n, near, G - 1, le(excess(n), excess(n + 1)))


def tail(delta: sp.Expr) -> sp.Expr:
    """1 - (1 + c exp(-kappa delta))^(-N)."""
    return 1 - (1 + c * sp.exp(-kappa * delta)) ** (-N)


def _tails(first: int = 1) -> All:
    return All(n, near + first, G, le(sp.Sum(p(i), (i, n, G)), tail(excess(n))))


def primitive(base: sp.Expr) -> sp.Expr:
    """ln b + sum over k < N of (1 - b^(-k))/k, whose derivative is (1 - b^(-N))/(b - 1)."""
    return sp.log(base) + sp.Sum((1 - base ** (-k)) / k, (k, 1, N - 1))


def _claim(shave: Fraction = Fraction(1), order: bool = True, first: int = 1) -> Claim:
    hypotheses: list[Formula] = [HOT, WIDE, AXES, START, SOME, INSIDE, _tails(first), *[SORTED] * order]
    total = sp.Sum(p(i) * excess(i), (i, 1, G))
    return claim("mean-excess", tuple(hypotheses), le(total, number(shave) * primitive(1 + c) / kappa))


@cache
def geometric() -> Fact:
    """(b - 1) (1/b + sum over k < N of b^(-k-1)) == 1 - b^(-N), b > 1."""
    axes, positive = assumed(AXES, gt(base, 1))

    def partial(size: sp.Expr) -> sp.Expr:
        return (base - 1) * (1 / base + sp.Sum(base ** (-k) / base, (k, 1, size - 1)))

    goal = eq(partial(N), 1 - base ** (-N))
    first = identity(partial(sp.Integer(1)), 1 - 1 / base, [positive])
    following = eq(partial(N + 1), 1 - base ** (-N - 1))
    step = combine(following, [(1, assume(goal, [axes, positive]))], [axes, positive])
    return induction(goal, N, 1, first, step)


@cache
def step_area() -> Fact:
    """(ln(b - 1) - ln(a - 1)) (1 - a^(-N)) <= J(b) - J(a) for 1 < a <= b, J the primitive."""
    axes, wide, beyond = assumed(AXES, gt(start, 1), le(start, base))
    logs = logarithm(beyond, combine(gt(start, 0), [(1, wide)]))
    powers = exponential(combine(le(-N * sp.log(base), -N * sp.log(start)), [(N, logs)], [axes, wide, beyond]))
    gap = primitive(base) - sp.log(base - 1) * (1 - start ** (-N))
    known = [axes, wide, beyond]
    series = geometric()
    factor = 1 / (base - 1)
    above = combine(gt(base, 1), [(1, beyond), (1, wide)])
    rising = combine(ge(sp.diff(gap, base), 0), [(-factor, series), (factor, powers)], [*known, above])
    return monotone(gap, base, rising, assume(le(start, end)), [axes, wide])


def hot(delta: sp.Expr) -> sp.Expr:
    """1 + c exp(-kappa delta)."""
    return 1 + c * sp.exp(-kappa * delta)


@cache
def cell_area() -> Fact:
    """(delta_{n+1} - delta_n) tail(delta_{n+1}) <= (J at delta_n minus J at delta_{n+1})/kappa, for n = b, ..., G-1."""
    warm, wide, axes, ordered = assumed(HOT, WIDE, AXES, SORTED)
    here = specialise(ordered, n)
    cooled = le(-kappa * excess(n + 1), -kappa * excess(n))
    weights = exponential(combine(cooled, [(kappa, here)], [warm]))
    order = combine(le(hot(excess(n + 1)), hot(excess(n))), [(c, weights)], [wide])
    above = combine(gt(hot(excess(n + 1)), 1), [], [wide])
    area = substitute(step_area(), {start: hot(excess(n + 1)), end: hot(excess(n))}, [order, above, axes])
    drop = (primitive(hot(excess(n))) - primitive(hot(excess(n + 1)))) / kappa
    goal = le((excess(n + 1) - excess(n)) * tail(excess(n + 1)), drop)
    return combine(goal, [(1 / kappa, area)], [warm, wide, axes])


@cache
def leftover() -> Fact:
    """0 <= J at delta_G."""
    wide, axes, positive = assumed(WIDE, AXES, ge(k, 1))
    last = hot(excess(G))
    small = exponential(combine(le(-k * sp.log(last), 0), [], [wide, positive]))
    one = combine(ge((1 - last ** (-k)) / k, 0), [(1 / k, small)], [wide, positive])
    series = termwise(one, k, 1, N - 1, [axes, wide])
    return combine(ge(primitive(last), 0), [(1, series)], [wide, axes], rest=sp.log(last))


@cache
def mean_excess() -> Fact:
    """By induction: sum of p_j delta_j, j <= n, + (p_{n+1} + ... + p_G) delta_n <= (J(1+c) - J at delta_n)/kappa."""
    warm, wide, axes, first, some, inside, ordered, low, high = assumed(
        HOT, WIDE, AXES, START, SOME, INSIDE, SORTED, ge(n, near), le(n + 1, G)
    )
    tails = assume(_tails(), [wide, axes, first, some])
    sizes = [warm, wide, axes, first, some]

    def so_far(size: sp.Expr) -> sp.Expr:
        return sp.Sum(p(i) * excess(i), (i, 1, size)) + sp.Sum(p(i), (i, size + 1, G)) * excess(size)

    def spent(size: sp.Expr) -> sp.Expr:
        return (primitive(1 + c) - primitive(hot(excess(size)))) / kappa

    goal = le(so_far(n), spent(n))
    flat = specialise(inside, i, given=[first, *assumed(ge(i, 1), le(i, near))])
    nothing = termwise(combine(eq(p(i) * excess(i), 0), [(p(i), flat)]), i, 1, near, [first])
    zero = specialise(inside, near, given=[first])
    whole = identity(primitive(hot(excess(near))), primitive(1 + c), [wide, axes], using=[zero])
    rest = sp.Sum(p(i), (i, near + 1, G))
    base = combine(le(so_far(near), spent(near)), [(1, nothing), (rest, zero), (-1 / kappa, whole)], sizes)
    before = assume(goal, [*sizes, low, high])
    over = specialise(ordered, n, given=[low, high])
    thin = specialise(tails, n + 1, given=[low, high])
    terms = [(1, before), (excess(n + 1) - excess(n), thin), (1, cell_area())]
    step = combine(le(so_far(n + 1), spent(n + 1)), terms, [*sizes, low, high, over])
    done = substitute(induction(goal, n, near, base, step, upto=G), {n: G}, [some])
    final = le(sp.Sum(p(i) * excess(i), (i, 1, G)), primitive(1 + c) / kappa)
    return combine(final, [(1, done), (1 / kappa, leftover())], sizes)


def _proof(statement: Claim) -> Sequence[Fact]:
    return (mean_excess(),)


def _brute(example: Example, shave: Fraction = Fraction(1), order: bool = True, first: int = 1) -> Sequence[Pairs]:
    values, size, dimension = example.values, int(example.values[G]), int(example.values[N])
    total = sum((values[p](a) * values[excess](a) for a in range(1, size + 1)), Fraction(0))
    wide = 1 + values[c]
    series = sum((Fraction(1, a) * (1 - wide ** (-a)) for a in range(1, dimension)), Fraction(0))
    return (((total, ball(shave) * (ball(wide).log() + ball(series)) / ball(values[kappa])),),)


def _law(dimension: int, heat: Fraction, wide: Fraction, grid: Sequence[Fraction], inside: int) -> Example:
    """Excesses on a grid whose tails equal the permitted ones up to 1e-30, after `inside` points without excess."""
    with ctx.workprec(160):
        allowed = [1 - (1 + ball(wide) * ball(-heat * x).exp()) ** -dimension for x in grid]
        tails = [Fraction(int((value * 10**30).lower().floor().unique_fmpz()), 10**30) for value in allowed]
    weights = [Fraction(1, 9)] * inside + [a - b for a, b in zip(tails, [*tails[1:], Fraction(0)], strict=True)]
    places = [Fraction(0)] * (inside + 1) + list(grid)
    values = {N: Fraction(dimension), G: Fraction(len(weights)), near: Fraction(inside), kappa: heat, c: wide}
    words = f"N={dimension}, kappa={heat}, c={wide}, {len(grid)} excesses up to {grid[-1]} after {inside} zeros"
    return Example(words, {**values, p: lambda a: weights[a - 1], excess: lambda a: places[a]})


def _examples(level: int) -> tuple[Example, ...]:
    """Laws with the largest tails allowed; then weights of both signs at excesses out of order."""
    fine = [Fraction(a, 6) for a in range(1, 31 if level < 2 else 49)]
    found = [
        _law(dimension, heat, wide, [x / heat for x in fine], inside)
        for dimension in (1, 2, 5)
        for heat, wide, inside in ((Fraction(1), Fraction(3), 0), (Fraction(6), Fraction(2), 2))
    ]
    for places, weights in (((Fraction(5), Fraction(1, 10)), (100, -100)), ((Fraction(1),), (50,))):
        size = {N: Fraction(2), G: Fraction(len(weights)), near: Fraction(0), kappa: Fraction(1), c: Fraction(3)}
        table = {
            p: lambda a, row=weights: Fraction(row[a - 1]),
            excess: lambda a, row=places: row[a - 1] if a else Fraction(0),
        }
        found.append(Example(f"excesses {', '.join(map(str, places))} with weights {weights}", {**size, **table}))
    return tuple(found)


LEMMA = Lemma(
    slug="mean-excess",
    group="max-affine",
    words="If the mass at excess delta or more is at most 1 - (1 + c exp(-kappa delta))^(-N) for every positive"
    " excess present, the mean excess is at most (ln(1+c) + sum over k < N of (1 - (1+c)^(-k))/k)/kappa. The"
    " centres are numbered by increasing excess, 1..b without any; the integral of the tail is taken step by"
    " step, summed by parts.",
    latex=r"\sum_jp_j\delta_j\le\frac1\kappa\Bigl[\ln(1+c)+\sum_{k=1}^{N-1}\frac{1-(1+c)^{-k}}{k}\Bigr]",
    source="ours",
    hypotheses=(
        "kappa > 0, c > 0, N >= 1, 0 <= b <= G",
        "delta_0 = ... = delta_b = 0 and delta_b <= delta_{b+1} <= ... <= delta_G",
        "p_j + ... + p_G <= 1 - (1 + c exp(-kappa delta_j))^(-N) for j > b (near-box with axis-tail)",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "one centre, two axes, s = kappa delta",
            "(1 - 1/(1 + c*exp(-s))**2)*s <= log(1 + c) + 1 - 1/(1 + c)",
            ("c > 0", "s >= 0"),
        ),
    ),
    beyond="the numbers of centres and axes are symbolic, and the tail is summed by parts",
    mutants=(
        Mutant("one tenth less", {"shave": Fraction(9, 10)}),
        Mutant("excesses in any order", {"order": False}),
        Mutant("nothing is asked of the first tail", {"first": 2}),
    ),
)
