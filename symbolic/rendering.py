"""What a formula looks like elsewhere: LaTeX, SymPy, and floating point."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from .tree import Expr, decimal, fold, to_fraction


def to_sympy(expr: Expr, symbols: Mapping[str, Any] | None = None) -> Any:
    """The same formula in SymPy; unnamed variables become real symbols. Numbers stay exact rationals.

    >>> from attain.symbolic.expression import parse
    >>> to_sympy(parse("x**2/3"))
    x**2/3
    """
    import sympy as sp

    special = {
        "neg": lambda a: -a,
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "**": lambda a, b: a**b,
        "abs": sp.Abs,
        "min": sp.Min,
        "max": sp.Max,
        "sigmoid": lambda a: 1 / (1 + sp.exp(-a)),
        "softplus": lambda a: sp.log(1 + sp.exp(a)),
        "where": lambda c, a, b: sp.Piecewise((a, c >= 0), (b, True)),
    }

    def rule(node: Expr, args: list[Any]) -> Any:
        if node.head == "number":
            return sp.Rational(node.args[0].numerator, node.args[0].denominator)
        if node.head == "variable":
            found = (symbols or {}).get(node.args[0])
            return sp.Symbol(node.args[0], real=True) if found is None else found
        if node.head == "constant":
            return {"pi": sp.pi, "e": sp.E}[node.args[0]]
        return (special.get(node.head) or getattr(sp, node.head))(*args)

    return fold(expr, rule)


_GREEK = frozenset(
    (
        *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda"),
        *("mu", "nu", "xi", "pi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega"),
    )
)
_LATEX_FUNCTIONS = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}


def _latex_name(name: str) -> str:
    match = re.fullmatch(r"([A-Za-z]+)_?([0-9]*)", name)
    if match is None:
        return r"\mathrm{" + name.replace("_", r"\_") + "}"
    stem, index = match[1], match[2]
    shown = "\\" + stem if stem in _GREEK else stem if len(stem) == 1 else rf"\mathrm{{{stem}}}"
    return shown + (f"_{{{index}}}" if index else "")


def to_latex(expr: Expr) -> str:
    r"""LaTeX in the order in which the user wrote it.

    >>> from attain.symbolic.expression import parse
    >>> print(to_latex(parse("exp(-x*y)/2 + sqrt(x1)")))
    \frac{\exp\left(-x\,y\right)}{2} + \sqrt{x_{1}}
    """

    def wrap(part: tuple[str, int], least: int) -> str:
        return part[0] if part[1] >= least else rf"\left({part[0]}\right)"

    def rule(node: Expr, parts: list[tuple[str, int]]) -> tuple[str, int]:
        head = node.head
        if head == "number":
            value = node.args[0]
            plain = decimal(value) if value >= 0 else None
            return (
                (plain, 100)
                if plain and "e" not in plain
                else (rf"\frac{{{value.numerator}}}{{{value.denominator}}}", 25)
            )
        if head in ("variable", "constant"):
            return (
                ((r"\pi" if node.args[0] == "pi" else "e"), 100)
                if head == "constant"
                else (_latex_name(node.args[0]), 100)
            )
        if head == "/":
            return rf"\frac{{{parts[0][0]}}}{{{parts[1][0]}}}", 35
        if head == "*":
            left, right = wrap(parts[0], 15), wrap(parts[1], 21)
            return left + (r" \cdot " if right[:1].isdigit() else r"\,") + right, 20
        if head in ("+", "-"):
            return f"{wrap(parts[0], 10)} {head} {wrap(parts[1], 100 if parts[1][0].startswith('-') else 11)}", 10
        if head == "neg":
            return f"-{wrap(parts[0], 20)}", 15
        if head == "**":
            return f"{wrap(parts[0], 41)}^{{{parts[1][0]}}}", 40
        if head == "sqrt":
            return rf"\sqrt{{{parts[0][0]}}}", 100
        if head == "abs":
            return rf"\left|{parts[0][0]}\right|", 100
        if head == "where":
            rows = rf"{parts[1][0]} & {parts[0][0]} \ge 0 \\ {parts[2][0]} & \text{{otherwise}}"
            return rf"\begin{{cases}}{rows}\end{{cases}}", 100
        plain_names = ("sigmoid", "softplus", "erf", "floor", "ceil", "gamma", "loggamma", "lambertw")
        shown = rf"\operatorname{{{head}}}" if head in plain_names else "\\" + _LATEX_FUNCTIONS.get(head, head)
        return rf"{shown}\left({', '.join(text for text, _ in parts)}\right)", 100

    latex: str = fold(expr, rule)[0]
    return latex


def evaluate(expr: Expr, env: Mapping[str, Any], xp: Any) -> Any:
    """Floating-point value with the array functions of ``xp`` (NumPy or alike). An observation, never a bound.

    >>> from attain.symbolic.expression import parse
    >>> import numpy
    >>> evaluate(parse("x**2 + max(x, 1/2)"), {"x": numpy.array([0.0, 1.0])}, numpy).tolist()
    [0.5, 2.0]
    """
    special: dict[str, Callable[..., Any]] = {
        "neg": lambda a: -a,
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "abs": xp.abs,
        "atan": xp.arctan,
        "asin": xp.arcsin,
        "acos": xp.arccos,
        "sigmoid": lambda a: 0.5 * (1.0 + xp.tanh(0.5 * a)),
        "softplus": lambda a: xp.logaddexp(0.0, a),
        "erf": lambda a: _erf(a, xp),
        "where": lambda c, a, b: xp.where(xp.asarray(c) >= 0, a, b),
    }

    def rule(node: Expr, args: list[Any]) -> Any:
        head = node.head
        if head == "number":
            return _float(node.args[0])
        if head == "constant":
            return math.pi if node.args[0] == "pi" else math.e
        if head == "variable":
            value = env[node.args[0]]
            return xp.asarray(value) * 1.0 if isinstance(value, (int, float)) else value
        try:
            if head == "**":
                exponent = to_fraction(node.args[1])
                whole = exponent is not None and exponent.denominator == 1
                result = args[0] ** (int(exponent) if exponent is not None and whole else args[1])
            elif head in ("min", "max"):
                pick = xp.minimum if head == "min" else xp.maximum
                result = args[0]
                for arg in args[1:]:
                    result = pick(result, arg)
            else:
                result = (special.get(head) or getattr(xp, head))(*args)
        except (ZeroDivisionError, OverflowError):
            return math.nan
        constant_ = all(isinstance(arg, float) for arg in args)
        return (math.nan if isinstance(result, complex) else float(result)) if constant_ else result

    return fold(expr, rule)


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _erf(a: Any, xp: Any) -> Any:
    array = xp.asarray(a)
    return xp.asarray([math.erf(v) for v in array.ravel().tolist()], dtype=array.dtype).reshape(array.shape)
