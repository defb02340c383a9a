"""Classes by a model that the user has: any text classifier, or a zero-shot one with labels, over a corpus.

Needs ``pip install 'vantage-study[models]'``; nothing else of the study does. A folder is read from the disk and from
nowhere else; a name that is no folder the library looks up among the models that it has or can fetch.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from tqdm import tqdm

from analysis import disk
from analysis.corpus import store
from analysis.errors import InputError, ParameterError, plural
from analysis.show.style import write_csv
from analysis.study.study import corpus_folder

HYPOTHESIS = "This text is {}."
#: Digits of a probability: the last bits of a network differ from processor to processor.
_DIGITS = 4
_NAME = re.compile(r"[^\W\d_][\w -]{0,39}")
_EXTRA = "pip install 'vantage-study[models]'"


class Model(NamedTuple):
    """What classifies texts.

    Attributes
    ----------
    classify : callable
        From a batch of texts to the probability of each label, one mapping a text.
    revision : str
        Which state of the model it is: the commit of its repository, or the hash of its files.

    """

    classify: Callable[[Sequence[str]], list[Mapping[str, float]]]
    revision: str


class Asked(NamedTuple):
    """What a model is asked.

    Attributes
    ----------
    model : str
        A folder, or a name that the library knows.
    labels : sequence of str
        For a zero-shot model; empty: the labels that the model was trained with.
    hypothesis : str
        What a zero-shot model holds against the text; ``{}`` is the label.
    column : str
    batch : int
        Texts at a time.
    device : str
        ``auto`` (a GPU if there is one), ``cpu``, ``cuda`` …

    """

    model: str
    labels: Sequence[str] = ()
    hypothesis: str = HYPOTHESIS
    column: str = "class"
    batch: int = 32
    device: str = "auto"


def load_model(asked: Asked) -> Model:
    """Load a model with the library ``transformers``.

    Raises
    ------
    ParameterError
        If the library is not there.
    InputError
        If the model cannot be loaded.

    """
    folder = Path(asked.model).expanduser()
    if folder.is_dir():
        os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        import torch  # noqa: PLC0415  heavy, and an extra
        from transformers import pipeline  # noqa: PLC0415
    except ImportError as error:
        message = f"a model needs libraries that are not installed ({error.name}): {_EXTRA}"
        raise ParameterError(message) from error
    device = asked.device if asked.device != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
    task = "zero-shot-classification" if asked.labels else "text-classification"
    try:
        pipe = pipeline(task, model=str(folder) if folder.is_dir() else asked.model, device=device)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        accepted = ["a folder with config.json, weights and tokenizer", "the name of a model that can be had"]
        raise InputError(f"cannot be loaded: {str(error).splitlines()[0]}", file=folder, accepted=accepted) from error
    pipe.model.eval()

    def classify(texts: Sequence[str]) -> list[Mapping[str, float]]:
        if asked.labels:
            options = {"candidate_labels": list(asked.labels), "hypothesis_template": asked.hypothesis}
            found = pipe(list(texts), batch_size=asked.batch, truncation=True, **options)
            found = [found] if isinstance(found, dict) else found  # some versions do so for one text
            return [dict(zip(one["labels"], one["scores"], strict=True)) for one in found]
        found = pipe(list(texts), batch_size=asked.batch, truncation=True, top_k=None)
        return [{label["label"]: label["score"] for label in one} for one in found]

    revision = getattr(pipe.model.config, "_commit_hash", None)
    return Model(classify, revision or _folder_hash(folder))


def _folder_hash(folder: Path) -> str:
    if not folder.is_dir():
        return "not known"
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        whole.update(f"{path.name}\0{disk.sha256(path)}\0".encode())
    return whole.hexdigest()[:16]


def annotate(
    corpus: str,
    asked: Asked,
    out: Path,
    *,
    force: bool = False,
    load: Callable[[Asked], Model] = load_model,
    quiet: bool = True,
) -> list[str]:
    """Classify every utterance of a corpus, and write ``utterance_id``, the class and its probability.

    Each distinct text is classified once. What was classified stands in ``<out>.cache.jsonl`` as soon as its batch is
    done: a run that was stopped goes on there, and so does one after more was imported. Another model, revision, label
    or hypothesis is another question, whose answers are kept beside.

    Returns
    -------
    list of str
        How many were classified anew, and by which revision.

    Raises
    ------
    InputError, ParameterError
        If the table exists, the model cannot be loaded, or a label is empty or twice.

    """
    _require_askable(asked, out)
    if out.exists() and not force:
        raise InputError("exists and is not replaced", file=out, accepted=["another name", "--force"])
    rows = store.read_corpus(corpus_folder(corpus), ["utterance_id", "text", "evidence"])
    rows = rows[rows["evidence"] != "paraphrase"]
    model = load(asked)
    question = {"revision": model.revision, "labels": list(asked.labels)}
    question |= {"hypothesis": asked.hypothesis} if asked.labels else {}
    key = hashlib.blake2b(json.dumps(question).encode(), digest_size=8).hexdigest()
    cache = out.with_name(f"{out.name}.cache.jsonl")
    digests = [hashlib.blake2b(f"{key}\0{text}".encode(), digest_size=16).hexdigest() for text in rows["text"]]
    known = dict(_read_cache(cache))
    wanted = {digest: text for digest, text in zip(digests, rows["text"], strict=True) if digest not in known}
    # Texts of like length together: a batch is as slow as its longest.
    order = sorted(wanted, key=lambda digest: (len(wanted[digest]), digest))
    with cache.open("a", encoding="utf-8", newline="\n") as file, tqdm(total=len(order), disable=quiet) as bar:
        for start in range(0, len(order), asked.batch):
            part = order[start : start + asked.batch]
            found = [
                {str(label): float(score) for label, score in one.items()}
                for one in model.classify([wanted[digest] for digest in part])
            ]
            if len(found) != len(part) or not all(map(_is_answer, found)):
                accepted = ["for each text one or more labels with names, and a number each"]
                raise InputError("gives no classes", file=asked.model, accepted=accepted)
            for digest, scores in zip(part, found, strict=True):
                known[digest] = {label: round(score, _DIGITS) for label, score in scores.items()}
                file.write(json.dumps({"text": digest, "scores": known[digest]}, ensure_ascii=False) + "\n")
            file.flush()
            bar.update(len(part))
    _write(rows["utterance_id"], [known[digest] for digest in digests], asked.column, out)
    told = {"model": Path(asked.model).name, **question}
    disk.write_text(out.with_name(f"{out.name}.model.json"), json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    counts = f"{plural(len(rows), 'utterance')}, {plural(len(order), 'text')} classified now"
    return [
        f"{out}: {counts}, by {told['model']} (revision {model.revision})",
        f"use it as -p scores={out} -p classes={asked.column}; a model errs: code a sample (vantage sheet)",
    ]


def _require_askable(asked: Asked, out: Path) -> None:
    """Refuse what cannot be asked or written, before anything is classified."""
    problem = None
    if not _NAME.fullmatch(asked.column) or asked.column.casefold() == "utterance_id":
        problem = f"--column '{asked.column}': a name of letters, digits, blanks, _ and -, not utterance_id"
    elif asked.batch < 1:
        problem = f"--batch {asked.batch}: 1 or more"
    elif len(set(asked.labels)) < len(asked.labels) or len(asked.labels) == 1 or not all(map(str.strip, asked.labels)):
        problem = "--labels: two or more different ones"
    if problem is not None:
        raise ParameterError(problem)
    if out.is_dir():
        raise InputError("is a folder", file=out, accepted=["the name of a table to be written"])
    if not out.parent.is_dir():
        raise InputError("no such folder", file=out.parent, accepted=["a folder that there is"])


def _is_answer(scores: object) -> bool:
    """Tell whether scores are a label's each: one or more, named, and numbers."""
    return (
        isinstance(scores, Mapping)
        and len(scores) > 0
        and all(str(label).strip() for label in scores)
        and all(isinstance(score, (float, int)) and math.isfinite(score) for score in scores.values())
    )


