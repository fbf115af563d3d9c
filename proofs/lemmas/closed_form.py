"""Closed-form sizes for a Lipschitz target: the P and R that make the published bound at most epsilon."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from ..claim import Claim, claim, ge, gt, integer, le, number, real
from ..derived import assumed, exponential
from ..kernel import Fact, combine
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball

N, P = integer("N"), integer("P")
R, eps, L, osc, a, b = (real(name) for name in ("R", "epsilon", "L", "osc", "a", "b"))
KNOWN = (ge(N, 1), ge(P, 1), gt(eps, 0), gt(L, 0), gt(osc, 0), gt(b, a))
COLD = ge(R, 0)
r, rho = eps / (2 * L), sp.sqrt(N) * (b - a) / (2 * P)
NEEDED_P = 2 * sp.sqrt(N) * (b - a) * L / eps
ODDS = 2 * osc * P**N / eps
SCALE = 32 * L**2 / (3 * eps**2)
FINE, SHARP = le(NEEDED_P, P), le(SCALE * sp.log(ODDS), R)


def _claim(points: Fraction = Fraction(1), temperature: Fraction = Fraction(1), part: Fraction = Fraction(1)) -> Claim:
    fine = le(number(points) * NEEDED_P, P)
    sharp = le(number(temperature) * SCALE * sp.log(ODDS), R)
    bound = L * r + osc * P**N * sp.exp(-R / 2 * (r**2 - rho**2))
    return claim("closed-form", (*KNOWN, COLD, fine, sharp), le(rho, r / 2), le(bound, number(part) * eps))


def _proof(statement: Claim) -> Sequence[Fact]:
    *known, cold, fine = assumed(*KNOWN, COLD, FINE)
    sharp = assumed(*KNOWN, SHARP)[-1]
    small = combine(le(rho, r / 2), [(eps / (4 * L * P), fine)], known)
    square = combine(le(3 * r**2 / 4, r**2 - rho**2), [(r / 2 + rho, small)], known)
    weaker = combine(le(-R / 2 * (r**2 - rho**2), -3 * R * r**2 / 8), [(R / 2, square)], [*known, cold])
    exponent = combine(le(-R / 2 * (r**2 - rho**2), -sp.log(ODDS)), [(1, weaker), (1 / SCALE, sharp)], known)
    tail = combine(le(sp.exp(-R / 2 * (r**2 - rho**2)), 1 / ODDS), [(1, exponential(exponent))], known)
    bound = L * r + osc * P**N * sp.exp(-R / 2 * (r**2 - rho**2))
    return small, combine(le(bound, eps), [(osc * P**N, tail)], known)


def _brute(
    example: Example, points: Fraction = Fraction(1), temperature: Fraction = Fraction(1), part: Fraction = Fraction(1)
) -> Sequence[Pairs]:
    value = example.values
    radius = value[eps] / (2 * value[L])
    cover = ball(value[N]).sqrt() * ball((value[b] - value[a]) / (2 * value[P]))
    cells = value[P] ** int(value[N])
    decay = (-ball(value[R]) * (ball(radius * radius) - cover * cover) / 2).exp()
    total = ball(value[L] * radius) + ball(value[osc] * cells) * decay
    return ((cover, ball(radius / 2)),), ((total, ball(part * value[eps])),)


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    accuracies = (Fraction(1, 2), Fraction(1, 20)) if level < 2 else (Fraction(1, 2), Fraction(1, 20), Fraction(1, 999))
    for size in (1, 2, 4):
        for accuracy in accuracies:
            for count in _counts(size, accuracy):
                for temperature in _temperatures(size, accuracy, count):
                    words = f"N={size}, eps={accuracy}, P={count}, R={temperature}, L=1, osc=7/5 on [0,1]"
                    table = {N: size, P: count, R: temperature, eps: accuracy, L: 1, osc: Fraction(7, 5), a: 0, b: 1}
                    found.append(Example(words, {key: Fraction(value) for key, value in table.items()}))
    return tuple(found)


def _counts(size: int, accuracy: Fraction) -> tuple[int, ...]:
    needed = int((4 * size / accuracy**2).__ceil__()).bit_length()
    least = next(p for p in range(1, 2**needed + 2) if p * p * accuracy**2 >= 4 * size)
    return tuple(p for p in (least, least - 1, least // 2) if p >= 1)


def _temperatures(size: int, accuracy: Fraction, count: int) -> tuple[Fraction, ...]:
    scale = Fraction(32) / (3 * accuracy**2)
    logarithm = (ball(Fraction(14, 5) * count**size / accuracy)).log()
    exact = ball(scale) * logarithm
    nearest = Fraction(int((exact * 1000).unique_fmpz() or (exact * 1000).floor().unique_fmpz()) + 1, 1000)
    return tuple(max(Fraction(0), nearest * share) for share in (Fraction(1), Fraction(19, 20), Fraction(3, 4)))


LEMMA = Lemma(
    slug="closed-form",
    group="max-affine",
    words="With r = eps/(2L) and rho = sqrt(N)(b-a)/(2P), P >= 2 sqrt(N)(b-a)L/eps makes rho <= r/2, and"
    " R >= max(0, 32 L^2/(3 eps^2) ln(2 osc P^N/eps)) makes L r + osc P^N exp(-(R/2)(r^2-rho^2)) at most eps: the bound"
    " of sup-error-published for an L-Lipschitz f (omega(r) <= L r) on the midpoint grid of [a,b]^N (covering-radius).",
    latex=r"P\ge\frac{2\sqrt N(b-a)L}{\varepsilon},\ R\ge\max\Bigl(0,\frac{32L^2}{3\varepsilon^2}"
    r"\ln\frac{2\,\mathrm{osc}f\,P^N}{\varepsilon}\Bigr)"
    r"\implies Lr+\mathrm{osc}f\,P^Ne^{-\frac R2(r^2-\rho^2)}\le\varepsilon",
    source="ours; closed form of [MA] Thm 4.1",
    hypotheses=("N, P >= 1", "eps, L, osc > 0", "a < b", "the two inequalities for P and R", "R >= 0"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "the first part: the covering radius is at most half of r = eps/(2 L)",
            "sqrt(N)*(b-a)/(2*P) <= eps/(4*L)",
            ("N >= 1 integer", "P >= 1 integer", "eps > 0", "L > 0", "b > a", "P >= 2*sqrt(N)*(b-a)*L/eps"),
        ),
        Core("step", "the exponent", "R/2*(r**2 - q**2) >= 3*R*r**2/8", ("r > 0", "q >= 0", "q <= r/2", "R >= 0")),
        Core(
            "step",
            "the two terms together, r = eps/(2 L), K = osc P^N",
            "L*r + K*exp(-3*R*r**2/8) <= 2*L*r",
            ("L > 0", "r > 0", "K > 0", "R >= 8/(3*r**2)*log(K/(L*r))"),
        ),
    ),
    beyond="the second part is too hard for the prover in one piece; with q = rho it is the last two claims",
    mutants=(
        Mutant("half the grid points", {"points": Fraction(1, 2)}),
        Mutant("three quarters of the temperature", {"temperature": Fraction(3, 4)}),
        Mutant("error below 99/100 of epsilon", {"part": Fraction(99, 100)}),
    ),
)
