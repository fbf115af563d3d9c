"""Forged proofs of false claims against the checker of saved proofs, which must never pass one.

Usage: python benchmarks/fuzz_checker.py [--count 6000] [--seed 0] [--time 1] [--claims FILE] [--json]     (make fuzz)

An honest saved proof is turned to a false claim: a constant nudged, a relation reversed or made strict, a condition or
an end dropped, an end moved, or the goal tightened below the least gap that was met; mpmath has found a point where it
is false or undefined. The goals of the file say the new claim, numbers and formulas of the steps follow it as far as
they can, and then parts are changed: numbers, relations, ends and flags, formulas, names, parts swapped, dropped,
doubled, taken from another proof, replaced by a simple step, or undefined somewhere. Whatever comes out, the claim is
false: a file that is confirmed in full is a hole in the checker, an exception but its own errors a crash. Exit status 1
on either.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import re
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import mpmath
from attain.proofs.check import CheckError
from attain.proofs.checker.claims.proof import check_proof
from attain.proofs.mutants import domain_text, mutants
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import Claim, from_table, parse_claim
from attain.proofs.prover.saved import to_json
from attain.symbolic.tree import to_text
from rich.progress import track
from truth import DIGITS, TooLarge, Undefined, admissible, holds, points_of, value_at, violation

CLAIMS = Path(__file__).resolve().parent.parent / "tests" / "claims"
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
TOKEN = re.compile(r"\d+(?:\.\d+)?|\w+|\*\*|<=|>=|==|\S")
RULES = ("number", "identity", "terms", "cover", "rewritten", "fewer", "real", "anchor", "pieces", "slide", "meet")
Data = dict[str, Any]
Place = tuple[Any, Any]


class Honest(NamedTuple):
    """A proved claim with its saved proof."""

    claim: Claim
    data: Data


class Wrong(NamedTuple):
    """A claim that is false or undefined at some point, and what was added to the smaller side of its goals."""

    claim: Claim
    slack: str


def prove(claims: Sequence[Claim], seconds: float, bar: bool = False) -> list[Honest]:
    """The claims whose proofs are confirmed in full."""
    found = []
    for claim in track(claims, description="honest proofs", disable=not bar):
        verdict = prove_claim(claim, seconds)
        data = json.loads(json.dumps(to_json(claim, verdict))) if verdict.status == "proved" else None
        if data and {status for _, status, _ in check_proof(data, 30)} == {"proved"}:
            found.append(Honest(claim, data))
    return found


def where(claim: Claim) -> tuple[str, ...]:
    return (*map(domain_text, claim.variables), *map(str, claim.conditions))


def falsified(claim: Claim, generator: random.Random, most: int) -> list[Wrong]:
    """False variants of a true claim, each with a point at which mpmath sees it fail."""
    if len(claim.goals) > 1:
        return []
    pool = list(mutants(claim))
    found = []
    for mutant in generator.sample(pool, min(3 * most, len(pool))):
        if len(found) < most and fails(mutant.claim, generator, 25):
            with suppress(ValueError):  # an exponent with too many digits
                found.append(Wrong(parse_claim(mutant.claim.text, mutant.where), "0"))
    slack = least_gap(claim, generator)
    for factor in ("1.000001", "1.1", "3") if slack is not None else ():
        added = mpmath.nstr(slack * mpmath.mpf(factor) + mpmath.mpf(10) ** -12, 20, min_fixed=-30, max_fixed=30)
        goal = claim.goals[0]
        tight = parse_claim(f"({to_text(goal.lhs)}) + {added} {goal.op} {to_text(goal.rhs)}", where(claim))
        if fails(tight, generator, 60):
            found.append(Wrong(tight, added))
    return found


def fails(claim: Claim, generator: random.Random, tries: int) -> bool:
    """Whether a point is met where a side is too large, or, at a small point and with more digits, not too small."""
    point, _ = violation(claim, generator, tries)
    if point is None:
        return False
    try:
        with mpmath.workdps(DIGITS):
            if any(holds(replace(goal, op="<="), point) is False for goal in claim.goals if goal.op != "=="):
                return True
        if max(map(abs, point.values()), default=0) > 10:
            return False
        with mpmath.workdps(8 * DIGITS):
            return admissible(claim, point) and any(holds(goal, point) is False for goal in claim.goals)
    except Undefined:
        return max(map(abs, point.values()), default=0) <= 10
    except TooLarge:
        return False


def least_gap(claim: Claim, generator: random.Random) -> mpmath.mpf | None:
    """The least gap of an inequality at some points."""
    if claim.goals[0].op == "==":
        return None
    with mpmath.workdps(DIGITS):
        gaps = []
        for point in points_of(claim, generator, 40):
            try:
                gaps.append(value_at(claim.goals[0].gap, point))
            except (Undefined, TooLarge):
                continue
        return min(gaps, default=None)


def turned(honest: Honest, false: Wrong, generator: random.Random) -> Data:
    """The proof with its goals, and often all of its formulas, about the false claim."""
    data = copy.deepcopy(honest.data)
    data |= {"claim": false.claim.text, "where": list(where(false.claim))}
    old, new = (" ".join([c.text, *where(c)]) for c in (honest.claim, false.claim))
    pairs = [(a, b) for a, b in zip(TOKEN.findall(old), TOKEN.findall(new), strict=False) if a != b]
    if generator.random() < 0.7 and len(pairs) == 1 and pairs[0][0] not in ("+", "-"):
        swap(data, *pairs[0], generator.choice([1.0, 0.5]), generator)
    if false.slack != "0" and generator.random() < 0.8:
        shifted(data, false.slack, generator)
    ops = {"<=": ">=", "<": ">", "==": "=="}
    for step, goal in zip(data["goals"], false.claim.goals, strict=False):
        if isinstance(step, dict):
            step |= {"said": to_text(goal.gap), "op": ops[goal.op]}
    if generator.random() < 0.6:
        follow(data, ops[false.claim.goals[0].op], generator)
    return data


def swap(data: Data, old: str, new: str, share: float, generator: random.Random) -> None:
    """A token of the claim in the formulas of the proof, too."""
    token = re.compile(rf"(?<![\w.]){re.escape(old)}(?![\w.])")
    for container, key in list(places(data)):
        if isinstance(container[key], str) and key not in ("claim", "kind") and generator.random() < share:
            container[key] = token.sub(new, container[key])


def shifted(data: Data, slack: str, generator: random.Random) -> None:
    """The slack in the candidates, as it is in the goal."""
    for container, key in list(places(data["goals"])):
        item = container[key]
        if isinstance(item, dict) and isinstance(item.get("formula"), str) and generator.random() < 0.7:
            times = "*".join(f"({t})" for t in item.get("times", [])) or "1"
            item["formula"] = f"{item['formula']} - ({slack})*{times}"
    for container, key in list(places(data["goals"])):
        if key == "terms" and isinstance(container[key], list) and container[key] and generator.random() < 0.7:
            first = container[key][0]
            container[key] = [*container[key], [f"-{slack}", [0] * len(first[1])]]


def follow(data: Data, op: str, generator: random.Random) -> None:
    """The relation of the goal in the steps, too."""
    for container, key in list(places(data["goals"])):
        if key == "op" and generator.random() < 0.5:
            container[key] = op


# --- changes of parts -------------------------------------------------------------------------------------------------


def places(data: Any) -> Iterator[Place]:
    """Every entry of every object and list."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield data, key
        yield from places(value)


