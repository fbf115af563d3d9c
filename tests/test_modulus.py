"""Concave moduli: what is accepted really is concave, and a design from ω meets ω(h·m) ≤ ε by brute force."""

from __future__ import annotations

from fractions import Fraction

import mpmath as mp
import pytest
from attain.symbolic.exact import ball, real
from attain.symbolic.expression import ExpressionError
from attain.symbolic.modulus import inverse, modulus_of, value
from attain.symbolic.target import Target
from attain.symbolic.theorems.max_affine import design
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

MODULI = {
    "r": lambda r: r,
    "2*sqrt(r)": lambda r: 2 * mp.sqrt(r),
    "r**(1/3)/2 + r": lambda r: mp.cbrt(r) / 2 + r,
    "log(1 + 3*r)": lambda r: mp.log(1 + 3 * r),
    "min(tanh(2*r), 1/2) + atan(r)": lambda r: min(mp.tanh(2 * r), mp.mpf(1) / 2) + mp.atan(r),
    "min(r, 1 + log(1/2 + r))": lambda r: min(r, 1 + mp.log(0.5 + r)),
    "sqrt(log(1+r))": lambda r: mp.sqrt(mp.log(1 + r)),
}
RADII = st.fractions(Fraction(1, 1000), 20, max_denominator=1000)


def weights(kappa, N, tail=60):
    """Σ k_i(k_i + 1) → probability, for Y_i iid on k + ½ (k ≥ 0) with weights e^{−κk(k+1)/2}."""
    one = {k * (k + 1): mp.exp(-kappa * k * (k + 1) / 2) for k in range(tail) if kappa * k * (k + 1) < 150}
    total = {0: mp.mpf(1)}
    for _ in range(N):
        grown: dict[int, mp.mpf] = {}
        for s, p in total.items():
            for t, q in one.items():
                grown[s + t] = grown.get(s + t, 0) + p * q
        total = grown
    mass = mp.fsum(total.values())
    return {s: p / mass for s, p in total.items()}


@pytest.mark.parametrize("text", MODULI)
@settings(deadline=None, max_examples=15, derandomize=True)
@given(r=RADII, s=RADII)
def test_accepted_moduli_are_concave_nondecreasing_and_enclosed(text, r, s):
    omega = modulus_of(text)
    low, middle, high = (value(omega, ball(x)) for x in (min(r, s), (r + s) / 2, max(r, s)))
    assert not low > high
    assert not middle < (low + high) / 2
    assert abs(value(omega, ball(r)) - arb(mp.nstr(MODULI[text](mp.mpf(r.numerator) / r.denominator), 20))) < 1e-12
    assert value(omega, arb(0)) == 0


@pytest.mark.parametrize(
    "text",
    [
        *("r**2", "r + 1", "-r", "1 - r", "sin(r)", "r*r", "1/r", "exp(r)", "max(r, 1)", "log(r)", "log(2 + r)"),
        *("r**0", "min(r, log(1/2 + r))", "r - sqrt(r)", "tanh(sqrt(r)*r)", "abs(r)"),
    ],
)
def test_what_is_not_recognised_is_refused(text):
    with pytest.raises(ExpressionError, match="modulus: not recognised"):
        modulus_of(text)


@pytest.mark.parametrize("text", MODULI)
@pytest.mark.parametrize("eps", ["0.3", "1e-3", "sqrt(2)/100"])
def test_inverse_is_below_and_next_to_the_true_inverse(text, eps):
    omega, accuracy = modulus_of(text), real(eps, "eps")
    r = inverse(omega, accuracy, arb(1))
    assert value(omega, ball(r)) <= ball(accuracy)
    assert r >= 1 or value(omega, ball(r * (1 + Fraction(1, 10**9)))) > ball(accuracy)


def test_inverse_of_extremes():
    assert inverse(modulus_of("min(r, 1/10)"), Fraction(1, 2), arb(3)) == 3
    tiny = inverse(modulus_of("sqrt(r)"), Fraction(1, 10**300), arb(1))
    assert Fraction(99, 100) < tiny * 10**600 <= 1
    with pytest.raises(ValueError, match="exceeds eps down to"):
        inverse(modulus_of("r**(1/1000)"), Fraction(1, 10**10), arb(1))


@pytest.mark.parametrize("text", MODULI)
@pytest.mark.parametrize("N", [1, 3])
def test_a_design_from_a_modulus_meets_eps_by_brute_force(text, N):
    eps = Fraction(1, 7)
    d = design(Target(((Fraction(0), Fraction(1)),) * N, modulus=modulus_of(text)), eps, "sharp")
    kappa = mp.mpf(d.kappa.numerator) / d.kappa.denominator
    law, h = weights(kappa, N), mp.mpf(1) / d.P[0]
    mean = mp.fsum(p * mp.sqrt(mp.mpf(N) / 4 + s) for s, p in law.items())
    expected = mp.fsum(p * MODULI[text](h * mp.sqrt(mp.mpf(N) / 4 + s)) for s, p in law.items())
    bound = MODULI[text](h * mean)
    assert d.meets
    assert expected <= bound * (1 + mp.mpf(10) ** -12)
    assert bound <= mp.mpf(d.error_bound) * (1 + mp.mpf(10) ** -12)
    assert Fraction(d.error_bound) <= eps
    assert mp.mpf(d.error_bound) <= bound * (1 + mp.mpf(10) ** -8)
    assert d.norm == "modulus"
