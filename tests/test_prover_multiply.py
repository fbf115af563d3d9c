"""Products and powers by FLINT against sums over all pairs of terms, and the normal forms that rest on them."""

from __future__ import annotations

import time
from fractions import Fraction

from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.multiply import Mono, Poly, multiply, power
from attain.proofs.prover.normal import add_poly, join
from hypothesis import given, settings
from hypothesis import strategies as st

exponents = st.fractions(-3, 3, max_denominator=3)
monomials = st.dictionaries(st.integers(0, 3), exponents.filter(bool), max_size=3).map(
    lambda d: tuple(sorted(d.items()))
)
polys = st.dictionaries(monomials, st.fractions(-4, 4, max_denominator=5).filter(bool), max_size=5)


def slowly(a: Poly, b: Poly) -> Poly:
    total: Poly = {}
    for m, c in a.items():
        for n, d in b.items():
            mono: Mono = join(m, n)
            total = add_poly(total, {mono: c * d})
    return total


@given(a=polys, b=polys)
@settings(deadline=None, derandomize=True, max_examples=60)
def test_a_product_is_the_sum_over_pairs_of_terms(a: Poly, b: Poly) -> None:
    assert multiply(a, b) == slowly(a, b)


@given(a=polys, k=st.integers(0, 4))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_a_power_is_a_repeated_product(a: Poly, k: int) -> None:
    expected: Poly = {(): Fraction(1)}
    for _ in range(k):
        expected = slowly(expected, a)
    assert power(a, k, 10_000) == expected


def test_a_power_with_too_many_terms_is_not_multiplied_out() -> None:
    x, y, z, one = ((0, Fraction(1)),), ((1, Fraction(1)),), ((2, Fraction(1)),), Fraction(1)
    assert power({x: one, y: one, z: one}, 200, 1200) is None
    line = power({x: one, (): one}, 200, 1200)
    assert line is not None
    assert len(line) == 201


def test_large_powers_and_numbers_cost_little() -> None:
    start = time.process_time()
    assert prove_claim(parse_claim("(x + y + z)**200 >= 0"), 5).status == "proved"
    assert prove_claim(parse_claim("(x + y + z)**200 > 0"), 5).status == "refuted"
    assert prove_claim(parse_claim("sin(10**300)**2 + cos(10**300)**2 == 1"), 5).status == "proved"
    assert prove_claim(parse_claim("sin(10**300)**2 + cos(10**300)**2 == 1 + 10**(-9)"), 5).status == "refuted"
    assert time.process_time() - start < 10
