"""Forged proofs of false claims, made by machine: none is confirmed, whatever is changed, and none ends in a crash."""

from __future__ import annotations

import copy
import random

import pytest
from attain.proofs.prover.language import parse_claim
from fuzz_checker import Honest, Wrong, answer, fails, falsified, prove, run, steps, turned, where

CLAIMS = [
    ("x*exp(-x) <= 1/e", ["x >= 0"]),
    ("log(1 + x) <= x", ["x > -1"]),
    ("log(1 + x)/(2 + x) <= sqrt(1 + x)", ["x >= 0"]),
    ("x**2 + y**2 >= 2*x*y", []),
    ("abs(x) + abs(x - 1) >= 1", []),
    ("sin(x)*cos(y) <= 1.01", ["x, y in [0, 1]"]),
    ("a*t + b*(1-t) <= max(a, b)", ["t in [0, 1]"]),
    ("tanh(x) - tanh(y) <= x - y", ["x >= y"]),
    ("(1 + x)**n >= 1 + n*x", ["x >= 0", "n >= 1 integer"]),
    ("a/(b+c) + b/(a+c) + c/(a+b) >= 3/2", ["a > 0", "b > 0", "c > 0"]),
    ("logsumexp(x, y) - (x+y)/2 - log(2) <= (x-y)**2/8", []),
    ("sqrt(log(1 + exp(x))) >= 0", []),
    ("2**n > n", ["n >= 0 integer"]),
]


@pytest.fixture(scope="module")
def pool() -> list[Honest]:
    found = prove([parse_claim(text, conditions) for text, conditions in CLAIMS], 3)
    assert len(found) >= 12
    return found


def test_the_honest_proofs_use_many_rules_and_hold_in_other_words(pool: list[Honest]) -> None:
    assert len({step["rule"] for honest in pool for step in steps(honest.data)}) >= 9
    for honest in pool:
        same = parse_claim(str(honest.claim.goals[0]), where(honest.claim))
        assert answer(turned(honest, Wrong(same, "0"), random.Random(99))) == "accepted"


def test_no_forgery_is_accepted(pool: list[Honest]) -> None:
    answers, bad = run(pool, seed=0, count=250, variants=4)
    assert bad == []
    assert answers["rejected"] > 100


def test_the_claims_of_forgeries_are_false(pool: list[Honest]) -> None:
    generator = random.Random(1)
    found = falsified(pool[0].claim, generator, 4)
    assert len(found) >= 4
    assert not fails(pool[0].claim, generator, 40)
    assert fails(parse_claim("x*exp(-x) < 1/e", ["x in [1, 1]"]), generator, 40)
    assert not fails(parse_claim("1/(1 + exp(x)) < exp(-x)", ["x >= 0"]), generator, 60)


def test_an_accepted_forgery_and_a_crash_would_be_seen(pool: list[Honest]) -> None:
    assert answer(copy.deepcopy(pool[0].data)) == "accepted"
    assert answer({**pool[0].data, "goals": None}) == "malformed"
