"""Claims on which the prover answered wrongly once, each beside a true one that it must still decide."""

from __future__ import annotations

import pytest
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import parse_claim


def status(text: str, *where: str, seconds: float = 5) -> str:
    return prove_claim(parse_claim(text, where), seconds).status


SPIKE = "1 - 2*exp(-(10**6*(x - 0.7310585786))**2)"


@pytest.mark.parametrize(
    ("false", "true", "where"),
    [
        (f"min({SPIKE}, 10) >= 0", "min(x, 10) >= 0", ["x in [0, 1]"]),
        (f"0 <= -max(-10, -({SPIKE}))", "max(-x, -10) <= 0", ["x in [0, 1]"]),
        ("1 + 10**(-30)*(sqrt(log(2)) - sqrt(2)) == 1", "sqrt(log(2))**2 == log(2)", []),
        ("1 + 10**(-30)*(log(log(3)) - log(3)) == 1", "log(log(3)**2) == 2*log(log(3))", []),
        (
            "(x**2 - 2)**2 + sqrt(log(2)) - log(2)/sqrt(log(2)) > 0",
            "(x**2 - 2)**2 + sqrt(log(2)) - log(2)/sqrt(log(2)) >= 0",
            ["x real"],
        ),
        ("(1 - sin(x))*(1 + y) > 0", "(1.01 - sin(x))*(1 + y) > 0", ["x in [0, 3]", "y in [0, 1]"]),
    ],
)
def test_a_false_claim_is_not_proved_and_its_neighbour_is(false: str, true: str, where: list[str]) -> None:
    assert status(false, *where, seconds=1) != "proved"
    assert status(true, *where) == "proved"


def test_the_order_of_side_conditions_does_not_matter() -> None:
    box = ["x in [-3, 3]", "y in [-3, 3]"]
    for where in (["log(x*y) >= 0", "x*y > 0"], ["x*y > 0", "log(x*y) >= 0"]):
        assert status("x*y >= 1", *where, *box) == "proved"
    assert status("x*y >= 1", "log(x*y) >= 0", *box) == "error"
