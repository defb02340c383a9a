"""A random sample of the clusters of a corpus that is too large to be studied whole, as a corpus of its own.

Every cluster (thread, vlogger's account, lone utterance) has one and the same probability, whatever its size and its
collection. Means, shares and intervals are then estimates of those of the corpus, from fewer clusters, and what holds
several collections holds them in the corpus's proportions (one-stage cluster sampling, self-weighting: Lohr, Sampling:
Design and Analysis, chapter 5). So it is clusters that are counted out, not utterances, of which the sample has N on
average: clusters taken until N utterances are there end on a large one too often, so that the mean over such samples is
not the corpus's (300 clusters with 19 utterances on average, N a twentieth of all: 28), nor their rate the same.

In each collection the clusters are put in random order, and every so many-th is taken from a random start: it has its
share to within one cluster. One that stands in several is drawn with the first of them by name, and goes or stays with
all its rows. A rate of its own for a small collection would bias whatever holds it and others; so a collection is kept
whole only if that is asked for, and one that would keep too few clusters is refused, not quietly left without them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis import disk
from analysis.corpus import store
from analysis.corpus.codes import bring_codes
from analysis.corpus.import_index import ImportIndex
from analysis.corpus.rewrite import finish
from analysis.corpus.store import SAMPLE
from analysis.corpus.writer import Writer
from analysis.digits import effective
from analysis.errors import InputError, ParameterError, plural

#: With fewer effective clusters than this on a side no p is given, whatever the data.
LEAST = 10
#: Where the record of a file says how many of its rows were left out: read = imported + rejected + duplicates + these.
NOT_SAMPLED = "not_sampled"


class Sampled(NamedTuple):
    """What was drawn.

    Attributes
    ----------
    drawn : dict
        As ``corpus.json`` has it: ``corpus`` (its name), ``content`` (its hash), ``asked``, ``seed``, ``rate`` (the
        probability of a cluster), ``whole`` (collections kept whole), ``utterances`` and ``clusters`` (drawn, and those
        of the corpus), ``collections`` (the same of each); ``before`` where the corpus was itself a sample.
    codes, coded : int
        People's codes that were copied, and of how many utterances.

    """

    drawn: dict[str, Any]
    codes: int
    coded: int

    def lines(self) -> list[str]:
        """Return what there is to say."""
        out = [tell(self.drawn)]
        out += [f"  {name}: {_of(counts)}" for name, counts in self.drawn["collections"].items()]
        if self.codes:
            out.append(f"  {plural(self.codes, 'code')} of {plural(self.coded, 'utterance')} copied")
        return out


def tell(drawn: Mapping[str, Any]) -> str:
    """Say what a corpus is a sample of, in a line."""
    out = f"a random sample of whole clusters of the corpus '{drawn['corpus']}': {_of(drawn)}, "
    out += f"each cluster with the probability {drawn['rate']:.4g} (seed {drawn['seed']})"
    if drawn["whole"]:
        out += f"; kept whole, so that no mean over them and others is that of the corpus: {', '.join(drawn['whole'])}"
    return out + (f"; that was {tell(drawn['before'])}" if "before" in drawn else "")


def is_changed(info: Mapping[str, Any]) -> bool:
    """Tell whether rows came or went since a sample was drawn; ``info`` is what `store.read_info` reads of it."""
    return info["rows"] != info[SAMPLE]["utterances"][0]


def _of(counts: Mapping[str, Sequence[int]]) -> str:
    return ", ".join(f"{counts[what][0]:,} of {plural(counts[what][1], what[:-1])}" for what in _COUNTED)


_COUNTED = ("utterances", "clusters")


def sample(folder: Path, into: Path, utterances: int, *, seed: int = 1, whole: Collection[str] = ()) -> Sampled:
    """Write a random sample of whole clusters as a new corpus, all of it or nothing; the same seed, the same bytes.

    Memory holds two numbers of 8 bytes for each cluster of each collection, and no row. Of a thread of which other
    clusters hold comments (of a vlogger under their own video) the platform's count is not taken over.

    Parameters
    ----------
    folder : Path
        A corpus.
    into : Path
        A new or empty folder outside of it.
    utterances : int
        How many the sample is to have, on average over seeds.
    whole : collection of str
        Collections of which all is kept; the others are sampled to what is left of ``utterances``.

    Raises
    ------
    InputError, ParameterError
        If there is no corpus, ``into`` is not free, or as many utterances cannot be drawn so that every collection
        keeps :data:`LEAST` clusters on average.

    """
    info = store.read_info(folder)
    if into.resolve().is_relative_to(folder.resolve()):
        raise InputError("lies inside the corpus", file=into, accepted=["a new or empty folder elsewhere"])
    _require_free(into)
    if seed < 0:
        message = f"--seed {seed} (accepted: 0 or more)"
        raise ParameterError(message)
    rows, clusters = _frame(folder)
    rate = _rate(folder, utterances, rows, clusters, whole)
    taken = draw(clusters, rate, whole, np.random.default_rng(seed))
    disk.tidy(into.parent)
    with disk.made(into.parent), disk.whole(into) as made:
        with Writer(made, folder) as writer, ImportIndex(*writer.lists.values()) as index:
            kept = _copy(writer, index, taken)
            for row in store.stream_threads(folder):
                thread = row["platform"], row["thread_id"]
                if index.collected(*thread) == row["collected"]:
                    index.set_platform_comment_count(*thread, row["platform_comment_count"])
            drawn = {"corpus": folder.resolve().name, "content": info["content"], "asked": utterances, "seed": seed}
            drawn |= {"rate": rate, "whole": sorted(set(whole)), **_counts(rows, kept, clusters, taken)}
            writer.info[SAMPLE] = drawn | ({"before": info[SAMPLE]} if SAMPLE in info else {})
            finish(writer, index, kept.total(), texts="text_duplicates" in info)
        codes = bring_codes(folder, made)
        if store.read_info(folder)["content"] != info["content"]:
            raise InputError("was changed while it was sampled", file=folder, accepted=["the same command again"])
        _require_free(into)  # another command may have written there meanwhile
        with suppress(FileNotFoundError):  # an empty folder is in the way on Windows
            into.rmdir()
    return Sampled(writer.info[SAMPLE], *codes)


def _require_free(into: Path) -> None:
    if into.exists() and not (into.is_dir() and all(map(disk.is_ours, into.iterdir()))):
        raise InputError("exists already and is not empty", file=into, accepted=["a new or empty folder"])
    if into.exists() and into.samefile(Path.cwd()):  # what is put in its place would be another folder
        problem = "is the folder that the command is run in, and cannot be replaced"
        raise InputError(problem, file=into, accepted=["a new folder, or an empty one elsewhere"])


def _counts(
    rows: Counter[str], kept: Counter[str], clusters: Mapping[str, np.ndarray], taken: np.ndarray
) -> dict[str, Any]:
    """Return utterances and clusters, drawn and of the corpus: of all and of each collection."""
    every = len(np.unique(np.concatenate(list(clusters.values()))))
    out: dict[str, Any] = {"utterances": [kept.total(), rows.total()], "clusters": [len(taken), every]}
    out["collections"] = {
        name: {
            "utterances": [kept[name], rows[name]],
            "clusters": [int(_among(mine, taken).sum()), len(mine)],
        }
        for name, mine in sorted(clusters.items())
    }
    return out


def _digests(names: pa.Array) -> np.ndarray:
    """Return 64 bits of each name's hash; clusters that share them (of ten million hardly any) go or stay together."""
    coded = names.dictionary_encode()
    known = pd.util.hash_array(coded.dictionary.to_numpy(zero_copy_only=False), categorize=False)
    return known[coded.indices.to_numpy()]


