"""Shares what `cargo bench -p domain --bench shares -- --write DIR` wrote with the package `apportionment` (pip install apportionment), and says how long both take and whether the shares are the same: rows of the table that `cargo xtask bench --arithmetic` writes."""

import json
import sys
import time
from importlib.metadata import version

from apportionment.methods import compute

NAMES = {"largest_remainder": "hamilton", "webster": "saintelague"}

for case in json.load(open(f"{sys.argv[1]}/shares.json")):
    votes, names = case["weights"], [str(nth) for nth in range(len(case["weights"]))]
    times = []
    for _ in range(3):
        began = time.perf_counter()
        # In exact fractions where its table of them, claimants times seats for Webster's method, is not too long.
        exact = case["method"] == "largest_remainder"
        shares = compute(NAMES[case["method"]], votes, case["pot"], fractions=exact, parties=names)
        times.append(time.perf_counter() - began)
    differ = sum(one != other for one, other in zip(shares, case["granted"]))
    alike = "the same shares" if differ == 0 else f"{differ} shares differ"
    ours, theirs = case["nanoseconds"] / 1e6, sorted(times)[1] * 1000
    print(f"| {case['name']} | {ours:.2f} ms | apportionment {version('apportionment')} | {theirs:.0f} ms | {alike} |")
