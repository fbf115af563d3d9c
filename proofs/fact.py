"""Facts: proved sequents. Nothing outside the rules (`algebra.py`, `calculus.py`, `logic.py`) may call `make`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field

from .claim import All, Evidence, Formula, Rel
from .sign import certified
from .terms import ProofError, check_formula, formula_conditions

_KEY = object()


@dataclass(frozen=True, eq=False, slots=True)
class Fact:
    """A proved sequent. Only the rules of the kernel can make one."""

    hypotheses: tuple[Formula, ...]
    conclusion: Formula
    evidence: Evidence
    rule: str
    premises: tuple[Fact, ...] = field(repr=False)
    note: str = ""
    key: InitVar[object] = None

    def __post_init__(self, key: object) -> None:
        if key is not _KEY:
            raise ProofError("a Fact can only be made by a rule of the kernel")

    def __init_subclass__(cls) -> None:
        raise ProofError("a Fact can only be made by a rule of the kernel: it has no subclasses")

    @property
    def relation(self) -> Rel:
        """The conclusion if it is a relation; a quantified one has to be specialised first."""
        if isinstance(self.conclusion, All):
            raise ProofError(f"{self.conclusion} is quantified: specialise it first")
        return self.conclusion

    def steps(self) -> tuple[str, ...]:
        """The rule applications that led here, premises first, each once."""
        order: dict[int, str] = {}
        walk(self, order)
        return tuple(order.values())


def _refuse(fact: Fact, state: object) -> None:
    raise ProofError("a Fact can only be made by a rule of the kernel: it is not copied or restored")


# outside the class, because dataclasses before Python 3.11.4 replace a method of this name
Fact.__setstate__ = _refuse  # type: ignore[attr-defined]


def walk(fact: Fact, order: dict[int, str]) -> None:
    for premise in fact.premises:
        if id(premise) not in order:
            walk(premise, order)
    note = f" [{fact.note}]" if fact.note else ""
    order[id(fact)] = f"{fact.rule}{note}: {fact.conclusion}"


def make(
    rule: str,
    conclusion: Formula,
    premises: Sequence[Fact],
    hypotheses: Sequence[Formula] | None = None,
    evidence: Evidence = Evidence.EXACT,
    note: str = "",
    defined: bool = False,
) -> Fact:
    """The one way to a fact. hypotheses None: those of the premises; `defined`: the rule has checked definedness."""
    if hypotheses is None:
        hypotheses = [h for premise in premises for h in premise.hypotheses]
    hypotheses = tuple(dict.fromkeys(hypotheses))
    for formula in (conclusion, *hypotheses):
        check_formula(formula)
    known = (*hypotheses, *(premise.conclusion for premise in premises if set(premise.hypotheses) <= set(hypotheses)))
    failed = None if defined else certified(known, formula_conditions(conclusion))
    if failed is not None:
        raise ProofError(f"{conclusion} may be undefined: cannot see that {failed.base} is {failed.kind}")
    least = min([evidence, *(premise.evidence for premise in premises)])
    if least < Evidence.ENCLOSED:
        raise ProofError("sampled evidence cannot enter a fact")
    return Fact(hypotheses, conclusion, least, rule, tuple(premises), note, key=_KEY)


def known_of(given: Sequence[Fact]) -> tuple[Formula, ...]:
    return tuple(dict.fromkeys([f.conclusion for f in given] + [h for f in given for h in f.hypotheses]))
