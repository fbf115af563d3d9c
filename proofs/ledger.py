"""The ledger: every lemma found in `proofs.lemmas`, proved, looked at on instances, and attacked by mutants.

The kernel proves a lemma for all sizes; the prover proves its cores, the claims over finitely many variables."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flint import ctx

from . import lemmas
from .claim import Claim, Evidence, Formula, Sequent, Verdict, innermost
from .classify import Trial, classify
from .kernel import prove
from .lemma import Core, Example, Lemma, Mutant, Pairs
from .mutants import choose, mutants
from .prover import decide, language
from .sampler import Violation, attack
from .terms import ProofError
from .values import ball, compare, holds

BITS = 160
HORIZON = 3
CORE_SECONDS, CORE_POINTS = 10.0, 100


@dataclass(frozen=True)
class CoreRow:
    """One core: the prover's verdict, the points sampled without a violation, and the violation if there was one."""

    core: Core
    verdict: decide.Verdict
    sampled: int
    violation: Violation | None

    @property
    def proved(self) -> bool:
        """Proved, and the sampler, which shares no code with the prover, found points but none against it."""
        return self.verdict.status == "proved" and self.violation is None and self.sampled > 0

    def to_json(self) -> dict[str, object]:
        """What `attain prove` says of the claim, and what the claim is to the lemma."""
        return {
            "scope": self.core.scope,
            "words": self.core.words,
            **self.verdict.to_json(),
            "where": list(self.core.where),
            "sampled": self.sampled,
            "violation": None if self.violation is None else str(self.violation),
        }


@dataclass(frozen=True)
class Row:
    """One lemma of the ledger: its verdict and how many instances agree with it.

    confirmed: the least number, over the parts of the statement, of instances that satisfy the part's hypotheses and
    agree with it. 0 means that some part was never seen to speak of anything: it may be vacuous.
    """

    slug: str
    group: str
    verdict: Verdict
    declared: Evidence
    confirmed: int
    cores: tuple[CoreRow, ...] = ()
    beyond: str = ""

    @property
    def good(self) -> bool:
        """Proved at the declared evidence or better, every part seen on an instance, and every core proved."""
        strong = (self.verdict.evidence or Evidence.SAMPLED) >= self.declared
        cores = all(row.proved for row in self.cores)
        return self.verdict.status == "proved" and strong and self.confirmed > 0 and cores


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


def verify_lemma(lemma: Lemma, level: int = 1) -> Row:
    """Prove a lemma and its cores, and look at its statement on instances.

    An instance that contradicts a statement turns the verdict into 'refuted' with the witness, whatever the
    proof says.
    """
    statement = lemma.claim()
    verdict = replace(prove(statement, lemma.proof), name=lemma.slug)
    start = time.perf_counter()
    confirmed = [0] * len(statement.parts)
    for example in lemma.examples(level):
        for place, look in enumerate(examine(lemma, statement, example, {})):
            if look.refutes:
                why = "an instance contradicts the statement"
                verdict = replace(verdict, status="refuted", evidence=Evidence.ENCLOSED, witness=look.witness, why=why)
            confirmed[place] += look.answer is True
    if verdict.status == "proved" and 0 in confirmed:
        verdict = replace(verdict, why=f"no instance satisfies the hypotheses of part {confirmed.index(0) + 1}")
    cores = tuple(verify_core(core, lemma.slug) for core in lemma.cores)
    verdict = replace(verdict, seconds=verdict.seconds + time.perf_counter() - start)
    return Row(lemma.slug, lemma.group, verdict, lemma.evidence, min(confirmed, default=0), cores, lemma.beyond)


def verify_core(core: Core, slug: str) -> CoreRow:
    """The prover's verdict on a core and an attack on it by points."""
    claim = language.parse_claim(core.text, core.where, slug)
    verdict = decide.prove_claim(claim, CORE_SECONDS)
    sampled = attack(claim, CORE_POINTS)
    return CoreRow(core, verdict, sampled.tried, sampled.violation)


def try_mutants(lemma: Lemma, count: int, seconds: float = 1.0) -> Iterator[Trial]:
    """Classify machine-made mutants of the lemma's cores, `count` of each core (0: all of them)."""
    for core in lemma.cores:
        claim = language.parse_claim(core.text, core.where, lemma.slug)
        for mutant in choose(mutants(claim), count):
            yield classify(mutant, seconds=seconds)


def verify_mutant(lemma: Lemma, mutant: Mutant, level: int = 1) -> MutantRow:
    """Run the proof of the lemma on a mutant and look for a witness against it."""
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
        for look in examine(lemma, statement, example, changes):
            if look.refutes:
                return look.witness
    return None


@dataclass(frozen=True)
class Look:
    """One part of a statement at one instance.

    answer: whether the part holds there, None if its hypotheses do not or it is not decided; sure: the hypotheses hold
    rigorously, not only as far as HORIZON shows; witness: the two sides, if the answer is False.
    """

    answer: bool | None
    sure: bool = True
    witness: str = ""

    @property
    def refutes(self) -> bool:
        """The hypotheses hold rigorously and the conclusion is false."""
        return self.sure and self.answer is False


def examine(lemma: Lemma, statement: Claim, example: Example, changes: Mapping[str, Any]) -> tuple[Look, ...]:
    """Every part of the statement at the instance.

    The two sides are computed twice, from the statement's terms and by the lemma's own brute force; the two must
    agree, and False needs both to be decided. A hypothesis for all i >= a is looked at for HORIZON values of i: such an
    instance can confirm (evidence: sampled), never refute.
    """
    with ctx.workprec(BITS):
        pairs = lemma.brute(example, **changes)
        if len(pairs) != len(statement.parts):
            raise ProofError(f"{lemma.slug}: {len(pairs)} brute-force parts for {len(statement.parts)} of the claim")
        return tuple(
            _look(part, brute, example, lemma.slug) for part, brute in zip(statement.parts, pairs, strict=True)
        )


def _look(part: Sequent, brute: Pairs, example: Example, slug: str) -> Look:
    if not all(holds(hypothesis, example.values, HORIZON) for hypothesis in part.hypotheses):
        return Look(None)
    formal, direct = holds(part.conclusion, example.values), _compare_all(part.conclusion, brute)
    if False not in (formal, direct):
        return Look(True if formal or _touching(part.conclusion, brute) else None)
    if formal != direct:
        raise ProofError(f"{slug}: statement and brute force disagree at {example.words}")
    sure = all(holds(hypothesis, example.values) for hypothesis in part.hypotheses)
    return Look(False, sure, f"{example.words}: {_violation(part.conclusion, brute)}")


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
