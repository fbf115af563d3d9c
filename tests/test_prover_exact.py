"""The exact side of the prover: what it must never prove, each beside a near miss that it must."""

from __future__ import annotations

import random
import resource
from fractions import Fraction

import pytest
from attain.proofs.prover import smt
from attain.proofs.prover.algebra import decide, rewrite
from attain.proofs.prover.certificate import Fact, Product, verify
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.engines import relaxed
from attain.proofs.prover.facts import facts
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.nonnegative import solve
from attain.proofs.prover.normal import Normaliser
from attain.proofs.prover.problem import Clock, OutOfTime, Problem, at, constant_sign, feasible
from attain.proofs.prover.products import DEEP, QUICK, prove
from attain.proofs.prover.program import compile_program
from attain.proofs.prover.step import Step, method
from attain.symbolic.expression import parse
from flint import arb, ctx


def problem(text: str, *where: str) -> Problem:
    claim = parse_claim(text, where)
    goal = claim.goals[0]
    op = {"<=": ">=", "<": ">", "==": "=="}[goal.op]
    return Problem(claim.variables, claim.conditions, goal.gap, op)


def status(text: str, *where: str) -> str:
    return prove_claim(parse_claim(text, where), 5).status


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 + 10**(-30)*(sqrt(log(2)) - sqrt(2)) == 1", "refuted"),
        ("1 + 10**(-30)*(log(log(2)) - log(2)) == 1", "refuted"),
        ("sqrt(log(2))**2 == log(2)", "proved"),
        ("log(log(2)**3) == 3*log(log(2))", "proved"),
    ],
)
def test_functions_of_a_logarithm_keep_it(text: str, wanted: str) -> None:
    assert status(text) == wanted


def polynomial_step(goal: Problem) -> Step | None:
    with ctx.workprec(64):
        return next((step for item in rewrite(goal) if (step := decide(item, goal))), None)


def test_a_strict_goal_that_vanishes_on_a_far_face_is_not_proved() -> None:
    where = ("x in [0, 3]", "y in [0, 1]")
    assert polynomial_step(problem("(1 - sin(x))*(1 + y) > 0", *where)) is None
    assert polynomial_step(problem("(1 - sin(x))*(1 + y) >= 0", *where)) is not None
    assert polynomial_step(problem("(1 - x)*(1 + y) > 0", "x in [0, 1]", "y in [0, 1]")) is None
    assert polynomial_step(problem("(1 - x)*(1 + y) > 0", "x in [0, 1)", "y in [0, 1]")) is not None
    assert polynomial_step(problem("(2 - sin(x))*(1 + y) > 0", *where)) is not None


def test_conditions_may_come_in_any_order() -> None:
    where = ["log(x*y) >= 0", "x*y > 0", "x in [-3, 3]", "y in [-3, 3]"]
    assert status("x*y >= 1/2", *where) == status("x*y >= 1/2", where[1], where[0], *where[2:]) == "proved"
    assert status("x*y >= 1/2", where[0], *where[2:]) == "error"


def test_integers_are_relaxed_only_where_everything_stays_defined() -> None:
    poles = problem("1/((n - 11/2)**2 - 1/100) <= 5", "n >= 0 integer")
    assert relaxed(poles, Clock(5)) is None
    smooth = problem("1/((n - 11/2)**2 + 1/100) <= 5", "n >= 0 integer")
    found = relaxed(smooth, Clock(5))
    assert found is not None
    assert not found[0].variables[0].integer
    assert status("log(1 + 1/n) < 1/n", "n >= 1 integer") == "proved"


# --- certificates ---

