# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The max-affine partition in pictures
#
# A softmax over scores $R(a_j^\top x+b_j)$ picks, as $R$ grows, the largest of $G$ affine functions: attention cuts
# its input into cells. With values at the cells it approximates any continuous function. This notebook shows the
# partition, how sharp it is, the error against the number of cells and against $R$ beside three proved bounds, the
# layer itself, and ends with a table for a paper.

# %%
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
from attain.cli.size import sizes
from attain.experiments.experiment import load as load_experiment
from attain.experiments.figure import draw
from attain.numeric.evaluate import tail_mass
from attain.numeric.layer import materialise
from attain.numeric.network import point_network
from attain.numeric.partition import partition_network
from attain.numeric.sequences import network_of_sequence
from attain.report.figures import partition_figure
from attain.report.sizes import Sweep, to_latex, to_markdown
from attain.symbolic.any_centres import centres_design
from attain.symbolic.named_sequences import named_sequence
from attain.symbolic.partition import area, covering_radius_squared, voronoi
from attain.symbolic.theorems.max_affine import design
from IPython.display import Image

folder = Path(tempfile.mkdtemp())
unit = (Fraction(0), Fraction(1))

# %% [markdown]
# ## 1. Any partition
#
# Twenty centres at random. Their Voronoi cells are polygons with rational corners, so their areas and the covering
# radius $\rho$ (the largest distance of a point to its nearest centre) are exact.

# %%
rng = np.random.default_rng(7)
centres = [(Fraction(int(a), 100), Fraction(int(b), 100)) for a, b in rng.integers(0, 101, (20, 2))]
cells = voronoi(centres, (unit, unit))
print("sum of the areas:", sum(area(cells.corners(j)) for j in range(20)))
rho_squared, farthest = covering_radius_squared(centres, (unit, unit))
print(f"covering radius: sqrt({rho_squared}) = {float(rho_squared) ** 0.5:.6f} at {tuple(map(str, farthest))}")

# %% [markdown]
# On the left the cells, on the right the largest weight at $R=300$. Inside the dashed lines one cell has at least 99 %
# of the weight: there its score leads by $\Delta=\ln\bigl((G-1)\cdot 99\bigr)/R$.

# %%
R = 300
margin = Fraction(round(np.log(19 * 99) / R * 10**6) + 1, 10**6)
sharp = sum(area(cells.corners(j, margin)) for j in range(20))
print(f"one-hot to 1 % on {float(sharp):.1%} of the square")
partition_figure(cells, partition_network(cells, R, [Fraction(0)] * 20), margin, folder / "partition.png")
Image(filename=folder / "partition.png", width=760)

# %% [markdown]
# ## 2. One-hot weights
#
# At a point with margin $\Delta$ the weight that is missing from the top cell is at most $\lambda/(1+\lambda)$ with
# $\lambda=(G-1)e^{-R\Delta}$, and that is attained if all other scores tie. Here 20 scores, one ahead by $\Delta=0.1$.
# The missing mass is summed from the other weights, so it keeps its digits where $1-p_{\max}$ would be 0 in float64.

# %%
ahead = point_network([[0.0]] + [[0.2**0.5]] * 19, 1.0, [1.0] + [0.0] * 19)
for R in (10, 50, 100, 500, 1000):
    network = point_network(ahead.centres, R, ahead.values)
    odds = 19 * np.exp(-R * 0.1)
    leak = tail_mass(network, [[0.0]])[0]
    print(f"R = {R:5}: leak {leak:.6e}, bound {odds / (1 + odds):.6e}, published {odds:.6e}")

# %% [markdown]
# What must $R$ be for the scattered centres, if $f$ is 1-Lipschitz and $\varepsilon$ is half more than $\rho$?

# %%
eps = Fraction(3, 2) * Fraction(round(float(rho_squared) ** 0.5 * 1000) + 1, 1000)
for bound in ("published", "sharper"):
    made = centres_design(20, rho_squared, Fraction(1), Fraction(2), eps, bound)
    print(f"{bound}: R = {float(made.R):.2f} gives |F - f| <= {made.error_bound}")

# %% [markdown]
# ## 3. Error against $P$ and against $R$
#
# $f=\sin x+\cos y$ on a grid of $P\times P$ midpoints. Dashed: the three proved bounds; dots: the error seen. The
# published and the sharp bound fall like $1/P$ (the sharp one is half of it, without a logarithm in $R$), the smooth
# one nearly like $1/P^2$. On the right $P=16$ and $R$ varies. Without padding the error is largest in a corner of the
# square and falls with $R$; on the padded grid of the smooth bound it has a minimum: colder is *not* better there.

# %%
scaling = load_experiment("scaling")
rows = list(scaling.run(0, True))
for line in scaling.summary(rows):
    print(line)
draw(scaling, rows, folder / "scaling.png")
Image(filename=folder / "scaling.png", width=760)

# %% [markdown]
# ## 4. The layer itself
#
# The running maximum of two tokens as a real self-attention layer: Lin, then softmax attention with these matrices. The
# slot rows tell the columns apart, and $W_O=[Q^{-1};0]$ removes what leaks between them exactly.

# %%
f = named_sequence("running-max", 1, 2, unit)
network = network_of_sequence(design(f.target, Fraction(1, 10), "sharp"), f)
layer = materialise(network)
for name in ("W_Q", "W_K", "W_V", "W_O"):
    print(name, getattr(layer, name).shape)
X = np.array([[0.8, 0.3]])
print("literal: ", layer(X).round(6).tolist())
print("implicit:", network(X[None])[0].round(6).tolist())
print("running maximum:", np.maximum.accumulate(X, axis=1).tolist())

# %% [markdown]
# ## 5. A table for a paper

# %%
inputs = [{"eps": eps, "dim": dim} for eps in ("0.1", "0.01") for dim in ("1", "2", "3")]
found = [(row, sizes("max-affine", {**row, "lipschitz": "1", "hessian": "1"})["bounds"]) for row in inputs]
rows_without = tuple((row, {k: b for k, b in bounds.items() if k != "necessary"}) for row, bounds in found)
sweep = Sweep("max-affine", "attain table max-affine", "0.1.0", ("eps", "dim"), rows_without)
print(to_markdown(sweep))
print(to_latex(sweep))
