"""Reports: numbers never round down, tables are well formed and read back."""

from __future__ import annotations

import csv
import io
import json
import re
from fractions import Fraction

import pytest
from attain.cli.size import sizes
from attain.report.certificates import latex_row, verdict_lines
from attain.report.numbers import latex, short
from attain.report.sizes import FORMATS, Sweep, remarks, side_by_side, to_csv, to_json, to_latex, to_markdown
from hypothesis import given, settings
from hypothesis import strategies as st

LAW = settings(deadline=None, max_examples=150, derandomize=True)
POSITIVE = st.one_of(
    st.fractions(min_value=Fraction(1, 10**40), max_value=10**45),
    st.integers(1, 10**300),
    st.builds(lambda m, e: m * Fraction(10) ** e, st.integers(1, 10**6), st.integers(-400, 400)),
)


def sweep(**changes):
    """eps × dim, with huge, inapplicable and unequal entries among them."""
    rows = []
    for inputs in ({"eps": e, "dim": d, **changes} for e in ("1/10", "1e-3") for d in ("2", "40")):
        extra = {"domain": "0..1,0..pi"} if inputs["dim"] == "2" else {}
        bounds = sizes("max-affine", {"lipschitz": "1", **inputs, **extra})["bounds"]
        rows.append((inputs, {k: b for k, b in bounds.items() if k != "necessary"}))
    return Sweep(
        "max-affine", "attain table max-affine\n --eps 1/10,1e-3", "0.1.0", ("eps", "dim", *changes), tuple(rows)
    )


@LAW
@given(POSITIVE, st.integers(2, 8))
def test_short_rounds_up_and_only_a_little(x, digits):
    for text in {str(x), x} if isinstance(x, int) else {str(x)}:
        shown = Fraction(short(text, digits))
        assert x <= shown <= x * (1 + Fraction(10) ** (1 - digits))
        assert shown * (1 - Fraction(10) ** (1 - digits)) <= Fraction(short(text, digits, up=False)) <= x


@LAW
@given(POSITIVE)
def test_latex_is_the_same_number(x):
    text = short(str(x))
    match = re.fullmatch(r"\$([0-9.]+)(?:\\times10\^\{(-?[0-9]+)\})?\$", latex(text))
    assert match
    assert Fraction(match[1]) * Fraction(10) ** int(match[2] or 0) == Fraction(text)


def test_short_of_what_python_cannot_read_as_an_integer():
    assert short("9" * 5000) == "1.000e5000"
    assert short("1" + "0" * 5000) == "1.000e5000"
    assert short("1" + "0" * 4999 + "1") == "1.001e5000"
    assert short("1e-400") == "1.000e-400"
    with pytest.raises(ValueError, match="pi/2"):
        short("pi/2")


