"""The tables that a paper is written from: the run's, those that no figure has, and those that an article prints."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from analysis import paths
from analysis.compare.clusters import FEW_FOR_INTERVAL, FEW_FOR_P, effective_clusters
from analysis.compare.concepts import codebook, codebook_checks
from analysis.compare.groups import LANGUAGE_NAMES, REFERENCE, STRAY, UNKNOWN, called
from analysis.compare.permutation import LEAST_GROUPS
from analysis.compare.shares import OF_INTEREST_POINTS, OF_INTEREST_RATIO, RARE
from analysis.compare.statistics import OF_INTEREST
from analysis.corpus import store
from analysis.corpus.cells import platform_name
from analysis.corpus.whole import COUNTS
from analysis.digits import rounded
from analysis.errors import printable
from analysis.parameters import Parameters
from analysis.show.lettering import instruments
from analysis.study.cells import join
from analysis.study.report_tables import read_run_table
from analysis.study.study import Study

_TOOLS = ("vantage-study", "nltk", "rjieba", "numpy", "scipy", "pandas", "pyarrow", "matplotlib", "papermill")
#: The run's tables that a paper speaks of; some are in a file for each pair or language.
_TABLES = (
    "01-grid",
    "02-across",
    "02-contrasts",
    "02-coverage",
    "02-masking",
    "02-shift",
    "02-tone",
    "03-collocations",
)
_TABLES += ("03-key-words", "03-keyness", "04-contrasts", "04-prevalence", "04-timeline", "06-claims", "06-findings")
#: Those that are in one file: what begins alike is another table.
_WHOLE = ("05-agreement", "05-corrected", "05-choices")
_GROUPS = ("group", "language", "utterances", "clusters", "effective_clusters", "platforms", "first", "last", "undated")
_GROUPS += ("constructed",)


def read_tables(folders: Sequence[Path]) -> dict[str, pd.DataFrame]:
    """Return the run's tables by name, those of all pairs and languages together; of each the first folder's."""
    out: dict[str, pd.DataFrame] = {}
    for folder in folders:
        for name in (*_TABLES, *_WHOLE):
            parts = [
                read_run_table(path)
                for path in sorted(
                    [*folder.glob(f"{name}.csv"), *([] if name in _WHOLE else folder.glob(f"{name}-*.csv"))]
                )
            ]
            if parts and name not in out:
                out[name] = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return out


def own_tables(study: Study) -> dict[str, pd.DataFrame]:
    """Return the tables of the paper's own.

    ``files, collections, exclusions, groups, parameters, rules, instruments, software``, some of ``data/``, and
    ``sampled`` where the corpus is a sample.
    ``exclusions`` has a row a step, with how many utterances were left after it; ``groups`` one for each group in one
    language, with its clusters and dates.
    """
    given, usual = study.parameters.model_dump(mode="json"), Parameters().model_dump(mode="json")
    told = {name: [str(value), str(usual[name])] for name, value in given.items() if name not in {"corpus", "out"}}
    info = store.read_info(study.corpus)
    read = [[file["name"], file["collection"], *(file[name] for name in COUNTS)] for file in info["files"]]
    corpus = store.read_corpus(study.corpus, ["utterance_id", "collection", "posted_at"])
    held = corpus["collection"].value_counts(sort=False)
    rules = {
        "points": OF_INTEREST_POINTS,
        "ratio": OF_INTEREST_RATIO,
        "rare": 100 * RARE,
        "stray": 100 * STRAY,
        **{name: OF_INTEREST[name] for name in ("sd", "delta")},
        "few_for_interval": FEW_FOR_INTERVAL,
        "few_for_p": FEW_FOR_P,
        "clusters_grouped": 2 * LEAST_GROUPS,
    }
    versions = [["Python", platform.python_version()], *([name, version(name)] for name in _TOOLS)]
    drawn = info.get(store.SAMPLE)
    tables = {
        **({"sampled": _sampled(drawn, info["rows"])} if drawn else {}),
        "files": pd.DataFrame(read, columns=["file", "collection", *COUNTS]),
        "collections": held.rename("utterances").rename_axis("collection").reset_index(),
        "exclusions": _exclusions(study, info["rows"]),
        "groups": _groups(study, corpus.set_index("utterance_id")["posted_at"]),
        "parameters": pd.DataFrame(
            [[name, *pair] for name, pair in told.items()], columns=["name", "value", "default"]
        ),
        "rules": pd.DataFrame([rules]).astype(float),
        "instruments": pd.DataFrame({"name": list(study.scales)}),
        "software": pd.DataFrame([*versions, ["corpus", info["content"]]], columns=["name", "version"]),
        "data/concepts": codebook(),
        "data/aligned": pd.read_csv(paths.DATA / "aligned.csv"),
        "data/concept_checks": codebook_checks().query("kind == 'recall' and concept == 'all concepts'"),
    }
    # A file, a collection or a folder may have any name.
    return {
        name: table.map(lambda cell: printable(cell) if isinstance(cell, str) else cell)
        for name, table in tables.items()
    }


def _sampled(drawn: Mapping[str, Any], rows: int) -> pd.DataFrame:
    """Return a row of what the corpus is a sample of (:class:`analysis.corpus.sample.Sampled`), and its rows now."""
    counts = {name: drawn[name][0] for name in ("utterances", "clusters")}
    counts |= {f"of_{name}": drawn[name][1] for name in counts}
    row = {name: drawn[name] for name in ("corpus", "content", "seed", "rate")} | {"rows": rows}
    return rounded(pd.DataFrame([{**row, **counts, "whole": join(drawn["whole"]) if drawn["whole"] else ""}]))


def _exclusions(study: Study, rows: int) -> pd.DataFrame:
    evidence = pq.read_table(study.files.measures, columns=["evidence"])["evidence"].to_pandas()
    asked = int(evidence.isin(study.parameters.evidence).sum())
    nobodys = int(study.boilerplate["boilerplate"].sum()) if study.parameters.boilerplate == "drop" else 0
    steps = [
        ("imported", rows, ""),
        ("of the evidence asked for", asked, "another kind of evidence"),
        ("somebody's words", asked - nobodys, "phrases of a platform and notices of bots"),
        ("without further copies", len(study.measures), "further copies of a text"),
        ("in the speaker's words", len(study.own_words), "reported in other words than the speaker's"),
        (
            "in a language that is compared",
            sum(len(group.rows) for group in study.groups),
            "in no language, or in one that is rare in its group",
        ),
    ]
    table = pd.DataFrame(steps, columns=["step", "utterances", "why"])
    table["left_out"] = -table["utterances"].diff().fillna(0).astype(int)
    return table[["step", "utterances", "left_out", "why"]]


def _groups(study: Study, dates: pd.Series) -> pd.DataFrame:
    out = []
    for group in study.groups:
        platforms = [platform_name(name) for name in sorted(group.rows["platform"].dropna().unique())]
        if group.rows["platform"].isna().any():
            platforms += ["an unknown one"] if platforms else [UNKNOWN]
        sizes = group.rows["cluster_id"].value_counts().to_numpy()
        posted = dates.reindex(group.rows["utterance_id"]).dropna()
        threadless = group.rows[group.rows["thread_id"].isna()]  # clusters of one, but for those of an account
        known = _dates(posted)
        out.append(
            {
                "group": _whose(group.name),
                "language": LANGUAGE_NAMES[group.language],
                "utterances": len(group.rows),
                "clusters": len(sizes),
                "effective_clusters": effective_clusters(sizes),
                "platforms": join(platforms),
                "first": known[0],
                "last": known[1],
                "undated": len(group.rows) - len(posted),
                "constructed": int((group.rows["evidence"] == "constructed").sum()),
                "likes_known": int(group.rows["likes"].notna().sum()),
                "alone": int((threadless["cluster_id"] == threadless["utterance_id"]).sum()),
            }
        )
    more = ["likes_known"] if study.parameters.weighting == "likes" else []
    more += ["alone"] if any(row["alone"] for row in out) else []
    return rounded(pd.DataFrame(out, columns=[*_GROUPS, *more]))


def _dates(posted: pd.Series) -> list[str]:
    """Return the first and the last day, or the years where they differ: of older talk often no more is known."""
    if posted.empty:
        return ["", ""]
    days = [str(day)[:10] for day in (posted.min(), posted.max())]
    return days if days[0][:4] == days[1][:4] else [day[:4] for day in days]


def _whose(name: str) -> str:
    return "the reference collections" if name == REFERENCE else called(name)


def article_tables(tables: dict[str, pd.DataFrame]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the tables of an article, by name: columns as people call them, numbers as the run has them."""
    yield "groups", tables["groups"]
    yield "exclusions", tables["exclusions"]
    for name, (source, rows, columns) in _ARTICLE.items():
        if source in tables and len(chosen := tables[source].query(rows) if rows else tables[source]):
            yield name, _called(chosen[list(columns)].rename(columns=columns).reset_index(drop=True))


