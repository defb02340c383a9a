"""A coding sheet: a probability sample of a corpus, drawn, kept beside it, and written for the people who code it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis import disk
from analysis.compare.clusters import FEW_FOR_INTERVAL
from analysis.compare.coding_power import CORRELATIONS, ICC, SD, coding_power
from analysis.compare.correction import FEW_CODED, FEW_CODES
from analysis.compare.groups import called, main_groups
from analysis.compare.sampling import LEAST_CLUSTERS, UNIT, Design, design, joined, score_bands, systematic
from analysis.corpus import store
from analysis.corpus.codes import FOLDER, FRAME, ORIGINAL, TRANSLATION, item_code, put, read_coding
from analysis.corpus.coding_scheme import DEFAULT, Variable, read_scheme, scheme_of, scheme_table, with_concepts
from analysis.corpus.quotations import NAME
from analysis.corpus.schema import VLOGGER
from analysis.errors import InputError, ParameterError, argument, plural
from analysis.measure.concepts import read_codebook
from analysis.measure.options import READS
from analysis.study.holdings import layout
from analysis.study.measuring import measure_corpus
from analysis.study.sheet_files import write_configurations, write_for_translator, write_sheets
from analysis.study.study import found, open_study

#: What is drawn where nothing is said; how many items are coded in translation too; and by all coders, if several.
CODES, TRANSLATED, OVERLAP = 300, 100, 100
SHEETS = "sheets"
#: The part of a wave that a generator is for, so that one never depends on how often another was asked.
_DRAW, _CODERS, _TRANSLATED = range(3)
#: No number is larger (`coding/waves.csv` keeps them), and so many coders as anybody makes sheets for.
_MOST, _MOST_CODERS = 10**9, 100
_POWER = (100, 200, 300, 500, 1000, 2000)


@dataclass(frozen=True)
class Asked:
    """What a sheet is to be.

    Attributes
    ----------
    codes : int, optional
        Items of the first wave; default :data:`CODES`.
    coders : int, optional
        Default: one, or as many as the wave before had.
    overlap : int, optional
        Items that all coders get; default :data:`OVERLAP`, or as in the wave before.
    concepts : sequence of str, optional
        Of the codebook; default: all, or none beside a scheme of the user's.
    scheme : Path, optional
        A scheme of the user's.
    more : int, optional
        Items of a further wave; 0 writes the sheets of the last one again.
    seed : int, optional
        Default: 1, or that of the wave before.
    out : Path, optional
        Where the sheets go; default: ``coding/sheets`` in the corpus.

    """

    codes: int | None = None
    coders: int | None = None
    overlap: int | None = None
    concepts: Sequence[str] | None = None
    scheme: Path | None = None
    more: int | None = None
    seed: int | None = None
    out: Path | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that are none."""
        for name, least in (("codes", 1), ("coders", 1), ("overlap", 0), ("more", 0), ("seed", 0)):
            value, most = getattr(self, name), _MOST_CODERS if name == "coders" else _MOST
            if value is not None and not least <= value <= most:
                message = f"--{name} {value} (accepted: {least} to {most:,})"
                raise ParameterError(message)
        if self.more is not None and (self.codes, self.scheme, self.concepts) != (None, None, None):
            message = "--more keeps the scheme that there is (accepted beside it: --coders, --overlap, --seed, --out)"
            raise ParameterError(message)


def read_frame(corpus: Path, *, quiet: bool = True) -> tuple[pd.DataFrame, str]:
    """Return the utterances that can be drawn, and what is left out.

    They are those that are compared: a vantage's own words, in a language that is no stray. The vloggers' two sides are
    two groups. A reference collection shows nothing that a stance could be towards.

    Returns
    -------
    pandas.DataFrame
        ``utterance_id, group, stratum, cluster_id``, sorted by the first.
    str
        What is left out, counted.

    """
    measure_corpus(corpus, quiet=quiet)
    study = open_study(corpus=str(corpus), compare="vantage")
    rows = study.own_words
    vantage, origin = rows["vantage"].astype(object), rows["origin"].astype(object)
    sided = (vantage == VLOGGER) & origin.notna()
    who = rows.assign(group=vantage.where(~sided, vantage + " " + origin.fillna("")))[vantage.notna()]
    parts = []
    for group in main_groups(who):
        leading = next(name for name in ("labmt", "emoji") if group.language in READS[name])
        bands = score_bands(group.rows[leading].to_numpy(dtype=float))
        strata = [f"{group.name}/{group.language}/{band}" for band in bands]
        parts.append(group.rows[["utterance_id", "group", "cluster_id"]].assign(stratum=strata))
    if not parts:
        accepted = ["a corpus in which somebody has a vantage (vantage retag)"]
        raise InputError("has no utterance to be coded", file=corpus, accepted=accepted)
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.iloc[np.argsort(frame["utterance_id"].to_numpy(dtype=str), kind="stable")].reset_index(drop=True)
    whole = store.read_info(corpus)["rows"]
    without = int(rows["vantage"].isna().sum())
    others = whole - len(frame) - without
    left = f"{plural(len(frame), 'utterance')} can be drawn"
    left += f"; not {without:,} of reference collections" if without else ""
    told = "paraphrases, platforms' phrases, without a letter, or in a language that few of their group speak"
    left += f"; not {others:,}: {told}" if others else ""
    return frame[["utterance_id", "group", "stratum", "cluster_id"]], left


