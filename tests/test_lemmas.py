"""Every lemma of the ledger: proved at its declared evidence, seen on instances, and every mutant killed."""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from attain.proofs import ledger, lemmas
from attain.proofs.claim import All, Claim, Evidence, claim, integer, le, real
from attain.proofs.kernel import assume, combine
from attain.proofs.lemma import Example, Lemma, Mutant
from attain.proofs.terms import ProofError
from attain.proofs.values import holds

EVERY = ledger.discover()
ENCLOSED = {"m1-bound", "m2-bound"}
"""The rest is exact."""


@pytest.mark.parametrize("lemma", EVERY, ids=lambda lemma: lemma.slug)
def test_a_lemma_says_what_it_is(lemma: Lemma) -> None:
    assert lemma.words
    assert lemma.latex
    assert lemma.source
    assert lemma.hypotheses
    groups = {"softmax-concentration", "max-affine", "max-affine-lp", "lattice", "cross-attention"}
    assert lemma.group in groups
    assert len(lemma.mutants) >= 3
    assert len({mutant.words for mutant in lemma.mutants}) == len(lemma.mutants)
    assert lemma.latex.count("{") == lemma.latex.count("}")
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", lemma.slug)


@pytest.mark.parametrize("lemma", EVERY, ids=lambda lemma: lemma.slug)
def test_it_is_proved_seen_on_instances_and_every_mutant_dies(lemma: Lemma) -> None:
    row = ledger.verify_lemma(lemma)
    assert row.verdict.status == "proved", row.verdict.why
    assert row.verdict.evidence == (Evidence.ENCLOSED if lemma.slug in ENCLOSED else Evidence.EXACT)
    assert row.good
    assert row.verdict.steps
    assert row.confirmed > 0, "some part of the statement was seen on no instance"
    for mutant in lemma.mutants:
        attack = ledger.verify_mutant(lemma, mutant)
        assert attack.killed, f"{mutant.words}: {attack.verdict}"
        assert attack.verdict.witness


def test_selection_by_group_and_slug() -> None:
    assert [lemma.slug for lemma in ledger.select("concentration-sharp")] == ["concentration-sharp"]
    assert {lemma.group for lemma in ledger.select("max-affine")} == {"max-affine"}
    with pytest.raises(ValueError, match="groups: "):
        ledger.select("no-such-lemma")


def test_each_lemma_has_its_own_module() -> None:
    folder = Path(lemmas.__file__).parent
    for path in folder.glob("*.py"):
        if not path.name.startswith("_"):
            module = importlib.import_module(f"attain.proofs.lemmas.{path.stem}")
            assert module.LEMMA.slug.replace("-", "_") == path.stem
            assert len(path.read_text().splitlines()) <= 260


def _toy(brute_value: Fraction, bound: int, shown: int) -> Lemma:
    """x <= 1 |- x <= bound, proved as x <= `shown`, seen at x = 1 where brute force reports `brute_value`."""
    x = real("x")

    def statement(limit: int = bound) -> Claim:
        return claim("toy", (le(x, 1),), le(x, limit))

    return Lemma(
        slug="toy",
        group="test",
        words="x is at most the bound",
        latex="x",
        source="ours",
        hypotheses=("x <= 1",),
        claim=statement,
        proof=lambda _: (combine(le(x, shown), [(1, assume(le(x, 1)))]),),
        examples=lambda level: (Example("x = 1", {x: Fraction(1)}), Example("x = 2", {x: Fraction(2)})),
        brute=lambda example, limit=bound: (((brute_value, Fraction(limit)),),),
        mutants=(Mutant("limit 0", {"limit": 0}), Mutant("limit 1, which is true", {"limit": 1})),
    )


def test_the_ledger_tells_true_false_and_inconsistent_apart() -> None:
    good = ledger.verify_lemma(_toy(Fraction(1), 2, 2))
    assert (good.good, good.confirmed) == (True, 1)
    assert good.verdict.evidence == Evidence.EXACT
    false = ledger.verify_lemma(_toy(Fraction(1), 0, 2))
    assert (false.good, false.verdict.status) == (False, "refuted")
    assert "1.0000000 <= 0 is false" in (false.verdict.witness or "")
    with pytest.raises(ProofError, match="disagree"):
        ledger.verify_lemma(_toy(Fraction(3), 2, 2))


def test_a_part_that_speaks_of_nothing_is_not_good() -> None:
    x = real("x")
    vacuous = replace(
        _toy(Fraction(1), 2, 2),
        claim=lambda: claim("toy", (le(x, 1), le(2, x)), le(x, 2)),
        proof=lambda _: (combine(le(x, 2), [(1, assume(le(x, 1)))]),),
    )
    row = ledger.verify_lemma(vacuous)
    assert (row.verdict.status, row.confirmed, row.good) == ("proved", 0, False)
    assert "no instance" in row.verdict.why


def test_endless_hypotheses_are_looked_at_but_never_refute() -> None:
    x, i = real("x"), integer("i")
    endless = All(i, 1, None, le(x, i))
    low, high = {x: Fraction(1)}, {x: Fraction(2)}
    assert [holds(endless, low), holds(endless, low, 3), holds(endless, high, 3)] == [None, True, False]
    toy = replace(_toy(Fraction(1), 0, 2), claim=lambda limit=0: claim("toy", (endless,), le(x, limit)))
    look = ledger.examine(toy, toy.claim(), toy.examples(1)[0], {})[0]
    assert (look.answer, look.sure, look.refutes) == (False, False, False)


def test_a_true_mutant_survives_and_a_false_one_is_killed() -> None:
    lemma = _toy(Fraction(1), 2, 1)
    killed, alive = (ledger.verify_mutant(lemma, mutant) for mutant in lemma.mutants)
    assert killed.killed
    assert not alive.killed
    assert alive.verdict.status == "proved"


def test_weaker_evidence_than_declared_is_not_good() -> None:
    row = ledger.verify_lemma(replace(_toy(Fraction(1), 2, 2), evidence=Evidence.FORMAL))
    assert row.verdict.status == "proved"
    assert not row.good