def _frame(folder: Path) -> tuple[Counter[str], dict[str, np.ndarray]]:
    """Return how many rows each collection has, and its clusters (:func:`_digests`, sorted)."""
    rows, parts = Counter[str](), dict[str, list[np.ndarray]]()
    for batch in store.batches(folder, ["collection", "cluster_id"]):
        clusters, names = _digests(batch.column("cluster_id")), batch.column("collection").dictionary_encode()
        for number, name in enumerate(names.dictionary.to_pylist()):
            mine = clusters[names.indices.to_numpy() == number]
            rows[name] += len(mine)
            held = parts.setdefault(name, [])
            held.append(np.unique(mine))
            # Each at least twice as long as the next: what is held is at most twice what there is.
            while len(held) > 1 and len(held[-2]) < 2 * len(held[-1]):
                held[-2:] = [np.unique(np.concatenate(held[-2:]))]
    return rows, {name: np.unique(np.concatenate(held)) for name, held in parts.items()}


def _rate(
    folder: Path, utterances: int, rows: Counter[str], clusters: Mapping[str, np.ndarray], whole: Collection[str]
) -> float:
    """Return the probability of a cluster."""
    if unknown := sorted(set(whole) - set(rows)):
        raise InputError(f"has no collection '{unknown[0]}'", file=folder, accepted=sorted(rows))
    number = rows.total()
    kept, least, few = _least(folder, utterances, number, clusters, whole)
    if kept == number:
        problem = "all of its clusters stand in the collections kept whole"
        raise InputError(problem, file=folder, accepted=["--whole for fewer collections"])
    if utterances <= kept or utterances >= number:
        problem = f"the corpus has only {number:,}" if utterances >= number else "these would be none"
        if 0 < utterances <= kept:
            problem = f"the collections kept whole, with the rest of their clusters, have {kept:,} already"
        message = f"--utterances {utterances}: {problem} (accepted: more than {kept}, fewer than {number})"
        raise ParameterError(message)
    if few:
        told = ", ".join(
            f"{effective(size)} of {plural(len(clusters[name]), 'cluster')} of '{name}'" for name, size in few.items()
        )
        accepted = [f"--utterances {least} or more"] if least < number else []
        more: list[str] = []
        for name in sorted(few, key=lambda name: (len(clusters[name]), name)):
            more.append(name)
            _, least, _ = _least(folder, utterances, number, clusters, [*whole, *more])
            if least < number:
                also = f" --utterances {least} or more" if utterances < least else ""
                accepted.append(f"{' '.join(map(_option, more))}{also}, which keeps all of it")
                break
        problem = f"--utterances {utterances} leaves fewer than {LEAST} clusters: {told}"
        raise InputError(problem, file=folder, accepted=accepted or ["the corpus itself, which has few clusters"])
    return (utterances - kept) / (number - kept)


