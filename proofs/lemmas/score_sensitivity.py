"""Perturbed scores: if no score moves by more than sigma, an average over the softmax moves by W tanh(sigma/2)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import All, Claim, Formula, claim, function, ge, gt, integer, le, number, real
from ..derived import absolute_bounds, assumed, at_most_in_absolute_value, exponential
from ..kernel import Fact, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball

G, j = integer("G"), integer("j")
sigma, low, high = real("sigma"), real("a"), real("b")
before, after, width, tau = (real(name) for name in ("a_", "c_", "w_", "t_"))
s, r, y = function("s"), function("r"), function("y")
SIZE, MOVE, WIDTH = ge(G, 1), ge(sigma, 0), gt(high, low)
MOVED = All(j, 1, G, le(sp.Abs(r(j)), sigma))
ABOVE, BELOW = All(j, 1, G, ge(y(j), low)), All(j, 1, G, le(y(j), high))


def _average(moved: bool, values: sp.Expr) -> sp.Expr:
    weight = sp.exp(s(j) + r(j)) if moved else sp.exp(s(j))
    return sp.Sum(weight * values, (j, 1, G)) / sp.Sum(weight, (j, 1, G))


def _claim(shave: Fraction = Fraction(1), moved: bool = True, above: bool = True) -> Claim:
    hypotheses: list[Formula] = [SIZE, MOVE, WIDTH, BELOW, *[MOVED] * moved, *[ABOVE] * above]
    difference = _average(True, y(j)) - _average(False, y(j))
    bound = number(shave) * (high - low) * (sp.exp(sigma) - 1) / (sp.exp(sigma) + 1)
    return claim("score-sensitivity", tuple(hypotheses), le(sp.Abs(difference), bound))


@cache
def _odds() -> Fact:
    """c - a <= w t/(2 + t) for 0 <= a <= w if the odds c/(w - c) are at most (1 + t)^2 times a/(w - a)."""
    wide, rate, some = assumed(gt(width, 0), ge(tau, 0), ge(before, 0))
    odds = le(after * (width - before), (1 + tau) ** 2 * (width - after) * before)
    whole = width + tau * (2 + tau) * before
    square = tau * ((2 + tau) * before - width) ** 2 / ((2 + tau) * whole)
    goal = le(after - before, width * tau / (2 + tau))
    return combine(goal, [(1 / whole, *assumed(odds))], [wide, rate, some], rest=square)


@cache
def _rise() -> Fact:
    """The perturbed mean exceeds the other one by at most (b - a)(exp(sigma) - 1)/(exp(sigma) + 1)."""
    size, move, wide, moved, above, below = assumed(SIZE, MOVE, WIDTH, MOVED, ABOVE, BELOW)
    C, A = _average(True, y(j)), _average(False, y(j))
    near, floor, roof = specialise(moved, j), specialise(above, j), specialise(below, j)
    up = exponential(combine(le(r(j), sigma), [(1, near), (1, absolute_bounds(r(j)))]))
    down = exponential(combine(le(-sigma, r(j)), [(1, near), (1, absolute_bounds(-r(j)))]))
    inside = []
    for moves in (True, False):
        weight = sp.exp(s(j) + r(j)) if moves else sp.exp(s(j))
        mean, total = _average(moves, y(j)), sp.Sum(weight, (j, 1, G))
        least = termwise(combine(le(weight * low, weight * y(j)), [(weight, floor)]), j, 1, G, [size])
        most = termwise(combine(le(weight * y(j), weight * high), [(weight, roof)]), j, 1, G, [size])
        inside += [
            combine(le(0, mean - low), [(1 / total, least)], [size]),
            combine(le(0, high - mean), [(1 / total, most)], [size]),
        ]
    over, under = inside[0], inside[1]
    weight, t = sp.exp(s(j)), sp.exp(sigma)
    pull = sp.exp(s(j) + r(j)) * (high - low) * (y(j) - C)
    limit = weight * (t * (y(j) - low) * (high - C) - (high - y(j)) * (C - low) / t)
    one = combine(
        le(pull, limit),
        [(weight * (y(j) - low) * (high - C), up), (weight * (high - y(j)) * (C - low), down)],
        [size, floor, roof, over, under],
    )
    total = termwise(one, j, 1, G, [size])
    odds = le((C - low) * (high - A), t**2 * (high - C) * (A - low))
    grown = combine(odds, [(t / sp.Sum(weight, (j, 1, G)), total)], [size])
    some = combine(ge(t - 1, 0), [(1, exponential(combine(le(0, sigma), [(1, move)])))])
    gap = combine(gt(high - low, 0), [(1, wide)])
    values = {after: C - low, before: A - low, width: high - low, tau: t - 1}
    return substitute(_odds(), values, [grown, some, gap, inside[2], size])


def _proof(statement: Claim) -> Sequence[Fact]:
    size, wide, above, below = assumed(SIZE, WIDTH, ABOVE, BELOW)
    mirror = [
        termwise(combine(ge(-y(j), -high), [(1, specialise(below, j))]), j, 1, G, [size], quantify=True),
        termwise(combine(le(-y(j), -low), [(1, specialise(above, j))]), j, 1, G, [size], quantify=True),
        combine(gt(-low, -high), [(1, wide)]),
    ]
    fall = substitute(_rise(), {y: sp.Lambda(j, -y(j)), low: -high, high: -low}, mirror)
    difference = _average(True, y(j)) - _average(False, y(j))
    bound = (high - low) * (sp.exp(sigma) - 1) / (sp.exp(sigma) + 1)
    return (at_most_in_absolute_value(_rise(), combine(le(-difference, bound), [(1, fall)], [size])),)


def _brute(example: Example, shave: Fraction = Fraction(1), moved: bool = True, above: bool = True) -> Sequence[Pairs]:
    value, cells = example.values, range(1, int(example.values[G]) + 1)
    means = []
    for share in (1, 0):
        weights = [ball(value[s](a) + share * value[r](a)).exp() for a in cells]
        mean = sum((w * ball(value[y](a)) for w, a in zip(weights, cells, strict=True)), arb(0))
        means.append(mean / sum(weights, arb(0)))
    half = ball(value[sigma] / 2)
    return (((abs(means[0] - means[1]), ball(shave * (value[high] - value[low])) * half.tanh()),),)


def _examples(level: int) -> tuple[Example, ...]:
    """Two groups of cells with opposite values, the odds between them exp(-+sigma): the bound is attained."""
    found = []
    for count in (2, 5):
        for step in (Fraction(0), Fraction(1, 10), Fraction(1), Fraction(4)):
            for push, words in ((step, ""), (2 * step + 1, ", moved further than sigma")):
                scores = [Fraction(0)] * count
                moves = [push] + [-push] * (count - 1)
                scores[0] = -step
                values = {
                    G: Fraction(count),
                    sigma: step,
                    low: Fraction(-1),
                    high: Fraction(2),
                    s: lambda a, row=scores, n=count: row[a - 1] if a <= 2 else Fraction(-60),
                    r: lambda a, row=moves: row[a - 1],
                    y: lambda a: Fraction(2) if a == 1 else Fraction(-1),
                }
                found.append(Example(f"G={count}, sigma={step}{words}", values))
                found.append(Example(f"G={count}, sigma={step}{words}, y_2 = -9", {**values, y: _outlier}))
    return tuple(found)


def _outlier(a: int) -> Fraction:
    return Fraction({1: 2, 2: -9}.get(a, -1))


LEMMA = Lemma(
    slug="score-sensitivity",
    group="max-affine",
    words="If no score of a softmax moves by more than sigma, the average of values in [a, b] under its weights moves"
    " by at most (b - a)(exp(sigma) - 1)/(exp(sigma) + 1) = (b - a) tanh(sigma/2); two cells attain it.",
    latex=r"\Bigl|\sum_j p_j(s+r)\,y_j-\sum_j p_j(s)\,y_j\Bigr|\le(b-a)\tanh(\sigma/2)",
    source="ours",
    hypotheses=("G >= 1 scores s_j, |r_j| <= sigma", "a <= y_j <= b for every j, a < b"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "two cells with values 0 and 1, whose scores move by s in opposite directions",
            "sigmoid(x + 2*s) - sigmoid(x) <= tanh(s/2)",
            ("s >= 0",),
        ),
        Core("instance", "where two cells attain it", "sigmoid(s) - sigmoid(-s) == tanh(s/2)"),
    ),
    beyond="the number of scores is symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("scores may move further", {"moved": False}),
        Mutant("values may be below a", {"above": False}),
    ),
)
