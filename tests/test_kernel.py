"""The kernel proves what is true and refuses what is false: every rule is attacked."""

from __future__ import annotations

import ast
import copy
import dataclasses
import itertools
from fractions import Fraction
from pathlib import Path

import pytest
import sympy as sp
from attain.proofs import classical as theorems
from attain.proofs import kernel as kernel_module
from attain.proofs.claim import (
    All,
    Claim,
    Evidence,
    Rel,
    Sequent,
    claim,
    count,
    eq,
    function,
    ge,
    gt,
    integer,
    le,
    lt,
    real,
)
from attain.proofs.derived import exponential, logarithm
from attain.proofs.kernel import (
    Fact,
    assume,
    classical,
    combine,
    enclosure,
    identity,
    induction,
    monotone,
    prove,
    specialise,
    substitute,
    termwise,
)
from attain.proofs.normal_form import factor
from attain.proofs.sign import entails
from attain.proofs.terms import ProofError, substitute_term
from attain.proofs.values import compare, cover, evaluate, holds, integer_power
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

x, y, z, t = (real(name) for name in "xyzt")
i, j, k, n, m = (integer(name) for name in "ijknm")
f, g, a = function("f"), function("g"), function("a")
SETTINGS = settings(deadline=None, max_examples=60, derandomize=True)


def sum_of(term: sp.Expr, index: sp.Symbol, low: object, high: object) -> sp.Expr:
    return sp.Sum(term, (index, low, high))


def test_a_fact_cannot_be_forged_or_altered() -> None:
    with pytest.raises(ProofError, match="rule of the kernel"):
        Fact((), lt(1, 0), Evidence.EXACT, "assume", ())
    fact = combine(ge(x**2, 0))
    with pytest.raises((ProofError, ValueError, TypeError)):
        dataclasses.replace(fact, conclusion=lt(x**2, 0))
    with pytest.raises(dataclasses.FrozenInstanceError):
        fact.conclusion = lt(1, 0)  # type: ignore[misc]


def test_a_fact_has_no_back_doors() -> None:
    fact = combine(ge(x**2, 0))
    with pytest.raises(ProofError, match="no subclasses"):
        type("Forged", (Fact,), {"__post_init__": lambda self, key: None})
    with pytest.raises(TypeError):
        vars(fact)
    for restore in (copy.copy, copy.deepcopy, lambda f: f.__setstate__([(), lt(1, 0)])):
        with pytest.raises(ProofError, match="rule of the kernel"):
            restore(fact)


LEMMA_IMPORTS = {
    *("__future__", "collections.abc", "dataclasses", "flint", "fractions", "functools", "itertools", "math", "typing"),
    *(
        "sympy",
        "..claim",
        "..derived",
        "..kernel",
        "..lemma",
        "..terms",
        "..values",
        "...symbolic.lattice",
        "...symbolic.rounding",
    ),
}


def test_lemmas_import_only_what_cannot_make_a_fact() -> None:
    folder = Path(kernel_module.__file__).parent / "lemmas"
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert {alias.name for alias in node.names} <= LEMMA_IMPORTS, path
            elif isinstance(node, ast.ImportFrom):
                source = "." * node.level + (node.module or "")
                assert source in LEMMA_IMPORTS or (node.level == 1 and "." not in (node.module or "")), (path, source)
            elif isinstance(node, ast.Name):
                assert node.id not in {"getattr", "setattr", "vars", "globals", "exec", "eval", "__import__"}, path


def test_lemmas_and_derived_rules_do_not_reach_into_the_kernel() -> None:
    folder = Path(kernel_module.__file__).parent
    for path in [*folder.glob("lemmas/*.py"), folder / "derived.py"]:
        names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
        imported = {node.module for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)}
        assert not names & {"_KEY", "make", "__setattr__", "__new__", "__dict__", "__class__"}, path
        assert not imported & {"fact", "algebra", "calculus", "logic"}, path


