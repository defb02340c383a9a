"""Prevalence over time: against a count, statsmodels, and dates of every precision."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from analysis.compare.contrasts import COLUMNS
from analysis.compare.timeline import MIN_UTTERANCES, add_period, dated, timeline


def dates(texts, precisions):
    """Return the corpus's dates of utterances u0, u1 ...; None is none."""
    return pd.DataFrame(
        {
            "utterance_id": [f"u{i}" for i in range(len(texts))],
            "posted_at": pd.to_datetime(pd.Series(texts, dtype=object), utc=True, format="ISO8601"),
            "time_precision": precisions,
        }
    )


def periods(texts, precisions):
    table = dates(texts, precisions)
    # In another order, with one that the corpus's dates do not know.
    measures = pd.DataFrame({"utterance_id": [*table["utterance_id"][::-1], "u99"]})
    out, step = add_period(measures, table)
    return dict(zip(out["utterance_id"], out["period"], strict=True)), step


def test_months_where_all_are_known_to_the_month_and_within_three_years():
    found, step = periods(["2013-02-28T23:59:59", "2014-11-01", None], ["second", "month", None])
    assert step == "month"
    assert (found["u0"], found["u1"]) == ("2013-02", "2014-11")
    assert pd.isna(found["u2"])
    assert pd.isna(found["u99"])


@pytest.mark.parametrize(
    ("texts", "precisions", "step"),
    [
        (["2013-01-01", "2013-05-01"], ["year", "day"], "year"),
        (["2013-01-01", "2015-12-01"], ["day", "day"], "month"),
        (["2013-01-01", "2016-01-01"], ["day", "day"], "year"),
        ([None, None], [None, None], "year"),
        (["2013-01-01", None], ["day", "year"], "month"),
    ],
)
def test_years_where_a_date_is_coarser_or_the_span_longer(texts, precisions, step):
    found, got = periods(texts, precisions)
    assert got == step
    width = {"year": 4, "month": 7}[step]
    assert [len(found[f"u{i}"]) for i, text in enumerate(texts) if text] == [width] * sum(map(bool, texts))


def flagged(seed=1):
    rng = np.random.default_rng(seed)
    count = 400
    rows = pd.DataFrame(
        {
            "group": rng.choice(["vlogger", "western_commenter"], count),
            "period": rng.choice(["2013", "2014", None], count, p=[0.6, 0.3, 0.1]),
            "language": "en",
            "collection": "C",
            "likes": 1,
            "freedom": (rng.random(count) < 0.3).astype(float),
            "fear": (rng.random(count) < 0.1).astype(float),
        }
    )
    return rows.assign(vantage=rows["group"], cluster_id=[f"c{i}" for i in range(count)])


def test_shares_and_hits_are_those_of_a_count_with_the_interval_of_statsmodels():
    rows = flagged()
    table = timeline(rows, ["freedom", "fear"])
    assert list(table.columns[: len(COLUMNS)]) == list(COLUMNS)
    keys = list(zip(table["measure"], table["a"], table["period"], strict=True))
    assert keys == [
        (concept, group, year)
        for concept in ("freedom", "fear")
        for group in ("western_commenter", "vlogger")
        for year in ("2013", "2014")
    ]
    for row in table.to_dict("records"):
        mine = rows[(rows["group"] == row["a"]) & (rows["period"] == row["period"])][row["measure"]]
        assert (row["n_a"], row["hits"]) == (len(mine), mine.sum())
        assert row["estimate"] == pytest.approx(mine.mean())
        # Single utterances: Jeffreys' interval, but for t on n - 1 degrees of freedom.
        jeffreys = proportion_confint(mine.sum(), len(mine), method="jeffreys")
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(jeffreys, rel=0.06)


def test_what_has_no_date_is_counted():
    rows = flagged()
    table = dated(rows)
    assert table["a"].tolist() == ["western_commenter", "vlogger"]
    for row in table.to_dict("records"):
        mine = rows[rows["group"] == row["a"]]
        assert row["undated"] == mine["period"].isna().sum() > 0
        assert row["dated"] + row["undated"] == len(mine)
    nobody = dated(rows.assign(period=None))
    assert nobody["dated"].tolist() == [0, 0]
    assert timeline(rows.assign(period=None), ["freedom"]).empty


@pytest.mark.parametrize(("count", "given"), [(MIN_UTTERANCES, True), (MIN_UTTERANCES - 1, False)])
def test_a_period_needs_30_utterances(count, given):
    rows = flagged().query("period == '2013' and group == 'vlogger'").head(count)
    (row,) = timeline(rows, ["freedom"]).to_dict("records")
    assert (not np.isnan(row["estimate"])) == given
    assert row["n_a"] == count
    assert row["note"] == ("" if given else f"too few: {count} utterances")


def test_few_clusters_have_a_share_without_an_interval():
    rows = flagged().assign(cluster_id=lambda table: [f"c{i % 3}" for i in range(len(table))])
    table = timeline(rows, ["freedom"])
    assert table["estimate"].notna().all()
    assert table["ci_low"].isna().all()