def _read_cache(cache: Path) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield what was classified before; a last line that was cut while it was written is not there."""
    if cache.exists():
        whole = cache.read_bytes()
        if whole and not whole.endswith(b"\n"):
            whole = whole[: whole.rfind(b"\n") + 1]
            cache.write_bytes(whole)
        for number, line in enumerate(whole.split(b"\n")[:-1], start=1):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if not (isinstance(row, dict) and isinstance(row.get("text"), str) and _is_answer(row.get("scores"))):
                accepted = ["the line as it was written", "no such file: all is classified again"]
                raise InputError("is damaged", file=f"{cache}, line {number}", accepted=accepted)
            yield row["text"], row["scores"]


def _write(ids: pd.Series, scores: Sequence[Mapping[str, float]], column: str, out: Path) -> None:
    # Of equal probabilities the first label by name.
    best = [min(one, key=lambda label, one=one: (-one[label], label)) for one in scores]
    labels = sorted({label for one in scores for label in one})
    table = pd.DataFrame({"utterance_id": ids.to_numpy(), column: best})
    table[f"{column}_probability"] = [one[label] for one, label in zip(scores, best, strict=True)]
    for label in labels:
        table[f"{column}: {label}"] = [one.get(label) for one in scores]
    with disk.whole(out) as made:
        write_csv(table, made)
