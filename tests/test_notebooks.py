"""Every notebook's text runs from top to bottom, and the executed copy beside it has the same cells."""

from __future__ import annotations

from pathlib import Path

import pytest

jupytext = pytest.importorskip("jupytext", reason="needs the extra 'notebooks'")
nbclient = pytest.importorskip("nbclient", reason="needs the extra 'notebooks'")
NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.py"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs(path: Path) -> None:
    notebook = jupytext.read(path)
    nbclient.NotebookClient(notebook, timeout=120).execute(cwd=str(path.parent))
    outputs = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
    assert outputs
    assert not [o for o in outputs if o.output_type == "error"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_executed_copy_is_current(path: Path) -> None:
    text, executed = jupytext.read(path), jupytext.read(path.with_suffix(".ipynb"))
    assert [c.source for c in text.cells] == [c.source for c in executed.cells]
    assert all(c.execution_count for c in executed.cells if c.cell_type == "code")
