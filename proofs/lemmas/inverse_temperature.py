"""The inverse temperature that a leak of eta needs: sufficient and, at ties, necessary."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from ..claim import Claim, Sequent, ge, gt, integer, le, lt, number, real
from ..derived import assumed, exponential, logarithm
from ..kernel import Fact, combine
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball

G = integer("G")
R, gap, eta = real("R"), real("Delta"), real("eta")
SIZE, GAP, LOW, HIGH = ge(G, 2), gt(gap, 0), gt(eta, 0), lt(eta, 1)
KNOWN = (SIZE, GAP, LOW, HIGH)
ODDS = (G - 1) * (1 - eta) / eta
LAM = (G - 1) * sp.exp(-R * gap)
ENOUGH, SMALL = le(sp.log(ODDS) / gap, R), le(LAM / (1 + LAM), eta)


def _claim(shave: Fraction = Fraction(1), odds: sp.Expr = ODDS) -> Claim:
    enough = le(number(shave) * sp.log(odds) / gap, R)
    return Claim("inverse-temperature", (Sequent((*KNOWN, enough), SMALL), Sequent((*KNOWN, SMALL), enough)))


def _proof(statement: Claim) -> Sequence[Fact]:
    known = assumed(*KNOWN)
    odds = combine(gt(ODDS, 0), [(((G - 1) / eta), known[3])], known)
    enough = assumed(*KNOWN, ENOUGH)[-1]
    exponent = combine(le(-R * gap, -sp.log(ODDS)), [(gap, enough)], [*known, odds])
    tail = combine(le(sp.exp(-R * gap), 1 / ODDS), [(1, exponential(exponent))], [*known, odds])
    sufficient = combine(SMALL, [((1 - eta) * (G - 1) / (1 + LAM), tail)], [*known, odds])
    small = assumed(*KNOWN, SMALL)[-1]
    back = combine(le(ODDS, sp.exp(R * gap)), [((1 + LAM) * sp.exp(R * gap) / eta, small)], [*known, odds])
    necessary = combine(ENOUGH, [(1 / gap, logarithm(back, odds))], [*known, odds])
    return sufficient, necessary


def _brute(example: Example, shave: Fraction = Fraction(1), odds: sp.Expr = ODDS) -> Sequence[Pairs]:
    size, delta, r, leak = (example.values[key] for key in (G, gap, R, eta))
    lam = ball(size - 1) * (-ball(r) * ball(delta)).exp()
    ratio = (size - 1) * (1 - leak if odds == ODDS else 1) / leak
    needed = ball(shave) * ball(ratio).log() / ball(delta)
    return ((lam / (1 + lam), ball(leak)),), ((needed, ball(r)),)


def _examples(level: int) -> tuple[Example, ...]:
    temperatures = [Fraction(k, 16) for k in range(0, 161, 16 if level < 2 else 2)]
    return tuple(
        Example(
            f"G={size}, Delta={delta}, eta={leak}, R={r}",
            {G: Fraction(size), gap: delta, eta: leak, R: r},
        )
        for size in (2, 9)
        for delta in (Fraction(1), Fraction(1, 2))
        for leak in (Fraction(1, 10), Fraction(3, 4))
        for r in (*temperatures, Fraction(219, 100), Fraction(439, 100), Fraction(429, 100))
    )


LEMMA = Lemma(
    slug="inverse-temperature",
    group="softmax-concentration",
    words="lambda/(1+lambda) is at most eta exactly when R >= ln((G-1)(1-eta)/eta)/Delta. For R >= 0 it is the worst"
    " leak of scores with a lead of Delta (concentration-sharp, concentration-attained).",
    latex=r"\frac{\lambda}{1+\lambda}\le\eta \iff R\ge\frac1\Delta\ln\frac{(G-1)(1-\eta)}{\eta}",
    source="ours",
    hypotheses=("G >= 2", "Delta > 0", "0 < eta < 1", "lambda = (G-1) exp(-R Delta)"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "whole",
            "the temperature suffices",
            "(G-1)*exp(-R*D)/(1 + (G-1)*exp(-R*D)) <= eta",
            ("G >= 2 integer", "D > 0", "0 < eta < 1", "R >= log((G-1)*(1-eta)/eta)/D"),
        ),
        Core(
            "whole",
            "the temperature is necessary",
            "R >= log((G-1)*(1-eta)/eta)/D",
            ("G >= 2 integer", "D > 0", "0 < eta < 1", "(G-1)*exp(-R*D)/(1 + (G-1)*exp(-R*D)) <= eta"),
        ),
    ),
    mutants=(
        Mutant("one percent less temperature", {"shave": Fraction(99, 100)}),
        Mutant("without the factor 1 - eta", {"odds": (G - 1) / eta}),
        Mutant("half the temperature", {"shave": Fraction(1, 2)}),
    ),
)
