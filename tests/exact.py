"""What permutations are held against: all of them, enumerated in plain Python."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np

from analysis.compare.clusters import Side


def side(names, totals, weights):
    return Side(np.array(names, dtype=object), np.array(totals, float), np.array(weights, float), int(sum(weights)))


def exact_p(statistic, a, b):
    """Enumerate every assignment of lone clusters and every swap of shared ones; what is extreme lies far from 0."""
    shared = sorted(set(a) & set(b))
    lone = {name: value for group in (a, b) for name, value in group.items() if name not in shared}
    reached = abs(statistic(a, b))
    hits = number = 0
    for chosen in combinations(sorted(lone), len(a) - len(shared)):
        for swaps in product((False, True), repeat=len(shared)):
            one = {name: lone[name] for name in chosen}
            two = {name: lone[name] for name in lone if name not in chosen}
            for name, swap in zip(shared, swaps, strict=True):
                one[name], two[name] = (b[name], a[name]) if swap else (a[name], b[name])
            hits += abs(statistic(one, two)) >= reached - 1e-9
            number += 1
    return hits / number
