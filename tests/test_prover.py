"""The claim prover: known claims, and each engine."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from attain.proofs.prover import ranges as r
from attain.proofs.prover.decide import Verdict, prove_claim
from attain.proofs.prover.definedness import guards
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.normal import Normaliser
from attain.proofs.prover.polynomial import differences, roots_inside, univariate
from attain.proofs.prover.problem import constant_sign
from attain.proofs.prover.program import compile_program
from attain.proofs.prover.ranges import Range
from attain.symbolic.expression import parse
from attain.symbolic.tree import Expr, number, substitute, to_text
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from truth import fails_at

GRID = [Fraction(k, 7) for k in range(-21, 22)]


def decide(text: str, *where: str, seconds: float = 10) -> Verdict:
    return prove_claim(parse_claim(text, where), seconds)


def refutes(verdict: Verdict, text: str, *where: str) -> bool:
    """Whether the witness, evaluated by mpmath, makes some link of the claim false."""
    return fails_at(parse_claim(text, where), verdict.witness or {})


# --- the examples of the command line ---


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("x*exp(-x) <= 1/e", ["x >= 0"]),
        ("exp(pi*sqrt(163)) < 262537412640768744", []),
        ("sin(x) <= x", ["x >= 0"]),
        ("n**2 >= n", ["n integer"]),
        ("log(1 + 1/n) < 1/n", ["n >= 1 integer"]),
        ("x*y <= 1/4", ["x + y == 1"]),
        ("a/(b+c) + b/(a+c) + c/(a+b) >= 3/2", ["a > 0", "b > 0", "c > 0"]),
        ("softplus(x) > max(x, 0)", []),
        ("logsumexp(x + c, y + c) == c + logsumexp(x, y)", []),
        ("0 <= e <= 1", ["e in [0, 1]"]),
        ("atan(x) + atan(1/x) == pi/2", ["x > 0"]),
    ],
)
def test_true_claims_are_proved(text: str, where: list[str]) -> None:
    verdict = decide(text, *where)
    assert (verdict.status, verdict.why) == ("proved", "")
    assert verdict.evidence in ("exact", "enclosed")


def test_the_temperature_formula_is_proved() -> None:
    where = ["G >= 2 integer", "D > 0", "0 < eta < 1", "R >= log((G-1)*(1-eta)/eta)/D"]
    verdict = decide("(G-1)*exp(-R*D)/(1+(G-1)*exp(-R*D)) <= eta", *where)
    assert verdict.status == "proved"
    assert "products of facts" in verdict.method
    weaker = [*where[:3], "R >= log((G-1)*(1-eta)/eta)/D - 1/1000"]
    assert decide("(G-1)*exp(-R*D)/(1+(G-1)*exp(-R*D)) <= eta", *weaker).status != "proved"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("exp(x) >= 1 + x + x**2/2", []),
        ("exp(x) > 1 + x", []),
        ("exp(x) >= 1 + x + 1e-12", []),
        ("x**2 - 2*x + 1 >= 1e-10", ["x in [0, 2]"]),
        ("2**n >= n**2", ["n >= 1 integer"]),
        ("x <= 10**7", ["x >= 0"]),
        ("sin(x)**2 == 1 - cos(x)", []),
        ("x*y <= 0.2499", ["x + y == 1"]),
        ("pi > 22/7", []),
        ("log(x) <= 100", ["x >= 1"]),
    ],
)
def test_false_claims_are_refuted_at_a_checked_point(text: str, where: list[str]) -> None:
    verdict = decide(text, *where)
    assert verdict.status == "refuted"
    assert refutes(verdict, text, *where)


def test_witnesses_are_short() -> None:
    assert decide("exp(x) >= 1 + x + x**2/2").witness == {"x": "-1"}
    witness = decide("x*exp(-x) <= 0.36", "x >= 0").witness
    assert witness is not None
    assert len(witness["x"]) <= 4


@pytest.mark.parametrize(
    ("text", "where", "part"),
    [
        ("1/x >= 0", ["x in [-1, 1]"], "1/x is undefined at x = 0"),
        ("log(x) <= 1", ["x in [-1, 1]"], "log(x) is undefined"),
        ("log(x) <= x", ["x >= 0"], "log(x) is undefined at x = 0"),
        ("1/(x**2 - 2) >= -1000", ["x in [0, 2]"], "near x = 1.414"),
        ("tan(x) >= -10", ["x in [0, 2]"], "tan(x) is undefined near x"),
        ("sqrt(x - y) >= 0", ["x in [0, 1]", "y in [0, 1]"], "sqrt(x - y) is undefined"),
        ("x >= 0", ["x in [1, 0]"], "the domain of x is empty"),
        ("x >= 0", ["x in (1, 1]"], "the domain of x is empty"),
        ("n >= 0", ["0.2 < n < 0.8 integer"], "contains no integer"),
        ("x >= 0", ["x <= log(0)"], "undefined"),
        ("(x - 1)/(x - 1) == 1", [], "undefined at x = 1"),
        ("y/(x - x) == y/(x - x)", [], "undefined"),
    ],
)
def test_undefined_claims_are_errors_that_name_the_place(text: str, where: list[str], part: str) -> None:
    verdict = decide(text, *where)
    assert verdict.status == "error"
    assert part in verdict.why


def test_a_side_condition_can_make_a_claim_defined() -> None:
    assert decide("sqrt(x - y) >= 0", "x >= y").status == "proved"
    assert decide("log(x) <= x", "x > 0").status == "proved"


def test_conditions_that_cannot_hold_prove_nothing() -> None:
    assert decide("x >= 100", "x < y", "y < x").status == "error"
    assert decide("x >= 100", "x in [0, 1]", "x > 2").status == "error"


def test_a_spent_budget_is_undecided() -> None:
    verdict = decide("sin(x)*sin(y)*sin(z) + cos(x*y*z) <= 1.9999", "x, y, z in [0, 30]", seconds=0.05)
    assert verdict.status in ("undecided", "refuted")
    assert verdict.seconds < 2


def test_verdicts_are_deterministic() -> None:
    runs = [decide("sqrt(1 + x) <= 1 + x/2 - 1e-9", "x >= -1") for _ in range(2)]
    assert runs[0].to_json() | {"seconds": 0} == runs[1].to_json() | {"seconds": 0}


# --- ranges and programs ---

ends = st.tuples(st.sampled_from(GRID), st.sampled_from(GRID)).map(sorted)


def span(low: Fraction, high: Fraction) -> Range:
    from attain.proofs.prover.program import number as ball

    return r.make(ball(low), ball(high))


@settings(deadline=None, max_examples=60, derandomize=True)
@given(ends, ends, st.fractions(0, 1, max_denominator=9), st.fractions(0, 1, max_denominator=9))
def test_range_arithmetic_encloses(a: list[Fraction], b: list[Fraction], s: Fraction, t: Fraction) -> None:
    x, y = a[0] + s * (a[1] - a[0]), b[0] + t * (b[1] - b[0])
    u, v = span(a[0], a[1]), span(b[0], b[1])
    cases = [(r.add(u, v), x + y), (r.sub(u, v), x - y), (r.mul(u, v), x * y), (r.power(u, 2), x**2)]
    cases += [
        (r.power(u, 3), x**3),
        (r.absolute(u), abs(x)),
        (r.largest(u, v), max(x, y)),
        (r.smallest(u, v), min(x, y)),
    ]
    if y:
        cases.append((r.div(u, v), x / y))
    for found, exact in cases:
        assert found.lo <= span(exact, exact).hi
        assert found.hi >= span(exact, exact).lo


FORMULAS = [
    *("sin(x)", "cos(3*x)", "exp(-x**2)", "tanh(x)", "atan(x)", "erf(x)", "sigmoid(x)", "softplus(x)", "sinh(x)"),
    *("cosh(x)", "abs(x)", "max(x, 1 - x)", "x*exp(x)", "1/(1 + x**2)", "sqrt(1 + x**2)", "log(2 + x**2)", "x**3 - x"),
    *("gamma(x + 4)", "loggamma(x + 4)", "floor(x)", "ceil(2*x)", "lambertw(x**2)", "asin(x/4)", "acos(x/4)", "2**x"),
]


@pytest.mark.parametrize("text", FORMULAS)
def test_programs_enclose_values_and_slopes(text: str) -> None:
    expr = parse_claim(f"{text} >= 0").goals[0].rhs
    program = compile_program(expr, ["x"])
    generator = random.Random(text)
    with ctx.workprec(64):
        for _ in range(12):
            low, high = sorted(generator.sample(GRID, 2))
            result = program([span(low, high)], slopes=True)
            values = {}
            for k in range(6):
                x = low + (high - low) * k / 5
                y = program([span(x, x)]).value
                values[x] = y
                assert result.value.lo <= y.hi
                assert result.value.hi >= y.lo
            slope = result.slopes[0]
            for x, u in values.items():
                for y, v in values.items():
                    if x < y:
                        quotient = r.div(r.sub(v, u), span(y - x, y - x))
                        assert slope.lo <= quotient.hi
                        assert slope.hi >= quotient.lo


def test_open_and_infinite_ends() -> None:
    half = Range(arb(0), r.INF, True, True)
    assert r.inverse(half).positive
    assert compile_program(parse("1/exp(x)"), ["x"])([half]).value.positive
    assert compile_program(parse("log(x)"), ["x"])([half]).value == r.ALL


# --- normal form ---

IDENTITIES = [
    "sin(x)**2 + cos(x)**2 == 1",
    "tanh(2*x) == 2*tanh(x)/(1 + tanh(x)**2)",
    "softplus(x) - softplus(-x) == x",
    "sin(3*x) == 3*sin(x) - 4*sin(x)**3",
    "cosh(x + y) == cosh(x)*cosh(y) + sinh(x)*sinh(y)",
    "sin(x + y) == sin(x)*cos(y) + cos(x)*sin(y)",
    "2**x*2**y == 2**(x + y)",
    "log(6) == log(2) + log(3)",
    "sqrt(8) == 2*sqrt(2)",
    "sin(pi/3) == sqrt(3)/2",
]


@pytest.mark.parametrize("text", IDENTITIES)
def test_identities_reduce_to_zero_and_shifted_ones_do_not(text: str) -> None:
    gap = parse_claim(text).goals[0].gap
    assert Normaliser({}).form(gap).top == {}
    assert Normaliser({}).form(Expr("+", (gap, number(Fraction(1, 10**9))))).top != {}
    assert decide(text).status == "proved"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("sqrt(x**2) == x", "x in [-2, -1]"),
        ("log(x**2) == 2*log(abs(x) + 0.001)", "x in [-2, -1]"),
        ("exp(log(x)/2) == -sqrt(x)", "x in [1/2, 2]"),
        ("abs(x) == x", "x in [-1, 2]"),
        ("(x**3)**(1/3) == -x", "x in [1, 2]"),
        ("acos(-x) == acos(x)", "x in [0, 1]"),
    ],
)
def test_false_identities_are_refuted(text: str, where: str) -> None:
    assert decide(text, where).status == "refuted"


@pytest.mark.parametrize("text", FORMULAS)
def test_the_normal_form_has_the_same_values(text: str) -> None:
    expr = parse_claim(f"{text}*(1 + x)**2/(3 + {text}**2) >= 0").goals[0].rhs
    normal = Normaliser({})
    form = normal.to_expr(normal.form(expr))
    for x in (Fraction(-5, 4), Fraction(1, 3), Fraction(3, 2)):
        swap = {"x": number(x)}
        gap = Expr("-", (substitute(expr, swap), substitute(form, swap)))
        with ctx.workprec(200):
            found = compile_program(gap, ())(()).value
        assert found.lo <= arb(2) ** -150
        assert found.hi >= -(arb(2) ** -150)


# --- polynomials ---


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(1, 3)), min_size=1, max_size=4), st.booleans(), ends)
def test_sturm_against_the_roots_that_made_the_polynomial(
    roots: list[tuple[int, int]], strict: bool, interval: list[Fraction]
) -> None:
    low, high = interval
    if low == high:
        return
    coefficients = [Fraction(1)]
    powers: dict[int, int] = {}
    for root, times in roots:
        powers[root] = powers.get(root, 0) + times
        for _ in range(times):
            coefficients = [
                a - root * b for a, b in zip([Fraction(0), *coefficients], [*coefficients, Fraction(0)], strict=True)
            ]
    grid = {low + (high - low) * Fraction(k, 60) for k in range(61)} | {Fraction(p) for p in powers if low <= p <= high}
    values = [
        sum(c * x**i for i, c in enumerate(coefficients)) for x in grid | {(a + b) / 2 for a in grid for b in grid}
    ]
    truth = all(v > 0 for v in values) if strict else all(v >= 0 for v in values)
    assert univariate(coefficients, low, high, (True, True), strict) == truth


def test_roots_and_differences() -> None:
    from flint import fmpq_poly

    assert roots_inside(fmpq_poly([0, -1, 0, 1]), Fraction(0), None) == 1
    one = Fraction(1)
    assert differences({(3, 0, 0): one, (0, 3, 0): one, (0, 0, 3): one, (1, 1, 1): -3 * one}, 2, [100])
    assert not differences(
        {(3, 0, 0): one, (0, 3, 0): one, (0, 0, 3): one, (1, 1, 1): -3 * one - Fraction(1, 10**9)}, 3, [400]
    )


def test_constants() -> None:
    assert constant_sign(parse("exp(pi*sqrt(163)) - 262537412640768744")) == -1
    assert constant_sign(parse("sqrt(2)*sqrt(3) - sqrt(6)")) == 0
    assert constant_sign(parse("log(-1)")) is None
    assert [to_text(g.expr) for g in guards(parse("sqrt(log(x))"))] == ["x", "log(x)"]


@pytest.mark.parametrize(
    ("where", "status"),
    [
        (["1 <= 0"], "error"),
        (["x**2 <= -1"], "error"),
        (["x < y", "y < x"], "error"),
        (["x < y", "y < x + 1"], "proved"),
        (["x**2 <= 0"], "proved"),
    ],
)
def test_conditions_that_exclude_every_point_are_an_error(where: list[str], status: str) -> None:
    found = prove_claim(parse_claim("x <= x + 1", where))
    assert found.status == status
    assert (found.why == "no point satisfies all conditions") == (status == "error")
