"""Cross-attention scores are those of max-affine attention at both sequences together; a fixed sequence drops out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import All, Claim, Formula, Sequent, eq, ge, number
from ..derived import assumed, equal_exponentials
from ..kernel import Fact, combine, identity, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._centres import G, N, R, distance, i, j, k, point_examples, read, v, x
from ._cross import PARTS, M, cross_score, literal_scores, query_side

DIMENSION, COUNT = ge(N, 1), ge(G, 1)
KNOWN = (DIMENSION, COUNT, *PARTS)
FIXED = All(j, 1, G, All(k, 1, M, eq(v(j, k), x(k))))


def _weight(score: sp.Expr) -> sp.Expr:
    return sp.exp(score) / sp.Sum(sp.exp(score.subs(j, i)), (i, 1, G))


def _alone() -> sp.Expr:
    """|x_Q - v_jQ|^2."""
    return query_side((x(k) - v(j, k)) ** 2)


def _claim(shift: Fraction = Fraction(1, 2), inner: int = 1, fixed: bool = True) -> Claim:
    score = cross_score(j, number(shift), inner)
    norms = sp.Sum(x(k) ** 2, (k, 1, M)) + query_side(x(k) ** 2)
    memory: tuple[Formula, ...] = (*KNOWN, FIXED) if fixed else KNOWN
    return Claim(
        "cross-attention-scores",
        (
            Sequent(KNOWN, All(j, 1, G, eq(score, R / 2 * norms - R / 2 * distance(j)))),
            Sequent(KNOWN, All(j, 1, G, eq(_weight(score), _weight(-R / 2 * distance(j))))),
            Sequent(memory, All(j, 1, G, eq(_weight(score), _weight(-R / 2 * _alone())))),
        ),
    )


def _shares(one: Fact, other: Fact, weight: Fact) -> Fact:
    """exp(b_j)/sum from weight: w == exp(a_j)/sum a, where one: exp(a_j) == exp(b_j), other: the sums are equal."""
    b = one.relation.rhs
    whole, kept = other.relation.lhs, other.relation.rhs
    terms = [(sp.Integer(1), weight), (1 / whole, one), (-b / (whole * kept), other)]
    return combine(eq(weight.relation.lhs, b / kept), terms, assumed(*KNOWN))


@cache
def _facts() -> tuple[Fact, ...]:
    """The parts of the statement."""
    known = assumed(*KNOWN)
    statement = _claim()
    scores, weights = (identity(p.relation.lhs, p.relation.rhs, known) for p in statement.parts[:2])
    same = specialise(assumed(FIXED)[0], j, k)
    zero = combine(eq((x(k) - v(j, k)) ** 2, 0), [(v(j, k) - x(k), same)])
    gone = termwise(zero, k, 1, M, known)
    shorter = combine(eq(-R / 2 * distance(j), -R / 2 * _alone()), [(-R / 2, gone)], known)
    one = equal_exponentials(shorter)
    total = termwise(substitute(one, {j: i}), i, 1, G, known)
    memory = _shares(one, total, weights)
    return tuple(termwise(fact, j, 1, G, known, quantify=True) for fact in (scores, weights, memory))


def _proof(statement: Claim) -> Sequence[Fact]:
    return _facts()


def _brute(example: Example, shift: Fraction = Fraction(1, 2), inner: int = 1, fixed: bool = True) -> Sequence[Pairs]:
    data, first = read(example), int(example.values[M])
    scores = literal_scores(example, shift, inner)
    squares = [[(a - b) ** 2 for a, b in zip(data.x, c, strict=True)] for c in data.centres]
    half = data.r / 2 * sum(a * a for a in data.x)
    shares = [_softmax(row) for row in (scores, *([-data.r / 2 * sum(s[m:]) for s in squares] for m in (0, first)))]
    return (
        tuple((score, half - data.r / 2 * sum(s)) for score, s in zip(scores, squares, strict=True)),
        tuple(zip(shares[0], shares[1], strict=True)),
        tuple(zip(shares[0], shares[2], strict=True)),
    )


def _softmax(scores: list[Fraction]) -> list[arb]:
    powers = [ball(score - max(scores)).exp() for score in scores]
    return [power / sum(powers, arb(0)) for power in powers]


def _examples(level: int) -> tuple[Example, ...]:
    """The point examples with every number of keys' coordinates, and with these fixed at those of the centres."""
    found = []
    for example in point_examples(level):
        point, centre = example.values[x], example.values[v]
        for first in range(int(example.values[N]) + 1):
            values = {**example.values, M: Fraction(first)}
            found.append(Example(f"{example.words}, M={first}", values))
            fixed = lambda b, a, m=first, p=point, c=centre: p(a) if a <= m else c(b, a)  # noqa: E731
            found.append(Example(f"{example.words}, M={first}, v_jk = x_k for k <= M", {**values, v: fixed}))
    return tuple(found)


LEMMA = Lemma(
    slug="cross-attention-scores",
    group="cross-attention",
    words="Queries R [x_Q; 1] and keys [v_jQ; v_jK.x_K - |v_j|^2/2] give the scores of max-affine attention at"
    " x = (x_K, x_Q): (R/2)(|x_K|^2 + |x_Q|^2), which is common to all keys, less (R/2)|x - v_j|^2. So the weights are"
    " a normalised Gaussian kernel in all N coordinates. Where every v_jK is x_K, a memory, they are that of the"
    " queries' coordinates alone. Coordinates 1..M are those of x_K.",
    latex=r"R\,x_Q^\top v_j^Q+R\bigl(x_K^\top v_j^K-\tfrac12\|v_j\|^2\bigr)"
    r"=\tfrac R2\bigl(\|x_K\|^2+\|x_Q\|^2\bigr)-\tfrac R2\|x-v_j\|^2",
    source="[MA], cross-attention",
    hypotheses=("N >= 1 coordinates, the first 0 <= M <= N from the keys' sequence", "G >= 1 centres"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "one coordinate from each sequence",
            "R*y*w + R*(x*v - (v**2 + w**2)/2) == R/2*(x**2 + y**2) - R/2*((x-v)**2 + (y-w)**2)",
        ),
    ),
    beyond="the dimension is symbolic",
    mutants=(
        Mutant("a third of |v|^2 in place of half", {"shift": Fraction(1, 3)}),
        Mutant("keys without v_jK.x_K", {"inner": 0}),
        Mutant("the keys' sequence drops out though the centres differ from it", {"fixed": False}),
    ),
)
