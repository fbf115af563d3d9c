"""Scores for the concentration lemmas: concrete instances and the leak computed from the definition of softmax."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from ..lemma import Example
from ..values import ball


def softmax_leak(
    values: Mapping[sp.Basic, Any], s: sp.Basic, size: sp.Symbol, gap: sp.Symbol, temperature: sp.Symbol
) -> tuple[arb, int, arb, arb]:
    """(1 - p_top, G, gap, R) with p_top from exp(R s_0) / sum_j exp(R s_j), shifted by the top score."""
    count, r = int(values[size]), ball(values[temperature])
    tail = sum(((r * ball(values[s](j) - values[s](0))).exp() for j in range(1, count)), arb(0))
    return tail / (1 + tail), count, ball(values[gap]), r


def score_examples(
    level: int, s: sp.Basic, size: sp.Symbol, gap: sp.Symbol, temperature: sp.Symbol
) -> tuple[Example, ...]:
    """Ties at the gap, spread scores, one rival, and a negative temperature."""
    found = []
    for count, delta, r, extra in _parameters(level):
        scores = [Fraction(3)] + [3 - delta - extra * j for j in range(count - 1)]
        values = {size: Fraction(count), gap: delta, temperature: r, s: lambda j, scores=tuple(scores): scores[j]}
        found.append(Example(f"G={count}, gap={delta}, R={r}, scores {', '.join(map(str, scores))}", values))
    for near in (Fraction(0), Fraction(9)):
        trio = (Fraction(3), 3 - near, Fraction(1))
        values = {size: Fraction(3), gap: Fraction(2), temperature: Fraction(1), s: lambda j, table=trio: table[j]}
        found.append(Example(f"G=3, gap=2, R=1, scores 3, {3 - near}, 1", values))
    close = {size: Fraction(3), gap: Fraction(2), temperature: Fraction(-1), s: lambda j: Fraction(5 + (j == 0), 2)}
    found.append(Example("G=3, gap=2, R=-1, scores 3, 5/2, 5/2", close))
    return tuple(found)


def _parameters(level: int) -> list[tuple[int, Fraction, Fraction, Fraction]]:
    counts = (2, 3, 7) if level < 2 else (2, 3, 4, 7, 20, 50)
    return [
        (count, delta, r, extra)
        for count in counts
        for delta in (Fraction(1, 2), Fraction(2))
        for r in (Fraction(-1), Fraction(0), Fraction(1), Fraction(5))
        for extra in (Fraction(0), Fraction(1, 3))
    ]
