# Every target sets up .venv itself and is quick the second time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lint peer slow fuzz bench notebook gallery clean

demo: $(STAMP)
	$(BIN)/attain certify "sin(x) + cos(y)" --on "x=0..1" --on "y=0..1" --eps 0.01

test: $(STAMP)
	$(BIN)/python -m pytest -q -n 2 --dist worksteal tests

slow: $(STAMP)
	$(BIN)/python -m pytest -q -m slow tests

# Compares with PyTorch (a CPU build is enough), ONNX Runtime and the provers that are installed.
peer: $(STAMP)
	$(BIN)/python -c "import torch" 2>/dev/null || $(BIN)/python -m pip install -q "torch==2.13.0"
	$(BIN)/python -c "import onnx, onnxruntime, safetensors" 2>/dev/null || $(BIN)/python -m pip install -q -e ".[export]"
	$(BIN)/python -m pytest -q -m peer tests

# mypy does not see setuptools' mapping of an editable install; a link of the installed name shows it the same files.
lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	mkdir -p .ns && ln -sfn .. .ns/attain
	MYPYPATH=.ns $(BIN)/mypy -p attain.symbolic -p attain.proofs -p attain.numeric -p attain.report -p attain.experiments -p attain.cli

# 2,000 claims of known truth against the prover, 6,000 forged proofs against the checker; exits 1 on a wrong answer.
fuzz: $(STAMP)
	$(BIN)/python benchmarks/fuzz_prover.py --count 2000 --seed 0
	$(BIN)/python benchmarks/fuzz_checker.py --count 6000 --seed 0

bench: $(STAMP)
	$(BIN)/python benchmarks/evaluators.py

# Re-executes the notebooks in place (text is the source, .ipynb the executed copy).
notebook: $(STAMP)
	$(BIN)/jupytext --quiet --to ipynb notebooks/*.py
	$(BIN)/jupyter execute --inplace --NotebookClient.record_timing=False notebooks/*.ipynb

# Redraws the pictures of README from the data beside them; `attain experiment scaling --output docs/gallery` redoes the data.
gallery: $(STAMP)
	for name in scaling temperature; do \
	  $(BIN)/attain experiment $$name --from docs/gallery/$$name.csv --output docs/gallery --quiet; done
	$(BIN)/attain partition docs/gallery/centres.csv --R 300 --figure docs/gallery/partition.png

$(STAMP): pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'attain needs Python 3.11 or newer')"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -e ".[dev,notebooks,plots]"
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info build
