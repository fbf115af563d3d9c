"""Sizes side by side: the rows of one problem, and tables over a sweep in LaTeX, Markdown, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .numbers import latex, short

ROWS = (
    ("P", "grid points an axis P"),
    ("R", "inverse temperature R"),
    ("kappa", "temperature κ = R h²"),
    ("pad", "padding, cells a side"),
    ("cells", "cells G"),
    ("parameters", "parameters (nonzero)"),
    ("flops", "FLOPs an evaluation"),
    ("error_bound", "proved error bound"),
    ("float_format", "float format needed"),
    ("layer", "layer"),
    ("lambda", "slot score λ"),
    ("norm", "regularity used"),
    ("source", "source"),
)
WIDE = 8
"""Tables with more columns are set smaller, so that three bounds fit the text width of an article."""
COLUMNS = (("P", "P"), ("R", "R"), ("cells", "G"))


def side_by_side(bounds: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    """One row a quantity, one column a bound; the first row is the header. Necessary sizes are rounded down.

    >>> side_by_side({"sharp": {"P": 15, "cells": 225}})
    [['', 'sharp'], ['grid points an axis P', '15'], ['cells G', '225']]
    """
    bounds = {name: b for name, b in bounds.items() if "not_applicable" not in b}
    rows = [["", *bounds]]
    for key, label in ROWS:
        cells = [cell(b, key, up=name != "necessary") for name, b in bounds.items()]
        if any(cells):
            rows.append([label, *cells])
    return rows


def remarks(bounds: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Why a bound is necessary, or why it does not apply, a line each.

    >>> remarks({"smooth": {"not_applicable": "needs M"}})
    ['smooth does not apply: needs M']
    """
    lines = [f"{name} does not apply: {b['not_applicable']}" for name, b in bounds.items() if "not_applicable" in b]
    return lines + [f"{name}: {b['why']}" for name, b in bounds.items() if "why" in b]


def cell(bound: Mapping[str, Any], key: str, up: bool = True) -> str:
    """One quantity of a bound as text, "" if it has none; one number if all axes are alike, else one an axis.

    >>> cell({"P": [98, 86]}, "P"), cell({"kappa": ["2", "2"]}, "kappa")
    ('98, 86', '2')
    """
    value = bound.get(key)
    if value is None:
        return ""
    if key == "parameters":
        return _number(value["nonzero"], up)
    if isinstance(value, list):
        return ", ".join(_number(v, up) for v in (value if len(set(value)) > 1 else value[:1]))
    return str(value) if key in ("float_format", "layer", "norm", "source") else _number(value, up)


def _number(value: Any, up: bool) -> str:
    return short(value if isinstance(value, int) else str(value), up=up)


@dataclass(frozen=True)
class Sweep:
    """Sizes over a sweep: one entry of `rows` = (inputs that vary, bounds), as `attain size` gives them."""

    theorem: str
    command: str
    version: str
    names: tuple[str, ...]
    rows: tuple[tuple[Mapping[str, str], Mapping[str, Mapping[str, Any]]], ...]

    @property
    def bounds(self) -> tuple[str, ...]:
        """The bounds that occur, in order."""
        return tuple(dict.fromkeys(b for _, bounds in self.rows for b in bounds))

    def columns(self) -> tuple[tuple[str, str], ...]:
        """The quantities shown: those of `COLUMNS` that some bound has (all of them where no bound applies)."""
        found = {k for _, bounds in self.rows for b in bounds.values() for k in b}
        return tuple((k, label) for k, label in COLUMNS if k in found) or COLUMNS

    def cells(self) -> list[list[str]]:
        """The body: the inputs, then every quantity of every bound ("–" where a bound does not apply)."""
        body = []
        for inputs, bounds in self.rows:
            row = [inputs[n] for n in self.names]
            for b in self.bounds:
                row += [cell(bounds.get(b, {}), key) or "–" for key, _ in self.columns()]
            body.append(row)
        return body


def to_latex(sweep: Sweep) -> str:
    """A booktabs table; the first comment line names the preamble, the command and the version."""
    columns, n = sweep.columns(), len(sweep.names)
    spec = "l" * n + "r" * (len(columns) * len(sweep.bounds))
    heads = " & ".join(f"\\multicolumn{{{len(columns)}}}{{c}}{{{b}}}" for b in sweep.bounds)
    rules = "".join(
        f"\\cmidrule(lr){{{n + 1 + i * len(columns)}-{n + (i + 1) * len(columns)}}}" for i in range(len(sweep.bounds))
    )
    names = [_escape(x) for x in sweep.names]
    header = " & ".join([*names, *(f"${label}$" for _ in sweep.bounds for _, label in columns)])
    wide = len(spec) > WIDE
    lines = [
        f"% preamble: \\usepackage{{booktabs}}; {_comment(sweep.command)}; attain {sweep.version}; rounded up",
        *["\\begingroup\\footnotesize\\setlength{\\tabcolsep}{3pt}"] * wide,
        f"\\begin{{tabular}}{{@{{}}{spec}@{{}}}}",
        "\\toprule",
        " & " * n + heads + r" \\",
        rules,
        header + r" \\",
        "\\midrule",
        *(" & ".join(latex_cell(c) for c in row) + r" \\" for row in sweep.cells()),
        "\\bottomrule",
        "\\end{tabular}",
        *["\\endgroup"] * wide,
    ]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return " ".join(text.split())


def _escape(text: str) -> str:
    known = {"eps": r"$\varepsilon$", "dim": "$d$", "tokens": "$n$", "memory": "$m$", "p": "$p$", "lipschitz": "$L$"}
    return known.get(text, text.replace("_", r"\_"))


def latex_cell(text: str) -> str:
    r"""A cell as LaTeX: numbers in math mode, "--" where there is none.

    >>> latex_cell("98, 1.2e4"), latex_cell("–"), latex_cell("a_b")
    ('$98$, $1.2\\times10^{4}$', '--', 'a\\_b')
    """
    if text in ("", "–"):
        return "--"
    try:
        return ", ".join(latex(number) for number in text.split(", ") if float(number) >= 0)
    except ValueError:
        return text.replace("_", r"\_")


def to_markdown(sweep: Sweep) -> str:
    """A GitHub table."""
    header = [*sweep.names, *(f"{b} {label}" for b in sweep.bounds for _, label in sweep.columns())]
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in sweep.cells()]
    return "\n".join(lines) + "\n"


def to_csv(sweep: Sweep) -> str:
    """One line a combination, exact integers and unrounded decimals."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    keys = [key for key, _ in sweep.columns()]
    writer.writerow([*sweep.names, *(f"{b}_{key}" for b in sweep.bounds for key in keys)])
    for inputs, bounds in sweep.rows:
        row: list[Any] = [inputs[n] for n in sweep.names]
        for b in sweep.bounds:
            values: Sequence[Any] = [bounds.get(b, {}).get(key, "") for key in keys]
            row += [" ".join(map(str, v)) if isinstance(v, list) else v for v in values]
        writer.writerow(row)
    return out.getvalue()


def to_json(sweep: Sweep) -> str:
    """One object with every field of every bound."""
    rows = [{"inputs": dict(inputs), "bounds": dict(bounds)} for inputs, bounds in sweep.rows]
    data = {"theorem": sweep.theorem, "command": sweep.command, "version": sweep.version, "rows": rows}
    return json.dumps(data, ensure_ascii=False) + "\n"


FORMATS = {"latex": to_latex, "markdown": to_markdown, "csv": to_csv, "json": to_json}
