"""Bounds of log gamma: they hold, they decide claims about factorials and binomials, and forged uses are rejected."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from attain.proofs.checker.claims import stirling as checked
from attain.proofs.checker.claims.evaluate import evaluate, operations
from attain.proofs.checker.claims.tree import number
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.normal import Normaliser
from attain.proofs.prover.problem import constant_range
from attain.proofs.prover.stirling import ORDERS, bound
from attain.symbolic.tree import number as constant
from flint import arb, ctx, fmpq
from rechecking import Data, answers, saved


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("x", [Fraction(1, 10), Fraction(1, 2), Fraction(1), Fraction(7, 3), Fraction(40)])
def test_bounds_enclose_log_gamma(x: Fraction, order: int) -> None:
    with ctx.workprec(256):
        value = arb(fmpq(x.numerator, x.denominator)).lgamma()
        low, high = (constant_range(bound(constant(x), order, side)) for side in (1, -1))
        assert low.hi < value < high.lo
        ends = [evaluate(operations(checked.bound(number(x), 2 * order + k)), {}).value for k in (0, 1)]
        assert ends[0].hi < value < ends[1].lo
        assert abs(ends[0].lo - low.lo) < 1e-60
        assert abs(ends[1].lo - high.lo) < 1e-60


CLAIMS = [
    ("gamma(n+1) >= sqrt(2*pi*n)*(n/e)**n", ["n >= 1 integer"], "proved"),
    ("gamma(n+1) > sqrt(2*pi*n)*(n/e)**n", ["n >= 1 integer"], "proved"),
    ("gamma(n+1) >= sqrt(2*pi*n)*(n/e)**n*exp(1/(13*n))", ["n >= 1 integer"], "proved"),
    ("gamma(n+1) >= sqrt(2*pi*n)*(n/e)**n*exp(1/(12*n))", ["n >= 1 integer"], "refuted"),
    ("gamma(n+1) <= sqrt(2*pi*n)*(n/e)**n*exp(1/(12*n))", ["n >= 1 integer"], "proved"),
    ("gamma(n+1) <= ((n+1)/2)**n", ["n >= 1 integer"], "proved"),
    ("gamma(n+1) >= 10**n", ["n >= 24 integer"], "refuted"),
    ("gamma(n+1) >= 10**n", ["n >= 25 integer"], "proved"),
    ("gamma(2*n+1)/gamma(n+1)**2 <= 4**n/sqrt(pi*n)", ["n >= 1 integer"], "proved"),
    ("loggamma(x) <= (x-1/2)*log(x) - x + log(2*pi)/2 + 1/(12*x)", ["x > 0"], "proved"),
    ("loggamma(x) <= (x-1/2)*log(x) - x + log(2*pi)/2 + 1/(12.01*x)", ["x > 0"], "refuted"),
    ("gamma(n+1)/(2*gamma(n-1)) == n*(n-1)/2", ["n >= 2 integer"], "proved"),
]


@pytest.mark.parametrize(("text", "where", "wanted"), CLAIMS)
def test_factorials(text: str, where: list[str], wanted: str) -> None:
    assert prove_claim(parse_claim(text, where), 5).status == wanted


def test_gamma_is_the_exponential_of_its_logarithm() -> None:
    for text in ("log(gamma(x)) == loggamma(x)", "gamma(x-2)*(x-1)*(x-2) == gamma(x)", "gamma(x + 1) == x*gamma(x)"):
        assert not Normaliser({"x": 1}).form(parse_claim(text).goals[0].gap).top


LOWER = ("loggamma(x) >= (x-1/2)*log(x) - x + log(2*pi)/2", "x > 0")
FALSE = "(x-1/2)*log(x) - x + log(2*pi)/2"


@pytest.mark.parametrize(
    ("claim", "change"),
    [
        (f"loggamma(x) <= {FALSE}", {}),
        (f"loggamma(x) <= {FALSE}", {"atoms": [["x", 1]]}),
        (f"loggamma(x) >= {FALSE} + 1/(12*x)", {"atoms": [["x", -1]]}),
        (f"loggamma(x) >= {FALSE} + 1/(12*x)", {"order": 0.5}),
        (f"loggamma(x) >= {FALSE} + 1/(12*x)", {"atoms": []}),
        (f"loggamma(x) - {FALSE} == 0", {}),
        (f"-loggamma(x)**2 <= -({FALSE})**2", {}),
    ],
)
def test_forged_bounds_are_rejected(claim: str, change: Data) -> None:
    honest = saved(*LOWER)
    assert answers(honest) == {"proved"}
    a, op, b = re.split(" (<=|>=|==) ", claim)
    said = f"({a}) - ({b})" if op == ">=" else f"({b}) - ({a})"
    candidate = {"formula": said, "how": "same", "times": [], "inner": []}
    step = honest["goals"][0] | {"said": said, "op": "==" if op == "==" else ">=", "candidate": candidate}
    assert "refuted" in answers({**honest, "claim": claim, "goals": [step | change]})