def number(text: str, generator: random.Random) -> str:
    found = list(NUMBER.finditer(text))
    if not found:
        return text
    match = generator.choice(found)
    value = generator.choice(["0", "1", "2", "-1", "1/2", "10**9", "1.1*{}", "0.9*{}", "({}+1)", "({}-1)", "(-{})"])
    return text[: match.start()] + value.format(match[0]) + text[match.end() :]


def formula(text: str, generator: random.Random) -> str:
    """Another sign, function or name in a formula."""
    tokens = TOKEN.findall(text)
    swaps = {"+": "-", "-": "+", "*": "/", "/": "*", "exp": "log", "log": "exp", "sqrt": "abs", "sin": "cos"}
    words = [t for t in tokens if re.fullmatch("[A-Za-z]", t)]
    spots = [i for i, t in enumerate(tokens) if t in swaps or t in words]
    if not spots:
        return text
    i = generator.choice(spots)
    tokens[i] = swaps.get(tokens[i]) or generator.choice([*words, "0", "1"])
    return " ".join(tokens)


def change_text(data: Data, generator: random.Random, pool: Sequence[Honest]) -> None:
    texts = [(c, k) for c, k in places([data["guards"], data["goals"], data["solved"], data["point"]])]
    texts = [(c, k) for c, k in texts if isinstance(c[k], str) and k not in ("rule", "op")]
    if texts:
        container, key = generator.choice(texts)
        container[key] = generator.choice([number, number, formula])(container[key], generator)


