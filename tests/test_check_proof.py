"""Saved proofs: honest ones hold, tampered ones fail, and what cannot be re-checked is said."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from attain.proofs.check import CheckError, check_file
from attain.proofs.checker.claims.normal import Normal
from attain.proofs.checker.claims.polynomial import on_box, sign_on_interval
from attain.proofs.checker.claims.proof import check_proof
from attain.proofs.checker.claims.reading import read_claim
from attain.proofs.checker.claims.tree import make, number, read
from attain.proofs.prover.algebra import Candidate
from attain.proofs.prover.cover import cover_step
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.problem import Clock, Problem
from attain.proofs.prover.saved import to_json
from attain.proofs.prover.step import Proof
from rechecking import Data, saved, status

ROOT = Path(__file__).resolve().parent.parent


HONEST = [
    ("exp(1) < 3", []),
    ("sin(x)**2 + cos(x)**2 == 1", []),
    ("x**2 - 2*x + 1 >= 0", []),
    ("x**2 + y**2 >= 2*x*y", []),
    ("exp(x) + x**2 > 0", []),
    ("sin(x)*cos(y) <= 1.01", ["x, y in [0, 1]"]),
    ("x*exp(-x) <= 1/e", ["x >= 0"]),
    ("log(1 + x) <= x", ["x > -1"]),
    ("log(x) <= (x-1)/sqrt(x)", ["x >= 1"]),
    ("abs(x) + abs(x - 1) >= 1", []),
    ("atan(x) + atan(1/x) == pi/2", ["x > 0"]),
    ("0 <= x <= 1", ["x in [0, 1]"]),
    ("x*y <= 1/4", ["x + y == 1"]),
    ("logsumexp(x + c, y + c) == c + logsumexp(x, y)", []),
    ("a/(b+c) + b/(a+c) + c/(a+b) >= 3/2", ["a > 0", "b > 0", "c > 0"]),
    ("0 <= e <= 1", ["e in [0, 1]"]),
    ("p*x + q*y <= M", ["p + q == 1", "p >= 0", "q >= 0", "x <= M", "y <= M"]),
    ("cos(pi/5) == (1+sqrt(5))/4", []),
    ("cos(7*pi/5) == -sin(pi/10)", []),
    ("cos(3*pi/10) == sin(pi/5)", []),
    ("ceil(x - y) == -floor(y - x)", []),
    ("gamma(5/2) == 3*sqrt(pi)/4", []),
    ("gamma(x+2) == x*(x+1)*gamma(x)", ["x > 0"]),
    ("loggamma(x+1) == log(x)+loggamma(x)", ["x > 0"]),
    ("exp(x) >= 1 + x + x**2/2", []),
    ("x*y <= 0.2", ["x + y == pi", "x in [0, 2]"]),
]


@pytest.mark.parametrize(("text", "where"), HONEST)
def test_honest_files_hold_in_full(text: str, where: list[str]) -> None:
    assert status(saved(text, *where)) == "proved"


def test_smt_steps_are_named_and_not_passed_over() -> None:
    data = saved("x >= 0", "x in [0, 1]")
    data["goals"][0] = {key: data["goals"][0][key] for key in ("op", "said")} | {"rule": "smt"}
    assert status(data) == "partly"
    assert ("goal 1", "not re-checked", "smt step: trust in z3") in check_proof(data)


# --- tampering ---


def everywhere(data: object) -> Iterator[Data]:
    """Every object of the JSON that is a step or a candidate."""
    if isinstance(data, dict):
        yield data
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from everywhere(item)


def steps(data: Data, rule: str) -> list[Data]:
    found = [item for item in everywhere(data["goals"]) if item.get("rule") == rule]
    assert found
    return found


def rejected(data: Data, change: Callable[[Data], None]) -> bool:
    changed = copy.deepcopy(data)
    change(changed)
    assert changed != data
    return status(changed) in ("refuted", "error")


def cover_proof() -> Data:
    claim = parse_claim("sin(x)*cos(5*y) + y**2 <= 1.7", ["x, y in [0, 1]"])
    verdict = prove_claim(claim)
    problem = Problem(claim.variables, (), claim.goals[0].gap, ">=")
    step = cover_step(problem, [Candidate(problem.gap, "same")], 300, Clock(10))
    assert verdict.proof is not None
    assert step is not None
    from dataclasses import replace

    proof: Proof = replace(verdict.proof, goals=(step,))
    data: Data = json.loads(json.dumps(to_json(claim, replace(verdict, proof=proof))))
    return data


def test_a_cover_holds_and_each_change_of_its_tree_fails() -> None:
    data = cover_proof()
    assert status(data) == "proved"
    (step,) = steps(data, "cover")
    tree = step["tree"]
    assert len(tree) > 3
    for k, node in enumerate(tree):
        assert rejected(data, lambda d, k=k: steps(d, "cover")[0]["tree"].pop(k))  # type: ignore[misc]
        if isinstance(node, int):
            for wrong in (-1, -3, 7):
                assert rejected(data, lambda d, k=k, w=wrong: steps(d, "cover")[0]["tree"].__setitem__(k, w))  # type: ignore[misc]
    assert rejected(data, lambda d: steps(d, "cover")[0].update(tree=[0]))
    assert rejected(data, lambda d: d.update(claim="sin(x)*cos(5*y) + y**2 <= 1.4"))
    assert rejected(data, lambda d: d.update(where=["x, y in [0, 2]"]))


def test_splits_anywhere_still_fill_the_domain() -> None:
    data = cover_proof()
    step = steps(data, "cover")[0]
    step["tree"] = [["x", "-5"], 0, *step["tree"]]
    assert status(data) == "proved"
    step["tree"] = [["x", "5"], 0, *step["tree"][2:]]
    assert status(data) == "refuted"


CLAIM_CHANGES = [
    ("x*exp(-x) <= 1/e", ["x >= 0"], "x*exp(-x) <= 1/3", ["x >= 0"]),
    ("x*exp(-x) <= 1/e", ["x >= 0"], "x*exp(-x) < 1/e", ["x >= 0"]),
    ("x*exp(-x) <= 1/e", ["x >= 0"], "x*exp(-x) >= 1/e", ["x >= 0"]),
    ("log(1 + x) <= x", ["x > -1"], "log(1 + x) <= x", ["x >= -1"]),
    ("log(1 + x) <= x", ["x > -1"], "log(1 + x) <= x", []),
    ("x**2 - 2*x + 1 >= 0", [], "x**2 - 2*x + 1 > 0", []),
    ("x**2 - 2*x + 1 >= 0", [], "x**2 - 2*x + 0.999 >= 0", []),
    ("x*y <= 1/4", ["x + y == 1"], "x*y <= 1/4", ["x + y == 1.001"]),
    ("x <= 1", ["x in [0, 1]"], "x <= 1", ["x in [1, 0]"]),
    ("x <= 1", ["x in [0, 1]"], "x <= 1", ["x in [0, 1]", "x > 2"]),
    ("sin(x)**2 + cos(x)**2 == 1", [], "sin(x)**2 + cos(x)**2 < 1", []),
]


@pytest.mark.parametrize(("text", "where", "other", "other_where"), CLAIM_CHANGES)
def test_a_proof_of_another_claim_fails(text: str, where: list[str], other: str, other_where: list[str]) -> None:
    data = saved(text, *where)
    assert status(data) == "proved"
    data.update(claim=other, where=other_where)
    assert status(data) in ("refuted", "error")
    # the statement of the goals changed with it
    claim = parse_claim(other, other_where)
    if len(claim.goals) == len(data["goals"]):
        from attain.symbolic.tree import to_text

        op = {"<=": ">=", "<": ">", "==": "=="}[claim.goals[0].op]
        data["goals"][0].update(said=to_text(claim.goals[0].gap), op=op)
        assert status(data) in ("refuted", "error")


def test_a_guard_that_is_missing_or_weaker_fails() -> None:
    data = saved("log(1 + x)/(2 + x) <= sqrt(1 + x)", "x >= 0")
    assert status(data) == "proved"
    for k in range(2):
        assert rejected(data, lambda d, k=k: d["guards"].pop(k))  # type: ignore[misc]
        assert rejected(data, lambda d, k=k: d["guards"][k].update(op=">="))  # type: ignore[misc]


DATA_CHANGES: list[tuple[str, list[str], str]] = [
    ("x**2 - 2*x + 1 >= 0", [], "sturm"),
    ("x**2 + y**2 >= 2*x*y", [], "differences"),
]


@pytest.mark.parametrize(("text", "where", "rule"), DATA_CHANGES)
def test_a_changed_polynomial_fails(text: str, where: list[str], rule: str) -> None:
    data = saved(text, *where)
    for k in range(len(steps(data, rule)[0]["terms"])):
        assert rejected(data, lambda d, k=k: steps(d, rule)[0]["terms"].pop(k))  # type: ignore[misc]
        assert rejected(data, lambda d, k=k: steps(d, rule)[0]["terms"][k].__setitem__(0, "17/3"))  # type: ignore[misc]
    assert rejected(data, lambda d: steps(d, rule)[0]["atoms"].reverse() or steps(d, rule)[0]["atoms"].append("1"))
    assert rejected(data, lambda d: steps(d, rule)[0].update(atoms=["exp(x)"] * len(steps(d, rule)[0]["atoms"])))


def test_narrower_ends_of_an_atom_fail() -> None:
    data = saved("x**3 >= 0", "x >= 0")
    if data["goals"][0]["rule"] == "sturm":
        assert rejected(data, lambda d: d["goals"][0].update(ends=[["1", None]]))
    data = saved("x**3 - 3*x + 2 >= 0", "x >= -2")
    assert rejected(data, lambda d: steps(d, "sturm")[0].update(ends=[["0", None]]))
    assert rejected(data, lambda d: d.update(where=["x >= -2.001"]))


def test_a_wrong_factor_fails() -> None:
    data = saved("x*exp(-x) <= 1/e", "x >= 0")
    for item in list(everywhere(data["goals"])):
        if item.get("times"):
            before = item["times"]
            item["times"] = [*before, "-1"]
            assert status(data) in ("refuted", "error")
            item["times"] = [*before, "x - 3"]
            assert status(data) in ("refuted", "error")
            item["times"] = before
    assert status(data) == "proved"


def test_a_moved_anchor_or_point_fails() -> None:
    data = saved("log(x) <= (x-1)/sqrt(x)", "x >= 1")
    assert any(item.get("rule") in ("anchor", "meet", "cover") for item in everywhere(data["goals"]))
    for item in everywhere(data["goals"]):
        for key in ("point", "near"):
            if item.get(key) is not None:
                before, item[key] = item[key], "3/2"
                assert status(data) in ("refuted", "error")
                item[key] = before


def test_a_moved_shift_fails() -> None:
    data = saved("p*x + q*y <= M", "p + q == 1", "p >= 0", "q >= 0", "x <= M", "y <= M")
    shifts = [item for item in everywhere(data["goals"]) if item.get("rule") == "shift"]
    for item in shifts:
        for image in (item["image"].replace("M", "(M + 1)"), item["name"], "2*" + item["name"]):
            if image != item["image"]:
                before, item["image"] = item["image"], image
                assert status(data) in ("refuted", "error")
                item["image"] = before


def test_a_solved_variable_must_follow_from_a_condition() -> None:
    data = saved("x*y <= 1/4", "x + y == 1")
    assert data["solved"]
    assert rejected(data, lambda d: d["solved"][0].__setitem__(1, "1 - 2*x"))
    assert rejected(data, lambda d: d.update(solved=[]))


def test_a_moved_witness_fails() -> None:
    data = saved("exp(x) >= 1 + x + x**2/2")
    assert rejected(data, lambda d: d.update(witness={"x": "1"}))
    assert rejected(data, lambda d: d.update(witness={}))
    assert rejected(data, lambda d: d.update(where=["x >= 0"]))
    assert rejected(data, lambda d: d.update(witness={"x": "log(-1)"}))


def test_deleting_any_entry_fails() -> None:
    data = saved("log(1 + x)/(2 + x) <= sqrt(1 + x)", "x >= 0")
    for key in data:
        if key != "name":
            assert rejected(data, lambda d, key=key: d.pop(key))  # type: ignore[misc]
    for key in data["goals"][0]:
        assert rejected(data, lambda d, key=key: d["goals"][0].pop(key))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("claim", "where", "goal"),
    [
        # each was proved by a defect of a prover once; the file claims it by the same rule
        ("(1-sin(x))*(1+y) > 0", ["x in [0, 3]", "y in [0, 1]"], {"rule": "differences"}),
        ("1 + 10**(-30)*(sqrt(log(2)) - sqrt(2)) == 1", [], {"rule": "identity"}),
        ("1 + 10**(-30)*(log(log(2)) - log(2)) == 1", [], {"rule": "identity"}),
        ("1/x >= 0", ["x in [-1, 1]"], {"rule": "identity"}),
    ],
)
def test_false_claims_are_not_passed(claim: str, where: list[str], goal: Data) -> None:
    parsed = parse_claim(claim, where)
    from attain.symbolic.tree import to_text

    op = {"<=": ">=", "<": ">", "==": "=="}[parsed.goals[0].op]
    u = {"candidate": {"formula": "1", "how": "times", "times": [], "inner": []}, "atoms": ["sin(x)", "y"]}
    terms = [["1", [0, 0]], ["-1", [1, 0]], ["1", [0, 1]], ["-1", [1, 1]]]
    step = {**u, "ends": [["0", "1"], ["0", "1"]], "low": ["0", "0"], "terms": terms, **goal}
    step |= {"op": op, "said": to_text(parsed.goals[0].gap)}
    point = {name: "1/2" for name in ("x", "y") if name in claim}
    data = {"kind": "attain-proof/1", "claim": claim, "where": where, "verdict": "proved"}
    found = check_proof({**data, "solved": [], "point": point, "guards": [], "goals": [step]})
    assert not all(line[1] == "proved" for line in found)


# --- the parts of the checker ---


def test_the_checker_imports_nothing_of_the_prover() -> None:
    for path in [*(ROOT / "proofs" / "checker").rglob("*.py"), ROOT / "proofs" / "check.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert "prover" not in (node.module or "")
                assert not (node.module or "").startswith(("attain", "sympy"))
                assert node.level <= 3
                assert "symbolic" not in (node.module or "")


IDENTITIES = [
    *("sin(x)**2 + cos(x)**2 - 1", "tanh(2*x) - 2*tanh(x)/(1 + tanh(x)**2)", "softplus(x) - softplus(-x) - x"),
    *("sin(3*x) - 3*sin(x) + 4*sin(x)**3", "2**x*2**y - 2**(x + y)", "log(6) - log(2) - log(3)", "sqrt(8) - 2*sqrt(2)"),
    *("sin(pi/3) - sqrt(3)/2", "exp(log(1 + x**2)/2) - sqrt(1 + x**2)", "(x**2 - 1)/(x - 1) - x - 1"),
]


@pytest.mark.parametrize("text", IDENTITIES)
def test_the_normal_form_of_the_checker(text: str) -> None:
    names = {"x": None, "y": None}
    tree = read(text, names)
    assert Normal({}).is_zero(tree)
    assert not Normal({}).is_zero(make("+", tree, number(Fraction(1, 10**9))))
    assert not Normal({}).is_zero(read("sqrt(log(2)) - sqrt(2)", {}))
    assert not Normal({}).is_zero(read("sqrt(x**2) - x", names))


def test_polynomials_of_the_checker() -> None:
    one = Fraction(1)
    cubes = {(3, 0, 0): one, (0, 3, 0): one, (0, 0, 3): one, (1, 1, 1): -3 * one}
    half_lines = [(Fraction(0), None)] * 3
    ends = [(True, False)] * 3
    assert on_box(cubes, half_lines, ends, False)
    assert not on_box({**cubes, (1, 1, 1): -3 * one - Fraction(1, 10**9)}, half_lines, ends, False)
    unit = [(Fraction(0), Fraction(1))] * 2
    vanishing = {(0, 0): one, (1, 0): -one, (0, 1): one, (1, 1): -one}  # (1 - x)(1 + y)
    both = [(True, True)] * 2
    assert on_box(vanishing, unit, both, False)
    assert not on_box(vanishing, unit, both, True)
    assert on_box(vanishing, unit, [(True, False), (True, True)], True)
    assert not on_box(vanishing, unit, [(False, True), (False, False)], True)
    product_of_two = {(1, 1): one}
    assert on_box(product_of_two, half_lines[:2], [(False, False)] * 2, True)
    assert not on_box(product_of_two, half_lines[:2], [(False, False), (True, False)], True)
    square = [Fraction(2), Fraction(0), Fraction(-1)]  # 2 - x**2
    assert sign_on_interval(square, Fraction(-1), Fraction(1), (True, True), True)
    assert not sign_on_interval(square, Fraction(0), Fraction(3, 2), (True, True), False)


@pytest.mark.parametrize(("text", "where"), HONEST)
def test_both_readings_of_a_claim_agree(text: str, where: list[str]) -> None:
    mine, theirs = read_claim(text, where), parse_claim(text, where)
    assert set(mine.domains) == {v.name for v in theirs.variables}
    assert len(mine.goals) == len(theirs.goals)
    assert len(mine.conditions) == len(theirs.conditions)
    for v in theirs.variables:
        domain = mine.domains[v.name]
        assert (domain.integer, domain.low_open, domain.high_open) == (v.integer, v.low_open, v.high_open)
        assert (domain.low is None, domain.high is None) == (v.low is None, v.high is None)


def test_files_that_are_no_proofs(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    for text in ('{"kind": "other"}', '{"kind": 1}', '{"kind": "attain-proof/1", "claim": "x"}', "[" * 3000):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CheckError):
            check_file(path)


def test_signs_are_noted_with_their_strictness() -> None:
    names = {"x": None, "y": None}
    normal = Normal({})
    normal.note(read("x - 2*y", names), 0)
    for text, sign in (("3*x - 6*y", 0), ("2*y - x", -1), ("x - y", -1), ("x**2 + 1", 1)):
        assert normal.sign(normal.form(read(text, names))[0]) == sign
    normal.note(read("x - 2*y", names), 1)
    assert normal.sign(normal.form(read("x/2 - y", names))[0]) == 1
    assert normal.is_zero(read("abs(x - 2*y) - x + 2*y", names))
    assert not normal.is_zero(read("abs(x - y) - x + y", names))


MOVED = [
    ("a*t + b*(1-t) <= max(a, b)", ["t in [0, 1]"]),
    ("tanh(x)-tanh(y) <= x-y", ["x >= y"]),
    ("(1+x)**n >= 1+n*x", ["x >= 0", "n >= 1 integer"]),
]


@pytest.mark.parametrize(("text", "where"), MOVED)
def test_variables_that_move_to_their_ends(text: str, where: list[str]) -> None:
    data = saved(text, *where)
    assert status(data) == "proved"
    for item in everywhere(data["goals"]):
        if "reached" in item:
            before, item["reached"] = item["reached"], []
            assert status(data) in ("refuted", "error")
            item["reached"] = before