def _least(
    folder: Path, utterances: int, number: int, clusters: Mapping[str, np.ndarray], whole: Collection[str]
) -> tuple[int, int, dict[str, float]]:
    """Return how many rows are kept anyway, the least that may be asked for, and what would keep too few clusters."""
    always = _always(clusters, whole)
    kept = 0
    if len(always):  # wherever they stand
        for batch in store.batches(folder, ["cluster_id"]):
            kept += int(_among(_digests(batch.column("cluster_id")), always).sum())
    least, few = kept + 1, {}
    for name, mine in sorted(clusters.items()):
        held = int(_among(mine, always).sum())
        free, lacking, left = len(mine) - held, LEAST - held, number - kept
        if free and lacking > 0:
            least = max(least, kept - (-lacking * left // free))
            if (utterances - kept) * free < lacking * left:
                few[name] = held + (utterances - kept) / left * free
    return kept, least, few


def _option(name: str) -> str:
    """Return what to type; Windows knows double quotes only."""
    return f"--whole {name!r}" if '"' in name else f'--whole "{name}"'


def _always(clusters: Mapping[str, np.ndarray], whole: Collection[str]) -> np.ndarray:
    """Return the clusters that stand in a collection kept whole, sorted."""
    return np.unique(np.concatenate([np.empty(0, np.uint64), *(clusters[name] for name in whole)]))


def draw(
    clusters: Mapping[str, np.ndarray], rate: float, whole: Collection[str], rng: np.random.Generator
) -> np.ndarray:
    """Draw clusters, each with the probability ``rate``; those that stand in a collection kept whole always.

    Parameters
    ----------
    clusters : mapping of str to ndarray
        The clusters of each collection.

    Returns
    -------
    ndarray
        Sorted.

    """
    always = _always(clusters, whole)
    done, taken, place = [always], [always], rng.random()
    for name in sorted(clusters):
        left = clusters[name]
        for before in done:
            left = left[~_among(left, before)]
        steps = np.floor(place + rate * np.arange(len(left) + 1))
        taken.append(rng.permutation(left)[np.diff(steps) > 0])
        done.append(clusters[name])
        place += rate * len(left)
    return np.unique(np.concatenate(taken))


def _among(names: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Tell which names are among others, which are sorted."""
    if not len(known):
        return np.zeros(len(names), dtype=bool)
    return known[np.minimum(np.searchsorted(known, names), len(known) - 1)] == names


def _copy(writer: Writer, index: ImportIndex, taken: np.ndarray) -> Counter[str]:
    """Write the rows of the clusters that were drawn, and the records of files; return the rows of each collection."""
    kept, of, waiting, files = Counter[str](), Counter[int](), [], writer.info["files"]
    firsts = {file["name"]: at for at, file in reversed(list(enumerate(files)))}
    for batch, seen in store.batches_seen(writer.source):
        keep = pa.array(_among(_digests(batch.column("cluster_id")), taken))
        table, crawled = pa.Table.from_batches([batch]).filter(keep), seen.filter(keep)
        names = (table.column(name).to_pylist() for name in ("collection", "platform", "thread_id", "kind"))
        for collection, *thread in zip(*names, strict=True):
            kept[collection] += 1
            index.note(*thread)
        places = zip(crawled["file"].to_pylist(), table["source_file"].to_pylist(), strict=True)
        of.update(at if at >= 0 else firsts.get(name, at) for at, name in places)
        waiting.append((table, crawled))
        # Few rows of each batch are drawn, and what is written at once is a group of rows.
        if sum(table.num_rows for table, _ in waiting) >= store.BATCH:
            writer.write(*map(pa.concat_tables, zip(*waiting, strict=True)))
            waiting.clear()
    if waiting:
        writer.write(*map(pa.concat_tables, zip(*waiting, strict=True)))
    for at, file in enumerate(files):
        file[NOT_SAMPLED] = file.get(NOT_SAMPLED, 0) + file["imported"] - of[at]
        file["imported"] = of[at]
    return kept