def change_definedness(data: Data, generator: random.Random, pool: Sequence[Honest]) -> None:
    """A formula multiplied by 1, or with 0 added, that is undefined somewhere; a leaf of each cover left out."""
    texts = [(c, k) for c, k in places([data["guards"], data["goals"]]) if isinstance(c[k], str)]
    texts = [(c, k) for c, k in texts if k not in ("rule", "op", "said") and re.search("[a-zA-Z]", c[k])]
    if not texts:
        return
    container, key = generator.choice(texts)
    name = generator.choice(re.findall("[a-zA-Z]+", container[key]))
    container[key] = generator.choice(["({0})*({1}/{1})", "({0}) + 0*log({1})", "({0})*(({1}-1)/({1}-1))"]).format(
        container[key], name
    )
    change_tree(data, generator, pool)


def change_relation(data: Data, generator: random.Random, pool: Sequence[Honest]) -> None:
    spots = [(c, k) for c, k in places([data["guards"], data["goals"]]) if c[k] in (">=", ">", "==")]
    if spots:
        container, key = generator.choice(spots)
        container[key] = generator.choice([">=", ">", "=="])


def change_flag(data: Data, generator: random.Random, pool: Sequence[Honest]) -> None:
    """Whole numbers, truth values and missing ends."""
    spots = [(c, k) for c, k in places([data["guards"], data["goals"]]) if c[k] is None or isinstance(c[k], int)]
    if spots:
        container, key = generator.choice(spots)
        value = container[key]
        near = [value - 1, value + 1, -value] if type(value) is int else []
        container[key] = generator.choice([*near, None, True, False, -1, -3, 0, 1, "0", "1/2"])


def change_list(data: Data, generator: random.Random, pool: Sequence[Honest]) -> None:
    """Parts swapped, dropped, doubled, reversed or emptied."""
    lists = [data["guards"], data["solved"], data["goals"]]
    lists += [c[k] for c, k in places([data["guards"], data["goals"]]) if isinstance(c[k], list)]
    lists = [item for item in lists if item]
    if not lists:
        return
    chosen = generator.choice(lists)
    i, j = (generator.randrange(len(chosen)) for _ in range(2))
    match generator.randrange(5):
        case 0:
            chosen[i], chosen[j] = chosen[j], chosen[i]
        case 1:
            del chosen[i]
        case 2:
            chosen.insert(j, copy.deepcopy(chosen[i]))
        case 3:
            chosen.reverse()
        case 4:
            chosen.clear()


def change_entry(data: Data, generator: random.Random, pool: Sequence[Honest]) -> None:
    """An entry dropped, taken from elsewhere, or a number added to a list of conditions."""
    spots = [(c, k) for c, k in places([data["guards"], data["goals"]]) if isinstance(c, dict)]
    if not spots:
        return
    container, key = generator.choice(spots)
    others = [c[k] for c, k in spots if k == key]
    match generator.randrange(3):
        case 0:
            del container[key]
        case 1:
            container[key] = copy.deepcopy(generator.choice(others))
        case 2:
            container.setdefault("given", []).append(generator.randrange(3))


def steps(data: Data) -> list[Data]:
    spots = [c[k] for c, k in places([data["guards"], data["goals"]])]
    return [item for item in spots if isinstance(item, dict) and "rule" in item]


