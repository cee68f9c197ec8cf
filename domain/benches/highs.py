"""Solves the problems that the bench writes by another way: HiGHS, mixed-integer, gap 0, one thread.

    cargo bench -p domain --bench optimal -- --write shapes
    pip install highspy
    python domain/benches/highs.py shapes [seconds allowed for each, 120 unless told]

Prints, for each, a row of the table that `cargo xtask bench --arithmetic` writes: our time and HiGHS's, and how far its rounded solution's value
(checked against every floor and cap in integers) is from ours.
"""

import json
import pathlib
import sys
import time
from importlib.metadata import version

import highspy
import numpy as np


def solve(problem, seconds):
    nodes, candidates = problem["nodes"], problem["candidates"]
    paths = []
    for index in range(len(nodes)):
        path, at = [], index
        while at >= 0:
            path.append(at)
            at = nodes[at][0]
        paths.append(path)
    columns = [(i, cost, value) for i, (_, _, options) in enumerate(candidates) for cost, value in options]
    # Rows: one for each node (in dollars), then one for each candidate with a choice to make or a must.
    row_of, lower, upper = {}, [], []
    for _, floor, cap in nodes:
        lower.append(floor / 100 if floor > 0 else -highspy.kHighsInf)
        upper.append(cap / 100 if cap < 2**62 else highspy.kHighsInf)
    for i, (_, must, options) in enumerate(candidates):
        if must or len(options) > 1:
            row_of[i] = len(lower)
            lower.append(1.0 if must else 0.0)
            upper.append(1.0)
    starts, rows, amounts = [0], [], []
    for i, cost, _ in columns:
        for node in paths[candidates[i][0]]:
            rows.append(node)
            amounts.append(cost / 100)
        if i in row_of:
            rows.append(row_of[i])
            amounts.append(1.0)
        starts.append(len(rows))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(columns), len(lower)
    lp.col_cost_ = np.array([value for _, _, value in columns], dtype=float)
    lp.col_lower_, lp.col_upper_ = np.zeros(len(columns)), np.ones(len(columns))
    lp.row_lower_, lp.row_upper_ = np.array(lower), np.array(upper)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.array(starts, dtype=np.int32)
    lp.a_matrix_.index_ = np.array(rows, dtype=np.int32)
    lp.a_matrix_.value_ = np.array(amounts, dtype=float)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(columns)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", 0.0)
    highs.setOptionValue("time_limit", float(seconds))
    highs.passModel(lp)
    start = time.perf_counter()
    highs.run()
    took = time.perf_counter() - start
    spends, value, taken = [0] * len(nodes), 0, [0] * len(candidates)
    for (i, cost, points), x in zip(columns, highs.getSolution().col_value):
        if round(x) == 1:
            value += points
            taken[i] += 1
            for node in paths[candidates[i][0]]:
                spends[node] += cost
    fits = all(floor <= spend <= cap for (_, floor, cap), spend in zip(nodes, spends))
    fits = fits and all(count == 1 if must else count <= 1 for count, (_, must, _) in zip(taken, candidates))
    return highs.modelStatusToString(highs.getModelStatus()), value, fits, highs.getInfo().mip_dual_bound, took


def told(problem, status, value, fits, bound):
    ours = problem["ours"]
    if not fits:
        return f"{status}, with no solution that keeps to the budgets"
    if status == "Optimal" and ours and ours["proved"] and value != ours["value"]:
        return f"DIFFERS: ours {ours['value']:,}, its own {value:,}"
    if not ours or value == ours["value"]:
        return f"{status}, the same value"
    return f"{status}; {ours['value'] - value:,} less than ours, bound {bound:,.0f}"


def main():
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 120.0
    for path in sorted(pathlib.Path(sys.argv[1]).glob("[0-9].json")):
        problem = json.loads(path.read_text())
        status, value, fits, bound, took = solve(problem, seconds)
        ours = f"{problem['ours']['nanoseconds'] / 1e6:.0f} ms{'' if problem['ours']['proved'] else ', not proved'}" if problem["ours"] else "–"
        alike = told(problem, status, value, fits, bound)
        print(f"| best set: {problem['name']} | {ours} | HiGHS {version('highspy')} | {took:.1f} s | {alike} |", flush=True)


main()
