"""A certificate in words and as a row of a LaTeX table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .numbers import latex, short
from .sizes import COLUMNS, cell, latex_cell


def verdict_lines(data: Mapping[str, Any]) -> list[str]:
    """What was proved and what was seen, line by line, from a certificate's JSON."""
    design, sup, seen = data["design"], data["sup_error"], data["observed"]
    constants = ", ".join(f"{norm} {_short_fraction(L)}" for norm, L in data["regularity"]["lipschitz"].items())
    lines = [
        f"regularity (proved): Lipschitz {constants}; Hessian {_short_fraction(data['regularity']['hessian'])}; "
        f"osc {_short_fraction(data['regularity']['osc'])}",
        f"proved bound ({design['bound']}): sup|F - f| <= {data['bound']}",
    ]
    if "why" in sup:
        lines.append(f"not enclosed: {sup['why']}")
    else:
        where = ", ".join(f"{name} = {x:.6g}" for name, x in sup["at"].items())
        rest = "" if sup["complete"] else " (time budget ended; a larger --budget narrows it)"
        lines.append(f"enclosed sup error: [{sup['lower']}, {sup['upper']}], reached near {where}{rest}")
    if seen is not None:
        lines.append(f"observed: {seen['max']:.6g} at {seen['points']} points ({seen['float']}, {seen['backend']})")
    verdict = {True: "holds", False: "FAILS", None: "undecided"}[data["holds"]]
    if data["holds"] is False:
        where = ", ".join(f"{name} = {x:.6g}" for name, x in sup["at"].items())
        verdict += f" at {where}: |F - f| >= {sup['lower']} > eps"
    lines.append(f"sup|F - f| <= {data['eps']}: {verdict}")
    return lines


def sequence_lines(data: Mapping[str, Any]) -> list[str]:
    """What was proved for a matrix-valued function: the shared bound, every entry, the whole."""
    lines = [f"proved bound ({data['bound_used']}): every |F_rt - f_rt| <= {data['bound']}"]
    for entry in data["entries"]:
        sup = entry["sup_error"]
        seen = "" if entry["observed"] is None else f", observed {entry['observed']['max']:.6g}"
        shown = f"not enclosed: {sup['why']}" if "why" in sup else f"sup error in [{sup['lower']}, {sup['upper']}]"
        lines.append(f"row {entry['row']}, token {entry['token']}, f = {entry['expression']}: {shown}{seen}")
    verdict = {True: "holds", False: "FAILS", None: "undecided"}[data["holds"]]
    return [*lines, f"max over entries of sup|F - f| <= {data['eps']}: {verdict}"]


def lp_lines(data: Mapping[str, Any]) -> list[str]:
    """What was proved about an L^p error, line by line, from an L^p certificate's JSON."""
    norm, error = f"||F - f||_{data['p']}", data["lp_error"]
    lines = [f"values: {data['values']}, enclosed to {data['values_radius']}"]
    if data["bound"] is not None:
        lines.append(f"proved bound (Jensen, overlap kernel): {norm} <= {data['bound']}")
    if "why" in error:
        lines.append(f"not enclosed: {error['why']}")
    else:
        rest = "" if error["complete"] else " (time budget ended; a larger --budget narrows it)"
        lines.append(f"enclosed error: {norm} in [{error['lower']}, {error['upper']}]{rest}")
    verdict = {True: "holds", False: "FAILS", None: "undecided"}[data["holds"]]
    return [*lines, f"{norm} <= {data['eps']}: {verdict}"]


def _short_fraction(text: str | None) -> str:
    if text is None:
        return "none"
    try:
        return short(text, 6)
    except ValueError:
        return text


def _decimal(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def latex_row(target: str, eps: str, bounds: Mapping[str, Mapping[str, Any]], data: Mapping[str, Any]) -> str:
    r"""`target & ε & P & R & G (each bound) & bound & sup error \\`, numbers in math mode."""
    cells = [r"\verb|" + target.replace("|", "") + "|", latex(eps) if _decimal(eps) else f"${eps}$"]
    cells += [latex_cell(cell(b, key)) for b in bounds.values() for key, _ in COLUMNS]
    sup = data["sup_error"]
    cells += [latex(short(data["bound"])), latex(short(sup["upper"]))]
    return " & ".join(cells) + r" \\"
