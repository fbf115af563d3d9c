"""What a lemma file defines: a statement for all sizes, its proof, concrete instances and false variants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from .claim import Claim, Evidence
from .kernel import Fact
from .values import Number

Pairs = Sequence[tuple[Number, Number]]


@dataclass(frozen=True)
class Example:
    """One concrete assignment: symbols to Fractions, function names to Python functions of integers."""

    words: str
    values: Mapping[sp.Basic, Any]


@dataclass(frozen=True)
class Mutant:
    """The statement made slightly too strong: the claim builder's parameters that make it so."""

    words: str
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class Core:
    """A part of a lemma that speaks of finitely many real or integer variables: a claim, which the prover proves.

    scope: "whole" (what the lemma says, or one direction of it), "step" (a scalar inequality to which its sums are
    reduced) or "instance" (the lemma at the sizes that `words` name); text, where: the claim language of
    `prover.language`, with the letters of the lemma.
    """

    scope: str
    words: str
    text: str
    where: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lemma:
    """One lemma.

    `claim(**changes)` builds the statement (no arguments: the true one); `proof(claim)` proves it by the rules of
    the kernel and is run unchanged on every mutant; `examples(level)` are concrete instances, more at a higher
    level; `brute(example, **changes)` returns, for every part of the claim, the pairs (lhs, rhs) of its relation,
    computed in Arb or Fractions straight from the definitions and not from the SymPy terms (several pairs for a
    quantified part, in order). evidence: the least evidence that the proof must reach. cores: what of the lemma is a
    claim of the claim language; beyond: why that is not the whole lemma, empty if it is.
    """

    slug: str
    group: str
    words: str
    latex: str
    source: str
    hypotheses: tuple[str, ...]
    claim: Callable[..., Claim]
    proof: Callable[[Claim], Sequence[Fact]]
    examples: Callable[[int], tuple[Example, ...]]
    brute: Callable[..., Sequence[Pairs]]
    mutants: tuple[Mutant, ...]
    cores: tuple[Core, ...] = ()
    beyond: str = ""
    evidence: Evidence = field(default=Evidence.EXACT)