def _called(table: pd.DataFrame) -> pd.DataFrame:
    said = {"language": LANGUAGE_NAMES.get, "instrument": instruments} | dict.fromkeys(("group", "a", "b"), called)
    return table.assign(**{name: table[name].map(how) for name, how in said.items() if name in table})


def _same(*names: str) -> dict[str, str]:
    """Return columns that keep their names."""
    return dict(zip(names, names, strict=True))


_INTERVAL = {"ci_low": "low", "ci_high": "high"}
_SIZES = {"n_a": "n", "clusters_a": "clusters", "g_a": "effective clusters"}
_RATES = {"per_million_a": "per million a", "per_million_b": "per million b", "log_ratio": "log ratio"}
#: Of each table of an article the run's table, which of its rows, and its columns with what they are called.
_ARTICLE: dict[str, tuple[str, str, dict[str, str]]] = {
    "tone": (
        "02-tone",
        "part == 'mean'",
        {**_same("group", "language", "instrument"), "estimate": "mean", **_INTERVAL, **_SIZES},
    ),
    "tone-contrasts": (
        "02-contrasts",
        "statistic == 'mean'",
        {
            **_same("a", "b", "language", "instrument", "weighting"),
            "estimate": "a minus b",
            **_INTERVAL,
            "effect": "sd",
            **_same("p", "q"),
        },
    ),
    "concepts": (
        "04-prevalence",
        "",
        {"measure": "concept", "a": "group", "estimate": "share", **_INTERVAL, "hits": "hits", **_SIZES},
    ),
    "key-words": (
        "03-key-words",
        "rank <= 10",
        {**_same("language", "a", "b"), "term": "word", **_RATES, **_INTERVAL, "q": "q"},
    ),
    "claims": (
        "06-claims",
        "row == 'claim'",
        {
            **_same("id", "claim", "verdict", "effect"),
            **_INTERVAL,
            "unit": "unit",
            "p_holm": "p (Holm)",
            "reason": "reason",
        },
    ),
}
