"""Signs of formulas on a domain, as the checker of saved proofs finds them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from attain.proofs.checker.claims.factors import cancelled, factors
from attain.proofs.checker.claims.points import at_point
from attain.proofs.checker.claims.reading import Goal, Problem, read_claim
from attain.proofs.checker.claims.signs import Sign, shown
from attain.proofs.checker.claims.steps import Checker
from attain.proofs.checker.claims.tree import make, read
from hypothesis import given, settings
from hypothesis import strategies as st


def sign(text: str, where: list[str]) -> Sign | None:
    claim = read_claim(f"{text} >= 0", where)
    problem = Problem(claim.domains, claim.conditions, claim.goals[0])
    return shown(read(text, claim.domains), Checker(lambda: None, {}).normal(problem), problem)


UNIT, HALF = ["x in [0, 1]"], ["x in (0, 1)"]
TURN = ["x in (0, pi/2)"]
SIGNS = [
    ("1 + 4*x + 6*x**2 + 4*x**3 + x**4", ["x in (-1, 0)"], (1, True)),
    ("1 + 4*x + 6*x**2 + 4*x**3 + x**4", ["x in (-2, 0)"], (1, False)),
    ("1 - x", UNIT, (1, False)),
    ("1 - x", HALF, (1, True)),
    ("x**2 - x + 1", UNIT, (1, True)),
    ("x**2 - x + 1/4", UNIT, (1, False)),
    ("x**2 - x + 6/25", UNIT, None),
    ("exp(x) - 3/2", UNIT, None),  # a polynomial in exp(x), whose values are not those of x
    ("exp(2*x) - 4*exp(x) + 15/4", UNIT, None),
    ("1 - G + G*t - t", ["G >= 2", "t in (0, 1)"], (-1, True)),
    ("1 - G + G*t - t", ["G >= 1", "t in (0, 1)"], (-1, False)),
    ("1 - G + G*t - t", ["G >= 0", "t in (0, 1)"], None),
    ("(x - y)*(x - 1)", ["x > y", "x < 1"], (-1, True)),
    ("(x - y)*(x - 1)", ["x >= y", "x < 1"], (-1, False)),
    ("(x - y)**2*(x - 1)", ["x < 1", "y real"], (-1, False)),
    ("(x - y)/(1 - x)", ["x > y", "x < 1"], (1, True)),
    ("cos(x)", TURN, (1, True)),
    ("cos(x)", ["x in (0, pi/2]"], (1, False)),
    ("cos(x)", ["x in (0, 2)"], None),
    ("cos(2*x - pi/2)", TURN, (1, True)),
    ("sin(2*x)", TURN, (1, True)),
    ("sin(pi/2 - x)", TURN, (1, True)),
    ("sin(3*x)", TURN, None),
    ("sin(x**2)", TURN, None),
]


@pytest.mark.parametrize(("text", "where", "expected"), SIGNS)
def test_signs(text: str, where: list[str], expected: tuple[int, bool] | None) -> None:
    assert sign(text, where) == (None if expected is None else Sign(*expected))


FACTORS = st.sampled_from(["x", "y", "x - y", "1 - x", "y - 2", "x + y - 1", "x**2 - y", "1 + x*y", "x - 1/2"])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(FACTORS, min_size=1, max_size=3), st.integers(1, 3))
def test_a_sign_holds_at_all_samples(chosen: list[str], k: int) -> None:
    text = "*".join(f"({f})" for f in chosen) + f"*({chosen[0]})**{k}"
    where = ["x in [0, 1)", "y in (1/2, 2]", "x < y"]
    found = sign(text, where)
    if found is None:
        return
    tree = read(text, {"x": None, "y": None})
    goal = Goal(tree if found.side == 1 else make("neg", tree), ">" if found.strict else ">=")
    for a in range(8):
        for b in range(5, 17):
            x, y = Fraction(a, 8), Fraction(b, 8)
            assert x >= y or at_point(goal, {"x": x, "y": y}) is True


def test_factors_multiply_to_the_polynomial_and_divisors_cancel() -> None:
    one, x, y = Fraction(1), (0, Fraction(1, 2)), (1, Fraction(1))
    top = {((0, Fraction(1)), y): one, (y,): -one}  # (u**2 - 1)·y with u the root of x
    bottom = {(x,): 3 * one, (): -3 * one}
    assert sum(times for _, times in factors(top)) == 3  # 1, y, x - 1
    assert cancelled(top, bottom) == ({(x, y): one, (y,): one}, {(): 3 * one})
    assert cancelled(bottom, bottom) == ({(): 3 * one}, {(): 3 * one})
    assert cancelled({(x,): one, (): one}, bottom) == ({(x,): one, (): one}, bottom)
