"""Claims of known truth against the prover, which must never answer wrongly.

Usage: python benchmarks/fuzz_prover.py [--count 2000] [--seed 0] [--first 0] [--time 1] [--json]      (make fuzz)

A claim starts from a fact: gap >= 0 under conditions, with equality at a known rational point. Substitutions, sums
and products of facts, increasing functions, neutral terms and new conditions keep that so. With slack added it is true,
with 1e-12 or more taken away false at the point, with a term that is undefined at the point an error. Identities are
formulas and their rewritings. Claim i of seed s is always the same, so --first goes on where a run was stopped, and
--first i --count 1 repeats one. Exit status 1 on any wrong verdict; a witness has to fail in mpmath.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from attain.proofs.prover.decide import Verdict, prove_claim
from attain.proofs.prover.language import parse_claim
from facts import FACTS, IDENTITIES, Fact
from rich.progress import track
from truth import TooLarge, Undefined, fails_at

AMOUNTS = ("1e-12", "1e-9", "1e-6", "0.001", "0.1", "1")


@dataclass(frozen=True)
class Sample:
    """A claim with its truth: proved, refuted (then it fails at ``point``) or error (undefined at ``point``)."""

    text: str
    where: tuple[str, ...]
    truth: str
    point: dict[str, Fraction]


def put(text: str, name: str, formula: str) -> str:
    """The text with a formula in place of a name."""
    return re.sub(rf"\b{name}\b", f"({formula})", text)


def substitute(known: Fact, name: str, formula: str, zero: Fraction) -> Fact:
    """The fact about formula(name) instead of name; the formula takes the old value of equality at ``zero``."""
    where = tuple(c if c.endswith(" integer") else put(c, name, formula) for c in known.where)
    return Fact(put(known.gap, name, formula), where, known.zero | {name: zero})


def rename(known: Fact, suffix: str) -> Fact:
    def swap(text: str) -> str:
        return re.sub(r"\b([xyzn])\b", rf"\g<1>{suffix}", text)

    return Fact(swap(known.gap), tuple(map(swap, known.where)), {swap(n): x for n, x in known.zero.items()})


def affine(known: Fact, g: random.Random) -> Fact:
    name = g.choice(list(known.zero))
    shift = g.choice([-7, -1, 2, 30])
    if f"{name} integer" in known.where:
        return substitute(known, name, f"{name} + {shift}", known.zero[name] - shift)
    scale = Fraction(g.choice([-3, -1, 2, 100]), g.choice([1, 3, 10]))
    return substitute(known, name, f"{scale}*{name} + {shift}", (known.zero[name] - shift) / scale)


def through(known: Fact, g: random.Random) -> Fact:
    """A variable becomes a function that takes 0 or 1 at a rational point."""
    name = g.choice(list(known.zero))
    zeros = [("{0}**3", 0), ("sinh({0})", 0), ("{0}**2", 0), ("{0}*exp({0})", 0), ("sin({0})", 0), ("abs({0} - 5)", 5)]
    ones = [("exp({0})", 0), ("cosh({0})", 0), ("1 + {0}**2", 0), ("cos({0})", 0), ("{0}**2", 1), ("1/(1 + {0}**2)", 0)]
    choices = {0: zeros, 1: ones}.get(known.zero[name]) if f"{name} integer" not in known.where else None
    if not choices:
        return known
    formula, zero = g.choice(choices)
    return substitute(known, name, formula.format(name), Fraction(zero))


def wrap(known: Fact, g: random.Random) -> Fact:
    """An increasing function that is 0 at 0, or a positive factor."""
    v = g.choice(list(known.zero))
    templates = ["{f}", "3*({f})", "exp({f}) - 1", "({f})/(1 + ({f}))", "log(1 + ({f}))", "({f}) + ({f})**3"]
    templates += ["tanh({f})", "sqrt(1 + ({f})) - 1", "atan({f})", "sinh(({f})/2)", "({f})*(2 + sin({v}))"]
    templates += ["({f})*exp(-{v}**2)", "({f})/(1 + {v}**2)", "1 - exp(-({f}))", "max({f}, 0)", "({f})**2"]
    return replace(known, gap=g.choice(templates).format(f=known.gap, v=v))


def combine(known: Fact, g: random.Random) -> Fact:
    """A positive combination, the larger, or the product with another fact."""
    other = rename(g.choice(FACTS), g.choice("uvw"))
    if set(other.zero) & set(known.zero):
        return known
    how = g.choice(["({a}) + {k}*({b})", "max({a}, {b})", "({a})*({b})", "({a}) + ({b})", "({a})*(1 + ({b}))"])
    gap = how.format(a=known.gap, b=other.gap, k=g.choice(["2/3", "1e-3", "50"]))
    return Fact(gap, known.where + other.where, known.zero | other.zero)


def neutral(known: Fact, g: random.Random) -> Fact:
    left, right = identity(g, g.choice(list(known.zero)))
    templates = ("({f}) + ({a}) - ({b})", "({f}) - ({b}) + ({a})", "({f})*exp(({a}) - ({b}))")
    return replace(known, gap=g.choice(templates).format(f=known.gap, a=left, b=right))


def condition(known: Fact, g: random.Random) -> Fact:
    """A new variable tied to the gap, or a condition that the point satisfies."""
    name = g.choice(list(known.zero))
    at = known.zero[name]
    if g.random() < 0.5 and "m" not in known.zero:
        relation = g.choice(["==", ">="])
        return Fact("m", (*known.where, f"m {relation} {known.gap}"), known.zero | {"m": Fraction(0)})
    extra = g.choice([f"{name} <= {at + 1}", f"{name} >= {at - 3}", f"{name}**2 <= {at**2 + 4}", f"{at - 1} <= {name}"])
    return replace(known, where=(*known.where, extra))


STEPS: tuple[Callable[[Fact, random.Random], Fact], ...] = (
    affine,
    through,
    wrap,
    wrap,
    combine,
    neutral,
    condition,
)


def identity(g: random.Random, name: str) -> tuple[str, str]:
    """Two names of one function of the variable."""
    left, right = g.choice(IDENTITIES)
    inner = g.choice(["{0}", "{0}", "2*{0} - 1", "{0}/3", "-{0}"]).format(name)
    pair = (put(left, "t", inner), put(right, "t", inner))
    return pair if g.random() < 0.5 else (pair[1], pair[0])


def identity_sample(g: random.Random) -> Sample:
    pairs = [identity(g, name) for name in g.sample(["x", "y", "z"], g.randint(1, 2))]
    how = g.choice(["({0})", "({0})*(1 + x**2)", "({0})**2", "exp({0})", "({0}) + 3*({1})", "({0})*({1})"])
    left, right = (how.format(pairs[0][side], pairs[-1][side]) for side in (0, 1))
    truth = g.choice(["proved", "refuted"])
    right += f" + {g.choice(AMOUNTS)}" if truth == "refuted" else ""
    return Sample(f"{left} == {right}", (), truth, dict.fromkeys("xyz", Fraction(0)))


def sample(seed: int) -> Sample:
    """The claim of a seed."""
    g = random.Random(seed)
    if g.random() < 0.15:
        return identity_sample(g)
    known = g.choice(FACTS)
    for _ in range(g.choice([0, 1, 1, 2, 2, 3])):
        longer = g.choice(STEPS)(known, g)
        known = longer if len(longer.gap) + sum(map(len, longer.where)) < 1200 else known
    amount, truth = g.choice(AMOUNTS), g.choices(["proved", "refuted", "error"], [10, 10, 1])[0]
    gap, spare = known.gap, g.choice(["0", "sin({v})", "{v}", "{v}**2"]).format(v=next(iter(known.zero)))
    if truth == "proved":
        forms = [
            "{f} >= 0",
            "{f} + {s} >= 0",
            "{f} + {s} > 0",
            "-{s} <= {f}",
            "{f} + {r} >= {r} - {s}",
            "{r} < {f} + {s} + {r}",
        ]
    elif truth == "refuted":
        forms = ["{f} >= {s}", "{f} - {s} > 0", "{f} > 0", "{s} + {r} <= {f} + {r}", "0 <= {f} - {s} < 10**9"]
    else:
        name, at = g.choice(list(known.zero.items()))
        away = f"{name} - ({at})"
        holes = [f"({away})/({away})", f"log(({away})**2)**2", f"sqrt(({away})**2 - 1e-12)", f"1/({away})**2"]
        gap, forms = f"{gap} + {g.choice(holes)}", ["{f} >= 0", "{f} >= -1", "{f} + {s} > 0"]
    return Sample(g.choice(forms).format(f=gap, s=amount, r=spare), known.where, truth, known.zero)


def judge(known: Sample, verdict: Verdict) -> str:
    """The status of a verdict, or wrong if it contradicts the truth or its witness does not visibly fail."""
    if verdict.status not in (known.truth, "undecided"):
        return "wrong"
    claim = parse_claim(known.text, known.where)
    try:
        if verdict.status == "refuted" and not fails_at(claim, verdict.witness or {}):
            return "wrong"
    except (Undefined, TooLarge):
        return "wrong"
    return verdict.status


def check(first: int, count: int, seed: int, seconds: float, bar: bool = False) -> dict[str, list[Sample]]:
    """Decide the claims; those of each outcome, in their order."""
    outcomes: dict[str, list[Sample]] = {kind: [] for kind in ("proved", "refuted", "error", "undecided", "wrong")}
    for index in track(range(first, first + count), description="fuzz", disable=not bar):
        if not bar and index % 200 == 199:
            print(f"claim {index}: {[len(found) for found in outcomes.values()]}", file=sys.stderr)
        known = sample(seed * 10**9 + index)
        verdict = prove_claim(parse_claim(known.text, known.where), seconds)
        outcome = judge(known, verdict)
        outcomes[outcome].append(known)
        if outcome == "wrong":
            where = " ".join(f'--where "{c}"' for c in known.where)
            told = f"{verdict.status} {verdict.witness or ''}{verdict.why}"
            print(f'WRONG {index}: "{known.text}" {where}: {known.truth}, told {told}', file=sys.stderr)
    return outcomes


def main(arguments: list[str]) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=2000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--first", type=int, default=0, help="the first claim")
    options.add_argument("--time", type=float, default=1.0, help="CPU seconds a claim")
    options.add_argument("--json", action="store_true")
    given = options.parse_args(arguments)
    started = time.process_time()
    outcomes = check(given.first, given.count, given.seed, given.time, sys.stderr.isatty() and not given.json)
    counts = {kind: len(found) for kind, found in outcomes.items()}
    undecided = {kind: sum(s.truth == kind for s in outcomes["undecided"]) for kind in ("proved", "refuted", "error")}
    if given.json:
        print(json.dumps({"counts": counts, "undecided by truth": undecided, "seed": given.seed, "first": given.first}))
    else:
        print(", ".join(f"{count} {kind}" for kind, count in counts.items()))
        print("undecided: " + ", ".join(f"{count} of truth {kind}" for kind, count in undecided.items()))
        print(f"{given.count} claims, seed {given.seed}, {time.process_time() - started:.0f} CPU seconds")
    return int(counts["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