IDENTITIES = [
    (sp.exp(x + y), sp.exp(x) * sp.exp(y), []),
    (sp.exp(2 * x + y / 2) * sp.exp(-y / 2), sp.exp(x) ** 2, []),
    ((x**2 - y**2) / (x - y), x + y, [gt(x, y)]),
    (sp.exp(n * sp.log(x)), x**n, [gt(x, 0)]),
    (x ** (n + 1), x * x**n, [gt(x, 0)]),
    (sp.sqrt(x) * sp.sqrt(x + 1) * sp.sqrt(x + 1), sp.sqrt(x) * (x + 1), [ge(x, 0)]),
    (sp.log(x * y), sp.log(x) + sp.log(y), [gt(x, 0), gt(y, 0)]),
    (sum_of(f(i), i, 0, n), f(0) + sum_of(f(j), j, 1, n), [ge(n, 0)]),
    (sum_of(f(i), i, 1, n), sum_of(f(i), i, 1, m) + sum_of(f(i), i, m + 1, n), [ge(m, 0), ge(n, m)]),
    (sum_of(x + y * f(i), i, 1, n), n * x + y * sum_of(f(i), i, 1, n), [ge(n, 0)]),
    (
        sum_of(sum_of(a(i, j), i, 1, n), j, 1, m),
        sum_of(sum_of(a(i, j), j, 1, m), i, 1, n),
        [ge(n, 0), ge(m, 0)],
    ),
    (
        sum_of(sum_of((f(i) * g(j) - f(j) * g(i)) ** 2, i, 1, n), j, 1, n),
        2 * sum_of(f(i) ** 2, i, 1, n) * sum_of(g(i) ** 2, i, 1, n) - 2 * sum_of(f(i) * g(i), i, 1, n) ** 2,
        [ge(n, 0)],
    ),
    (sp.cosh(x) ** 2 - sp.sinh(x) ** 2, sp.Integer(1), []),
]


@pytest.mark.parametrize(("left", "right", "known"), IDENTITIES)
def test_identity_accepts(left: sp.Expr, right: sp.Expr, known: list[Rel]) -> None:
    fact = identity(left, right, [assume(formula) for formula in known])
    assert fact.conclusion == eq(left, right)
    assert fact.evidence == Evidence.EXACT
    assert set(fact.hypotheses) == set(known)


FALSE_OR_UNDEFINED = [
    (sp.exp(x + y), sp.exp(x) + sp.exp(y), []),
    (sp.exp(x * y), sp.exp(x) * sp.exp(y), []),
    ((x**2 - y**2) / (x - y), x + y, []),
    (sp.log(x * y), sp.log(x) + sp.log(y), []),
    (sp.sqrt(x) * sp.sqrt(y), sp.sqrt(x * y), []),
    (sp.exp(n * sp.log(x)), x**n, []),
    (sp.Abs(x), x, []),
    (sum_of(f(i), i, 0, n), sum_of(f(i), i, 1, n), [ge(n, 1)]),
    (sum_of(f(i), i, 1, n) * sum_of(g(i), i, 1, n), sum_of(f(i) * g(i), i, 1, n), [ge(n, 1)]),
    (sum_of(f(i), i, 1, n), f(1) + sum_of(f(i), i, 2, n), []),
    (sum_of(1 / f(i) * f(i + 1), i, 1, n), sum_of(f(i + 1) / f(i), i, 1, n), [ge(n, 1)]),
    (
        sum_of(sum_of(a(i, j), i, 1, n), j, 1, m),
        sum_of(sum_of(a(j, i), i, 1, n), j, 1, m),
        [ge(n, 0), ge(m, 0)],
    ),
    (sum_of(sum_of(a(i, j), i, 1, j), j, 1, n), sum_of(sum_of(a(i, j), j, 1, i), i, 1, n), [ge(n, 0)]),
    (sum_of(i, i, 1, n), n * i, [ge(n, 1)]),
]


TRIANGLES = [
    ((i, j, k), ((k, 1, i), (i, 1, n), (j, 1, n))),
    ((j, i, k), ((k, 1, j), (j, 1, n), (i, 1, n))),
    ((j, k, i), ((i, 1, j), (j, 1, n), (k, 1, n))),
]


def test_triangular_ranges_are_not_confused_when_sums_are_sorted() -> None:
    size = assume(ge(n, 0))
    whole = sp.Sum(a(i, j, k), (k, 1, j), (j, 1, n), (i, 1, n))
    for arguments, limits in TRIANGLES:
        with pytest.raises(ProofError, match="not an identity"):
            identity(whole, sp.Sum(a(*arguments), *limits), [size])
    renamed = sp.Sum(a(j, i, k), (k, 1, i), (i, 1, n), (j, 1, n))
    assert identity(whole, renamed, [size]).hypotheses == (ge(n, 0),)


