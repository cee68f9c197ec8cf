"""Decides a round a second time from its published decision file, with Python's own fractions and whole cents, and ends with what differs.
Written from docs/FORMATS.md, not from the Rust code. Of the allocation it knows: down the list, what does not fit in part."""

import json
import sys
from fractions import Fraction as F

sys.path.insert(0, sys.argv[1])
from second_opinion import rank  # noqa: E402


def differs(what, ours, theirs):
    if ours != theirs:
        sys.exit(f"{what} differ:\n{ours}\n{theirs}")


def main():
    decision = json.load(sys.stdin)
    ranking, allocation = decision["ranking"], decision["allocation"]
    candidates = [
        {"number": one["number"], "inputs": {key: one_input["value"] for key, one_input in one["inputs"].items()}}
        for one in ranking["candidates"]
    ]
    ours, shut_out = rank(ranking["rules"], candidates, ranking["seed"])
    differs("places", ours, [(place["number"], F(place["points"])) for place in ranking["result"]["places"]])
    differs("who is shut out", shut_out, sorted(out["number"] for out in ranking["result"].get("shut_out", [])))

    assert (allocation["rule"]["method"], allocation["rule"]["misfit"]) == ("down_the_list", "partial")
    asked = {claim["number"]: claim["units_requested"] for claim in allocation["claims"]}
    left, going, units = allocation["pot"], True, {}
    for number, _ in ours:
        units[number] = min(asked[number], left // allocation["unit_cost"]) if going else 0
        going = units[number] == asked[number]
        left -= units[number] * allocation["unit_cost"]
    differs("units", units, {step["number"]: step["units_granted"] for step in allocation["result"]["steps"]})
    granted = allocation["pot"] - left
    differs("cents", granted, allocation["result"]["granted"])
    print(f"{len(ours)} places and ${granted // 100:,}.{granted % 100:02} alike")


main()
