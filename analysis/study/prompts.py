"""The coding task as prompts for any language model, and its answers as class columns. Nothing is sent from here.

What is written is a JSON Lines file in the form of a provider's batch interface; what comes back from it is read. Each
wording (``data/prompts.csv``) gives a column of its own: what hangs on the wording alone is seen in the
multiverse (notebook 5).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import pandas as pd

from analysis import disk, paths
from analysis.corpus import store
from analysis.corpus.codes import read_coding
from analysis.corpus.coding_scheme import DEFAULT, Variable, plain, read_scheme, with_concepts
from analysis.corpus.readers.table import read_rows
from analysis.errors import InputError, ParameterError, plural
from analysis.measure.concepts import read_codebook
from analysis.show.style import write_csv
from analysis.study.study import corpus_folder

WORDINGS = paths.DATA / "prompts.csv"
#: A model's name where the user gave none: the batch interfaces want one.
_MODEL = "MODEL"
_PLACES = ("variable", "meaning", "values", "comment")
_WORDS = re.compile(r"-?\d+(?:[.,/]\d+)*|[^\W\d_][\w-]*")
#: A word is a value where a mark or a line's end parts it from other words: "no answer" is not "no".
_MARKS = re.compile(r"[^\w\s'’-]+|\s-+\s")
#: What open models write of their thoughts before they answer.
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)
#: With these beside a number it is another one.
_TURNED = frozenset({"minus", "negative", "not", "between"})
#: An answer of more words is a sentence in which a value may mean something else ("there is no way to tell").
_MOST_WORDS = 3
#: Of several parts of an answer the first that is said.
_SPOKEN = "said"
_ANSWER_TOKENS = 32


class Task(NamedTuple):
    """One utterance to be coded for one variable in one wording."""

    id: str
    utterance_id: str
    variable: Variable
    wording: str
    prompt: str

    def column(self, wordings: int) -> str:
        """Return the name of the column that its answer goes to."""
        return self.variable.name if wordings == 1 else f"{self.variable.name}_{self.wording}"


class Asked(NamedTuple):
    """What is asked of the model: the same when tasks are written and when answers are read.

    Attributes
    ----------
    variables : sequence of str
        Of the scheme, or concepts of the codebook.
    scheme : Path
    wordings : sequence of str
        Of the file of wordings; empty: the first.
    wording_file : Path
    sampled : bool
        Only the utterances of the coding sample.

    """

    variables: Sequence[str] = ("stance",)
    scheme: Path = DEFAULT
    wordings: Sequence[str] = ()
    wording_file: Path = WORDINGS
    sampled: bool = False


def _plain(task: Task, _: str) -> dict[str, Any]:
    return {"id": task.id, "prompt": task.prompt}


def _openai(task: Task, model: str) -> dict[str, Any]:
    body = {"model": model, "messages": [{"role": "user", "content": task.prompt}]}
    return {"custom_id": task.id, "method": "POST", "url": "/v1/chat/completions", "body": body}


def _anthropic(task: Task, model: str) -> dict[str, Any]:
    messages = [{"role": "user", "content": task.prompt}]
    return {"custom_id": task.id, "params": {"model": model, "max_tokens": _ANSWER_TOKENS, "messages": messages}}


def _gemini(task: Task, _: str) -> dict[str, Any]:
    return {"key": task.id, "request": {"contents": [{"role": "user", "parts": [{"text": task.prompt}]}]}}


#: The batch forms: OpenAI's is also that of vLLM and of most servers of open models.
FORMS: dict[str, Callable[[Task, str], dict[str, Any]]] = {
    "plain": _plain,
    "openai": _openai,
    "anthropic": _anthropic,
    "gemini": _gemini,
}
#: Where each form has the answer's text.
_ANSWERS = (
    ("answer",),
    ("response", "body", "choices", 0, "message", "content"),
    ("result", "message", "content", _SPOKEN, "text"),
    ("response", "candidates", 0, "content", "parts", _SPOKEN, "text"),
)


def tasks(corpus: str, asked: Asked) -> Iterator[Task]:
    """Yield every task: utterances as they stand in the corpus, variables, wordings.

    Raises
    ------
    InputError, ParameterError
        If a variable or a wording is not known, nothing was drawn of which the sample could be taken, or nothing is
        there to be asked about.

    """
    variables, wordings = _variables(asked), _wordings(asked)
    folder = corpus_folder(corpus)
    rows = store.read_corpus(folder, ["utterance_id", "text", "evidence"])
    rows = rows[rows["evidence"] != "paraphrase"]
    if asked.sampled:
        sample = read_coding(folder, "sample")
        if sample.empty:
            raise InputError(
                "has no coding sample", file=folder, accepted=["vantage sheet --corpus DIR", "no --sample"]
            )
        rows = rows[rows["utterance_id"].isin(sample["utterance_id"])]
    if rows.empty:
        accepted = ["a corpus with words that somebody said, which paraphrases are not"]
        raise InputError("has no utterance to be asked about", file=folder, accepted=accepted)
    for utterance_id, text in zip(rows["utterance_id"], rows["text"], strict=True):
        comment = json.dumps(text, ensure_ascii=False)
        for variable in variables:
            told = {"variable": variable.name, "meaning": variable.meaning, "values": ", ".join(variable.values)}
            for name, prompt in wordings.items():
                key = f"{utterance_id}\0{variable.name}\0{name}"
                digest = hashlib.blake2b(key.encode(), digest_size=12).hexdigest()
                yield Task(digest, utterance_id, variable, name, _filled(prompt, {**told, "comment": comment}))


def _filled(prompt: str, told: Mapping[str, str]) -> str:
    # In one pass: what stands in a comment is never taken for a place.
    return re.sub(r"\{(\w+)\}", lambda place: told[place[1]], prompt)


def _variables(asked: Asked) -> list[Variable]:
    if not asked.variables:
        message = "--variables: at least one (accepted: variables of the scheme, concepts of the codebook)"
        raise ParameterError(message)
    scheme = read_scheme(asked.scheme)
    known = {variable.name: variable for variable in scheme}
    codebook = read_codebook()
    for name in asked.variables:
        if name not in (accepted := [*known, *(row["concept"] for row in codebook if row["concept"] not in known)]):
            message = f"--variables: '{name}' is not known (accepted: {', '.join(accepted)})"
            raise ParameterError(message)
    concepts = [name for name in asked.variables if name not in known]
    known |= {variable.name: variable for variable in with_concepts(scheme, codebook, concepts)}
    return [known[name] for name in dict.fromkeys(asked.variables)]


def _wordings(asked: Asked) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, row in enumerate(read_rows(asked.wording_file, ("wording", "prompt")), start=1):
        name, prompt = row["wording"].strip(), row["prompt"]
        places = re.findall(r"\{(\w+)\}", prompt)
        wrong = [place for place in places if place not in _PLACES]
        if wrong or "comment" not in places:
            problem = f"has the place '{{{wrong[0]}}}'" if wrong else "has no place {comment}"
            accepted = [f"{{{place}}}" for place in _PLACES]
            raise InputError(problem, file=asked.wording_file, row=number, column="prompt", accepted=accepted)
        if not re.fullmatch(r"\w{1,40}", name) or name in found:
            problem = f"'{name}' cannot name a wording"
            accepted = ["letters, digits and _, each name once"]
            raise InputError(problem, file=asked.wording_file, row=number, column="wording", accepted=accepted)
        found[name] = prompt
    for name in asked.wordings:
        if name not in found:
            message = f"--wordings: there is no wording '{name}' (accepted: {', '.join(found)})"
            raise ParameterError(message)
    return {name: found[name] for name in asked.wordings or list(found)[:1]}


def write_tasks(corpus: str, asked: Asked, out: Path, form: str = "plain", model: str = "") -> list[str]:
    """Write the tasks, one a line, in the form of a provider's batch interface; return what there is to say."""
    _require_free(out)
    count = 0
    with disk.whole(out) as made, made.open("w", encoding="utf-8", newline="\n") as file:
        for task in tasks(corpus, asked):
            file.write(json.dumps(FORMS[form](task, model or _MODEL), ensure_ascii=False) + "\n")
            count += 1
    said = [f"{out}: {plural(count, 'task')} in the form '{form}'; nothing was sent"]
    if form in {"openai", "anthropic"} and not model:
        said.append(f"the model is called {_MODEL} in it: name yours with --model")
    said.append(
        "it holds other people's words: whom it is sent to is for you, your ethics board and your provider's terms"
    )
    return said