NESTED = [
    sp.Sum(body, *((s, low, high) for s, low, high in ranges))
    for body in (a(i, j) * f(k), a(j, k) * f(i), a(i, k) * g(j) + f(i) * f(j))
    for ranges in (
        ((k, 1, j), (j, 1, n), (i, 0, n)),
        ((i, 0, n), (k, 1, j), (j, 1, n)),
        ((k, 1, n), (j, 1, n), (i, 0, n)),
        ((i, 0, j), (k, 1, n), (j, 1, n)),
    )
]
TABLES = {
    n: Fraction(3),
    f: lambda p: Fraction(p * p + 1),
    g: lambda p: Fraction(2 * p - 3),
    a: lambda p, q: Fraction(p * p * p + 7 * q + p * q),
}


def test_accepted_identities_of_nested_sums_hold_at_a_point() -> None:
    size, accepted = assume(ge(n, 1)), 0
    for left, right in itertools.product(NESTED, repeat=2):
        try:
            identity(left, right, [size])
        except ProofError:
            continue
        accepted += 1
        assert evaluate(left, TABLES) == evaluate(right, TABLES), (left, right)
    assert accepted > len(NESTED)


@pytest.mark.parametrize(("left", "right", "known"), FALSE_OR_UNDEFINED)
def test_identity_refuses(left: sp.Expr, right: sp.Expr, known: list[Rel]) -> None:
    with pytest.raises(ProofError):
        identity(left, right, [assume(formula) for formula in known])


def test_symbols_with_hidden_assumptions_are_refused() -> None:
    hidden = [sp.Symbol("p", positive=True), sp.Symbol("c"), sp.Symbol("q", nonzero=True, real=True)]
    hidden += [sp.Symbol("e", even=True), sp.Symbol("o", odd=True), sp.Symbol("r", rational=True)]
    for symbol in hidden:
        with pytest.raises(ProofError, match="declared real"):
            combine(ge(symbol**2, 0))
    for family in (sp.Function("h", positive=True), sp.Function("h", nonzero=True, real=True), sp.Function("h")):
        with pytest.raises(ProofError, match="without a sign"):
            combine(ge(family(i) ** 2, 0))
    for bad in (sp.oo, sp.nan, sp.Float("0.5"), sp.I, sp.gamma(x)):
        with pytest.raises(ProofError):
            identity(bad, bad)
    with pytest.raises(TypeError):
        le(0.5, 1)  # type: ignore[arg-type]


def test_combine_refuses_wrong_certificates() -> None:
    order = assume(le(x, y))
    with pytest.raises(ProofError, match="multiplier"):
        combine(le(y, x), [(-1, order)])
    with pytest.raises(ProofError, match="multiplier"):
        combine(le(x * z, y * z), [(z, order)])
    with pytest.raises(ProofError, match="non-strict"):
        combine(lt(x, y), [(1, order)])
    with pytest.raises(ProofError, match="equalit"):
        combine(eq(x, y), [(1, order)])
    with pytest.raises(ProofError, match="remainder"):
        combine(le(x + 1, y), [(1, order)])
    with pytest.raises(ProofError, match="not the remainder"):
        combine(le(x, y + 1), [(1, order)], rest=sp.Integer(2))
    with pytest.raises(ProofError, match=r"undefined|needs"):
        combine(ge(1 / x**2, 0))
    assert combine(lt(x, y + 1), [(1, order)]).hypotheses == (le(x, y),)


def test_definedness_of_hypotheses_is_checked() -> None:
    with pytest.raises(ProofError, match="undefined"):
        assume(gt(1 / x, 0))
    with pytest.raises(ProofError, match="undefined"):
        assume(gt(sp.log(x), 0))
    with pytest.raises(ProofError, match="undefined"):
        assume(gt(sum_of(f(i), i, 1, n), 0))