def make_sheet(corpus: str, asked: Asked, *, quiet: bool = True) -> list[str]:
    """Draw a sample, or go on with one, and write its sheets; return what there is to say.

    Raises
    ------
    InputError, ParameterError
        If there is no corpus, a sample is there already or is not, or a file stands where a sheet is to go; nothing is
        changed then.

    """
    folder = corpus_of(corpus)
    frame, left = read_frame(folder, quiet=quiet)
    with disk.changing(folder) as work:
        waves, sample = read_coding(folder, "waves"), read_coding(folder, "sample")
        if (asked.more is None) != waves.empty:
            problem = "has no sample to go on with" if waves.empty else "has a sample already"
            accepted = ["a sheet without --more" if waves.empty else "--more N"]
            raise InputError(problem, file=folder / FOLDER, accepted=accepted)
        wave, scheme = _wave(asked, waves), _scheme(asked, folder)
        tables, moves, said = {}, {}, [left]
        if asked.more != 0:
            sample, told = _draw_wave(frame, sample, wave, folder / FOLDER / FRAME, work)
            waves = pd.concat([waves, pd.DataFrame([wave])], ignore_index=True)
            tables = {"sample": sample, "waves": waves, "scheme": scheme_table(scheme)}
            moves, said = {FRAME: folder / FOLDER / FRAME}, [left, *told]
        out = asked.out or folder / FOLDER / SHEETS
        made = work / SHEETS
        made.mkdir()
        files = _write(made, folder, sample, wave, scheme)
        require_free(out, files)
        if asked.out is None:
            moves |= {f"{SHEETS}/{name}": out / name for name in files}
        put(folder, work, tables, moves)
        if asked.out is not None:
            move_sheets(made, out, files)
    return [*said, *_told(out, folder, files, wave, sample)]


def corpus_of(corpus: str) -> Path:
    """Return the folder of a corpus that can be sampled."""
    if corpus == NAME:
        message = "the quotations were chosen, not gathered: a sample of them says nothing (accepted: --corpus DIR)"
        raise ParameterError(message)
    folder = Path(found(corpus))
    store.read_info(folder)
    return folder


def _wave(asked: Asked, waves: pd.DataFrame) -> dict[str, int]:
    """Return a row of ``waves``: the one asked for, by default like the one before."""
    before = waves.iloc[-1].to_dict() if len(waves) else {"wave": 0, "seed": 1, "coders": 1, "overlap": OVERLAP}
    if asked.more == 0:
        return before
    given = {"seed": asked.seed, "coders": asked.coders, "overlap": asked.overlap}
    wave = before | {name: value for name, value in given.items() if value is not None}
    codes = asked.more if asked.more is not None else asked.codes or CODES
    return wave | {"wave": before["wave"] + 1, "codes": codes, "translations": 0}


def _scheme(asked: Asked, folder: Path) -> list[Variable]:
    if asked.more is not None:
        return scheme_of(read_coding(folder, "scheme"))
    codebook = read_codebook()
    everything = [row["concept"] for row in codebook] if asked.scheme is None else []
    chosen = everything if asked.concepts is None else [name for name in asked.concepts if name != "none"]
    return with_concepts(read_scheme(asked.scheme or DEFAULT), codebook, chosen)


def _generator(wave: dict[str, int], part: int) -> np.random.Generator:
    return np.random.default_rng([wave["seed"], wave["wave"], part])


