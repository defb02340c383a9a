"""The commands by which models code, or are asked to."""

from __future__ import annotations

import argparse
from pathlib import Path

from analysis.cli_corpus import Add, Lines


def add_models(add: Add) -> None:
    """Add the commands of models."""
    text = "write the coding task as prompts for a language model, or read its answers as classes; nothing is sent"
    prompts = add("prompts", _prompts, text)
    prompts.add_argument("--corpus", metavar="DIR", required=True, help="a corpus folder")
    prompts.add_argument("--to", metavar="FILE", type=Path, required=True, help="tasks as .jsonl, or classes as .csv")
    prompts.add_argument(
        "--answers",
        metavar="FILE",
        type=Path,
        nargs="+",
        help='what the model answered: JSON Lines of the form, plain: {"id": …, "answer": …}',
    )
    prompts.add_argument(
        "--variables", metavar="A,B", default="stance", help="of the scheme, or concepts; default: stance"
    )
    prompts.add_argument(
        "--scheme", metavar="FILE", type=Path, help="your own variables: variable, kind, values, meaning"
    )
    prompts.add_argument(
        "--form", choices=("plain", "openai", "anthropic", "gemini"), default="plain", help="batch form"
    )
    prompts.add_argument("--model", metavar="NAME", default="", help="what the batch form calls the model")
    prompts.add_argument(
        "--wordings", metavar="A,B", default="", help="of data/prompts.csv, a column each; default: the first"
    )
    prompts.add_argument("--wording-file", metavar="FILE", type=Path, help="your own wordings: wording, prompt")
    prompts.add_argument("--sample", action="store_true", help="only the utterances of the coding sample")

    text = "classify every utterance by a model that you have (a folder, or a name); the extra vantage-study[models]"
    annotate = add("annotate", _annotate, text)
    annotate.add_argument("--corpus", metavar="DIR", required=True, help="a corpus folder")
    annotate.add_argument("--model", metavar="MODEL", required=True, help="a folder, read offline, or a model's name")
    annotate.add_argument("--to", metavar="FILE", type=Path, required=True, help="classes and probabilities, as .csv")
    annotate.add_argument(
        "--labels", metavar="A,B", default="", help="of a zero-shot model: the classes to choose from"
    )
    annotate.add_argument("--hypothesis", metavar="TEXT", help="of a zero-shot model; default: This text is {}.")
    annotate.add_argument("--column", metavar="NAME", help="what the column of classes is called; default: class")
    annotate.add_argument("--batch", metavar="N", type=int, help="texts at a time; default: 32")
    annotate.add_argument("--device", metavar="D", help="auto, cpu, cuda; default: auto, a GPU if there is one")
    annotate.add_argument(
        "--force", action="store_true", help="replace the table; only texts that are new are classified"
    )


def _prompts(options: argparse.Namespace) -> Lines:
    from analysis.study.prompts import Asked, read_answers, write_tasks

    chosen = {name: getattr(options, name) for name in ("scheme", "wording_file") if getattr(options, name)}
    variables, wordings = (_listed(getattr(options, name)) for name in ("variables", "wordings"))
    asked = Asked(variables=variables, wordings=wordings, sampled=options.sample, **chosen)
    if options.answers:
        return read_answers(options.corpus, asked, options.answers, options.to)
    return write_tasks(options.corpus, asked, options.to, options.form, options.model)


def _annotate(options: argparse.Namespace) -> Lines:
    from analysis.study.annotate import Asked, annotate

    names = ("hypothesis", "column", "batch", "device")
    chosen = {name: value for name in names if (value := getattr(options, name)) is not None}
    asked = Asked(options.model, _listed(options.labels), **chosen)
    return annotate(options.corpus, asked, options.to, force=options.force, quiet=options.quiet)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