def test_monotone_needs_an_interval_where_the_function_is_smooth() -> None:
    up = assume(le(x, y))
    falling = combine(lt(-1 / t**2, 0), [], [assume(gt(t, 0))])
    low = assume(gt(x, 0))
    fact = monotone(1 / t, t, falling, up, [low])
    assert fact.conclusion == le(1 / y, 1 / x)
    assert set(fact.hypotheses) == {le(x, y), gt(x, 0)}
    kept = monotone(1 / t, t, falling, up)
    assert {gt(x, 0), gt(y, 0)} <= set(kept.hypotheses)
    with pytest.raises(ProofError, match="interval"):
        monotone(t**2, t, combine(ge(2 * t, 0), [(2, assume(ge(t - y**2, 0)))]), up)
    with pytest.raises(ProofError, match="differentiable"):
        monotone(sp.Abs(t), t, combine(ge(sp.Integer(1), 0)), up)
    with pytest.raises(ProofError, match="differentiable"):
        monotone(sp.floor(t) + t, t, combine(gt(sp.Integer(1), 0)), up)
    with pytest.raises(ProofError, match="sign of the derivative"):
        monotone(t**2, t, combine(gt(sp.exp(t), 0)), up)
    with pytest.raises(ProofError, match="undefined"):
        monotone(1 / t, t, combine(lt(sp.Integer(-1), 0)), up)


def test_monotone_interval_must_be_an_interval() -> None:
    outside = assume(ge(t**2, 1))
    slope = combine(ge(2 * t**2, 2), [(2, outside)])
    with pytest.raises(ProofError, match="does not describe an interval"):
        monotone(sp.Rational(2, 3) * t**3, t, slope, assume(le(x, y)))


def test_exponential_and_logarithm() -> None:
    assert exponential(assume(lt(x, y))).conclusion == lt(sp.exp(x), sp.exp(y))
    fact = logarithm(assume(le(x, y)), assume(gt(x, 0)))
    assert fact.conclusion == le(sp.log(x), sp.log(y))
    assert set(fact.hypotheses) == {le(x, y), gt(x, 0)}


def test_enclosure_is_sound_at_touching_and_undefined_points() -> None:
    zero, one = sp.Integer(0), sp.Integer(1)
    fact = enclosure(sp.exp(x) - x, {x: (zero, one)})
    assert fact.evidence == Evidence.ENCLOSED
    assert set(fact.hypotheses) == {le(0, x), le(x, 1)}
    for term in (x**2, x - sp.Rational(1, 3), 1 / x, sp.log(x) + 10, sp.sqrt(x - sp.Rational(1, 2)) + 1):
        with pytest.raises(ProofError):
            enclosure(term, {x: (zero, one)}, max_boxes=200)
    with pytest.raises(ProofError, match="free symbols"):
        enclosure(x + y + 5, {x: (zero, one)})
    with pytest.raises(ProofError, match="no rule"):
        cover(sp.gamma(x), {x: (one, sp.Integer(2))}, 53, 10)
    weaker = combine(lt(0, sp.exp(x) - x + 1), [(1, fact)])
    assert weaker.evidence == Evidence.ENCLOSED


def test_termwise_keeps_the_index_free() -> None:
    size = assume(ge(n, 1))
    one_index = assume(ge(f(i), 0))
    with pytest.raises(ProofError, match="also occurs"):
        termwise(one_index, i, 1, n, [size])
    every = assume(All(i, 1, n, ge(f(i), 0)))
    summed = termwise(specialise(every, i), i, 1, n, [size])
    assert summed.conclusion == le(sum_of(sp.Integer(0), i, 1, n), sum_of(f(i), i, 1, n))
    with pytest.raises(ProofError, match="also occurs"):
        termwise(specialise(every, i), i, 0, n, [size])
    with pytest.raises(ProofError, match="not reversed"):
        termwise(specialise(every, i), i, 1, n)
    strict = combine(gt(sp.exp(f(i)), 0))
    assert termwise(strict, i, 1, n, [size]).conclusion.op == "<"
    assert termwise(strict, i, 1, n, [assume(ge(n, 0))]).conclusion.op == "<="
    with pytest.raises(ProofError, match="not mention the index"):
        termwise(strict, i, 1, n, [size, one_index])
    with pytest.raises(ProofError, match="integer"):
        termwise(combine(ge(x**2, 0)), x, 1, n, [size])


def test_specialise_keeps_the_range() -> None:
    every = assume(All(i, 1, n, ge(f(i), 0)))
    assert set(specialise(every, n + 1).hypotheses) == {*every.hypotheses, le(1, n + 1), le(n + 1, n)}
    with pytest.raises(ProofError, match="integer"):
        specialise(every, x)


