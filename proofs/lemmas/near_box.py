"""Independent coordinates: if every axis keeps a share 1/(1+lambda) near x, N axes keep (1+lambda)^(-N)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ..claim import All, Claim, claim, eq, function, ge, integer, le, number, real
from ..derived import assumed
from ..kernel import Fact, combine, induction, specialise, substitute
from ..lemma import Core, Example, Lemma, Mutant, Pairs

N, n = integer("N"), integer("n")
lam = real("lambda")
A, share = function("A"), function("a")
AXES, HEAT, ONE = ge(N, 0), ge(lam, 0), eq(A(0), 1)
PRODUCT = All(n, 0, N - 1, eq(A(n + 1), A(n) * share(n + 1)))


def _near(first: int = 1) -> All:
    return All(n, first, N, ge(share(n) * (1 + lam), 1))


def _claim(swell: Fraction = Fraction(1), fewer: int = 0, first: int = 1) -> Claim:
    bound = number(swell) * (1 + lam) ** (fewer - N)
    return claim("near-box", (AXES, HEAT, ONE, PRODUCT, _near(first)), ge(A(N), bound))


def _proof(statement: Claim) -> Sequence[Fact]:
    axes, heat, one, product, near = assumed(AXES, HEAT, ONE, PRODUCT, _near())
    start, ahead = assumed(ge(n, 0), le(n + 1, N))
    goal = ge(A(n), (1 + lam) ** (-n))
    base = combine(ge(A(0), 1), [(-1, one)])
    before = assumed(HEAT, goal)[-1]
    grown = specialise(product, n, given=[start, ahead])
    kept = specialise(near, n + 1, given=[start, ahead])
    power = (1 + lam) ** (-n)
    positive = combine(ge(share(n + 1), 0), [(1 / (1 + lam), kept)], [heat], rest=1 / (1 + lam))
    following = ge(A(n + 1), (1 + lam) ** (-n - 1))
    terms = [(-1, grown), (share(n + 1), before), (power / (1 + lam), kept)]
    step = combine(following, terms, [heat, start, positive])
    return (substitute(induction(goal, n, 0, base, step, upto=N), {n: N}, [axes, heat]),)


def _brute(example: Example, swell: Fraction = Fraction(1), fewer: int = 0, first: int = 1) -> Sequence[Pairs]:
    values, size = example.values, int(example.values[N])
    kept = Fraction(1)
    for axis in range(1, size + 1):
        kept *= values[share](axis)
    return (((swell * (1 + values[lam]) ** (fewer - size), kept),),)


def _examples(level: int) -> tuple[Example, ...]:
    """Shares exactly 1/(1+lambda), larger ones, and one that is 0."""
    found = []
    for size in (0, 1, 3) if level < 2 else (0, 1, 3, 10):
        for heat in (Fraction(0), Fraction(1, 3), Fraction(5)):
            least = 1 / (1 + heat)
            for name, shares in (
                ("tight", [least] * size),
                ("loose", [(least + axis) / (1 + axis) for axis in range(1, size + 1)]),
                ("first share 0", [Fraction(0)] + [least] * (size - 1)),
            ):
                products = [Fraction(1)]
                for factor in shares:
                    products.append(products[-1] * factor)
                values = {N: Fraction(size), lam: heat, A: lambda a, row=tuple(products): row[a]}
                values[share] = lambda a, row=tuple(shares): row[a - 1]
                found.append(Example(f"N={size}, lambda={heat}, {name}", values))
    return tuple(found)


LEMMA = Lemma(
    slug="near-box",
    group="max-affine",
    words="On a product grid the mass A(n) of a box in the first n coordinates is the product of the shares a(n) on the"
    " axes; if each share is at least 1/(1+lambda), the box keeps at least (1+lambda)^(-N).",
    latex=r"\prod_{n=1}^N a_n\ge(1+\lambda)^{-N}",
    source="ours",
    hypotheses=(
        "N >= 0, lambda >= 0",
        "A(0) = 1 and A(n+1) = A(n) a(n+1) (product-factorisation, over the box and over the grid)",
        "a(n) >= 1/(1+lambda) on every axis (axis-tail)",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "one axis more",
            "A*a >= (1 + l)**(-(N+1))",
            ("N >= 0 integer", "l >= 0", "A >= (1 + l)**(-N)", "a >= 1/(1 + l)"),
        ),
        Core(
            "instance",
            "three axes",
            "a*b*c >= (1 + l)**(-3)",
            ("l >= 0", "a >= 1/(1 + l)", "b >= 1/(1 + l)", "c >= 1/(1 + l)"),
        ),
    ),
    beyond="it is about a sequence of symbolic length",
    mutants=(
        Mutant("one percent more", {"swell": Fraction(101, 100)}),
        Mutant("N - 1 axes in place of N", {"fewer": 1}),
        Mutant("nothing is asked of the first axis", {"first": 2}),
    ),
)
