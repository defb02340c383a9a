"""A study whose utterances were coded, made of numbers: two languages, an instrument that errs differently in each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.compare.dataset import Dataset
from analysis.parameters import Parameters

WORDS = {"en": ("awful", "plain", "lovely"), "zh": ("可怕", "普通", "可爱")}


class Coded(Dataset):
    """A study whose tokens tell the truth half of the time."""

    def tokens(self, rows):
        """Return two tokens a row."""
        return pa.array([self.__dict__["said"][i] for i in rows["row"]])

    @property
    def concepts(self):
        """Return the one concept."""
        return ["staged"]


def make_study(
    folder, clusters=20, each=15, codes=150, seed=1, coders=1, variables=("stance", "staged"), second=0, rate=0.15
):
    """Return a study with its truth in ``measures``; ``codes`` a group are drawn, extreme scores twice as likely.

    ``second``: how many clusters the second group has, if others; ``rate``: how many mention the concept, at least.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for group, language, shift, bias in (("western_commenter", "en", 0.0, 1.0), ("chinese_viewer", "zh", 0.6, -1.0)):
        count = second if second and language == "zh" else clusters
        size = np.maximum(rng.poisson(each, count), 3)
        of = np.repeat(np.arange(count), size)
        latent = shift + rng.normal(0, 0.3, count)[of] + rng.normal(0, 1, len(of))
        score = 5.5 + 0.5 * (latent + bias) + rng.normal(0, 0.3, len(of))
        score[rng.random(len(of)) < 0.1] = np.nan
        part = {"group": group, "vantage": group, "language": language, "labmt": score, "truth": latent}
        parts.append(pd.DataFrame({**part, "cluster_id": [f"{group} {i:03}" for i in of]}))
    rows = pd.concat(parts, ignore_index=True)
    rows["stance"] = np.clip(np.rint(rows["truth"]), -2, 2).astype(int)
    rows["staged"] = (rng.random(len(rows)) < rate + rate / 0.75 * (rows["stance"] < 0)).astype(int)
    rows["likes"] = pd.Series(rng.poisson(2, len(rows)), dtype="Int64")
    rows = rows.assign(row=np.arange(len(rows)), utterance_id=[f"u{i:05}" for i in range(len(rows))])
    rows = rows.assign(evidence="verbatim", collection="C")
    heard = rows["stance"].clip(-1, 1).where(rng.random(len(rows)) < 0.7, rng.integers(-1, 2, len(rows)))
    said = [[WORDS[language][sign + 1], "the"] for language, sign in zip(rows["language"], heard, strict=True)]
    write_coding(folder, rows, codes, rng, coders, variables)
    found = rows["utterance_id"][(rows["staged"] == 1) & (rng.random(len(rows)) < 0.5)]
    mentions = pd.DataFrame({"utterance_id": found, "concept": "staged"})
    neutral = {("labmt", language): (5.0, 6.0) for language in WORDS}
    study = Coded(folder, None, Parameters(), rows, mentions, scales={"labmt": (1.0, 9.0)}, neutral=neutral)
    study.__dict__["said"] = said
    return study


def write_coding(folder, rows, codes, rng, coders, variables):
    """Write the three tables of a corpus's coding."""
    sample, coded = [], []
    for (group, language), mine in rows.groupby(["group", "language"], sort=True):
        extreme = (mine["labmt"] - mine["labmt"].median()).abs().fillna(0) > 0.4
        for name, some, rate in (("far", mine[extreme], 2), ("near", mine[~extreme], 1)):
            take = min(round(codes * rate * len(some) / (len(mine) + extreme.sum())), len(some))
            drawn = some.iloc[rng.choice(len(some), take, replace=False)] if take else some.iloc[:0]
            for item in drawn.to_dict("records"):
                sample.append((item["utterance_id"], 1, f"{group} {language} {name}", take / len(some), ""))
                for coder in range(coders):
                    for variable in variables:
                        value = item[variable] if variable == "stance" else ("no", "yes")[item[variable]]
                        cells = (item["utterance_id"], "original", f"c{coder}", variable, value, "2026-11-28", "s")
                        coded.append(cells)
    folder.joinpath("coding").mkdir(parents=True, exist_ok=True)
    scheme = [("stance", "ordinal", "-2 -1 0 1 2 unclear", "m"), ("staged", "nominal", "yes no", "m")]
    for name, lines, columns in (
        ("sample", sample, "utterance_id wave stratum probability translation"),
        ("codes", coded, "utterance_id variant coder variable value date sheet"),
        ("scheme", scheme, "variable kind values meaning"),
    ):
        pd.DataFrame(lines, columns=columns.split()).to_csv(folder / "coding" / f"{name}.csv", index=False)