def test_induction_needs_both_cases() -> None:
    goal = le(f(n), f(0))
    base = combine(le(f(0), f(0)))
    step_down = assume(All(k, 0, None, le(f(k + 1), f(k))))
    here = assume(goal)
    step = combine(le(f(n + 1), f(0)), [(1, specialise(step_down, n)), (1, here)])
    fact = induction(goal, n, 0, base, step)
    assert set(fact.hypotheses) == {step_down.conclusion, ge(n, 0)}
    with pytest.raises(ProofError, match="not the base case"):
        induction(goal, n, -1, base, step)
    with pytest.raises(ProofError, match="not the step"):
        induction(goal, n, 0, base, assume(goal))
    cheating = assume(le(f(n + 1), f(0)))
    with pytest.raises(ProofError, match="not the induction hypothesis"):
        induction(goal, n, 0, base, cheating)
    with pytest.raises(ProofError, match="must not assume"):
        induction(goal, n, 0, combine(le(f(0), f(0)), [], [assume(ge(n, 5))]), step)


def test_bounded_induction_stays_in_its_range() -> None:
    goal = le(f(n), f(0))
    down = assume(All(k, 0, m - 1, le(f(k + 1), f(k))))
    base = combine(le(f(0), f(0)))
    step = combine(
        le(f(n + 1), f(0)),
        [(1, specialise(down, n, given=[assume(ge(n, 0)), assume(le(n + 1, m))])), (1, assume(goal))],
    )
    fact = induction(goal, n, 0, base, step, upto=m)
    assert set(fact.hypotheses) == {down.conclusion, ge(n, 0), le(n, m)}
    with pytest.raises(ProofError, match="not the induction hypothesis"):
        induction(goal, n, 0, base, step)


def test_classical_needs_its_hypotheses() -> None:
    with pytest.raises(ProofError, match="closed list"):
        classical("riemann hypothesis", x)
    with pytest.raises(ProofError, match="not been shown"):
        classical("absolute value least", x, y)
    both = [assume(le(x, y)), assume(le(-x, y))]
    assert classical("absolute value least", x, y, given=both).conclusion == le(sp.Abs(x), y)
    with pytest.raises(ProofError, match="not been shown"):
        classical("integers are discrete", n, m, given=[assume(le(n, m))])
    with pytest.raises(ProofError, match="integer"):
        classical("integers are discrete", x, y, given=[assume(lt(x, y))])


def test_case_split_cannot_be_fooled() -> None:
    goal = ge(sp.Max(x, y), x)
    left = combine(goal, [(1, classical("maximum bounds", x, y))], [assume(le(x, y))])
    right = combine(goal, [(1, classical("maximum bounds", x, y))], [assume(le(y, x))])
    assert classical("total order", x, y, goal, given=[left, right]).hypotheses == ()
    equal = combine(ge(x, y), [(1, assume(le(y, x)))], [assume(le(x, y))])
    fooled = classical("total order", x, y, ge(x, y), given=[equal])
    assert set(fooled.hypotheses) >= {le(y, x)}
    with pytest.raises(ProofError, match="no fact"):
        classical("total order", x, y, ge(x, z), given=[equal])


def test_classical_entries_are_documented() -> None:
    for name, entry in theorems.ENTRIES.items():
        assert entry.__doc__, name


def test_substitute_replaces_variables_and_names_of_functions_only() -> None:
    square = combine(ge(x**2, 0))
    every = assume(All(i, 0, None, ge(f(i), 0)))
    for fact, key in ((square, x**2), (specialise(every, 1), f(1)), (combine(ge(x + y, x + y)), x + y)):
        with pytest.raises(ProofError, match="nothing else can be replaced"):
            substitute(fact, {key: sp.Integer(-1)})


def test_integer_families_take_integer_arguments() -> None:
    size = count("M")
    with pytest.raises(ProofError, match="only at integers"):
        assume(lt(size(x), size(y)))
    assert assume(lt(size(i), size(j + 1))).hypotheses == (lt(size(i), size(j + 1)),)


