"""Limits of formulas at the ends of intervals, as the checker of saved proofs finds them."""

from __future__ import annotations

import operator

import pytest
from attain.proofs.checker.claims.limits import end, limit, sign_of_limit
from attain.proofs.checker.claims.tree import ZERO, Tree, read
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

INFINITE = [
    ("x**2 - x", -1, 1),
    ("x**2 - x", 1, 1),
    ("x - x**3", -1, -1),
    ("1/x - 1/x**2", -1, 0),
    ("x*(1 - erf(x)) + exp(-x)", -1, 0),
    ("x**10*exp(-sqrt(x)) - 1", -1, -1),
    ("atan(x) - pi/2", -1, 0),
    ("x*(atan(x) - pi/2)", -1, None),  # the limit is -1, of which the orders say nothing
    ("sqrt(x)*(atan(x) - pi/2)", -1, 0),
    ("sqrt(x**2 + 1) - x", -1, None),
    ("log(x) - sqrt(x)", -1, -1),
    ("exp(x) - x**5", -1, 1),
    ("exp(x) - x**5", 1, 1),
    ("log(1 + exp(x)) - x", -1, None),
    ("softplus(x)", 1, 0),
    ("x*sigmoid(x)", 1, 0),
    ("tanh(x) + 1", 1, 0),
    ("sin(x)/x", -1, None),
    ("exp(x)*exp(-2*x)", -1, None),
    ("1/(1 + 1/x) - 1", -1, 0),
    ("log(1 - erf(x))", -1, None),
    ("log(exp(-x))", -1, -1),
]


@pytest.mark.parametrize(("text", "side", "sign"), INFINITE)
def test_limits_at_infinity(text: str, side: int, sign: int | None) -> None:
    found = limit(read(text, {"x": None}), "x", end(None, side))
    assert (None if found is None else sign_of_limit(found)) == sign


FINITE = [
    ("x*log(x)", 1, 0),
    ("log(x)", 1, -1),
    ("1/x", 1, 1),
    ("1/x", -1, -1),
    ("1/x**2", -1, 1),
    ("x**(1/3)*log(x)**5", 1, 0),
    ("exp(-1/x)/x", 1, 0),
    ("exp(1/x)*x", 1, 1),
    ("log(x) + 1/x", 1, 1),
    ("sin(x)*log(x)", 1, 0),
    ("1/sin(x)", 1, None),
]


@pytest.mark.parametrize(("text", "side", "sign"), FINITE)
def test_limits_at_an_end_where_a_formula_is_undefined(text: str, side: int, sign: int | None) -> None:
    found = limit(read(text, {"x": None}), "x", end(ZERO, side))
    assert (None if found is None else sign_of_limit(found)) == sign


PARTS = st.sampled_from(
    ["x", "1/x", "exp(-x)", "exp(x)", "log(x)", "sqrt(x)", "atan(x)", "erf(x)", "2", "1/(1+x)", "-3"]
)
HEADS = st.sampled_from(["{} + {}", "{} - {}", "({})*({})", "({})/({})", "atan({}) + {}", "exp({}) - {}", "abs({})*{}"])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(HEADS, min_size=1, max_size=3), st.lists(PARTS, min_size=4, max_size=4))
def test_limits_agree_with_values_far_out(heads: list[str], leaves: list[str]) -> None:
    """At two places far out the formula is not of the other sign, and not large where the limit is 0."""
    text = leaves[0]
    for head, leaf in zip(heads, leaves[1:], strict=False):
        text = head.format(f"({text})", leaf)
    found = limit(read(text, {"x": None}), "x", end(None, -1))
    sign = None if found is None else sign_of_limit(found)
    if sign is None:
        return
    with ctx.workprec(2000):
        for far in (10**4, 10**8):
            value = value_at(read(text, {"x": None}), arb(far))
            assert not (value * sign < 0 if sign else abs(value) > 0.5)


def value_at(tree: Tree, x: arb) -> arb:
    if tree[0] == "number":
        return arb(tree[1].numerator) / tree[1].denominator
    if tree[0] == "variable":
        return x
    first, *rest = (value_at(part, x) for part in tree[1:])
    arithmetic = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
    if rest:
        return arithmetic[tree[0]](first, *rest)
    return -first if tree[0] == "neg" else abs(first) if tree[0] == "abs" else getattr(first, tree[0])()
