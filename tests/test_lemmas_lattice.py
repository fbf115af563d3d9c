"""The lemmas on lattice sums: proved, attacked, and about the same numbers as the calculator's constants."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
import sympy as sp
from attain.proofs import ledger
from attain.proofs.claim import All, function, ge, integer, le, real
from attain.proofs.derived import assumed
from attain.proofs.kernel import assume, classical, combine, identity, prove, termwise
from attain.proofs.lemmas import _corner, _lattice, finite_grid, finite_grid_ratio, lattice_moments_at_half
from attain.proofs.lemmas._lattice import kappa
from attain.proofs.lemmas._square import nu
from attain.proofs.lemmas._square import square as double_sum
from attain.proofs.lemmas.one_sided_grid import mass, second
from attain.proofs.terms import ProofError
from attain.proofs.values import ball, evaluate, holds
from attain.symbolic import lattice
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

LATTICE = (
    "corner-lemma",
    "finite-grid",
    "finite-grid-ratio",
    "lattice-moments-at-half",
    "m1-below-root",
    "m1-bound",
    "m2-bound",
    "m2-rate",
    "one-sided-grid",
    "theta-decreases",
)
HALF = sp.Rational(1, 2)
SETTINGS = settings(deadline=None, max_examples=25, derandomize=True)
i, m, n, p, q = (integer(name) for name in ("i", "m", "n", "p", "q"))
a, x = function("a"), real("x")


def test_all_lattice_lemmas_are_found() -> None:
    assert {lemma.slug for lemma in ledger.select("lattice")} == set(LATTICE)


@pytest.mark.parametrize("heat", [Fraction(1, 2), Fraction(2), Fraction(9, 2)])
def test_the_one_sided_means_increase_to_the_constants(heat: Fraction) -> None:
    with ctx.workprec(120):
        values, squares, means = {kappa: heat}, [], []
        for last in range(30):
            masses = ball(evaluate(mass(HALF, sp.Integer(last)), values))
            squares.append(ball(evaluate(second(HALF, sp.Integer(last)), values)) / masses)
            first = lattice_moments_at_half.half_moment(HALF, sp.Integer(last))
            means.append(ball(evaluate(first, values)) / masses)
        for found, constant in ((squares, lattice.m2(heat)), (means, lattice.m1(heat))):
            assert all(not later < earlier for earlier, later in itertools.pairwise(found))
            assert abs(found[-1] - constant) < ball(1) / 10**25


def test_the_corner_is_the_constant_of_the_l2_bound() -> None:
    (lemma,) = ledger.select("corner-lemma")
    example = next(e for e in lemma.examples(1) if "nu=3" in e.words and ", 5/2" in e.words)
    body = _corner.CORNER
    with ctx.workprec(100):
        length = evaluate(body.mass(kappa, sp.sqrt(body.squares(_corner.N, _corner.j))), example.values)
        mean = ball(length) / ball(evaluate(body.mass(kappa), example.values))
        assert abs(mean - lattice.m1N(example.values[kappa], 2)) < ball(1) / 10**12


def test_limit_hypotheses_can_be_met() -> None:
    """M just above m2 and m1, and a ratio just below the lattice's, satisfy the first 60 instances of each cap."""
    n_, upward = _lattice.n, 1 + Fraction(1, 10**12)
    for cap, variable, value in (
        (finite_grid.CAP, finite_grid.M, lattice.m2(2)),
        (lattice_moments_at_half.CAP, lattice_moments_at_half.M, lattice.m1(2)),
    ):
        for last in range(60):
            assert holds(cap.body, {kappa: Fraction(2), n_: Fraction(last), variable: value * ball(upward)})
    ratio = lattice.theta_half(3) / lattice.theta_half(2) / ball(upward)
    table = {kappa: Fraction(2), finite_grid_ratio.colder: Fraction(3), finite_grid_ratio.ratio: ratio}
    for last in range(60):
        assert holds(finite_grid_ratio.CAP.body, {**table, n_: Fraction(last)})


@SETTINGS
@given(st.fractions(Fraction(1, 10), 20, max_denominator=20), st.integers(1, 9), st.fractions(0, 1, max_denominator=12))
def test_no_finite_grid_exceeds_m2(heat: Fraction, points: int, share: Fraction) -> None:
    place = share * points - Fraction(1, 2)
    distances = [b - place for b in range(points)]
    weights = [ball(-heat * d * d / 2).exp() for d in distances]
    moment = sum((w * ball(d * d) for w, d in zip(weights, distances, strict=True)), arb(0)) / sum(weights, arb(0))
    assert not moment > lattice.m2(heat)