def _draw_wave(
    frame: pd.DataFrame, sample: pd.DataFrame, wave: dict[str, int], before: Path, work: Path
) -> tuple[pd.DataFrame, list[str]]:
    """Draw a wave; return the whole sample with its probabilities over all waves, and what there is to say."""
    plan = design(frame, wave["codes"])
    drawn = plan.draw(_generator(wave, _DRAW))
    now = pd.Series(plan.probability, index=frame["utterance_id"])
    if before.exists():
        known = pq.read_table(before).to_pandas().set_index("utterance_id")["probability"]
        every = known.index.union(now.index, sort=True)
        now = pd.Series(joined(*(one.reindex(every, fill_value=0.0).to_numpy() for one in (known, now))), index=every)
    elif wave["wave"] > 1:
        # Whoever was drawn before would count as never drawn.
        accepted = ["the file as it was when the wave before was drawn"]
        raise InputError("is lost, and no wave can go on without it", file=before, accepted=accepted)
    pq.write_table(pa.table({"utterance_id": now.index.to_numpy(str), "probability": now.to_numpy()}), work / FRAME)
    taken = frame[drawn & ~frame["utterance_id"].isin(sample["utterance_id"]).to_numpy()].reset_index(drop=True)
    wave["translations"] = min(max(TRANSLATED - (sample["translation"] == "yes").sum(), 0), len(taken))
    both = _in_translation(taken, wave)
    new = pd.DataFrame(
        {
            "utterance_id": taken["utterance_id"],
            "wave": wave["wave"],
            "stratum": taken["stratum"],
            "probability": 0.0,
            "translation": np.where(both, "yes", ""),
        }
    )
    sample = pd.concat([sample, new], ignore_index=True) if len(sample) else new
    sample["probability"] = sample["utterance_id"].map(now)
    return sample, _told_drawn(plan, frame, drawn, len(taken), wave)


