"""The gap that each link leaves between the two sides of aligned English and Chinese lines.

``python tests/benchmarks/aligned_gap.py [PAIRS]`` prints, for the project's own aligned lines and for PAIRS if given,
a table of lenses and links and one of tones or films at the default lens. PAIRS is laid out as XED's (Öhman et al.
2020): tab-separated, the two subtitle files (``language/year/film/version.xml.gz``), their line numbers, the two
texts. Rows whose first file is not English are left out and counted; an English line that stands in two Chinese
versions of a film is one cluster.

*before*: words are linked, then the lens is applied on the English scale (``labmt_linked``); *after*: the lens is
applied to each language's own ratings (the Chinese one shrunk with their spread), then the mean is linked. *gap*: mean
Chinese minus mean English, in English points, over lines scored on both sides, with its 95 % interval; *all*: over
each side's scored lines; *en*, *zh*: shares of lines that are scored; *both*: lines scored on both sides; *r*:
correlation of the two sides' scores; *r same*: the same over the lines that every lens and way scores on both sides;
*stretch* (own lines): (warm - cold) in Chinese over (warm - cold) in English, 1 for a link that keeps distances.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import paths
from analysis.compare.clusters import make_side
from analysis.compare.contrasts import compare
from analysis.compare.links import link_scores
from analysis.measure import chinese, chunks, english
from analysis.measure.instrument import Batch
from analysis.measure.lexicon import WordMeans, word_means
from analysis.measure.pairs import fit_links, labmt_links, linked_word_means, read_pairs
from analysis.parameters import Options

LENSES = (0.0, 0.5, 1.0, 1.5)


def read_own() -> pd.DataFrame:
    """Return the project's aligned lines: ``en, zh, cluster, part``."""
    lines = pd.read_csv(paths.DATA / "aligned.csv", dtype=str)
    return lines.rename(columns={"pair": "cluster", "tone": "part"})