def _theta(place: sp.Expr, *, drop: bool = False) -> object:
    heat = real("h")
    hypotheses = assumed(ge(heat, 1), ge(n, 0))
    ahead, behind = ((m + s * place) * sp.exp(-heat * (m + s * place) ** 2 / 2) for s in (1, -1))
    turned = assume(All(m, n + 1, None, le(ahead, behind)))
    facts = [*hypotheses, combine(ge(heat / 2, 0), [(HALF, hypotheses[0])], rest=HALF)]
    return classical("theta decreases", heat, place, n, m, given=facts if drop else [*facts, turned])


def test_theta_decreases_asks_for_its_hypotheses() -> None:
    assert _theta(sp.Rational(1, 3))
    with pytest.raises(ProofError, match="has not been shown"):
        _theta(sp.Rational(2, 3))
    with pytest.raises(ProofError, match="has not been shown"):
        _theta(sp.Rational(-1, 3))
    with pytest.raises(ProofError, match="has not been shown"):
        _theta(sp.Rational(1, 3), drop=True)
    with pytest.raises(ProofError, match="occurs in none"):
        classical("theta decreases", kappa, x, m, m)


def _bernstein(first: sp.Expr, second_: sp.Expr, power: sp.Expr = HALF) -> object:
    """Bernstein at one point each: exp(-s y) <= exp(-s x) for all s > 0 is assumed."""
    one, zero = sp.Integer(1), sp.Integer(0)
    data = [sp.Tuple(one, term, zero, zero) for term in (first, second_)]
    sums = [sp.Sum(sp.exp(-p / q * term), (i, 0, 0)) for term in (second_, first)]
    laplace = assume(All(p, 1, None, All(q, 1, None, le(*sums))))
    totals = identity(sp.Sum(one, (i, 0, 0)), sp.Sum(one, (i, 0, 0)))
    signs = [
        termwise(assume(ge(term, 0)), i, 0, 0, quantify=True)
        if term.free_symbols
        else termwise(combine(ge(term, 0)), i, 0, 0, quantify=True)
        for term in (first, second_)
    ]
    return classical("Bernstein powers", power, p, q, i, *data, given=[laplace, totals, *signs])


def test_bernstein_asks_for_its_hypotheses() -> None:
    y = real("y")
    fact = _bernstein(x, y)
    assert fact.conclusion == le(sp.Sum(sp.sqrt(x), (i, 0, 0)), sp.Sum(sp.sqrt(y), (i, 0, 0)))
    for power in (sp.Integer(1), sp.Integer(2), sp.Rational(-1, 2), real("r")):
        with pytest.raises(ProofError, match="between 0 and 1"):
            _bernstein(x, y, power)
    one, zero = sp.Integer(1), sp.Integer(0)
    data = sp.Tuple(one, x, zero, zero)
    with pytest.raises(ProofError, match="has not been shown"):
        classical("Bernstein powers", HALF, p, q, i, data, sp.Tuple(one, y, zero, zero))
    with pytest.raises(ProofError, match="three integer symbols"):
        classical("Bernstein powers", HALF, p, p, i, data, data)
    with pytest.raises(ProofError, match="must not occur"):
        classical("Bernstein powers", HALF, p, q, i, data, sp.Tuple(one, p * y, zero, zero))
    with pytest.raises(ProofError, match="must not occur"):
        classical("Bernstein powers", HALF, p, q, i, data, sp.Tuple(one, y, zero, i))


def test_the_double_sum_needs_both_halves() -> None:
    fact = double_sum()
    assert len(fact.hypotheses) == 4
    (lemma,) = ledger.select("one-sided-grid")
    broken = prove(lemma.claim(), lambda statement: (fact,))
    assert broken.status == "undecided"


@SETTINGS
@given(st.lists(st.integers(-3, 3), min_size=8, max_size=8), st.integers(0, 1))
def test_the_double_sum_agrees_with_brute_force(row: list[int], size: int) -> None:
    """The abstract lemma at integer sequences: whenever its hypotheses hold, so does its conclusion."""
    from attain.proofs.lemmas._reindex import h
    from attain.proofs.lemmas._square import a as outer

    fact = double_sum()
    values = {
        nu: Fraction(size),
        outer: lambda k: Fraction(abs(row[k % 4])),
        h: lambda k: Fraction(row[4 + abs(k) % 4] * (-1 if k < 0 else 1)),
    }
    if all(holds(hypothesis, values) for hypothesis in fact.hypotheses):
        assert holds(fact.conclusion, values)