def _in_translation(taken: pd.DataFrame, wave: dict[str, int]) -> np.ndarray:
    """Choose what is coded in translation too: all alike, spread over strata."""
    if not wave["translations"]:
        return np.zeros(len(taken), dtype=bool)
    chances = np.full(len(taken), wave["translations"] * UNIT // len(taken))
    chances[: wave["translations"] * UNIT - int(chances.sum())] += 1
    return systematic(chances, np.unique(taken["stratum"], return_inverse=True)[1], _generator(wave, _TRANSLATED))


def _told_drawn(plan: Design, frame: pd.DataFrame, drawn: np.ndarray, new: int, wave: dict[str, int]) -> list[str]:
    number = int(drawn.sum())
    again = f", {number - new:,} of them drawn before and not coded again" if new < number else ""
    strata = frame["stratum"].nunique()
    all_ = f", all that there are, of {wave['codes']:,} asked for" if number < wave["codes"] else ""
    out = [f"wave {wave['wave']}: {plural(number, 'utterance')} drawn in {strata} strata{all_}{again}", ""]
    reached = frame[drawn].groupby("group")["cluster_id"].nunique()
    groups = plan.groups["group"]
    table = plan.groups.assign(clusters_drawn=groups.map(reached), group=groups.map(_called))
    out += [*layout(table.drop(columns="power")), ""]
    for row in table.itertuples():
        if row.power:
            out.append(f"{row.group}: utterances of large clusters are drawn less often, to reach more of its clusters")
        if row.clusters_drawn < LEAST_CLUSTERS:
            of = "all there are" if row.clusters_drawn == row.clusters else f"of {row.clusters:,}"
            out.append(f"{row.group}: in {plural(row.clusters_drawn, 'cluster')}, {of}; under {LEAST_CLUSTERS}")
    return out


def _called(group: str) -> str:
    """Return what people call a group of the frame."""
    return called(group.replace(" ", ", ", 1))


def coder_items(number: int, wave: dict[str, int]) -> list[np.ndarray]:
    """Return for each coder the places of the items that are theirs, in the order of their sheet.

    The overlap is a random part; the others go to one coder each.
    """
    rng = _generator(wave, _CODERS)
    order, coders = rng.permutation(number), wave["coders"]
    shared = order[: wave["overlap"]] if coders > 1 else order[:0]
    rest = order[len(shared) :]
    return [rng.permutation(np.concatenate([shared, rest[at::coders]])) for at in range(coders)]


def _write(made: Path, folder: Path, sample: pd.DataFrame, wave: dict[str, int], scheme: list[Variable]) -> list[str]:
    """Write the files of a wave; return their names."""
    mine = sample[sample["wave"] == wave["wave"]].reset_index(drop=True)
    texts = texts_of(folder, mine["utterance_id"])
    files = []
    for at, places in enumerate(coder_items(len(mine), wave), start=1):
        name = f"wave{wave['wave']}-coder{at}"
        known = [mine["utterance_id"][place] for place in places.tolist()]
        items = [(item_code(uid, ORIGINAL), texts[uid]) for uid in known if uid in texts]
        files += write_sheets(made, name, f"coder{at}", items, scheme)
    both = [uid for uid in mine.loc[mine["translation"] == "yes", "utterance_id"] if uid in texts]
    if both:
        items = [(item_code(uid, TRANSLATION), texts[uid]) for uid in both]
        for ending in ("xlsx", "csv"):
            files.append(f"wave{wave['wave']}-translator.{ending}")
            write_for_translator(made / files[-1], items)
    return [*files, *write_configurations(made, scheme)]


def texts_of(folder: Path, ids: pd.Series) -> dict[str, str]:
    """Return the texts of utterances; those that are no longer in the corpus have none."""
    wanted, out = set(ids), {}
    for batch in store.batches(folder, ["utterance_id", "text"]):
        for uid, text in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            if uid in wanted:
                out[uid] = text  # noqa: PERF403  of several batches
    return out


#: The same for all waves: written again, unless somebody changed them.
_SHARED = ("label-studio.xml", "doccano-labels.json")


def require_free(out: Path, files: Sequence[str]) -> None:
    """Refuse to write over a sheet, which somebody may have filled in."""
    for name in files:
        if name not in _SHARED and (out / name).exists():
            raise InputError("exists and is not replaced", file=out / name, accepted=["--out with another folder"])


def move_sheets(made: Path, out: Path, files: Sequence[str]) -> None:
    """Put sheets into a folder anywhere."""
    with disk.changing(out) as work:
        for name in files:
            disk.bring(made / name, work / name)
        disk.commit(work, {name: out / name for name in files})


def _told(out: Path, folder: Path, files: Sequence[str], wave: dict[str, int], sample: pd.DataFrame) -> list[str]:
    said = [f"{out}: {', '.join(files)}"]
    translator = next((name for name in files if "-translator." in name), None)
    if translator:
        number = int(((sample["wave"] == wave["wave"]) & (sample["translation"] == "yes")).sum())
        said.append(
            f"{plural(number, 'item')} for translation too: have {translator} translated (English to Chinese, "
            f"others to English), then: vantage sheet --corpus {argument(folder)} --translated FILE"
        )
    return [*said, f"{folder / FOLDER / 'sample.csv'}: the probabilities; not for coders"]


def tell_power(corpus: str, asked: Asked, *, quiet: bool = True) -> list[str]:
    """Return which intervals so many codes would give, in lines; nothing is drawn."""
    frame, left = read_frame(corpus_of(corpus), quiet=quiet)
    groups = frame.groupby("group", sort=True)
    sizes = {_called(name): mine["cluster_id"].value_counts().to_numpy() for name, mine in groups}
    # More than there are cannot be coded: the last row is then all of them.
    numbers = sorted({min(number, len(frame)) for number in (*_POWER, *filter(None, (asked.codes, asked.more)))})
    table = coding_power(sizes, numbers)
    for name in (f"r={r:g}" for r in CORRELATIONS):
        few = table[name].isna() | (table["codes"] < FEW_CODES)
        table[name] = ["-" if none else f"±{value:.2f}" for none, value in zip(few, table[name], strict=True)]
    table = table.sort_values(["of", "in all"], key=lambda column: column.map(_order(table, column.name)))
    return [
        left,
        "",
        "half the width of 95 % intervals of mean stance (-2 to 2), by codes (in all and of each group) and by how",
        f"well an instrument goes with them (r); assumed: SD {SD:g}, intraclass correlation in a cluster {ICC:g};",
        f"- no interval is given: under {FEW_CODES} codes or {FEW_CODED} clusters of each, or under",
        f"{FEW_FOR_INTERVAL:g} effective clusters; lines that are coded unclear count for nothing: where every third",
        "is, draw half as many again;",
        f"there are {plural(len(frame), 'utterance')}, and of a small group soon all are coded: nothing then hangs on",
        "the draw, and the interval tells how far other clusters, had they been gathered, might have been from these",
        "",
        *layout(table.rename(columns={"codes": "of each", "clusters": "effective clusters"})),
    ]


def _order(table: pd.DataFrame, name: str) -> dict[object, int]:
    return {value: at for at, value in enumerate(table[name].drop_duplicates())}