def read_answers(corpus: str, asked: Asked, files: Sequence[Path], out: Path) -> list[str]:
    """Read what a model answered, and write ``utterance_id`` and a column a variable and wording.

    What is no accepted value, or answers no task, stands with its reason in a file beside; a task that is answered
    twice in two ways keeps the first answer. A word that is wrapped in others is taken where it is the only value in
    them ("Answer: against.").

    Returns
    -------
    list of str
        How many answers were read, taken and refused, and the tasks without one.

    """
    rejects = out.with_name(f"{out.stem}.rejected.csv")
    _require_free(out)
    _require_free(rejects)
    # Prompts are long and are not needed: only where each answer belongs.
    known = {task.id: task._replace(prompt="") for task in tasks(corpus, asked)}
    wordings = len(_wordings(asked))
    taken: dict[str, str] = {}
    refused, again, read = [], 0, 0
    for file, row, key, answer in _answers(files):
        read += 1
        task = known.get(key)
        value, reason = (
            _value(answer, task.variable)
            if task
            else ("", "answers no task of this corpus, scheme and wordings" if key else "is not JSON with a task's id")
        )
        if not reason and taken.get(key, value) != value:
            reason = f"the same task was answered '{taken[key]}' before"
        if reason:
            refused.append(
                (
                    file.name,
                    row,
                    task.utterance_id if task else "",
                    key,
                    reason,
                    answer[:200].encode("utf-8", "replace").decode(),
                )
            )
        else:
            again += key in taken
            taken.setdefault(key, value)
    columns = list(dict.fromkeys(task.column(wordings) for task in known.values()))
    table: dict[str, dict[str, str]] = {}
    for key, value in taken.items():
        table.setdefault(known[key].utterance_id, {})[known[key].column(wordings)] = value
    classes = pd.DataFrame.from_dict(table, orient="index", columns=columns, dtype=object).sort_index()
    with disk.whole(out) as made:
        write_csv(classes.rename_axis("utterance_id").reset_index(), made)
    said = f"{plural(read, 'answer')} read = {len(taken):,} taken + {again:,} the same again + {len(refused):,} refused"
    lines = [f"{said}; {len(known) - len(taken):,} of {plural(len(known), 'task')} without an answer"]
    if refused:
        names = ["file", "row", "utterance_id", "task", "reason", "answer"]
        with disk.whole(rejects) as made:
            write_csv(pd.DataFrame(refused, columns=names), made)
        reasons = Counter(reason.split(" '")[0] for *_, reason, _ in refused)
        lines.append(f"{rejects}: " + ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common()))
    named = ",".join(columns)
    use = f"use it as -p scores={out} -p classes={named}, and numbers or a stance as instruments=column:…"
    lines.append(f"{out}: {use if taken else 'holds no class'}")
    return lines