@pytest.mark.parametrize("changes", [{}, {"hessian": "1"}])
def test_latex_table_has_balanced_braces_and_equal_columns(changes):
    data = sweep(**changes)
    text = to_latex(data)
    first, *lines = text.splitlines()
    assert first.startswith(
        r"% preamble: \usepackage{booktabs}; attain table max-affine --eps 1/10,1e-3; attain 0.1.0;"
    )
    if wide := lines[0].startswith(r"\begingroup"):
        assert lines.pop() == r"\endgroup"
    spec = re.match(r"\\begin\{tabular\}\{@\{\}([lr]+)@\{\}\}$", lines[wide])[1]
    assert wide == (len(spec) > 8)
    assert text.count("{") == text.count("}")
    assert text.count("$") % 2 == 0
    assert lines[-1] == r"\end{tabular}"
    assert [rule for rule in lines if rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [
        *(r"\toprule", r"\midrule", r"\bottomrule"),
    ]
    assert text.isascii()
    rows = [line.removesuffix(r" \\") for line in lines if line.endswith(r" \\")]
    widths = [len(r.split(" & ")) + sum(int(n) - 1 for n in re.findall(r"multicolumn\{(\d+)\}", r)) for r in rows]
    assert set(widths) == {len(spec)}
    assert len(rows) == 2 + len(data.rows)
    last = int(re.findall(r"cmidrule\(lr\)\{\d+-(\d+)\}", text)[-1])
    assert last == len(spec)


def test_latex_table_where_no_bound_applies():
    rows = (({"eps": "1"}, {"smooth": {"not_applicable": "needs M"}}),)
    text = to_latex(Sweep("max-affine", "attain table", "0", ("eps",), rows))
    assert "{@{}lrrr@{}}" in text
    assert "multicolumn{3}" in text
    assert r"$1$ & -- & -- & -- \\" in text


def test_machine_formats_read_back():
    data = sweep(hessian="1")
    rows = list(csv.DictReader(io.StringIO(to_csv(data))))
    again = json.loads(to_json(data))
    assert len(rows) == len(again["rows"]) == 4
    for row, full, (inputs, bounds) in zip(rows, again["rows"], data.rows, strict=True):
        assert full == {"inputs": inputs, "bounds": bounds}
        assert (row["eps"], row["dim"]) == (inputs["eps"], inputs["dim"])
        for name, bound in bounds.items():
            assert int(row[f"{name}_cells"]) == int(bound["cells"])
            assert [Fraction(r) for r in row[f"{name}_R"].split()] == [
                Fraction(r) for r in (bound["R"] if isinstance(bound["R"], list) else [bound["R"]])
            ]
    table = [line.strip("| ").split(" | ") for line in to_markdown(data).splitlines()]
    assert {len(cells) for cells in table} == {3 + 3 * 3}
    assert [cells[:3] for cells in table[2:]] == [[i["eps"], i["dim"], "1"] for i, _ in data.rows]
    for cells, (_, bounds) in zip(table[2:], data.rows, strict=True):
        for shown, bound in zip(cells[5::3], bounds.values(), strict=True):
            exact = int(bound["cells"])
            assert exact <= Fraction(shown) <= exact * Fraction(1001, 1000)
    assert set(FORMATS) == {"latex", "markdown", "csv", "json"}


def test_side_by_side_and_remarks():
    bounds = sizes("max-affine", {"eps": "0.05", "lipschitz": "1", "dim": "2", "domain": "0..1,0..2"})["bounds"]
    table = side_by_side(bounds)
    assert table[0] == ["", "published", "sharp", "necessary"]
    assert {len(row) for row in table} == {4}
    shown = {row[0]: row[1:] for row in table[1:]}
    assert shown["grid points an axis P"] == ["57, 114", "15, 29", "15, 29"]
    assert Fraction(shown["proved error bound"][1]) >= Fraction(bounds["sharp"]["error_bound"])
    rounded = side_by_side({name: {"R": "9.19040001", "cells": 10**9 + 1} for name in ("sharp", "necessary")})
    assert [row[1:] for row in rounded[1:]] == [["9.191", "9.190"], ["1.001e9", "1.000e9"]]
    assert [line.split()[0] for line in remarks(bounds)] == ["smooth", "necessary:"]


CERTIFICATE = {
    "design": {"bound": "sharp"},
    "regularity": {"lipschitz": {"l2": "1.4143", "l1": "pi/2"}, "hessian": None, "osc": "1/3"},
    "bound": "0.0499999",
    "eps": "0.05",
    "observed": {"max": 0.031, "points": 100, "float": "float64", "backend": "numpy"},
}


@pytest.mark.parametrize(
    ("sup", "holds", "last"),
    [
        ({"lower": "0.031", "upper": "0.032", "at": {"x": 0.5}, "complete": True}, True, "sup|F - f| <= 0.05: holds"),
        (
            {"lower": "0.061", "upper": "0.07", "at": {"x": 0.25}, "complete": False},
            False,
            "sup|F - f| <= 0.05: FAILS at x = 0.25: |F - f| >= 0.061 > eps",
        ),
        ({"lower": "0", "upper": "0.0499999", "why": "4 variables"}, None, "sup|F - f| <= 0.05: undecided"),
    ],
)
def test_a_certificate_in_words(sup, holds, last):
    lines = verdict_lines({**CERTIFICATE, "sup_error": sup, "holds": holds})
    assert lines[-1] == last
    assert lines[0] == "regularity (proved): Lipschitz l2 1.4143, l1 pi/2; Hessian none; osc 0.333334"
    assert ("larger --budget" in lines[2]) == (sup.get("complete") is False)
    assert ("not enclosed: 4 variables" in lines) == ("why" in sup)


def test_a_certificate_as_a_latex_row():
    bounds = {"sharp": {"P": 15, "R": "827.829", "cells": "225"}, "smooth": {"not_applicable": "why"}}
    data = {**CERTIFICATE, "sup_error": {"upper": "0.03199999"}}
    row = latex_row("max(x, y)", "1e-3", bounds, data)
    assert row == (
        r"\verb|max(x, y)| & $1\times10^{-3}$ & $15$ & $827.9$ & $225$ & -- & -- & -- & $0.05000$ & $0.03200$ \\"
    )
    assert latex_row("x", "exp(-3)", {}, data).startswith(r"\verb|x| & $exp(-3)$ & ")