PROVED = [
    ("(G-1)*exp(-R*D)/(1+(G-1)*exp(-R*D)) <= eta", "G >= 2; D > 0; 0 < eta < 1; R >= log((G-1)*(1-eta)/eta)/D"),
    ("(x*exp(x)+y*exp(y)+z*exp(z))/(exp(x)+exp(y)+exp(z)) <= max(x, y, z)", ""),
    ("(x*exp(x)+y*exp(y)+z*exp(z))/(exp(x)+exp(y)+exp(z)) >= (x+y+z)/3", ""),
    ("logsumexp(x,y,z) - (x*exp(x)+y*exp(y)+z*exp(z))/(exp(x)+exp(y)+exp(z)) <= log(3)", ""),
    ("logsumexp(x,y,z) >= (x+y+z)/3 + log(3)", ""),
    ("softmax(x,y,z) >= 1/(1+2*exp(-D))", "D > 0; x >= y + D; x >= z + D"),
    ("-x*log(x)-y*log(y)-(1-x-y)*log(1-x-y) <= log(3)", "x > 0; y > 0; x + y < 1"),
    ("p*log(p/q)+(1-p)*log((1-p)/(1-q)) >= 0", "p in (0,1); q in (0,1)"),
    ("softplus((x+y)/2) <= (softplus(x)+softplus(y))/2", ""),
    ("(1+x)**n >= 1+n*x", "x >= 0; n >= 1"),
    ("a*c+b*d <= sqrt(a**2+b**2)*sqrt(c**2+d**2)", ""),
    ("(a*x+b*y+c*z)**2 <= (a**2+b**2+c**2)*(x**2+y**2+z**2)", ""),
    ("a**4+b**4+c**4+d**4 >= 4*a*b*c*d", ""),
    ("x - floor(x) < 1", ""),
    ("sqrt(x**2 + 1) > x", ""),
]
NOT_PROVED = [
    ("(G-1)*exp(-R*D)/(1+(G-1)*exp(-R*D)) < eta", "G >= 2; D > 0; 0 < eta < 1; R >= log((G-1)*(1-eta)/eta)/D"),
    ("(x*exp(x)+y*exp(y)+z*exp(z))/(exp(x)+exp(y)+exp(z)) < max(x, y, z)", ""),
    ("(x*exp(x)+y*exp(y)+z*exp(z))/(exp(x)+exp(y)+exp(z)) >= (x+y+z)/3 + 1e-9", ""),
    ("logsumexp(x,y,z) - (x*exp(x)+y*exp(y)+z*exp(z))/(exp(x)+exp(y)+exp(z)) < log(3)", ""),
    ("softmax(x,y,z) > 1/(1+2*exp(-D))", "D > 0; x >= y + D; x >= z + D"),
    ("-x*log(x)-y*log(y)-(1-x-y)*log(1-x-y) < log(3)", "x > 0; y > 0; x + y < 1"),
    ("p*log(p/q)+(1-p)*log((1-p)/(1-q)) > 0", "p in (0,1); q in (0,1)"),
    ("(1+x)**n >= 1+n*x", "x >= 0; n >= 9/10"),
    ("a*c+b*d < sqrt(a**2+b**2)*sqrt(c**2+d**2)", ""),
    ("a**4+b**4+c**4+d**4 >= 4.0000001*a*b*c*d", ""),
    ("x - floor(x) < 0.999999", ""),
]


def certificate(text: str, where: str, plans: tuple[tuple[int, bool], ...] = (*QUICK, *DEEP)) -> Step | None:
    conditions = [part.strip() for part in where.split(";") if part.strip()]
    return prove(problem(text, *conditions), Clock(60), plans)


@pytest.mark.parametrize(("text", "where"), PROVED)
def test_certificates_are_found_without_z3(text: str, where: str) -> None:
    step = certificate(text, where)
    assert step is not None
    assert step.rule == "products"


@pytest.mark.parametrize(("text", "where"), NOT_PROVED)
def test_near_misses_have_no_certificate(text: str, where: str) -> None:
    assert certificate(text, where, QUICK) is None


def test_a_changed_certificate_is_rejected() -> None:
    n = Normaliser({"x": 1})
    (x,) = n.variable("x")
    one = Fraction(1)
    known = [Fact({x: -one}, ">=", "goal negated"), Fact({x: one, (): -one}, ">=", "domain")]
    good = ((one, Product((0,))), (one, Product((1,))), (one, Product(())))
    assert verify(n, known, good)
    for k, (c, product) in enumerate(good):
        assert not verify(n, known, (*good[:k], (c + 1, product), *good[k + 1 :]))
        assert not verify(n, known, (*good[:k], *good[k + 1 :]))
    assert not verify(n, known, ((-one, Product((0,))), (-one, Product((), x))))
    assert not verify(n, known, ((one, Product((0,))), (one, Product((), x, (((), one),)))))
    unknown = Normaliser({})
    (y,) = unknown.variable("x")
    assert not verify(unknown, [Fact({y: -one}, ">", "goal negated")], ((one, Product((0,))), (one, Product((), y))))


