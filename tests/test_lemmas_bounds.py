"""The lemmas behind the error bounds: what they may not prove, and that the calculator computes what they state."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from attain.proofs.claim import All, ge, integer, le, real
from attain.proofs.derived import assumed
from attain.proofs.kernel import assume, classical, combine, specialise, termwise
from attain.proofs.lemmas import _averages, _tails, axis_tail, mean_excess, truncated_bias
from attain.proofs.terms import ProofError
from attain.proofs.values import ball, evaluate
from attain.symbolic import lattice
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

a, b, c = (real(name) for name in "abc")
m, n, i = (integer(name) for name in "mni")
SETTINGS = settings(deadline=None, max_examples=40, derandomize=True)


def test_archimedean_passes_to_the_limit() -> None:
    assert classical("archimedean", a, b, c, m, given=[assume(All(m, 1, None, le(a, b + c / m)))]).conclusion == le(
        a, b
    )


@pytest.mark.parametrize(
    "held",
    [
        All(m, 1, None, le(a, b + 1 + c / m)),
        All(m, 1, None, le(a, b + c)),
        All(m, 2, 9, le(a, b + c / m)),
        All(m, 1, 9, le(a, b + c / m)),
        le(a, b + c / 7),
    ],
)
def test_archimedean_refuses_what_is_not_a_limit(held: object) -> None:
    with pytest.raises(ProofError):
        classical("archimedean", a, b, c, m, given=[assume(held)])  # type: ignore[arg-type]


@pytest.mark.parametrize("terms", [(m, b, c), (a, m, c), (a, b, m), (a, b, 2 * m)])
def test_archimedean_refuses_terms_that_contain_its_index(terms: tuple[sp.Expr, ...]) -> None:
    held = assume(All(m, 1, None, le(terms[0], terms[1] + terms[2] / m)))
    with pytest.raises(ProofError):
        classical("archimedean", *terms, m, given=[held])


def test_archimedean_needs_the_statement_for_all_indices_not_for_a_free_one() -> None:
    free = combine(le(a, b + c / m), [(1, assume(le(a, b + c / m), [assume(ge(m, 1))]))])
    with pytest.raises(ProofError):
        classical("archimedean", a, b, c, m, given=[free])


def test_roots_are_taken_of_nonnegative_bounds_only() -> None:
    square, sign = assumed(le(a**2, b**2), ge(b, 0))
    fact = _averages.below(a, square, sign)
    assert set(fact.hypotheses) == {le(a**2, b**2), ge(b, 0)}
    (loose,) = assumed(ge(b, -1))
    assert ge(b, 0) in _averages.below(a, square, loose).hypotheses


FRACTIONS = st.fractions(min_value=Fraction(1, 20), max_value=Fraction(30), max_denominator=50)


@SETTINGS
@given(FRACTIONS, st.integers(0, 6))
def test_the_calculator_s_padded_bias_is_the_lemma_s_bound(kappa: Fraction, pad: int) -> None:
    with ctx.workprec(120):
        heat = ball(kappa)
        values = {
            _tails.kappa: kappa,
            truncated_bias.w: Fraction(pad),
            truncated_bias.mu: lattice.mu1(heat),
            truncated_bias.theta: lattice.theta_half(heat),
        }
        bound = truncated_bias.LEMMA.claim().parts[0].conclusion.rhs
        stated, computed = ball(evaluate(bound, values)), lattice.truncated_bias(heat, pad)
        assert stated.overlaps(computed)
        assert abs(stated - computed) < arb(10) ** -20


@SETTINGS
@given(FRACTIONS, st.integers(1, 60))
def test_the_calculator_s_maximum_norm_constant_is_the_lemma_s(kappa: Fraction, dimension: int) -> None:
    with ctx.workprec(120):
        heat = ball(kappa)
        values = {
            mean_excess.kappa: kappa,
            mean_excess.c: 2 / (1 - (-heat).exp()),
            mean_excess.N: Fraction(dimension),
        }
        excess = evaluate(mean_excess.primitive(1 + mean_excess.c) / mean_excess.kappa, values)
        stated = (ball(Fraction(1, 2)) + ball(excess)).min(dimension * lattice.m1(heat))
        computed = lattice.linf_constant(heat, dimension)
        assert stated.overlaps(computed)
        assert abs(stated - computed) < arb(10) ** -20


@SETTINGS
@given(FRACTIONS, st.integers(0, 4), st.integers(1, 6), st.fractions(0, 1, max_denominator=40))
def test_padded_bias_on_random_grids(kappa: Fraction, pad: int, size: int, part: Fraction) -> None:
    u = part * size - Fraction(1, 2)
    with ctx.workprec(120):
        weights = {k: ball(-kappa * (k - u) ** 2 / 2).exp() for k in range(-pad, size + pad)}
        bias = sum((ball(k - u) * w for k, w in weights.items()), arb(0)) / sum(weights.values(), arb(0))
        assert not abs(bias) > lattice.truncated_bias(ball(kappa), pad)


@SETTINGS
@given(FRACTIONS, st.integers(1, 8), st.fractions(0, 1, max_denominator=40), st.fractions(0, 3, max_denominator=20))
def test_axis_tail_on_random_grids(kappa: Fraction, size: int, part: Fraction, delta: Fraction) -> None:
    u = part * size - Fraction(1, 2)
    weights = {k: ball(-kappa * (k - u) ** 2 / 2).exp() for k in range(size)}
    far = [w for k, w in weights.items() if abs(k - u) >= Fraction(1, 2) + delta and (delta > 0 or abs(k - u) > 1)]
    bound = evaluate(axis_tail.LAMBDA / (1 + axis_tail.LAMBDA), {_tails.kappa: kappa, axis_tail.delta: delta})
    assert not sum(far, arb(0)) / sum(weights.values(), arb(0)) > ball(bound)


def test_a_quantified_fact_over_a_free_index_cannot_be_forged() -> None:
    late = assume(ge(m, 1))
    once = assume(le(a, b + 1 / m), [late])
    with pytest.raises(ProofError):
        termwise(once, m, 1, None, quantify=True)
    everywhere_ = assume(All(m, 1, None, le(a, b + 1 / m)))
    assert specialise(everywhere_, m, given=[late]).conclusion == le(a, b + 1 / m)
