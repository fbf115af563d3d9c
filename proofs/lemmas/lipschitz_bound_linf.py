"""The maximum-norm Lipschitz bound: a head errs by at most L h (1/2 + O(ln N)/kappa)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp

from ..claim import All, Claim, Formula, claim, function, ge, integer, le, number, real
from ..derived import assumed
from ..kernel import Fact, assume, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from . import mean_excess as excesses
from ._averages import (
    ERROR,
    SIZE,
    TOTAL,
    G,
    N,
    Network,
    d,
    j,
    mean,
    mean_bound,
    network_error,
    networks,
    offsets,
    s,
    scale,
    target,
    upward,
    weighted,
    y,
    z,
)

L, H, c, kappa = real("L"), real("H"), excesses.c, excesses.kappa
reach, delta, n, i, near = function("r"), excesses.excess, excesses.n, integer("i"), excesses.near
heat = real("heat")
HALF = sp.Rational(1, 2)
RATE, WIDTH = ge(L, 0), ge(H, 0)
SIZES = (SIZE, excesses.HOT, excesses.WIDE, excesses.AXES, excesses.START, excesses.SOME)
NUMBERED = (excesses.INSIDE, excesses.SORTED)
WITHIN = All(j, 1, G, le(reach(j), H * (HALF + delta(j))))
TAILS = All(n, near + 1, G, le(sp.Sum(sp.exp(s(i)), (i, n, G)), excesses.tail(delta(n)) * TOTAL))
CONSTANT = excesses.primitive(1 + c) / kappa


def _lipschitz(first: int = 1) -> All:
    return All(j, first, G, le(sp.Abs(y(j) - target), L * reach(j)))


def _claim(half: Fraction = Fraction(1, 2), tails: bool = True, first: int = 1) -> Claim:
    hypotheses: list[Formula] = [*SIZES, RATE, WIDTH, *NUMBERED, _lipschitz(first), WITHIN, *[TAILS] * tails]
    return claim("lipschitz-bound-linf", tuple(hypotheses), le(ERROR, L * H * (number(half) + CONSTANT)))


@cache
def mean_of_excess() -> Fact:
    """weighted(delta) <= CONSTANT * TOTAL."""
    known = assumed(*SIZES)
    tails = assume(TAILS, known)
    share = sp.exp(s(i)) / TOTAL
    goal = le(sp.Sum(share, (i, n, G)), excesses.tail(delta(n)))
    one = combine(goal, [(1 / TOTAL, specialise(tails, n))], [*known, *assumed(ge(n, near + 1), le(n, G))])
    every = termwise(one, n, near + 1, G, known, quantify=True)
    numbered = assumed(*NUMBERED)
    fact = substitute(excesses.mean_excess(), {excesses.p: sp.Lambda(i, share)}, [every, *known, *numbered])
    return combine(le(weighted(delta(j)), CONSTANT * TOTAL), [(TOTAL, fact)], known)


@cache
def error() -> Fact:
    """The lemma."""
    known = assumed(*SIZES)
    rate, width, lipschitz, within = assumed(RATE, WIDTH, _lipschitz(), WITHIN)
    goal = le(sp.Abs(y(j) - target), L * H * (HALF + delta(j)))
    one = combine(goal, [(1, specialise(lipschitz, j)), (L, specialise(within, j))], [rate])
    close = termwise(one, j, 1, G, known[:1], quantify=True)
    moment = combine(le(weighted(HALF + delta(j)), (HALF + CONSTANT) * TOTAL), [(1, mean_of_excess())], known)
    constant = combine(ge(L * H, 0), [], [rate, width])
    replaced = {d: sp.Lambda(j, HALF + delta(j)), scale: L * H, mean: HALF + CONSTANT}
    return substitute(mean_bound(), replaced, [close, constant, moment, *known])


def _proof(statement: Claim) -> Sequence[Fact]:
    return (error(),)


def _brute(example: Example, half: Fraction = Fraction(1, 2), tails: bool = True, first: int = 1) -> Sequence[Pairs]:
    values, wide = example.values, 1 + example.values[c]
    series = sum((Fraction(1, a) * (1 - wide ** (-a)) for a in range(1, int(values[N]))), Fraction(0))
    constant = ball(half) + (ball(wide).log() + ball(series)) / ball(values[kappa])
    return (((network_error(example, heat), ball(values[L] * values[H]) * constant),),)


def _numbered(net: Network, stated: Fraction, spike: Fraction, words: str) -> Example:
    """The cone of the maximum norm at the point, its centres numbered by distance, at a stated temperature."""
    plain = net.example({})
    rows = offsets(plain)
    order = sorted(range(len(rows)), key=lambda a: max(map(abs, rows[a])))
    places = [max(map(abs, rows[a])) for a in order]
    beyond = [Fraction(0)] + [max(place - Fraction(1, 2), Fraction(0)) for place in places]
    score, offset, widest = plain.values[s], plain.values[z], max(net.widths)
    inside = sum(place <= Fraction(1, 2) for place in places)
    values = {
        G: Fraction(len(rows)),
        N: Fraction(len(net.cells)),
        kappa: stated,
        heat: net.kappa,
        c: upward(lambda x: 2 / (1 - (-x).exp()), stated),
        near: Fraction(inside),
        L: Fraction(1),
        H: widest,
        target: Fraction(0),
        s: lambda a: score(order[a - 1] + 1),
        z: lambda a, b: offset(order[a - 1] + 1, b),
        reach: lambda a: widest * places[a - 1],
        delta: lambda a: beyond[a],
        y: lambda a: widest * places[a - 1] + (spike if a == 1 else 0),
    }
    return Example(f"{plain.words}, {words}", values)


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    for net in networks(level):
        found.append(_numbered(net, net.kappa, Fraction(0), "cone at x"))
    hot = Network((6,), (Fraction(1, 2),), Fraction(1, 10), (Fraction(0),))
    found.append(_numbered(hot, Fraction(6), Fraction(0), "at the temperature of kappa = 6"))
    found.append(_numbered(hot, Fraction(1, 10), Fraction(99), "y_1 raised by 99"))
    return tuple(found)


LEMMA = Lemma(
    slug="lipschitz-bound-linf",
    group="max-affine",
    words="If f is L-Lipschitz in the maximum norm, attention with values f(v_j) errs by at most L H (1/2 +"
    " (ln(1+c) + sum over k < N of (1 - (1+c)^(-k))/k)/kappa), c = 2/(1 - exp(-kappa)): half a cell and a term"
    " that grows like ln N. The centres are numbered by r_j = |v_j - x|_inf, the excess delta_j = (r_j/H -"
    " 1/2)_+ being 0 for j <= b.",
    latex=r"\Bigl|\sum_jp_jf(v_j)-f(x)\Bigr|\le L\,h\Bigl(\tfrac12+\frac1\kappa"
    r"\Bigl[\ln(1+c)+\sum_{k=1}^{N-1}\frac{1-(1+c)^{-k}}k\Bigr]\Bigr),\qquad c=\frac2{1-e^{-\kappa}}",
    source="ours",
    hypotheses=(
        "G >= 1 centres in R^N, N >= 1, weights p_j = softmax(s)_j, kappa > 0, c > 0, 0 <= b <= G",
        "|f(v_j) - f(x)| <= L r_j and r_j <= H (1/2 + delta_j), L, H >= 0",
        "delta_0 = ... = delta_b = 0 and delta_b <= ... <= delta_G",
        "p_j + ... + p_G <= 1 - (1 + c exp(-kappa delta_j))^(-N) for j > b (near-box with axis-tail)",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "one centre, one axis, L = H = 1",
            "(1 - 1/(1 + c*exp(-k*d)))*d <= log(1 + c)/k",
            ("c > 0", "k > 0", "d >= 0"),
        ),
    ),
    beyond="the numbers of centres and axes are symbolic, and the tail is summed by parts",
    mutants=(
        Mutant("without the half cell", {"half": Fraction(0)}),
        Mutant("nothing is asked of the tails", {"tails": False}),
        Mutant("nothing is asked of the first value", {"first": 2}),
    ),
)
