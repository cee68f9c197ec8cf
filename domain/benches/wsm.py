"""Ranks the pool that `cargo bench -p domain --bench ranking -- --write DIR` wrote, in the portal's order, with pymcdm's weighted sum over
min-max normalized columns (pip install pymcdm), and says how long both take and whether the order is the same: a row of the table that
`cargo xtask bench --arithmetic` writes."""

import sys
import time
from importlib.metadata import version

import numpy
from pymcdm.methods import WSM
from pymcdm.normalizations import minmax_normalization

lines = open(f"{sys.argv[1]}/pool.csv").read().split()
ours = int(lines[0]) / 1e6
weights = numpy.array([int(weight) for weight in lines[1].split(",")]) / 10_000
matrix = numpy.array([[float(value) for value in line.split(",")] for line in lines[2:]])
method = WSM(normalization_function=minmax_normalization)
times = []
for _ in range(11):
    began = time.perf_counter()
    scores = method(matrix, weights, numpy.ones(len(weights)))
    order = method.rank(scores)
    times.append(time.perf_counter() - began)
falls = [(i, scores[i] - scores[i + 1]) for i in range(len(scores) - 1) if scores[i] < scores[i + 1]]
alike = "the same order" if not falls else f"{len(falls)} neighbors differ, by at most {max(-fall for _, fall in falls):.0e}, its rounding"
median = sorted(times)[5] * 1000
print(f"| weighted sums, {len(matrix):,} × {len(weights)} | {ours:.2f} ms | pymcdm {version('pymcdm')} | {median:.1f} ms | {alike} |")
