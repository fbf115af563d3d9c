"""The ledger: every lemma found in `proofs.lemmas`, proved, looked at on instances, and attacked by mutants."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flint import ctx

from . import lemmas
from .claim import Claim, Evidence, Formula, Verdict, innermost
from .kernel import prove
from .lemma import Example, Lemma, Mutant
from .terms import ProofError
from .values import ball, compare, holds

BITS = 160


@dataclass(frozen=True)
class Row:
    """One lemma of the ledger: its verdict and how many instances agree with it."""

    slug: str
    group: str
    verdict: Verdict
    declared: Evidence
    confirmed: int

    @property
    def good(self) -> bool:
        """Proved, and at the declared evidence or better."""
        return self.verdict.status == "proved" and (self.verdict.evidence or Evidence.SAMPLED) >= self.declared


@dataclass(frozen=True)
class MutantRow:
    """One mutant: killed means refuted by a witness and not proved."""

    slug: str
    group: str
    mutant: str
    verdict: Verdict
    killed: bool


def discover() -> tuple[Lemma, ...]:
    """All lemmas, sorted by group and slug: every module of the package `lemmas` defines one LEMMA.

    >>> from attain.proofs.ledger import discover
    >>> "concentration-sharp" in [lemma.slug for lemma in discover()]
    True
    """
    found = []
    for module in pkgutil.iter_modules(lemmas.__path__):
        loaded = importlib.import_module(f"{lemmas.__name__}.{module.name}")
        if hasattr(loaded, "LEMMA"):
            found.append(loaded.LEMMA)
    slugs = [lemma.slug for lemma in found]
    repeated = {slug for slug in slugs if slugs.count(slug) > 1}
    if repeated:
        raise ValueError(f"lemma names used twice: {', '.join(sorted(repeated))}")
    return tuple(sorted(found, key=lambda lemma: (lemma.group, lemma.slug)))


def select(selection: str | None = None) -> tuple[Lemma, ...]:
    """The lemmas of a group, one lemma by its slug, or all; ValueError lists what there is."""
    everything = discover()
    if selection is None:
        return everything
    chosen = tuple(lemma for lemma in everything if selection in (lemma.slug, lemma.group))
    if not chosen:
        groups = sorted({lemma.group for lemma in everything})
        names = ", ".join(lemma.slug for lemma in everything)
        raise ValueError(f"no lemma or group {selection!r}; groups: {', '.join(groups)}; lemmas: {names}")
    return chosen


def verify(selection: str | None = None, level: int = 1) -> Iterator[Row]:
    """Prove the selected lemmas one by one and look at each statement on its instances.

    An instance that contradicts a statement turns the verdict into 'refuted' with the witness, whatever the
    proof says.
    """
    for lemma in select(selection):
        yield verify_lemma(lemma, level)


def verify_lemma(lemma: Lemma, level: int = 1) -> Row:
    """The row of one lemma."""
    statement = lemma.claim()
    verdict = replace(prove(statement, lemma.proof), name=lemma.slug)
    start = time.perf_counter()
    confirmed = 0
    for example in lemma.examples(level):
        answer, witness = examine(lemma, statement, example, {})
        if answer is False:
            why = "an instance contradicts the statement"
            verdict = replace(verdict, status="refuted", evidence=Evidence.ENCLOSED, witness=witness, why=why)
        confirmed += answer is True
    verdict = replace(verdict, seconds=verdict.seconds + time.perf_counter() - start)
    return Row(lemma.slug, lemma.group, verdict, lemma.evidence, confirmed)


def verify_mutants(selection: str | None = None, level: int = 1) -> Iterator[MutantRow]:
    """Run the proof of each lemma on its mutants and look for a witness against each."""
    for lemma in select(selection):
        for mutant in lemma.mutants:
            yield verify_mutant(lemma, mutant, level)


def verify_mutant(lemma: Lemma, mutant: Mutant, level: int = 1) -> MutantRow:
    """The row of one mutant."""
    statement = lemma.claim(**mutant.changes)
    verdict = replace(prove(statement, lemma.proof), name=f"{lemma.slug}: {mutant.words}")
    proved = verdict.status == "proved"
    witness = refute(lemma, statement, mutant.changes, level)
    if witness is not None and not proved:
        verdict = replace(verdict, status="refuted", evidence=Evidence.ENCLOSED, witness=witness)
    return MutantRow(lemma.slug, lemma.group, mutant.words, verdict, witness is not None and not proved)


def refute(lemma: Lemma, statement: Claim, changes: Mapping[str, Any], level: int) -> str | None:
    """A witness against the statement among the instances, or None."""
    for example in lemma.examples(level):
        answer, witness = examine(lemma, statement, example, changes)
        if answer is False:
            return witness
    return None


def examine(lemma: Lemma, statement: Claim, example: Example, changes: Mapping[str, Any]) -> tuple[bool | None, str]:
    """Whether the statement holds at the instance: (True, ''), (False, witness) or (None, why it was not decided).

    Hypotheses must hold rigorously. The two sides are computed twice, from the statement's terms and by the
    lemma's own brute force; the two must agree, and False needs both to be decided.
    """
    with ctx.workprec(BITS):
        pairs = lemma.brute(example, **changes)
        if len(pairs) != len(statement.parts):
            raise ProofError(f"{lemma.slug}: {len(pairs)} brute-force parts for {len(statement.parts)} of the claim")
        answers: list[bool | None] = []
        for part, brute in zip(statement.parts, pairs, strict=True):
            if not all(holds(hypothesis, example.values) for hypothesis in part.hypotheses):
                continue
            formal, direct = holds(part.conclusion, example.values), _compare_all(part.conclusion, brute)
            if False in (formal, direct):
                if formal != direct:
                    raise ProofError(f"{lemma.slug}: statement and brute force disagree at {example.words}")
                return False, f"{example.words}: {_violation(part.conclusion, brute)}"
            answers.append(True if formal or _touching(part.conclusion, brute) else None)
    if not answers:
        return None, "the hypotheses do not hold at this instance"
    return (None, "not decided") if None in answers else (True, "")


def _compare_all(formula: Formula, pairs: Iterable[tuple[Any, Any]]) -> bool | None:
    answers = [compare(lhs, innermost(formula).op, rhs) for lhs, rhs in pairs]
    return False if False in answers else None if None in answers else True


def _touching(formula: Formula, pairs: Iterable[tuple[Any, Any]]) -> bool:
    """Whether undecided comparisons are overlaps of balls no wider than 1e-30 (an equality, as far as can be seen)."""
    return all(
        compare(lhs, innermost(formula).op, rhs) is True or abs(ball(lhs) - ball(rhs)) < ball(1) / 10**30
        for lhs, rhs in pairs
    )


def _violation(formula: Formula, pairs: Iterable[tuple[Any, Any]]) -> str:
    op = innermost(formula).op
    for lhs, rhs in pairs:
        if compare(lhs, op, rhs) is False:
            return f"{ball(lhs).str(8)} {op} {ball(rhs).str(8)} is false"
    return "false"
