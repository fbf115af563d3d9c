"""Machine-made mutants of claims, their classes, and the sampler that must catch a prover that is wrong."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest
from attain.proofs import ledger
from attain.proofs.classify import classify
from attain.proofs.lemma import Core, Lemma
from attain.proofs.mutants import KINDS, ClaimMutant, choose, mutants
from attain.proofs.points import ARB, MPMATH, Unclear, Undefined, certain_sign, value
from attain.proofs.prover.decide import Verdict, prove_claim
from attain.proofs.prover.language import Claim, parse_claim
from attain.proofs.sampler import attack, confirmed
from attain.symbolic.expression import parse
from flint import ctx
from hypothesis import given, settings
from hypothesis import strategies as st


def made(text: str, *where: str) -> list[tuple[str, str]]:
    """(kind, claim and conditions) of every mutant."""
    return [(m.kind, " | ".join((m.claim.text, *m.where))) for m in mutants(parse_claim(text, where))]


def of_kind(kind: str, text: str, *where: str) -> set[str]:
    return {said for found, said in made(text, *where) if found == kind}


# --- mutants ---


def test_constants_are_nudged_everywhere() -> None:
    found = of_kind("constant", "x <= 2", "x in [0, 1]", "x*y >= 1/3")
    nudges = ("2.2", "1.8", "2.02", "1.98", "2.002", "1.998")
    assert {said.split(" | ")[0] for said in found} == {"x <= 2", *(f"x <= {n}" for n in nudges)}
    rest = "y in (-inf, inf) | 1/3 <= x*y"
    assert {f"x <= 2 | x in [0, {n}] | {rest}" for n in ("1.1", "0.9", "1.01", "0.99", "1.001", "0.999")} <= found
    thirds = ("11/30", "0.3", "101/300", "0.33", "1001/3000", "0.333")
    assert {f"x <= 2 | x in [0, 1] | y in (-inf, inf) | {n} <= x*y" for n in thirds} <= found
    assert len(found) == 18


def test_a_side_without_a_constant_is_scaled() -> None:
    found = of_kind("factor", "sin(x) <= x", "x >= 0", "x <= y")
    assert {said.split(" | ")[0] for said in found} == {
        "sin(x) <= x",
        *(f"sin(x) <= {f}*x" for f in ("1.1", "0.9", "1.01", "0.99", "1.001", "0.999")),
    }
    assert sum("x <= 0.999*y" in said for said in found) == 1


def test_relations_are_made_strict_and_reversed() -> None:
    assert of_kind("relation", "x <= 2", "x > 1") == {
        "x < 2 | x in (1, inf)",
        "2 <= x | x in (1, inf)",
        "x <= 2 | x in [1, inf)",
        "x <= 2 | x in (-inf, 1)",
    }
    assert of_kind("relation", "x < y", "x*y <= 1") == {
        "y < x | x in (-inf, inf) | y in (-inf, inf) | x*y <= 1",
        "x < y | x in (-inf, inf) | y in (-inf, inf) | x*y < 1",
        "x < y | x in (-inf, inf) | y in (-inf, inf) | 1 <= x*y",
    }
    assert {said.split(" | ")[0] for said in of_kind("relation", "sin(x) == x")} == {"sin(x) < x", "x < sin(x)"}


def test_hypotheses_are_dropped() -> None:
    assert of_kind("dropped", "n <= y", "1 <= n <= 4 integer", "n**2 <= y") == {
        "n <= y | n in (-inf, 4] integer | y in (-inf, inf) | n**2 <= y",
        "n <= y | n in [1, inf) integer | y in (-inf, inf) | n**2 <= y",
        "n <= y | n in [1, 4] | y in (-inf, inf) | n**2 <= y",
        "n <= y | n in [1, 4] integer | y in (-inf, inf)",
    }


def test_signs_are_flipped() -> None:
    assert {said.split(" | ")[0] for said in of_kind("sign", "x - y <= -exp(x + y)")} == {
        "x + y <= -exp(x + y)",
        "x - y <= exp(x + y)",
        "x - y <= -exp(x - y)",
    }


def test_every_link_of_a_chain_is_mutated() -> None:
    texts = {said.split(" | ")[0] for said in of_kind("relation", "0 <= x <= y")}
    assert texts == {"0 < x and x <= y", "x <= 0 and x <= y", "0 <= x and x < y", "0 <= x and y <= x"}


def test_mutants_that_say_the_same_are_dropped() -> None:
    found = made("2*x <= 3", "n >= 2 integer")
    claims = [said for _, said in found]
    assert len(set(claims)) == len(claims)
    # 2.2 x <= 3 and 2 x <= 2.7 differ, but 2 x <= 3 (1 + t) and its constant 3 made 3 (1 + t) do not; an integer
    # n >= 1.8, 1.98 or 1.998 is n >= 2 again, and n > 2, n >= 2.002, 2.02 or 2.2 are all n >= 3
    assert sum("n in [2, inf)" in said and said.startswith("2*x <= ") for _, said in found) == 6 + 1
    assert sum(said.startswith("2*x <= 3 |") and "integer" in said for _, said in found) == 3
    assert made("x <= y") == [m for m in made("x <= y") if m[1].split(" | ")[0] != "1*x <= y"]
    assert not any(said.startswith("abs(y - x)") for _, said in made("abs(x - y) >= 0") if "y - x" in said)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("softmax(x, y) <= exp(-x) + 1/3", ["x in (0, 1]", "y >= x", "n >= 2 integer"]),
        ("abs(x)**3 - 1 < max(x, -2)", ["x <= exp(-0.5)"]),
    ],
)
def test_a_mutant_is_text_that_can_be_read_again(text: str, where: list[str]) -> None:
    for mutant in mutants(parse_claim(text, where)):
        again = parse_claim(mutant.claim.text, mutant.where)
        assert again.goals == mutant.claim.goals
        assert again.conditions == mutant.claim.conditions
        assert {v.name: v for v in again.variables} == {v.name: v for v in mutant.claim.variables}


def test_a_sample_is_fixed_and_of_every_kind() -> None:
    everything = mutants(parse_claim("x - 1 <= exp(x)/2", ["x >= -1", "x*x <= 9"]))
    some = choose(everything, 10)
    assert some == choose(everything, 10)
    assert {m.kind for m in some} == set(KINDS)
    assert [m for m in everything if m in some] == list(some)
    assert choose(everything, 0) == everything


# --- the evaluator ---

FORMULAS = [
    *(
        "exp(x)/(1 + x**2)",
        "log(2 + abs(x))*sin(x)",
        "sqrt(x + 4)**3",
        "max(x, 1 - x, x**2)",
        "sigmoid(x) - softplus(x)",
    ),
    *(
        "erf(x) + atan(x)",
        "(x + 5)**(1/3)",
        "(x + 5)**x",
        "cosh(x) - sinh(x) + tanh(x)",
        "acos(x/4) + asin(x/4)",
        "pi*x - e",
    ),
]


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.sampled_from(FORMULAS), st.fractions(-3, 3, max_denominator=50))
def test_mpmath_and_arb_agree(text: str, x: Fraction) -> None:
    expr = parse(text)
    with mpmath.workdps(30), ctx.workprec(200):
        ours, balls = value(expr, {"x": x}, MPMATH), value(expr, {"x": x}, ARB)
        if isinstance(ours, Fraction):
            assert ours == balls
        else:
            assert abs(mpmath.mpf(balls.mid().str(40, radius=False)) - ours) < mpmath.mpf(10) ** -25 * (1 + abs(ours))


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("log(x)", 0),
        ("1/x", 0),
        ("sqrt(x)", -1),
        ("x**(1/2)", -2),
        ("x**-1", 0),
        ("x**x", 0),
        ("asin(x)", 2),
        ("log(x - e)", 2),
    ],
)
def test_undefined_points_are_seen(text: str, x: int) -> None:
    for library in (MPMATH, ARB):
        with mpmath.workdps(30), pytest.raises(Undefined):
            value(parse(text), {"x": Fraction(x)}, library)
    assert certain_sign(parse(text), {"x": Fraction(x)}) is None


def test_zero_is_only_certain_where_it_is_exact() -> None:
    assert certain_sign(parse("exp(x) - 1 - x"), {"x": Fraction(0)}) == 0
    assert certain_sign(parse("exp(x) - e"), {"x": Fraction(1)}) is None
    with mpmath.workdps(30), pytest.raises(Unclear):
        value(parse("log(exp(x) - e)"), {"x": Fraction(1)}, MPMATH)


# --- the sampler ---


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("exp(x) > 1 + x", []),
        ("exp(x) >= 1 + x + 1e-9", []),
        ("x**2 - 2*x + 1 >= 1e-7", ["x in [0, 2]"]),
        ("abs(x - 0.123456) >= 1e-9", ["x in [-5, 5]"]),
        ("x + y <= 0.9999", ["x >= 0", "y >= 0", "x + y <= 1"]),
        ("n**2 < 2**n", ["n >= 2 integer"]),
        ("x*exp(-x) <= 0.3678", ["x >= 0"]),
        ("(a + b + c)**2 <= 2.99*(a**2 + b**2 + c**2)", []),
        ("x <= 100", ["x >= 0", "y >= x", "y <= 101"]),
    ],
)
def test_violations_are_found_and_certain(text: str, where: list[str]) -> None:
    claim = parse_claim(text, where)
    violation = attack(claim).violation
    assert violation is not None
    assert violation.certain
    assert confirmed(claim, violation.point)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("1 - exp(R*s)/(exp(R*s) + (G-1)*exp(R*(s-D))) == (G-1)*exp(-R*D)/(1 + (G-1)*exp(-R*D))", ["G >= 2 integer"]),
        ("1 + exp(-x) > 1", []),
        ("sin(x)**2 + cos(x)**2 == 1", []),
        ("softplus(x) > max(x, 0)", []),
        ("(a**2 + b**2)*(c**2 + d**2) >= (a*c + b*d)**2", []),
        ("sqrt(x - y) >= 0", ["x >= y"]),
        ("log(x) <= x - 1", ["x > 0"]),
    ],
)
def test_no_false_alarm(text: str, where: list[str]) -> None:
    found = attack(parse_claim(text, where))
    assert found.violation is None
    assert found.tried == 300


def test_conditions_of_many_variables_are_met() -> None:
    where = ["p in [0, 1]", "h >= 0", "L >= 0", "abs(a) <= L*h*r", "abs(b) <= L*h*s", "p*r + (1-p)*s <= m"]
    assert attack(parse_claim("abs(p*a + (1-p)*b) <= L*h*m", where), 50).tried == 50
    wrong = attack(parse_claim("abs(p*a + (1-p)*b) <= 0.9*L*h*m", where)).violation
    assert wrong is not None
    assert wrong.certain


def test_a_part_without_a_value_is_a_violation() -> None:
    violation = attack(parse_claim("sqrt(x) >= 0", ["x >= -1e-3"])).violation
    assert violation is not None
    assert violation.undefined


def test_only_points_of_the_domain_confirm() -> None:
    assert confirmed(parse_claim("x*exp(-x) < 1/e"), {"x": Fraction(1)}) is None
    claim = parse_claim("x <= 1", ["x in [0, 2)", "x*y >= 1", "n >= 1 integer"])
    good = {"x": Fraction(3, 2), "y": Fraction(1), "n": Fraction(1)}
    assert confirmed(claim, good)
    for change in ({"x": Fraction(2)}, {"y": Fraction(0)}, {"n": Fraction(3, 2)}, {"x": Fraction(1), "y": Fraction(1)}):
        assert not confirmed(claim, {**good, **change})


# --- classes, and a prover that is wrong ---


def only(text: str, *where: str) -> ClaimMutant:
    return ClaimMutant("sign", "a claim", parse_claim(text, where))


def test_the_four_classes() -> None:
    assert classify(only("exp(x) >= 1.1 + x")).outcome == "false"
    assert classify(only("exp(x) >= 0.9 + x")).outcome == "true"
    assert classify(only("log(x) <= 1", "x in [-1, 1]")).outcome == "undefined"
    assert classify(only("x <= 1", "x in [2, 1]")).outcome == "undefined"
    assert classify(only("sin(x) + sin(sqrt(2)*x) < 2", "x > 0"), seconds=0.2).outcome == "undecided"


def yes_man(claim: Claim, seconds: float) -> Verdict:
    return Verdict(claim.name, claim.text, "proved")


def liar(claim: Claim, seconds: float) -> Verdict:
    return Verdict(claim.name, claim.text, "refuted", witness={v.name: "1/2" for v in claim.variables})


def lazy(claim: Claim, seconds: float) -> Verdict:
    return Verdict(claim.name, claim.text, "undecided")


def test_a_prover_that_proves_false_mutants_is_caught() -> None:
    claim = parse_claim("x*exp(-x) <= 1/e", ["x >= 0"])
    wrong = [m for m in mutants(claim) if prove_claim(m.claim, 2).status in ("refuted", "error")]
    assert len(wrong) >= 5
    missed = [m.label for m in wrong if not classify(m, yes_man).fault]
    assert [label for label in missed if "made <" not in label] == []


def test_a_witness_that_does_not_refute_is_caught() -> None:
    caught = classify(only("x <= 1", "x in [0, 1]"), liar)
    assert "does not refute" in caught.fault
    assert caught.outcome == "undecided"
    assert not classify(only("x <= 1/3", "x in [0, 1]"), liar).fault


def test_the_sampler_refutes_what_the_prover_leaves_open() -> None:
    trial = classify(only("x**2 >= 1e-3"), lazy)
    assert trial.outcome == "false"
    assert trial.witness is not None
    assert classify(only("x**2 >= 0"), lazy).outcome == "undecided"


# --- the cores of the lemmas ---

EVERY = ledger.discover()


@pytest.mark.parametrize("lemma", EVERY, ids=lambda lemma: lemma.slug)
def test_a_lemma_is_a_claim_or_says_why_it_is_not(lemma: Lemma) -> None:
    assert {core.scope for core in lemma.cores} <= {"whole", "step", "instance"}
    assert all(core.words for core in lemma.cores)
    whole = bool(lemma.cores) and all(core.scope == "whole" for core in lemma.cores)
    assert bool(lemma.beyond) != whole


def test_the_claims_of_inverse_temperature_are_its_statement() -> None:
    lemma = next(lemma for lemma in EVERY if lemma.slug == "inverse-temperature")
    claims = [parse_claim(core.text, core.where) for core in lemma.cores]
    answers = set()
    for example in lemma.examples(1):
        point = {{"Delta": "D"}.get(str(name), str(name)): x for name, x in example.values.items()}
        looks = ledger.examine(lemma, lemma.claim(), example, {})
        for claim, look in zip(claims, looks, strict=True):
            inside = all(certain_sign(c.gap, point) in (0, 1) for c in claim.conditions)
            good = certain_sign(claim.goals[0].gap, point) in (0, 1) if inside else None
            assert good == look.answer
            answers.add(good)
    assert answers == {True, None}


def test_a_false_or_open_core_is_not_good(monkeypatch: pytest.MonkeyPatch) -> None:
    lemma = next(lemma for lemma in EVERY if lemma.slug == "m1-below-root")
    false = ledger.verify_lemma(replace(lemma, cores=(Core("step", "a false one", "x <= 1", ("x <= 2",)),)))
    assert (false.verdict.status, false.cores[0].verdict.status, false.good) == ("proved", "refuted", False)
    vacuous = ledger.verify_core(Core("step", "no point", "x >= 3", ("x < y", "y < x")), "toy")
    assert (vacuous.sampled, vacuous.proved) == (0, False)
    monkeypatch.setattr(ledger.decide, "prove_claim", yes_man)
    wrong = ledger.verify_core(Core("step", "a false one", "x <= 1", ("x <= 2",)), "toy")
    assert (wrong.verdict.status, wrong.proved) == ("proved", False)
    monkeypatch.setattr(ledger.decide, "prove_claim", lazy)
    assert not ledger.verify_lemma(lemma).good


@pytest.mark.parametrize("lemma", EVERY[::12], ids=lambda lemma: lemma.slug)
def test_no_false_mutant_is_proved_in_a_sample(lemma: Lemma) -> None:
    trials = list(ledger.try_mutants(lemma, 2, seconds=0.5))
    assert not [t.fault for t in trials if t.fault]
    assert len(trials) >= min(2, len(lemma.cores))


@pytest.mark.slow
@pytest.mark.parametrize("lemma", EVERY, ids=lambda lemma: lemma.slug)
def test_no_false_mutant_is_proved(lemma: Lemma) -> None:
    trials = list(ledger.try_mutants(lemma, 0))
    assert not [t.fault for t in trials if t.fault]
    if lemma.cores:
        assert any(t.outcome == "false" for t in trials)
