"""Ranks pools a second time, from the rules' canonical JSON, with Python's own fractions. Reads pools and the portal's results on standard
input, and ends with what differs. Written from docs/FORMATS.md, not from the Rust code."""

import hashlib
import json
import math
import sys
from fractions import Fraction as F


def half_even(x):
    floor = math.floor(x)
    over = x - floor
    return floor + (over > F(1, 2) or (over == F(1, 2) and floor % 2 == 1))


def root(x):
    """The square root, half to even at nine places."""
    scaled = x * 10**18
    low = math.isqrt(math.floor(scaled))
    middle = F(2 * low + 1, 2) ** 2
    up = middle < scaled or (middle == scaled and low % 2 == 1)
    return F(low + up, 10**9)


def line(v, a, b):
    (x0, y0), (x1, y1) = sorted([a, b])
    v = min(max(v, x0), x1)
    return y0 + (y1 - y0) * (v - x0) / (x1 - x0)


def points(scale, v, everybody):
    if scale == "as_scored":
        return v
    (kind, of), = scale.items()
    n = {key: F(value) for key, value in of.items() if isinstance(value, str)}
    if kind == "yes_no":
        return n["zero"] if v == 0 else n["nonzero"]
    if kind == "steps":
        for step in of["steps"]:
            if v <= F(step["up_to"]):
                return F(step["points"])
        return n["above"]
    if kind == "linear":
        return line(v, (n["from"], n["from_points"]), (n["to"], n["to_points"]))
    if kind == "piecewise":
        bends = [(F(bend["at"]), F(bend["points"])) for bend in of["bends"]]
        if v <= bends[0][0]:
            return bends[0][1]
        for a, b in zip(bends, bends[1:]):
            if v <= b[0]:
                return line(v, a, b)
        return bends[-1][1]
    if kind == "percentile":
        others = len(everybody) - 1
        below, equal = sum(w < v for w in everybody), sum(w == v for w in everybody) - 1
        share = F(1, 2) if others == 0 else (below + F(equal, 2)) / others
        return n["lowest"] + (n["highest"] - n["lowest"]) * share
    if kind == "z_score":
        mean = sum(everybody) / len(everybody)
        deviation = root(sum((w - mean) ** 2 for w in everybody) / len(everybody))
        if deviation == 0:
            return n["middle"]
        return min(max(n["middle"] + n["per_deviation"] * (v - mean) / deviation, n["least"]), n["most"])
    raise ValueError(kind)


def breaks(ties, inputs, earned, lot):
    """What separates equal points, smaller first, step by step."""
    def key(step):
        if step == "lot":
            return lot
        (kind, of), = step.items()
        return {"points": lambda: -earned[of], "higher": lambda: -F(inputs[of]), "lower": lambda: F(inputs[of])}[kind]()
    return [key(step) for step in ties]


def rank(rules, candidates, seed):
    def value(candidate, criterion):
        (kind, source), = criterion["source"].items()
        key = criterion["key"] if kind == "rubric" else source["key"]
        if key not in candidate["inputs"]:
            return None
        v = F(candidate["inputs"][key])
        return min(v, source["cap"]) if kind == "evidence" else v

    columns = [[value(candidate, criterion) for candidate in candidates] for criterion in rules["criteria"]]
    groups = {member: group for group in rules.get("groups", []) for member in group["criteria"]}
    result = []
    for index, candidate in enumerate(candidates):
        there = [column[index] is not None for column in columns]
        whole = sum(criterion["weight"] for criterion, is_there in zip(rules["criteria"], there) if is_there)
        total, sums, earned = F(0), {}, {}
        for criterion, column, is_there in zip(rules["criteria"], columns, there):
            if not is_there:
                continue
            got = points(criterion["scale"], column[index], [w for w in column if w is not None])
            earned[criterion["key"]] = got
            share = 1 if criterion.get("bonus") else F(criterion["weight"], whole)
            group = groups.get(criterion["key"])
            if group is None:
                total += got * share
            else:
                sums[group["key"]] = sums.get(group["key"], 0) + got * share
        for group in rules.get("groups", []):
            total += min(sums.get(group["key"], F(0)), F(group["cap"]))
        lot = hashlib.sha256(f"{seed}:{candidate['number']}".encode()).hexdigest()
        result.append((-total, breaks(rules["ties"], candidate["inputs"], earned, lot), candidate["number"]))
    return [(number, -total) for total, _, number in sorted(result)]


def main():
    pools = json.load(sys.stdin)
    for nth, pool in enumerate(pools):
        ours = rank(pool["rules"], pool["candidates"], pool["seed"])
        theirs = [(number, F(total)) for number, total in pool["result"]]
        if ours != theirs:
            sys.exit(f"pool {nth} differs:\n{ours}\n{theirs}")
    print(f"{len(pools)} pools agree")


if __name__ == "__main__":
    main()
