"""attain table: sizes over a sweep, for a paper."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Annotated

import typer

from .output import Json, Quiet, print_line, progress
from .size import extra_options, sizes

MAX_ROWS = 10_000


def table(
    context: typer.Context,
    theorem: Annotated[str, typer.Argument(help="A theorem; see attain size --list.")],
    eps: Annotated[str, typer.Option(help="Accuracies, separated by commas: 0.1,0.03,0.01.")],
    format_: Annotated[str, typer.Option("--format", help="latex, markdown, csv or json.")] = "markdown",
    bound: Annotated[str, typer.Option(help="published, sharp, smooth or all.")] = "all",
    output: Annotated[Path | None, typer.Option(help="Write to this file instead of standard output.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Sizes over a sweep, one row a combination: published beside sharp beside smooth.

    Every option of the theorem takes a list separated by commas (--dim 1,2,3); --domain takes one interval.
    """
    from importlib.metadata import version

    from ..report.sizes import FORMATS, Sweep

    form = "json" if json else format_
    if form not in FORMATS:
        raise ValueError(f"format: {form!r} is unknown; choose {', '.join(FORMATS)}")
    given = {"eps": eps, **extra_options(context.args)}
    lists = {
        k: [v] if k in ("domain", "modulus") else [part.strip() for part in v.split(",")] for k, v in given.items()
    }
    names = tuple(k for k, v in lists.items() if len(v) > 1) or ("eps",)
    combinations = [dict(zip(lists, values, strict=True)) for values in itertools.product(*lists.values())]
    if len(combinations) > MAX_ROWS:
        raise ValueError(f"{len(combinations)} rows are too many (limit {MAX_ROWS}); shorten the lists")
    rows = []
    with progress("sizes", quiet) as report:
        for i, inputs in enumerate(combinations):
            bounds = {k: v for k, v in sizes(theorem, inputs, bound)["bounds"].items() if k != "necessary"}
            rows.append((inputs, bounds))
            report((i + 1) / len(combinations))
    shown = given if bound == "all" else {**given, "bound": bound}
    command = f"attain table {theorem} " + " ".join(f"--{k} {v}" for k, v in shown.items())
    text = FORMATS[form](Sweep(theorem, command, version("attain"), names, tuple(rows)))
    if output is None:
        print_line(text.rstrip("\n"))
    else:
        part = output.with_name(output.name + ".part")
        part.write_text(text, encoding="utf-8")
        part.replace(output)