def test_ends_of_ranges_must_be_defined() -> None:
    square = combine(ge(f(i) ** 2, 0))
    wide = All(i, 1, sp.floor(1 / x), square.conclusion)
    with pytest.raises(ProofError, match="undefined"):
        termwise(square, i, 1, sp.floor(1 / x), quantify=True)
    with pytest.raises(ProofError, match="undefined"):
        assume(wide)
    assert prove(claim("c", (), wide), lambda c: (square,)).status == "undecided"
    sizes, inverse = count("M"), sp.Lambda(k, sp.floor(1 / k))
    total = assume(ge(sum_of(f(i), i, 1, sizes(n)), 0), [assume(ge(sizes(n), 0))])
    for fact in (termwise(square, i, 1, sizes(n), quantify=True), total):
        with pytest.raises(ProofError, match="undefined"):
            substitute(fact, {sizes: inverse})
    positive = assume(gt(x, 0))
    assert termwise(square, i, 1, sp.floor(1 / x), [positive], quantify=True).conclusion == wide


def test_substitute_checks_domains_and_capture() -> None:
    fact = combine(ge(x + 1, 1), [(1, assume(ge(x, 0)))])
    assert substitute(fact, {x: -y}).hypotheses == (ge(-y, 0),)
    whole = combine(ge(n * (n + 1), 0), [(1, assume(ge(n, 0)))], rest=n**2)
    with pytest.raises(ProofError, match="integer"):
        substitute(whole, {n: x})
    with pytest.raises(ProofError, match="undefined"):
        substitute(fact, {x: 1 / y})
    product = identity(y * z * t - t * z * y, sp.Integer(0))
    assert substitute(product, {z: sp.exp(t)}).conclusion == eq(0, 0)
    quotient = identity(f(i) * y + 1, 1 + y * f(i))
    with pytest.raises(ProofError, match="undefined"):
        substitute(quotient, {f: sp.Lambda(i, 1 / g(i))})
    assert substitute_term(sum_of(x * i, i, 1, n), {x: i}) != sum_of(i * i, i, 1, n)


def test_quantifier_capture() -> None:
    every = assume(All(i, 1, n, le(f(i), f(j))))
    moved = substitute(every, {j: i})
    assert isinstance(moved.conclusion, All)
    assert moved.conclusion.index != i
    assert moved.conclusion.body.rhs == f(i)


def test_quantifiers_speak_of_integers_only() -> None:
    every = All(i, 1, n, ge(f(i), 0))
    between = [every, ge(x, 1), le(x, n)]
    assert not entails(between, ge(f(x), 0))
    assert entails([every, ge(j, 1), le(j, n)], ge(f(j), 0))
    assert not entails([every, ge(j, 1)], ge(f(j), 0))


def test_block_sums_do_not_capture_their_indices() -> None:
    rows, columns = assume(ge(n, 0)), assume(ge(m, 0))
    fact = classical("finite Fubini", k, n, j, m, sp.Lambda(i, f(i)), given=[rows, columns])
    point = {n: Fraction(3), m: Fraction(4), f: lambda q: Fraction(q * q + 1)}
    assert holds(fact.conclusion, point) is True
    with pytest.raises(ProofError, match="block indices"):
        classical("finite Fubini", k, n, j, m, sp.Lambda(i, f(i) + k), given=[rows, columns])


def test_rewriting_leaves_bound_indices_alone() -> None:
    size, value = assume(ge(n, 1)), assume(eq(f(i), 0))
    with pytest.raises(ProofError, match="not an identity"):
        identity(sum_of(f(i), i, 1, n), sp.Integer(0), [size], using=[value])
    assert identity(f(i) + x, x, using=[value]).hypotheses == (eq(f(i), 0),)
    with pytest.raises(ProofError, match="not an equation"):
        identity(x, y, using=[assume(le(x, y))])


def test_prove_compares_hypotheses_and_conclusion() -> None:
    statement = claim("c", (ge(x, 1),), ge(x, 0))
    good = prove(statement, lambda c: (combine(ge(x, 0), [(1, assume(ge(x, 1)))]),))
    assert (good.status, good.evidence) == ("proved", Evidence.EXACT)
    extra = prove(statement, lambda c: (assume(ge(x, 0)),))
    assert extra.status == "proved"
    assert prove(statement, lambda c: (assume(ge(x, 2)),)).status == "undecided"
    assert "assumes" in prove(statement, lambda c: (combine(ge(x, 0), [(1, assume(ge(x, 2)))]),)).why
    other = claim("c", (), le(x, y))
    assert "shows" in prove(other, lambda c: (combine(ge(x**2, 0)),)).why
    assert prove(statement, lambda c: ()).status == "undecided"
    assert prove(statement, lambda c: (c.parts[0],)).status == "undecided"  # type: ignore[arg-type]
    undefined = Claim("u", (Sequent((), ge(1 / x**2, 0)),))
    assert prove(undefined, lambda c: (combine(ge(x**2, 0)),)).status == "undecided"


