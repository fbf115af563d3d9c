"""Integer variables: what follows only at integers, beside near misses; forged proofs of that kind."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from attain.proofs.checker.claims.integers import follows
from attain.proofs.checker.claims.reading import Problem, read_claim
from attain.proofs.checker.claims.rules import RULES
from attain.proofs.checker.claims.steps import Checker
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import parse_claim
from rechecking import Data, answers, saved

CLAIMS = [
    ("m >= n + 1", ["m integer", "n integer", "m > n"], "proved"),
    ("m >= n + 1", ["m integer", "n integer", "m >= n"], "refuted"),
    ("m >= n + 1", ["m integer", "n real", "m > n"], "refuted"),
    ("3*m - 2*n >= 1", ["m integer", "n integer", "3*m - 2*n > 1/3"], "proved"),
    ("3*m - 2*n >= 2", ["m integer", "n integer", "3*m - 2*n > 1/3"], "refuted"),
    ("4*m - 2*n >= 2", ["m integer", "n integer", "4*m - 2*n > 1/3"], "proved"),
    ("n <= 3", ["n integer", "n < 7/2"], "proved"),
    ("n <= 3", ["n integer", "n <= 4"], "refuted"),
    ("m**2 - n**2 >= 3", ["m integer", "n >= 1 integer", "m > n"], "proved"),
    ("m**2 - n**2 >= 4", ["m integer", "n >= 1 integer", "m > n"], "refuted"),
    ("(n - 1/3)*(n - 2/3) > 0", ["n integer"], "proved"),
    ("abs(m/n - 1) >= 1/n", ["m >= 1 integer", "n >= 1 integer", "m > n"], "proved"),
    ("ceil(n/h)*h <= n + h - 1", ["n >= 1 integer", "h >= 1 integer"], "proved"),
    ("ceil(n/h)*h <= n + h - 2", ["n >= 1 integer", "h >= 1 integer"], "refuted"),
    ("floor(n/2) + ceil(n/2) == n", ["n integer"], "proved"),
    ("floor(n/2) + floor((n+1)/2) == n", ["n real"], "refuted"),
    ("floor(n*(n+1)/2) == n*(n+1)/2", ["n integer"], "proved"),
    ("floor(n/3) + 2*abs(n - 1) <= 2", ["n in [0, 1] integer"], "proved"),
    ("floor(n*(n+1)/4) == n*(n+1)/4", ["n integer"], "refuted"),
    ("floor(x + n + 5/2) == floor(x + 1/2) + n + 2", ["n integer", "x real"], "proved"),
    ("sin(pi*n) == 0", ["n integer"], "proved"),
    ("sin(pi*n) == 0", ["n real"], "refuted"),
    ("cos(pi*n) == 1", ["n integer"], "refuted"),
    ("cos(pi*n**3)*cos(3*pi*n) == 1", ["n integer"], "proved"),
    ("cos(pi*m*n) == cos(pi*m)*cos(pi*n)", ["m integer", "n integer"], "refuted"),
    ("abs(n*sqrt(2) - m) >= 1/(4*n)", ["n in [1, 20] integer", "m in [1, 30] integer"], "proved"),
    ("abs(n*sqrt(2) - m) >= 1/(2.82*n)", ["n in [1, 20] integer", "m in [1, 30] integer"], "refuted"),
]


@pytest.mark.parametrize(("text", "where", "wanted"), CLAIMS)
def test_integers_are_not_real_numbers(text: str, where: list[str], wanted: str) -> None:
    assert prove_claim(parse_claim(text, where), 5).status == wanted


@pytest.mark.parametrize("text_where", [(c[0], *c[1]) for c in CLAIMS if c[2] == "proved" and "sqrt" not in c[0]])
def test_proofs_about_integers_are_re_checked(text_where: tuple[str, ...]) -> None:
    assert answers(saved(*text_where)) == {"proved"}


def goals(rule: str, key: str, value: object) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        step = data["goals"][0]
        while step["rule"] != rule:
            step = step["parts"][0]
        assert step[key] != value
        step[key] = value

    return change


HONEST = ("m >= n + 1", "m integer", "n <= 7/2 integer", "m > n")
PARITY = ("floor(n/2) >= (n-1)/2", "n integer")


@pytest.mark.parametrize(
    ("claim", "change"),
    [
        (HONEST, goals("tightened", "goals", [["m - n + 1", ">"]])),
        (HONEST, goals("tightened", "goals", [["m - n", ">="]])),
        (HONEST, goals("tightened", "goals", [["n - m + 2", ">"]])),
        (HONEST, goals("tightened", "goals", [["1", ">"]])),
        (HONEST, goals("tightened", "conditions", [["m - n - 2", ">="]])),
        (HONEST, goals("tightened", "conditions", [])),
        (HONEST, goals("tightened", "conditions", [["m - n - 1", ">="], ["m - 5", ">="]])),
        (HONEST, goals("tightened", "domains", {"n": [None, "2"]})),
        (HONEST, goals("tightened", "domains", {"n": ["0", "3"]})),
        (HONEST, goals("tightened", "domains", {"n": [None, "4"]})),
        (PARITY, goals("residues", "modulus", 1)),
        (PARITY, goals("residues", "modulus", 3)),
        (PARITY, goals("residues", "parts", [])),
    ],
)
def test_forged_steps_are_rejected(claim: tuple[str, ...], change: Callable[[Data], None]) -> None:
    data = saved(*claim)
    assert answers(data) == {"proved"}
    forged = copy.deepcopy(data)
    change(forged)
    assert "refuted" in answers(forged)


@pytest.mark.parametrize("domain", ["m real", "m integer"])
def test_a_proof_for_integers_is_none_for_reals(domain: str) -> None:
    data = saved("m >= n + 1", "m integer", "n integer", "m > n") | {"where": [domain, "n integer", "m > n"]}
    assert (answers(data) == {"proved"}) == (domain == "m integer")


@pytest.mark.parametrize(
    ("one", "other", "good"),
    [
        ("2*n > 1", "n >= 1", True),
        ("2*n > 2", "n >= 2", True),
        ("2*n >= 2", "n >= 2", False),
        ("2*n > 1", "n > 1", False),
        ("2*n > 1", "-n <= -1", True),
        ("2*n > 1", "-n >= -1", False),
        ("6*n + 4*m > 1", "3*n + 2*m >= 1", True),
        ("6*n + 4*m > 1", "3*n/2 + m >= 1", False),
        ("6*n + 4*m > 1", "3*n/2 + m >= 1/2", True),
        ("n + x > 0", "n + x >= 1", False),
        ("n/m > 0", "n/m >= 1", False),
        ("n*m > 0", "n*m >= 1", True),
        ("floor(x) > 1/2", "floor(x) >= 1", True),
        ("n > 0", "m >= 1", False),
        ("n == 1", "n >= 1", False),
    ],
)
def test_relations_that_follow_at_integers(one: str, other: str, good: bool) -> None:
    where = ["n integer", "m >= 1 integer", "x real", "n + m + x >= 0"]
    claims = [read_claim(text, where) for text in (one, other)]
    problem = Problem(claims[0].domains, claims[0].conditions, claims[0].goals[0])
    checker = Checker(lambda: None, RULES)
    assert follows(checker, claims[0].goals[0], claims[1].goals[0], problem) is good
