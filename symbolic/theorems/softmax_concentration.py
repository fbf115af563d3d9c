r"""Softmax concentration: how cold must a softmax be to put all but η of its mass on the top score?

G ≥ 2 scores, the top one ahead of every other by at least Δ > 0, inverse temperature R; leak = 1 − p_top and
λ = (G − 1)e^{−RΔ}:

    published   leak ≤ λ                 ([MA] Proposition 3.2)
    sharp       leak ≤ λ/(1 + λ)         (ours; attained when all others tie at gap Δ)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from ..design import Term, json_int, settled, upper
from ..exact import Real, ball, less, positive, real
from ..rounding import lower
from ..theorem import Option, Theorem


@dataclass(frozen=True)
class Scores:
    """G scores whose top one leads by at least `gap`."""

    G: int
    gap: Real


@dataclass(frozen=True)
class Temperature:
    """A sufficient inverse temperature R and the leak it guarantees (decimal upper bound)."""

    bound: str
    scores: Scores
    R: Fraction
    budget: tuple[Term, ...]
    error_bound: str
    source: str

    def to_json(self) -> dict[str, Any]:
        """R, cells, and the proved leak."""
        return {
            "R": upper(ball(self.R), 10),
            "cells": json_int(self.scores.G),
            "tokens": json_int(self.scores.G),
            "heads": 1,
            "flops": json_int(4 * self.scores.G),
            "budget": {t.name: t.value for t in self.budget},
            "error_bound": self.error_bound,
            "source": self.source,
            "evidence": "enclosed",
        }


@dataclass(frozen=True)
class Least:
    """Below this R the leak exceeds η for scores that all tie at the gap."""

    R: str
    why: str

    def to_json(self) -> dict[str, Any]:
        """R, as a decimal rounded down, and the reason."""
        return {"R": self.R, "why": self.why}


def leak(bound: str, G: int, gap: arb, R: arb) -> arb:
    """Upper bound of 1 − p_top.

    >>> float(leak("sharp", 2, arb(0), arb(1)).mid())
    0.5
    """
    ratio = (G - 1) * (-R * gap).exp()
    return ratio if bound == "published" else ratio / (1 + ratio)


def least_temperature(bound: str, G: int, gap: arb, eta: arb) -> arb:
    """The R at which the bound equals η: ln((G−1)/η)/Δ, or ln((G−1)(1−η)/η)/Δ; at least 0.

    >>> float(least_temperature("sharp", 3, arb(1), arb(1) / 2).mid())  # doctest: +ELLIPSIS
    0.69314...
    """
    odds = (G - 1) / eta if bound == "published" else (G - 1) * (1 - eta) / eta
    return (odds.log() / gap).max(arb(0))


def design(scores: Scores, eta: Real, bound: str) -> Temperature:
    """The least R, rounded up to ten digits, whose leak is proved ≤ η; ValueError unless 0 < η < 1.

    >>> design(Scores(100, Fraction(1)), Fraction(1, 100), "sharp").R < 10
    True
    """
    if bound not in ("published", "sharp"):
        raise ValueError(f"unknown bound {bound!r}; choose published or sharp")
    if not (less(Fraction(0), eta) and less(eta, Fraction(1))):
        raise ValueError("eps: the leak is a probability; give 0 < eps < 1")
    R = Fraction(upper(least_temperature(bound, scores.G, ball(scores.gap), ball(eta)), 10))
    latex = (r"\lambda" if bound == "published" else r"\lambda/(1+\lambda)") + r",\ \lambda=(G-1)e^{-R\Delta}"
    budget, error_bound, _ = settled(lambda: (("leak", latex, leak(bound, scores.G, ball(scores.gap), ball(R))),), eta)
    source = "[MA] Proposition 3.2" if bound == "published" else "ours (attained by ties)"
    return Temperature(bound, scores, R, budget, error_bound, source)


def necessary(scores: Scores, eta: Real) -> Least:
    """The sharp bound is attained, so its R is also necessary."""
    R = least_temperature("sharp", scores.G, ball(scores.gap), ball(eta))
    return Least(lower(R, 10), "if all other scores tie at the gap, the leak is exactly λ/(1 + λ)")


def problem(values: Mapping[str, str]) -> Scores:
    """Read G (`scores`) and the gap from text.

    >>> problem({"scores": "10", "gap": "1/2"})
    Scores(G=10, gap=Fraction(1, 2))
    """
    text = values.get("scores", "")
    if not text.isascii() or not text.isdigit() or len(text) > 400 or int(text) < 2:
        raise ValueError(f"scores: {text[:40]!r} is not a number of scores; give a whole number G >= 2 (--scores 100)")
    return Scores(int(text), positive(real(values.get("gap", "1"), "gap"), "gap"))


THEOREM = Theorem(
    slug="softmax-concentration",
    title="Softmax concentration",
    source="[MA] Proposition 3.2; the sharp form is ours",
    statement=r"1-p_{\mathrm{top}}\le\frac{\lambda}{1+\lambda},\quad\lambda=(G-1)e^{-R\Delta}",
    hypotheses=("G ≥ 2 scores; the top one leads every other by at least Δ > 0", "inverse temperature R ≥ 0"),
    construction=("p = softmax(R s)",),
    bounds=("published", "sharp"),
    options=(
        Option("scores", "G, the number of scores"),
        Option("gap", "Δ, the lead of the top score", "1"),
    ),
    problem=problem,
    design=design,
    necessary=necessary,
    lemmas=("concentration-published", "concentration-sharp", "concentration-attained"),
)
