"""Softmax concentration: the temperature suffices for every softmax, and no lower one does."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath as mp
import pytest
from attain.symbolic.exact import real
from attain.symbolic.theorems.softmax_concentration import Scores, design, necessary, problem
from hypothesis import given, settings
from hypothesis import strategies as st

LAW = settings(deadline=None, max_examples=40, derandomize=True)
ETAS = st.fractions(Fraction(1, 10**9), Fraction(999, 1000), max_denominator=10**9)
GAPS = st.fractions(Fraction(1, 1000), 1000, max_denominator=1000)


def number(x):
    return mp.mpf(x.numerator) / x.denominator


def tied(G, gap, R):
    """1 − p_top when all others tie at the gap, from the softmax itself."""
    rest = (G - 1) * mp.exp(-number(R) * number(gap))
    return rest / (1 + rest)


@LAW
@given(st.integers(2, 10**6), GAPS, ETAS)
def test_tied_scores_attain_the_sharp_bound(G, gap, eta):
    with mp.workdps(50):
        scores = Scores(G, gap)
        sharp, published = (design(scores, eta, bound) for bound in ("sharp", "published"))
        assert Fraction(sharp.error_bound) <= eta
        assert Fraction(published.error_bound) <= eta
        assert tied(G, gap, sharp.R) <= mp.mpf(sharp.error_bound) <= tied(G, gap, sharp.R) + mp.mpf(10) ** -9
        assert sharp.R <= published.R
        least = Fraction(necessary(scores, eta).R)
        assert least <= sharp.R
        if least > 0:
            assert sharp.R - least <= least / 10**8
            assert tied(G, gap, least * (1 - Fraction(1, 10**8))) > number(eta)
        else:
            assert sharp.R * 10**6 < 1


@LAW
@given(st.lists(st.fractions(1, 20, max_denominator=7), min_size=1, max_size=8), ETAS)
def test_no_softmax_with_the_gap_leaks_more(behind, eta):
    """Scores at least 1 below the top, at the temperature designed for the gap 1."""
    G = len(behind) + 1
    for bound in ("sharp", "published"):
        d = design(Scores(G, Fraction(1)), eta, bound)
        weights = [math.exp(-float(d.R * b)) for b in behind]
        assert sum(weights) / (1 + sum(weights)) <= float(d.error_bound) * (1 + 1e-12)


@pytest.mark.parametrize(
    ("G", "eta", "R"), [(2, "1/2", 0), (3, "2/3", 0), (5, "0.9", 0), (2, "1/3", math.log(2)), (3, "1/2", math.log(2))]
)
def test_where_the_odds_are_even(G, eta, R):
    d = design(Scores(G, Fraction(1)), Fraction(eta), "sharp")
    assert float(d.R) == pytest.approx(R, abs=1e-9)
    assert Fraction(d.error_bound) <= Fraction(eta)


def test_huge_and_irrational_inputs():
    scores = problem({"scores": "1" + 399 * "0", "gap": "pi/1000"})
    assert scores.G == 10**399
    d = design(scores, real("exp(-100)", "eps"), "sharp")
    with mp.workdps(40):
        exact = (mp.log(10**399 - 1) + mp.log(mp.expm1(100))) / (mp.pi / 1000)
        assert 0 <= number(d.R) - exact <= exact * mp.mpf(10) ** -9
    assert d.to_json()["cells"] == "1" + 399 * "0"


@pytest.mark.parametrize("eta", ["1", "3/2", "pi/3"])
def test_a_leak_is_a_probability(eta):
    with pytest.raises(ValueError, match="0 < eps < 1"):
        design(Scores(3, Fraction(1)), real(eta, "eps"), "sharp")


def test_bad_input():
    for text in ("1", "0", "-3", "2.5", "", "²", "9" * 500):
        with pytest.raises(ValueError, match=r"scores: .* G >= 2"):
            problem({"scores": text})
    with pytest.raises(ValueError, match="gap must be positive"):
        problem({"scores": "3", "gap": "0"})
    with pytest.raises(ValueError, match="unknown bound 'smooth'"):
        design(Scores(3, Fraction(1)), Fraction(1, 2), "smooth")