def change_step(data: Data, generator: random.Random, pool: Sequence[Honest]) -> None:
    """A step replaced by a simple one, by one of another proof, or by another rule."""
    mine = steps(data)
    theirs = steps(generator.choice(pool).data)
    if not mine or not theirs:
        return
    step = generator.choice(mine)
    said, op = step.get("said", "0"), step.get("op", ">=")
    match generator.randrange(4):
        case 0:
            other = copy.deepcopy(generator.choice([*mine, *theirs]))
            step.clear()
            step |= {**other, "said": said, "op": op}
        case 1:
            step["rule"] = generator.choice(RULES)
        case 2:
            step["candidate"] = {"formula": said, "how": "same", "times": [], "inner": []}
        case 3:
            step.clear()
            step |= {"rule": generator.choice(RULES), "said": said, "op": op, "tree": [generator.choice([0, -1, -3])]}
            same = {"formula": said, "how": "same", "times": [], "inner": []}
            step |= {"bits": 64, "total": False, "parts": [], "candidates": {"0": same}, "candidate": same}


def change_tree(data: Data, generator: random.Random, pool: Sequence[Honest]) -> None:
    """A leaf of a cover left out, or a place of a cut moved."""
    trees = [step["tree"] for step in steps(data) if isinstance(step.get("tree"), list) and step["tree"]]
    if trees:
        tree = generator.choice(trees)
        tree[generator.randrange(len(tree))] = generator.choice([-1, -2, -3, 0, 1, ["x", "1/2"], ["x", "-1024"]])


CHANGES: tuple[Callable[[Data, random.Random, Sequence[Honest]], None], ...] = (
    change_text, change_text, change_relation, change_flag, change_list, change_list, change_entry, change_step,
    change_step, change_tree, change_definedness,
)  # fmt: skip


# --- the run ----------------------------------------------------------------------------------------------------------


def answer(data: Data, seconds: float = 5) -> str:
    """``accepted``, ``partly``, ``rejected``, ``malformed`` or ``crash``."""
    try:
        found = {status for _, status, _ in check_proof(data, seconds)}
    except (CheckError, RecursionError):
        return "malformed"
    except Exception as error:
        print(f"CRASH {error!r:.200}", file=sys.stderr)
        return "crash"
    return "accepted" if found == {"proved"} else "rejected" if "refuted" in found else "partly"


def forge(pool: Sequence[Honest], claims: Sequence[list[Wrong]], seed: int) -> Data:
    """Forgery ``seed``: a proof turned to a false claim, with up to four changes."""
    generator = random.Random(seed)
    k = generator.choice([k for k, false in enumerate(claims) if false])
    data = turned(pool[k], generator.choice(claims[k]), generator)
    for _ in range(generator.choice([0, 1, 1, 1, 2, 2, 3, 4])):
        generator.choice(CHANGES)(data, generator, pool)
    return data


def run(
    pool: Sequence[Honest], seed: int, count: int, variants: int = 8, bar: bool = False
) -> tuple[Counter[str], list[Data]]:
    """How many forgeries got each answer, and those that were accepted or crashed."""
    generator = random.Random(seed)
    claims = [
        falsified(honest.claim, generator, variants)
        for honest in track(pool, description="false claims", disable=not bar)
    ]
    answers: Counter[str] = Counter()
    bad = []
    for index in track(range(count), description="forgeries", disable=not bar):
        data = forge(pool, claims, seed * 10**9 + index)
        found = answer(copy.deepcopy(data))
        answers[found] += 1
        if found in ("accepted", "crash"):
            bad.append(data)
    return answers, bad


def main(arguments: list[str]) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=6000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--time", type=float, default=1.0, help="CPU seconds for each honest proof")
    options.add_argument("--claims", type=Path, action="append", help="a file of claims with `expect`")
    options.add_argument("--json", action="store_true")
    given = options.parse_args(arguments)
    started, bar = time.process_time(), sys.stderr.isatty() and not given.json
    files = given.claims or [CLAIMS / "attention.toml", CLAIMS / "classics.toml"]
    tables = [t for path in files for t in tomllib.loads(path.read_text(encoding="utf-8"))["claim"]]
    pool = prove([from_table(t) for t in tables if t["expect"] == "proved"], given.time, bar)
    answers, bad = run(pool, given.seed, given.count, bar=bar)
    for data in bad:
        print(json.dumps(data), file=sys.stderr)
    spent = round(time.process_time() - started)
    if given.json:
        print(json.dumps({"honest": len(pool), "answers": answers, "seed": given.seed}))
    else:
        told = ", ".join(f"{count} {name}" for name, count in sorted(answers.items()))
        print(f"{len(pool)} honest proofs, {given.count} forgeries, seed {given.seed}: {told}; {spent} CPU seconds")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