def read_subtitles(path: Path) -> pd.DataFrame:
    """Return subtitle pairs whose first side is English: ``en, zh, cluster, part`` (the film, its IMDb number)."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    lines = pd.DataFrame(rows, columns=["file", "file_zh", "at", "at_zh", "en", "zh"])
    place = lines["file"].str.split("/", expand=True)
    counts = place.groupby([0, 2]).size()
    print("lines by language of the first side and film:", {" ".join(map(str, k)): int(v) for k, v in counts.items()})
    lines = lines.assign(part=place[1] + " " + place[2], cluster=lines["file"] + lines["at"])[place[0] == "en"]
    return lines.reset_index(drop=True)


class Lines:
    """Aligned lines, tokenised once."""

    def __init__(self, lines: pd.DataFrame) -> None:
        """Cut both sides."""
        self.table = lines
        texts = {language: lines[language].tolist() for language in ("en", "zh")}
        tokens = {"en": english.tokenize(chunks.split(texts["en"])), "zh": chinese.tokenize(texts["zh"])}
        self.batches = {language: Batch(language, texts[language], tokens[language]) for language in texts}

    def score(self, tool: WordMeans, language: str) -> pd.Series:
        """Score one side."""
        return pd.Series(tool.score(self.batches[language]).score)


def scores(lines: Lines, lens: float, way: str) -> dict[str, pd.Series]:
    """Return the scores of the English side (``en``) and of the Chinese side under each link."""
    links = labmt_links()
    linked = way == "before"
    tool = linked_word_means(lens) if linked else word_means("labmt", lens)
    raw = lines.score(tool, "zh")
    sides = {name: link_scores(raw, link, links["sd"] if linked else None) for name, link in links.items()}
    return {"en": lines.score(tool, "en"), **sides}


def lens_table(lines: Lines) -> pd.DataFrame:
    """Return the gap of each lens, way and link."""
    part, clusters = lines.table["part"], lines.table["cluster"]
    cells = {(lens, way): scores(lines, lens, way) for lens in LENSES for way in ("before", "after")}
    same = np.logical_and.reduce([side.notna() for sides in cells.values() for side in sides.values()])
    rows = []
    for (lens, way), sides in cells.items():
        en = sides["en"]
        for name in labmt_links():
            zh = sides[name]
            both = en.notna() & zh.notna()
            row = aligned_gap(en, zh, clusters)
            out = {"lens": lens, "lens is": way, "link": name, **_gap(row)}
            out |= {"all": zh.mean() - en.mean(), "en": en.notna().mean(), "zh": zh.notna().mean(), "both": both.sum()}
            out |= {"r": en.corr(zh), "r same": en[same].corr(zh[same])}
            if set(part) >= {"warm", "cold"}:
                warm, cold = both & (part == "warm"), both & (part == "cold")
                out["stretch"] = (zh[warm].mean() - zh[cold].mean()) / (en[warm].mean() - en[cold].mean())
            rows.append(out)
    print(f"lines that every lens and way scores on both sides: {same.sum()}")
    return pd.DataFrame(rows)


def part_table(lines: Lines, lens: float) -> pd.DataFrame:
    """Return the gap of each link by tone or film."""
    sides = scores(lines, lens, "before")
    rows = []
    for part, at in lines.table.groupby("part").groups.items():
        en = sides["en"][at]
        for name in labmt_links():
            zh = sides[name][at]
            row = aligned_gap(en, zh, lines.table.loc[at, "cluster"])
            out = {"part": part, "lines": len(at), "link": name, **_gap(row), "en n": en.count(), "zh n": zh.count()}
            rows.append({**out, "both": (en.notna() & zh.notna()).sum(), "r": en.corr(zh)})
    return pd.DataFrame(rows)


def aligned_gap(en: pd.Series, zh: pd.Series, clusters: pd.Series) -> dict[str, object]:
    """Return the contrast of the Chinese and the English side of lines that have a score on both."""
    sides = make_side(zh.where(en.notna()), clusters), make_side(en.where(zh.notna()), clusters)
    return compare("gap", "zh", sides[0], "en", sides[1])


def _gap(row: dict[str, object]) -> dict[str, object]:
    return {"gap": row["estimate"], "low": row["ci_low"], "high": row["ci_high"]}


def link_table() -> pd.DataFrame:
    """Return the links with standard errors, by English word and (wrongly) by pair, and of a linked mean."""
    pairs = read_pairs()
    alone = fit_links(pairs.assign(en=[str(i) for i in range(len(pairs))]))
    rows = []
    for name, link in labmt_links().items():
        out = {"link": name, "slope": link.slope, "se": link.slope_variance**0.5}
        out |= {"se by pair": alone[name].slope_variance ** 0.5, "intercept": link.intercept}
        out["se "] = link.intercept_variance**0.5
        rows.append(out | {f"se at {mean}": link.variance(mean) ** 0.5 for mean in (4.5, 5.5, 6.0, 6.5)})
    return pd.DataFrame(rows)


def redrawn(lines: Lines, lens: float, draws: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return the link's standard error of the Chinese mean: as computed, and with words, lens and all drawn anew."""
    pairs, link = read_pairs(), labmt_links()["sd"]
    tool = linked_word_means(lens, masked=True)
    every = linked_word_means(0.0, masked=True).ratings["zh"]
    groups = list(pairs.groupby("en").indices.values())
    means = []
    for _ in range(draws):
        at = rng.integers(len(groups), size=len(groups))
        names = np.repeat(np.arange(len(at)), [len(groups[i]) for i in at])
        new = fit_links(pairs.iloc[np.concatenate([groups[i] for i in at])].assign(en=names))["sd"]
        moved = {word: new(link.back(value)) for word, value in every.items()}
        none = {"zh": frozenset()}
        means.append(lines.score(WordMeans("x", {"zh": moved}, tool.scale, {"zh": lens}, none), "zh").mean())
    return link.variance(float(lines.score(tool, "zh").mean())) ** 0.5, float(np.std(means, ddof=1))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", nargs="?", type=Path)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    pd.set_option("display.width", 200, "display.max_columns", 30, "display.precision", 3)
    print(link_table().to_string(index=False))
    default = Options().lens
    collections = {"own lines": read_own()}
    if args.pairs is not None:
        collections[args.pairs.name] = read_subtitles(args.pairs)
    for name, table in collections.items():
        lines = Lines(table)
        print(f"\n{name}: {len(table)} lines, {table['cluster'].nunique()} clusters")
        print(lens_table(lines).round(2).to_string(index=False))
        print(f"\nat lens {default}")
        print(part_table(lines, default).round(2).to_string(index=False))
        ses = redrawn(lines, default, args.draws, np.random.default_rng(args.seed))
        print(f"\nthe link's standard error of the Chinese mean: {ses[0]:.4f} computed, {ses[1]:.4f} drawn anew")


if __name__ == "__main__":
    main()
