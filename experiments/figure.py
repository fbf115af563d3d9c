"""The figure and the table of an experiment, from its rows alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..report.figures import save
from .experiment import Experiment, Panel, Row


def draw(experiment: Experiment, rows: Sequence[Row], path: Path) -> None:
    """One plot a panel, side by side."""
    from matplotlib.figure import Figure

    count = len(experiment.panels)
    figure = Figure(figsize=(5.2 * count, 4.0), layout="constrained")
    for panel, axes in zip(experiment.panels, figure.subplots(1, count, squeeze=False)[0], strict=True):
        _panel(axes, panel, rows)
    figure.suptitle(experiment.title)
    save(figure, path)


def _panel(axes: Any, panel: Panel, rows: Sequence[Row]) -> None:
    kept = [r for r in rows if panel.where is None or r[panel.where[0]] == panel.where[1]]
    groups = list(dict.fromkeys(r[panel.group] for r in kept)) if panel.group else [""]
    for i, group in enumerate(groups):
        mine = [r for r in kept if not panel.group or r[panel.group] == group]
        for k, column in enumerate(panel.y):
            colour = f"C{i if panel.group else k}"
            label = column.replace("_", " ")
            if panel.group:
                mark = group if isinstance(group, str) else f"{panel.group} = {group:g}"
                label = mark if len(panel.y) == 1 else f"{mark}, {label}"
            style = "o" if panel.points else "--" if column in panel.bounds else "o-"
            axes.plot([r[panel.x] for r in mine], [r[column] for r in mine], style, color=colour, label=label, ms=4)
    axes.set_xscale("log" if panel.logx else "linear")
    axes.set_yscale("log" if panel.logy else "linear")
    axes.set(title=panel.title, xlabel=panel.xlabel, ylabel=panel.ylabel)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)


def to_markdown(experiment: Experiment, rows: Sequence[Row]) -> str:
    """The summary and a table of all rows, numbers to four digits."""
    lines = [f"# {experiment.title}", "", *(f"- {line}" for line in experiment.summary(rows)), ""]
    lines += ["| " + " | ".join(experiment.columns) + " |", "|" + " --- |" * len(experiment.columns)]
    lines += ["| " + " | ".join(_short(r[c]) for c in experiment.columns) + " |" for r in rows]
    return "\n".join(lines) + "\n"


def _short(value: str | int | float) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