def _answers(files: Sequence[Path]) -> Iterator[tuple[Path, int, str, str]]:
    """Yield file, line, id of the task and text of each answer; of a list of JSON its places are the lines."""
    for path in files:
        try:
            with path.open(encoding="utf-8-sig") as file:
                for number, line in enumerate(_lines(file), start=1):
                    if line.strip():
                        yield path, number, *_answer(line)
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot be read: {error}", file=path, accepted=["JSON Lines, UTF-8"]) from error


def _lines(file: TextIO) -> Iterator[str]:
    if file.read(1) == "[":
        file.seek(0)
        with suppress(ValueError, RecursionError):
            yield from map(json.dumps, json.load(file))
            return
    file.seek(0)
    yield from file


def _answer(line: str) -> tuple[str, str]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return "", line.strip()
    if not isinstance(document, dict):
        return "", line.strip()
    key = next((str(document[name]) for name in ("custom_id", "key", "id") if name in document), "")
    for way in _ANSWERS:
        found: Any = document
        for step in way:
            if isinstance(found, list) and step == _SPOKEN:
                # What a model thought before it answered is no answer.
                said = [one for one in found if isinstance(one, dict) and "text" in one and not one.get("thought")]
                found = said[0] if said else None
            elif isinstance(found, list) and isinstance(step, int):
                found = found[step] if len(found) > step else None
            else:
                found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, (str, int, float)) and not isinstance(found, bool):
            return key, str(found)
    return key, ""


def _value(answer: str, variable: Variable) -> tuple[str, str]:
    """Return the value that an answer gives, or why it gives none: rather none than another one."""
    accepted = {value.casefold(): value for value in variable.values}  # noqa: PD011  no table
    answer = answer.lstrip()
    answer = answer[thought.end() :] if (thought := _THOUGHT.match(answer)) else answer
    told = ", ".join(variable.values)
    bare = plain(plain(answer).strip("\"'`*.‘’“” ")).casefold()
    if bare in accepted:
        return accepted[bare], ""
    # Within a sentence too a blank after a minus, and decimals that are none, are no part of a number.
    text = re.sub(r"(?<![\w.])-\s+(?=\d)", "-", plain(answer).casefold())
    text = re.sub(r"(?<=\d)\.0+(?![\d.])", "", text)
    words = _WORDS.findall(text)
    values = {word for word in words if word in accepted}
    numbers = [word for word in words if word[-1].isdigit() and word not in accepted]
    if not answer.strip():
        return "", f"has no answer ({told})"
    if not values:
        return "", f"is none of the values ({told})"
    if len(values) > 1 or numbers or _TURNED & set(words):
        return "", f"holds several values ({told})"
    value = values.pop()
    alone = value[-1].isdigit() or value in (part.strip() for part in _MARKS.split(text))
    if len(words) > _MOST_WORDS or not alone:
        return "", f"is more than a value ({told})"
    return accepted[value], ""


def _require_free(path: Path) -> None:
    if not path.parent.is_dir():
        raise InputError("there is no such folder", file=path.parent, accepted=["a folder that is there"])
    if path.exists():
        raise InputError("exists and is not replaced", file=path, accepted=["another name"])
