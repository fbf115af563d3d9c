"""True facts with a known point of equality, the material of `fuzz_prover`; and formulas with other names for them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Fact:
    """``gap >= 0`` under the conditions, with equality at the rational point ``zero``, where the conditions hold.

    A condition that ends in ``integer`` or ``real`` is about a variable itself, any other may be about a formula.
    """

    gap: str
    where: tuple[str, ...]
    zero: dict[str, Fraction]


def _fact(gap: str, where: str = "", **zero: str) -> Fact:
    return Fact(gap, tuple(filter(None, where.split("; "))), {name: Fraction(x) for name, x in zero.items()})


FACTS = (
    _fact("exp(x) - 1 - x", x="0"),
    _fact("x - sin(x)", "x >= 0", x="0"),
    _fact("1/e - x*exp(-x)", x="1"),
    _fact("x - 1 - log(x)", "x > 0", x="1"),
    _fact("x**2/2 - 1 + cos(x)", x="0"),
    _fact("cosh(x) - 1 - x**2/2", x="0"),
    _fact("x - tanh(x)", "x >= 0", x="0"),
    _fact("1/4 - sigmoid(x)*(1 - sigmoid(x))", x="0"),
    _fact("(x**2 + 1)/2 - x", x="1"),
    _fact("1 + x/2 - sqrt(1 + x)", "x >= -1", x="0"),
    _fact("abs(x) - tanh(x)", x="0"),
    _fact("x*log(x) - x + 1", "x > 0", x="1"),
    _fact("x - atan(x)", "x >= 0", x="0"),
    _fact("2*x/sqrt(pi) - erf(x)", "x >= 0", x="0"),
    _fact("x - lambertw(x)", "x >= 0", x="0"),
    _fact("softplus(x) - x/2 - log(2)", x="0"),
    _fact("1/(1 + x**2) - exp(-x**2)", x="0"),
    _fact("asin(x) - x", "0 <= x <= 1", x="0"),
    _fact("x**3 - 3*x + 2", "x >= 0", x="1"),
    _fact("x - floor(x)", x="2"),
    _fact("ceil(x) - x", x="-1"),
    _fact("n**2 - n", "n integer", n="1"),
    _fact("n**2 - 5*n + 6", "n integer", n="3"),
    _fact("2**n - n - 1", "n integer; n >= 0", n="0"),
    _fact("gamma(n + 1) - n", "n integer; n >= 1", n="2"),
    _fact("n*log(n) - n + 1", "n integer; n >= 1", n="1"),
    _fact("1/n - 1/(n + 1) - 1/(n*(n + 1))", "n integer; n >= 1", n="3"),
    _fact("x**2 + y**2 - 2*x*y", x="2", y="2"),
    _fact("(x + y)/2 - sqrt(x*y)", "x >= 0; y >= 0", x="4", y="4"),
    _fact("log(2) + max(x, y) - logsumexp(x, y)", x="1", y="1"),
    _fact("x/y + y/x - 2", "x > 0; y > 0", x="3", y="3"),
    _fact("abs(x) + abs(y) - abs(x + y)", x="1", y="1"),
    _fact("logsumexp(x, y) - (x + y)/2 - log(2)", x="-1", y="-1"),
    _fact("x*log(x/y) - x + y", "x > 0; y > 0", x="2", y="2"),
    _fact("softmax(x, y) - 1/2", "x >= y", x="0", y="0"),
    _fact("exp(x) + y*log(y) - y - x*y", "y > 0", x="0", y="1"),
    _fact("1 - x*y", "x**2 + y**2 == 2", x="1", y="1"),
    _fact("1/x + 1/y - 4", "x + y == 1; x > 0; y > 0", x="1/2", y="1/2"),
    _fact("x + y - sqrt(x**2 + y**2)", "x >= 0; y >= 0", x="0", y="0"),
    _fact("x**3 + y**3 + z**3 - 3*x*y*z", "x >= 0; y >= 0; z >= 0", x="1", y="1", z="1"),
    _fact("x/(y + z) + y/(x + z) + z/(x + y) - 3/2", "x > 0; y > 0; z > 0", x="1", y="1", z="1"),
    _fact("(x**2 + y**2)*(z**2 + 1) - (x*z + y)**2", x="1", y="1", z="1"),
    _fact("max(x, y, z) + log(3) - logsumexp(x, y, z)", x="0", y="0", z="0"),
    _fact("x - n*exp(-y)", "n integer; n >= 1; 0 < x <= 1; y >= log(n/x)", n="1", x="1", y="0"),
    _fact("exp(-x*z) - exp(-y*z)", "x <= y; z >= 0", x="1", y="1", z="1"),
    _fact("x - exp(-y)/(1 + exp(-y))", "0 < x < 1; y >= log((1 - x)/x)", x="1/2", y="0"),
)

IDENTITIES = (  # two names of one function of real t
    ("sin(t)**2 + cos(t)**2", "1"),
    ("sin(2*t)", "2*sin(t)*cos(t)"),
    ("cos(3*t)", "4*cos(t)**3 - 3*cos(t)"),
    ("tanh(t)", "(exp(t) - exp(-t))/(exp(t) + exp(-t))"),
    ("tanh(t)", "2*sigmoid(2*t) - 1"),
    ("cosh(t)**2 - sinh(t)**2", "1"),
    ("sigmoid(t)", "1 - sigmoid(-t)"),
    ("sigmoid(t)", "exp(t)/(1 + exp(t))"),
    ("softplus(t)", "t + softplus(-t)"),
    ("softplus(t)", "log(1 + exp(t))"),
    ("exp(2*t) - 1", "(exp(t) - 1)*(exp(t) + 1)"),
    ("abs(t)", "max(t, -t)"),
    ("t", "max(t, 0) + min(t, 0)"),
    ("sqrt(t**2)", "abs(t)"),
    ("log(exp(t))", "t"),
    ("t**3 - 1", "(t - 1)*(t**2 + t + 1)"),
    ("log(cosh(t))", "softplus(2*t) - t - log(2)"),
    ("atan(t)", "-atan(-t)"),
    ("erf(t)", "-erf(-t)"),
    ("2**t", "exp(t*log(2))"),
    ("ceil(t)", "-floor(-t)"),
    ("logsumexp(t, 2*t)", "t + softplus(t)"),
    ("softmax(t, 0)", "sigmoid(t)"),
    ("1/(1 + t**2)", "1 - t**2/(1 + t**2)"),
)
