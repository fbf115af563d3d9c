"""The proof kernel: nine rules, and nothing else, make facts.

A `Fact` says that its conclusion holds for all values of the free symbols that satisfy its hypotheses. It can
only be made by the rules below (LCF style; they live in `algebra.py`, `calculus.py` and `logic.py`); each checks
its side conditions exactly and raises `ProofError` otherwise. All terms are *defined*: a fact whose conclusion
could divide by zero under its hypotheses is refused.

rule        | concludes
------------|---------------------------------------------------------------------------------------------------
assume      | h |- h
identity    | lhs == rhs, by exact normal form (`normal_form.py`)
combine     | goal, when rhs - lhs == sum of m_i (b_i - a_i) + rest for facts a_i <= b_i, m_i >= 0, rest >= 0
monotone    | f(a) <= f(b) from a <= b and the sign of f' on the interval, itself a fact
enclosure   | 0 < expr on a rational box, by a finite cover in ball arithmetic
termwise    | sum t <= sum u, or "for all i", from t(i) <= u(i) for a free index i
induction   | P(n) for all n >= start from P(start) and P(n) => P(n + 1)
classical   | an instance of a named theorem from the closed list in `classical.py`
substitute  | an instance of a fact, its discharged hypotheses replaced by those of the facts that imply them

`specialise`, the instance of a "for all" fact at an index, is part of substitute. Every rule takes `given=`:
facts whose conclusions may be used to certify side conditions; their hypotheses are added to the result.
A lemma file looks like this (one frozen `Lemma`, see `lemma.py`, with instances and mutants beside the proof;
`lemmas/concentration_sharp.py` is a complete one):

>>> from fractions import Fraction
>>> from .claim import claim, ge, le, number, real
>>> x, y = real("x"), real("y")
>>> def build(shave=Fraction(1)):                        # the claim, with a parameter that mutants change
...     return claim("am-gm", (ge(x, 0), ge(y, 0)), le(4 * x * y, number(shave) * (x + y) ** 2))
>>> def proof(statement):                                # the same function is run on every mutant
...     goal = statement.parts[0].conclusion
...     square = combine(ge((x - y) ** 2, 0))            # rest = (x - y)^2 is seen to be nonnegative
...     return (combine(goal, [(1, square)]),)
>>> prove(build(), proof).status
'proved'
>>> prove(build(Fraction(9, 10)), proof).status
'undecided'
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from .algebra import combine, identity
from .calculus import enclosure, monotone
from .claim import Claim, Verdict
from .fact import Fact, walk
from .logic import assume, classical, induction, specialise, substitute, termwise
from .sign import certified, entails, same
from .terms import ProofError, check_formula, formula_conditions

__all__ = [
    "Fact",
    "ProofError",
    "assume",
    "classical",
    "combine",
    "enclosure",
    "identity",
    "induction",
    "monotone",
    "prove",
    "specialise",
    "substitute",
    "termwise",
]


def prove(statement: Claim, proof: Callable[[Claim], Sequence[Fact]]) -> Verdict:
    """Run a proof and check that its facts show the parts of the claim, under the claim's hypotheses only.

    status 'proved', or 'undecided' with the reason when a rule refused or a fact shows something else.
    """
    start = time.perf_counter()
    try:
        facts = tuple(proof(statement))
        why = _mismatch(statement, facts)
    except ProofError as error:
        return Verdict(statement.name, "undecided", seconds=time.perf_counter() - start, why=str(error))
    seconds = time.perf_counter() - start
    if why:
        return Verdict(statement.name, "undecided", seconds=seconds, why=why)
    order: dict[int, str] = {}
    for fact in facts:
        walk(fact, order)
    return Verdict(statement.name, "proved", min(f.evidence for f in facts), tuple(order.values()), None, seconds)


def _mismatch(statement: Claim, facts: Sequence[Fact]) -> str:
    if len(facts) != len(statement.parts) or not facts:
        return f"{len(facts)} facts for {len(statement.parts)} parts"
    for fact, part in zip(facts, statement.parts, strict=True):
        if not isinstance(fact, Fact):
            return f"{fact!r} is not a fact"
        for formula in (*part.hypotheses, part.conclusion):
            check_formula(formula)
        failed = certified(part.hypotheses, formula_conditions(part.conclusion))
        if failed is not None:
            return f"{part.conclusion} may be undefined: cannot see that {failed.base} is {failed.kind}"
        for hypothesis in fact.hypotheses:
            if not entails(part.hypotheses, hypothesis):
                return f"the proof also assumes {hypothesis}"
        if not same(fact.conclusion, part.conclusion, part.hypotheses):
            return f"the proof shows {fact.conclusion}, not {part.conclusion}"
    return ""
