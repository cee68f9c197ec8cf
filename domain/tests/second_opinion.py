"""Ranks pools and finds best sets a second time, from the rules' canonical JSON, with Python's own fractions. Reads them and the portal's
results on standard input, and ends with what differs. Written from docs/FORMATS.md, not from the Rust code."""

import hashlib
import itertools
import json
import math
import operator
import re
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


class Missing(Exception):
    """A name without a value."""


SIGNS = {"<=": operator.le, ">=": operator.ge, "!=": operator.ne, "=": operator.eq, "<": operator.lt, ">": operator.gt,
         "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


class Formula:
    """The language of docs/FORMATS.md, evaluated while it is read into a tree of functions of the names' values."""

    def __init__(self, text):
        self.words = re.findall(r"[A-Za-z]\w*|[\d._]+|<=|>=|!=|[-+*/(),=<>]", text)
        self.value = self.disjunction()
        if self.words:
            raise ValueError(self.words)

    def take(self, *wanted):
        return self.words.pop(0) if self.words and self.words[0] in wanted else None

    def disjunction(self):
        left = self.conjunction()
        while self.take("or"):
            left = (lambda a, b: lambda env: a(env) or b(env))(left, self.conjunction())
        return left

    def conjunction(self):
        left = self.comparison()
        while self.take("and"):
            left = (lambda a, b: lambda env: a(env) and b(env))(left, self.comparison())
        return left

    def chain(self, part, *signs):
        left = part()
        while sign := self.take(*signs):
            left = (lambda a, b, of: lambda env: of(a(env), b(env)))(left, part(), SIGNS[sign])
        return left

    def comparison(self):
        return self.chain(self.sum, "<=", ">=", "!=", "=", "<", ">")

    def sum(self):
        return self.chain(self.product, "+", "-")

    def product(self):
        return self.chain(self.single, "*", "/")

    def single(self):
        if self.take("not"):
            inner = self.comparison()
            return lambda env: not inner(env)
        if self.take("-"):
            inner = self.single()
            return lambda env: -inner(env)
        if self.take("("):
            inner = self.disjunction()
            self.words.pop(0)
            return inner
        word = self.words.pop(0)
        if word[0].isdigit():
            number = F(word)
            return lambda env: number
        if word in ("yes", "no"):
            return lambda env: word == "yes"
        return self.function(word) if self.take("(") else lambda env: self.named(env, word)

    @staticmethod
    def named(env, name):
        if name not in env:
            raise Missing(name)
        return F(env[name])

    def function(self, name):
        if name == "given":
            asked = self.words.pop(0)
            self.words.pop(0)
            return lambda env: asked in env
        parts = [self.disjunction()]
        while self.words.pop(0) == ",":
            parts.append(self.disjunction())
        if name == "if":
            return lambda env: parts[1](env) if parts[0](env) else parts[2](env)

        def clamp(x, low, high):
            return min(max(x, low), high)

        def rounded(x, places):
            return F(half_even(x * 10**places), 10**places)

        of = {"min": min, "max": max, "abs": abs, "clamp": clamp, "round": rounded}[name]
        return lambda env: of(*[part(env) for part in parts])


def breaks(ties, inputs, earned, lot):
    """What separates equal points, smaller first, step by step."""
    def key(step):
        if step == "lot":
            return lot
        (kind, of), = step.items()
        return {"points": lambda: -earned[of], "higher": lambda: -F(inputs[of]), "lower": lambda: F(inputs[of])}[kind]()
    return [key(step) for step in ties]


def meets(rules, candidate):
    """Whether all conditions are met."""
    return all(Formula(gate["must"]).value(candidate["inputs"]) for gate in rules.get("gates", []))


def rank(rules, candidates, seed):
    shut_out = [candidate["number"] for candidate in candidates if not meets(rules, candidate)]
    candidates = [candidate for candidate in candidates if candidate["number"] not in shut_out]

    def value(candidate, criterion):
        (kind, source), = criterion["source"].items()
        if kind == "formula":
            try:
                return Formula(source["formula"]).value(candidate["inputs"])
            except Missing:
                return None
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
    return [(number, -total) for total, _, number in sorted(result)], sorted(shut_out)


def best(rule, pot, bids):
    """The most that any set of awards is worth; none where no set keeps to floors and caps. Every set is looked at."""
    per_seat = rule["objective"] == "points_per_seat"

    def choices(bid):
        """What a bid may get: cents, and what that is worth."""
        seats, points, request = bid["seats"] or 1, F(bid["points"]), bid["request"]
        if not per_seat:
            return [(0, F(0)), (request, points)]
        least = bid["least"] or 0
        some = [n for n in range(1, seats + 1) if n * request >= least * seats]
        return [(0, F(0))] + [(n * request // seats, n * points) for n in some]

    most = None
    for chosen in itertools.product(*[choices(bid) for bid in bids]):
        got = {}
        for bid, (cents, _) in zip(bids, chosen):
            got[bid["region"]] = got.get(bid["region"], 0) + cents
        bounds = rule.get("bounds", [])
        kept = all(bound["floor"] <= got.get(bound["region"], 0) <= (bound["cap"] if bound["cap"] is not None else pot) for bound in bounds)
        if kept and sum(got.values()) <= pot:
            worth = sum((worth for _, worth in chosen), F(0))
            most = worth if most is None else max(most, worth)
    return most


def main():
    given = json.load(sys.stdin)
    for nth, pool in enumerate(given["pools"]):
        ours = rank(pool["rules"], pool["candidates"], pool["seed"])
        theirs = [(number, F(total)) for number, total in pool["result"]], sorted(pool["shut_out"])
        if ours != theirs:
            sys.exit(f"pool {nth} differs:\n{ours}\n{theirs}")
    for nth, pot in enumerate(given["pots"]):
        ours = best(pot["rule"], pot["pot"], pot["bids"])
        theirs = None if pot["worth"] is None else F(pot["worth"])
        if ours != theirs:
            sys.exit(f"pot {nth} differs: {ours} and {theirs}\n{pot}")
    print(f"{len(given['pools'])} pools and {len(given['pots'])} pots agree")


if __name__ == "__main__":
    main()