def test_evidence_is_the_weakest_used() -> None:
    rough = enclosure(x + 1, {x: (sp.Integer(0), sp.Integer(1))})
    assert combine(gt(x + 2, 0), [(1, rough)]).evidence == Evidence.ENCLOSED
    assert Evidence.FORMAL > Evidence.EXACT > Evidence.ENCLOSED > Evidence.SAMPLED


def test_steps_name_rules_and_citations() -> None:
    fact = classical("absolute value bounds", x)
    steps = combine(le(x, sp.Abs(x) + 1), [(1, fact)]).steps()
    assert steps[0].startswith("classical [absolute value bounds; definition of |x|]")
    assert steps[1].startswith("combine")


def test_three_values() -> None:
    assert compare(arb(1), "<=", arb(1)) is True
    assert compare(arb(1, 0.5), "<=", arb(1)) is None
    assert compare(arb("nan"), "<", arb(1)) is None
    assert holds(All(i, 1, None, ge(i, 1)), {}) is None
    assert evaluate(sum_of(f(i) / 2, i, 0, 3), {f: lambda q: Fraction(q)}) == 3
    assert integer_power(arb(0, 1), 4).contains(1)


SMALL = st.integers(-3, 3)


@st.composite
def polynomials(draw: st.DrawFn) -> sp.Expr:
    """Random terms in x, y, exponentials and one symbolic sum."""
    atoms = [x, y, sp.exp(x), sp.exp(x + y), sp.exp(-y / 2), sum_of(f(i) * x + i, i, 1, n), f(1), sp.Integer(1)]
    total = sp.Integer(0)
    for _ in range(draw(st.integers(1, 4))):
        factors = draw(st.lists(st.sampled_from(atoms), min_size=1, max_size=3))
        total += draw(SMALL) * sp.Mul(*factors)
    return total


POINTS = [
    {x: Fraction(p), y: Fraction(q), n: Fraction(r), f: lambda index, s=s: Fraction(index * s - 1, 3)}
    for p, q, r, s in [(1, 2, 1, 1), (-1, 1, 3, 2), (0, -2, 0, 5), (2, -1, 4, -1)]
]


@SETTINGS
@given(polynomials(), polynomials())
def test_accepted_identities_hold_at_points(left: sp.Expr, right: sp.Expr) -> None:
    size = assume(ge(n, 0))
    try:
        identity(left, right, [size])
    except ProofError:
        assert sp.expand(left - right) != 0
        return
    for point in POINTS:
        assert compare(evaluate(left, point), "==", evaluate(right, point)) is not False


@SETTINGS
@given(polynomials(), polynomials())
def test_products_of_sums_are_recognised(left: sp.Expr, right: sp.Expr) -> None:
    assert identity((left + right) ** 2, left**2 + 2 * left * right + right**2, [assume(ge(n, 0))]).rule == "identity"


@SETTINGS
@given(polynomials(), st.lists(polynomials(), max_size=2))
def test_entailed_inequalities_hold_at_points(goal: sp.Expr, known: list[sp.Expr]) -> None:
    formulas = [ge(n, 0), *(ge(term, 0) for term in known)]
    if entails(formulas, gt(goal, 0)):
        for point in POINTS:
            if all(holds(formula, point) for formula in formulas):
                assert compare(Fraction(0), "<", evaluate(goal, point)) is not False
    elif entails(formulas, ge(goal, 0)):
        for point in POINTS:
            if all(holds(formula, point) for formula in formulas):
                assert compare(Fraction(0), "<=", evaluate(goal, point)) is not False


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=4), st.data())
def test_factors_are_those_of_sympy(terms: list[tuple[int, int, int]], data: st.DataObject) -> None:
    """Multiplied out they are the term, and both see a product or neither does."""
    some = sum(c * x**a * sp.exp(y) ** b for c, a, b in terms)
    other = data.draw(st.sampled_from([1, some, x - 2 * sp.exp(y), sp.exp(-y) / 3, 1 / x, 1 / (x + 1)]))
    term = sp.expand(some * other)
    found = factor(term)
    assert sp.cancel(found - term) == 0
    assert isinstance(found, sp.Mul) == isinstance(sp.factor(term), sp.Mul)
