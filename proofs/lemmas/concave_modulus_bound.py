"""A concave modulus of continuity: a head errs by at most omega(D), D above the mean distance to the centres."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from ...symbolic.lattice import m1N
from ..claim import All, Claim, Formula, claim, function, ge, le, number, real
from ..derived import assumed
from ..kernel import Fact, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._averages import (
    ERROR,
    SIZE,
    TOTAL,
    G,
    d,
    j,
    length,
    mean,
    mean_bound,
    network_error,
    networks,
    scale,
    target,
    upward,
    weighted,
    y,
)

reach, slope, height = real("D"), real("sigma"), real("W")
omega, distance = function("omega"), function("r")
RISING = ge(slope, 0)
MODULUS = All(j, 1, G, le(sp.Abs(y(j) - target), omega(j)))
SUPPORT = All(j, 1, G, le(omega(j), height + slope * (distance(j) - reach)))
MOMENT = le(weighted(distance(j)), reach * TOTAL)


def _claim(shave: Fraction = Fraction(1), rising: bool = True, concave: bool = True) -> Claim:
    hypotheses: list[Formula] = [SIZE, MODULUS, MOMENT, *[RISING] * rising, *[SUPPORT] * concave]
    return claim("concave-modulus-bound", tuple(hypotheses), le(ERROR, number(shave) * height))


def _proof(statement: Claim) -> Sequence[Fact]:
    size, rising, modulus, support, moment = assumed(SIZE, RISING, MODULUS, SUPPORT, MOMENT)
    line = height + slope * (distance(j) - reach)
    goal = le(sp.Abs(y(j) - target), line)
    one = combine(goal, [(1, specialise(modulus, j)), (1, specialise(support, j))])
    near = termwise(one, j, 1, G, [size], quantify=True)
    lined = combine(le(weighted(line), height * TOTAL), [(slope, moment)], [size, rising])
    replaced = {d: sp.Lambda(j, line), scale: sp.Integer(1), mean: height}
    return (substitute(mean_bound(), replaced, [near, lined]),)


def _brute(
    example: Example, shave: Fraction = Fraction(1), rising: bool = True, concave: bool = True
) -> Sequence[Pairs]:
    return (((network_error(example), shave * example.values[height]),),)


def _examples(level: int) -> tuple[Example, ...]:
    """omega(r) = min(r, 1/8) and min(r, 1): values omega(|v - x|), D = h m_{1,N}(kappa); then false supports."""
    found = []
    for net in networks(level):
        widest, size = max(net.widths), len(net.cells)
        centre_rows = [[a - b for a, b in zip(v, net.point, strict=True)] for v in net.centres()]
        D = widest * upward(m1N, net.kappa, size)
        for cap in (Fraction(1, 8), Fraction(10)):
            values = {
                reach: D,
                slope: Fraction(cap > D),
                height: min(D, cap) + Fraction(1, 10**30),
                target: Fraction(0),
                distance: lambda a, rows=centre_rows: length(rows[a - 1]),
                y: lambda a, rows=centre_rows, cap=cap: length(rows[a - 1]).min(ball(cap)),
                omega: lambda a, rows=centre_rows, cap=cap: length(rows[a - 1]).min(ball(cap)) + ball(1) / 10**40,
            }
            found.append(net.example(values, f", omega = min(r, {cap})"))
        squares = lambda a, rows=centre_rows: sum((b * b for b in rows[a - 1]), Fraction(0))  # noqa: E731
        convex = {**values, height: D * D, slope: 2 * D, y: squares, omega: squares}
        found.append(net.example(convex, ", omega = r^2 is not concave"))
        near = {**values, reach: D + 1, slope: Fraction(-1), height: Fraction(0)}
        falling = {**near, y: lambda a: Fraction(1, 2), omega: lambda a: Fraction(1, 2)}
        found.append(net.example(falling, ", omega = 1/2 under a falling line"))
    return tuple(found)


LEMMA = Lemma(
    slug="concave-modulus-bound",
    group="max-affine",
    words="If |f(v_j) - f(x)| <= omega(|v_j - x|) for a concave nondecreasing omega, attention errs by at most"
    " omega(D) once D is above the mean distance sum_j p_j |v_j - x| (D = h m_{1,N}(kappa) by corner-lemma)."
    " Concavity is used as the supporting line at D: W = omega(D), omega(r) <= W + sigma (r - D), sigma >= 0.",
    latex=r"\Bigl|\sum_j p_j f(v_j)-f(x)\Bigr|\le\omega\bigl(h\,m_{1,N}(\kappa)\bigr)",
    source="ours; Jensen's inequality by a supporting line (Rockafellar, Convex Analysis, Thm 23.4)",
    hypotheses=(
        "G >= 1 centres, weights p_j = softmax(s)_j, distances r_j = |v_j - x|",
        "|f(v_j) - f(x)| <= omega_j = omega(r_j)",
        "omega_j <= W + sigma (r_j - D), sigma >= 0: a supporting line of omega at D, W = omega(D)",
        "sum_j p_j r_j <= D (corner-lemma, at D = h m_{1,N}(kappa))",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "two centres with errors a, b at distances r, s",
            "abs(p*a + (1-p)*b) <= W",
            ("p in [0, 1]", "abs(a) <= W + m*(r-D)", "abs(b) <= W + m*(s-D)", "p*r + (1-p)*s <= D", "m >= 0"),
        ),
    ),
    beyond="the number of centres is symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("the supporting line may fall", {"rising": False}),
        Mutant("without the supporting line", {"concave": False}),
    ),
)
