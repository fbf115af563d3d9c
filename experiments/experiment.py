"""What an experiment is: rows of data from a seed, a summary and panels that are drawn from the rows alone."""

from __future__ import annotations

import csv
import importlib
import io
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

Row = Mapping[str, str | int | float]
OTHERS = ("experiment", "figure", "fits", "single_head")


@dataclass(frozen=True)
class Panel:
    """One plot: y columns over the column x, rows with `where` = (column, value) only, one line for each value of
    `group`. `bounds` are drawn dashed, `points` without a line."""

    x: str
    y: tuple[str, ...]
    title: str
    xlabel: str
    ylabel: str
    where: tuple[str, str] | None = None
    group: str | None = None
    bounds: tuple[str, ...] = ()
    logx: bool = True
    logy: bool = True
    points: bool = False


@dataclass(frozen=True)
class Experiment:
    """`run(seed, quick)` yields `count(quick)` rows; `summary(rows)` says what they show, in a few lines.

    `needs` names the extra that `run` needs, "" for none. A figure and a summary need nothing but the rows.
    """

    slug: str
    title: str
    columns: tuple[str, ...]
    run: Callable[[int, bool], Iterator[Row]]
    count: Callable[[bool], int]
    summary: Callable[[Sequence[Row]], list[str]]
    panels: tuple[Panel, ...]
    needs: str = ""


def slugs() -> tuple[str, ...]:
    """The experiments there are: one module each.

    >>> "construction" in slugs()
    True
    """
    names = (m.name for m in pkgutil.iter_modules([str(path) for path in _path()]))
    return tuple(name for name in names if name not in OTHERS)


def load(slug: str) -> Experiment:
    """The experiment called `slug`; ValueError with the near misses if there is none."""
    if slug not in slugs():
        near = get_close_matches(slug, slugs(), n=1)
        hint = f"did you mean {near[0]}?" if near else "known: " + ", ".join(slugs())
        raise ValueError(f"unknown experiment {slug!r}; {hint}")
    found: Experiment = importlib.import_module(f"{__package__}.{slug}").EXPERIMENT
    return found


def _path() -> Sequence[str]:
    return list(importlib.import_module(__package__ or "").__path__)


def to_csv(experiment: Experiment, rows: Sequence[Row]) -> str:
    """The raw data; floats in full precision."""
    out = io.StringIO()
    writer = csv.DictWriter(out, experiment.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def from_csv(experiment: Experiment, text: str) -> list[Row]:
    """The rows that `to_csv` wrote; ValueError, one line, if the text is not such a file.

    >>> construction = load("construction")
    >>> from_csv(construction, "x")
    Traceback (most recent call last):
    ...
    ValueError: the columns of construction are eps, bound, P, R, cells, error_bound, observed, lower, upper
    """
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != experiment.columns:
        raise ValueError(f"the columns of {experiment.slug} are {', '.join(experiment.columns)}")
    rows: list[Row] = [{key: _value(cell) for key, cell in row.items()} for row in reader]
    if not rows or any(None in row or None in row.values() for row in rows):
        raise ValueError("every row needs one entry for each column")
    return rows


def _value(cell: str) -> str | int | float:
    for kind in (int, float):
        try:
            return kind(cell)
        except (TypeError, ValueError):
            continue
    return cell