FACTS = [
    ("logsumexp(x, y) <= max(x, y) + log(6)", "x <= y + 2; x in [-3, 3]; y in [-3, 3]"),
    ("abs(x) + atan(y) + floor(x*y) + min(x, y) + ceil(x) >= log(x + 4)*exp(-y/2)", "x in [-3, 3]; y in [-3, 3]"),
    ("sqrt(x + 4)*exp(x*y) >= log(y + 5)", "x*y >= -2; x in [-3, 3]; y in [-3, 3]"),
    ("exp(x*y) <= z", "0 < x <= 3; y >= z; y in [-3, 3]; z in [-3, 3]"),
]


@pytest.mark.parametrize(("text", "where"), FACTS)
def test_facts_hold_at_points_of_the_domain(text: str, where: str) -> None:
    goal = problem(text, *(part.strip() for part in where.split(";")))
    generator, tried = random.Random(text), 0
    with ctx.workprec(64):
        items = [(item.normal, facts(item.normal, goal, item.poly)) for item in rewrite(goal)]
    while tried < 10:
        point = {v.name: Fraction(generator.randint(-12, 12), 4) for v in goal.variables}
        if not feasible(goal.variables, goal.conditions, point):
            continue
        tried += 1
        for n, found in items:
            assert found
            for fact in found:
                sign = constant_sign(at(n.poly_expr(fact.poly), point), 256)
                wanted = {">=": (0, 1), ">": (1,), "==": (0,)}[fact.op]
                assert sign in wanted or (sign is None and fact.op != ">"), (fact.why, n.poly_expr(fact.poly), point)


def test_nonnegative_solutions_are_exact() -> None:
    third = Fraction(1, 3)
    columns = [{0: third, 1: Fraction(2)}, {0: Fraction(1), 1: Fraction(-7, 5)}, {0: Fraction(-1)}]
    right = {0: Fraction(5, 7), 1: Fraction(1, 11)}
    found = solve(columns, right)
    assert found is not None
    assert all(c > 0 for c in found.values())
    for r, value in right.items():
        assert sum((c * columns[j].get(r, Fraction(0)) for j, c in found.items()), Fraction(0)) == value
    assert solve([{0: Fraction(1)}, {0: Fraction(1), 1: Fraction(1)}], {0: Fraction(1), 1: Fraction(-1)}) is None


# --- z3 ---


def test_z3_keeps_no_memory_and_repeats_its_verdicts() -> None:
    goal = problem("x**4*y**2 + x**2*y**4 + 1 >= 3*x**2*y**2")
    near = problem("x**4*y**2 + x**2*y**4 + 1 >= 3.000001*x**2*y**2")
    for _ in range(3):
        step = smt.prove(goal, Clock(60))
        assert step is not None
        assert "z3" in method(step)
        assert smt.prove(near, Clock(60)) is None
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(30):
        smt.prove(goal, Clock(60))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 50_000


def test_a_spent_budget_stops_z3() -> None:
    with pytest.raises(OutOfTime):
        smt.prove(problem("x**4*y**2 + x**2*y**4 + 1 >= 3*x**2*y**2"), Clock(0))


def test_a_verdict_says_whether_it_rests_on_z3() -> None:
    verdict = prove_claim(parse_claim("sqrt((a+c)**2 + (b+d)**2) <= sqrt(a**2 + b**2) + sqrt(c**2 + d**2)"), 60)
    assert (verdict.status, verdict.to_json()["trusts"]) == ("proved", ["z3"])
    assert prove_claim(parse_claim("x**2 + y**2 >= 2*x*y"), 60).to_json()["trusts"] == []


@pytest.mark.parametrize("k", range(-20, 21))
def test_tenths_of_pi(k: int) -> None:
    with ctx.workprec(128):
        for head in ("sin", "cos"):
            n = Normaliser({})
            form = n.form(parse(f"{head}({k}*pi/10)"))
            value = compile_program(n.to_expr(form), ())(()).value
            exact = getattr(arb.pi() * k / 10, head)()
            assert value.lo - 1e-30 <= exact <= value.hi + 1e-30


@pytest.mark.parametrize(
    "text", ["gamma(x+1) == x*gamma(x) + 10**(-20)", "gamma(1/2) == sqrt(pi) + 10**(-20)", "gamma(x+1) == gamma(x)"]
)
def test_wrong_values_of_gamma_are_refuted(text: str) -> None:
    assert prove_claim(parse_claim(text, ["x in [1/2, 5]"] if "x" in text else [])).status == "refuted"
