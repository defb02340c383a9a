"""Saying anew who speaks in a collection: vantage, origin and kind, and what rules of ``sources.yaml`` say.

What the command said at import is replaced; what a row itself, a rule or the uploader of a video said stays, unless a
rule that is given now says otherwise. So the corpus becomes what an import with these options would have made of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from analysis.corpus import store, told
from analysis.corpus.counts import count
from analysis.corpus.import_index import ImportIndex
from analysis.corpus.keys import fingerprint, read_key
from analysis.corpus.privacy import Pseudonyms
from analysis.corpus.rewrite import NAMED, TAGS, Row, commit, require_collection, rewrite
from analysis.corpus.rules import NONE, Rules, read_rules
from analysis.corpus.schema import BY_UPLOADER, ORIGIN_OF_VANTAGE, VLOGGER
from analysis.corpus.writer import Writer
from analysis.errors import ParameterError, plural

#: What the command may say.
SAID = ("vantage", "origin", "kind")
#: Where the record of a file holds what was said of its rows since its import, by collection.
RETAGGED = "retagged"


class Retagged(NamedTuple):
    """What was changed.

    Attributes
    ----------
    collection : str
    rows, changed : int
        Rows of the collection, and those of which anything changed.
    changes : dict of (str, str, str) to int
        Column, value before and after: how many rows; not for clusters, of which the number alone tells something.
    clusters : int
        Rows whose cluster changed, in the whole corpus.
    kept : dict of str to int
        Vantages that rows, rules or uploaders say, where the command says another.
    idle : list of int
        Rules that match no row, from 1.

    """

    collection: str
    rows: int
    changed: int
    changes: dict[tuple[str, str, str], int]
    clusters: int
    kept: dict[str, int]
    idle: list[int]

    def lines(self) -> list[str]:
        """Return what there is to say."""
        out = [f"{self.collection}: {plural(self.rows, 'row')}, {self.changed:,} changed"]
        out += [f"  {name}: {old} is {new} now, {plural(n, 'row')}" for (name, old, new), n in self.changes.items()]
        if self.clusters:
            out.append(f"  clusters follow: {plural(self.clusters, 'row')}")
        if self.kept:
            said = ", ".join(f"{name} {number:,}" for name, number in self.kept.items())
            out.append(f"  rows that keep the vantage which they, a rule or the video's uploader have: {said}")
        if self.idle:
            out.append(
                f"{told.idle(self.idle)} (accounts are pseudonyms here: a rule meets an account by its id alone; for "
                "others remove the collection and import it anew)"
            )
        return out


def retag(folder: Path, collection: str, said: Mapping[str, str], sources: Path | None = None) -> Retagged:
    """Say anew who speaks in a collection, in one step.

    Parameters
    ----------
    folder : Path
        A corpus.
    said : mapping of str to str
        Of :data:`SAID`, as ``vantage import`` takes them; ``none`` says that there is none.
    sources : Path, optional
        Rules (:mod:`analysis.corpus.rules`): those of files, threads and accounts known by their id.

    Raises
    ------
    InputError, ParameterError
        If there is no such corpus or collection, or nothing is said; the corpus is then as it was.

    """
    store.read_info(folder)
    if not said and sources is None:
        message = "nothing is said (accepted: --vantage, --origin, --kind, --sources)"
        raise ParameterError(message)
    rules = read_rules(sources)
    with Writer(folder) as writer:
        require_collection(writer, collection)
        with ImportIndex(*writer.lists.values()) as index, closing(_Accounts(rules, writer.info)) as accounts:
            _take_over(folder, index)
            tags = _Tags(collection, said, writer.info["files"], rules, accounts, index)
            written = rewrite(writer, index, tags.change, {at: at for at in range(len(writer.info["files"]))})
            tags.note_said()
            commit(writer, index, written, tags.comments)
    return Retagged(
        collection, tags.rows, tags.changed, dict(tags.changes), written.clusters, dict(tags.kept), rules.idle()
    )


def _take_over(folder: Path, index: ImportIndex) -> None:
    """Enter the accounts, uploaders and clusters of the corpus: whose a video is, and which names are taken."""
    names = ["platform", "thread_id", "kind", "vantage", "speaker", "cluster_id"]
    for batch in store.batches(folder, names):
        for platform, thread, kind, vantage, speaker, cluster in zip(
            *map(pa.Array.to_pylist, batch.columns), strict=True
        ):
            if thread is not None and speaker is not None and kind in BY_UPLOADER:
                index.uploaded(platform, thread, speaker)
            index.take_over(platform, thread, kind, vantage, speaker, cluster)


class _Accounts:
    """The accounts that rules name whole, found again by their pseudonyms: no name is in a corpus."""

    def __init__(self, rules: Rules, info: Mapping[str, Any]) -> None:
        self._names, self._known = rules.accounts(), {}
        key = read_key() if self._names else b""
        # Under another key, no pseudonym of the corpus would be met.
        self._pseudonyms = Pseudonyms(key) if fingerprint(key) in info.get("keys", ()) else None

    def of(self, platform: str | None, speaker: str | None) -> tuple[str, ...]:
        """Return the name of who speaks, if a rule has it; none else."""
        if self._pseudonyms is None or speaker is None:
            return ()
        if platform not in self._known:
            self._known[platform] = {self._pseudonyms.of(platform, name): name for name in self._names}
        name = self._known[platform].get(speaker)
        return () if name is None else (name,)

    def close(self) -> None:
        """Forget the accounts."""
        if self._pseudonyms is not None:
            self._pseudonyms.close()


class _Tags:
    """Changes the rows of one collection, and counts what it changed."""

    def __init__(
        self,
        collection: str,
        said: Mapping[str, str],
        files: Sequence[Row],
        rules: Rules,
        accounts: _Accounts,
        index: ImportIndex,
    ) -> None:
        self._collection, self._said, self._files = collection, said, files
        self._rules, self._accounts, self._index = rules, accounts, index
        self._met: set[int] = set()
        self.rows = self.changed = 0
        self.changes: Counter[tuple[str, str, str]] = Counter()
        self.kept: Counter[str] = Counter()
        self.comments: dict[tuple[str | None, str], int | None] = {}

    def change(self, row: Row, place: int) -> Row:
        """Return a row as it is now to be."""
        if row["collection"] != self._collection:
            return row
        self.rows += 1
        self._met.add(place)
        platform, thread, speaker = row["platform"], row["thread_id"], row["speaker"]
        rule: Mapping[str, str] = {}
        if self._rules:
            rule = self._rules.says(row["source_file"], thread or "", self._accounts.of(platform, speaker))
        if "comments" in rule and thread is not None:
            self.comments[platform, thread] = count(rule["comments"])
        new = {**row, **self._who(row, rule, self._said_before(place))}
        new[NAMED] = place >= 0 and "cluster_id" in self._files[place].get("columns", ())
        new |= {name: _value(rule, name) for name in ("language", "region", "collection") if name in rule}
        if "cluster" in rule:
            new["cluster_id"] = rule["cluster"]
        differs = [name for name in TAGS if new[name] != row[name] and name != "cluster_id"]
        self.changed += bool(differs)
        self.changes.update((name, row[name] or NONE, new[name] or NONE) for name in differs)
        if "vantage" in self._said and new["vantage"] != _value(self._said, "vantage"):
            self.kept[new["vantage"] or NONE] += 1
        return new

    def _said_before(self, place: int) -> Mapping[str, str]:
        """Return what the command said of a file's rows in this collection, at import or since."""
        return said_of(self._files[place], self._collection) if place >= 0 else {}

    def _who(self, row: Row, rule: Mapping[str, str], old: Mapping[str, str]) -> Row:
        """Return vantage, origin and kind."""
        new = {**old, **self._said}
        thread, speaker = row["thread_id"], row["speaker"]
        uploader = None if thread is None else self._index.uploader(row["platform"], thread)
        own = speaker is not None and uploader == speaker
        kind, vantage, origin = row["kind"], row["vantage"], row["origin"]
        if kind in ({old["kind"]} if "kind" in old else {None, "comment"}):
            kind = rule.get("kind") or self._said.get("kind") or kind
        if "vantage" in rule:
            vantage = _value(rule, "vantage")
        elif vantage == (VLOGGER if own or row["kind"] in BY_UPLOADER else _value(old, "vantage")):
            vantage = VLOGGER if own or kind in BY_UPLOADER else _value(new, "vantage")
        elif vantage == _value(old, "vantage"):
            vantage = VLOGGER if own else _value(new, "vantage")
        if "origin" in rule:
            origin = _value(rule, "origin")
        elif origin == _origin(old, row["vantage"]):
            origin = _origin(new, vantage)
        return {"kind": kind, "vantage": vantage, "origin": origin}

    def note_said(self) -> None:
        """Enter into the records of files what was said: an import that says it is this one then."""
        for place, file in enumerate(self._files):
            if self._said and (place in self._met or file.get("collection") == self._collection):
                since = file.get(RETAGGED, {})
                file[RETAGGED] = {**since, self._collection: {**since.get(self._collection, {}), **self._said}}


def said_of(file: Mapping[str, Any], collection: str) -> dict[str, str]:
    """Return what the command said of a file's rows in a collection: at import, and since."""
    return {**file.get("constants", {}), **file.get(RETAGGED, {}).get(collection, {})}


def _value(said: Mapping[str, str], name: str) -> str | None:
    return None if said.get(name) == NONE else said.get(name)


def _origin(said: Mapping[str, str], vantage: str | None) -> str | None:
    """Return the origin that was said, else the one that a vantage implies."""
    return _value(said, "origin") if "origin" in said else ORIGIN_OF_VANTAGE.get(vantage or "")
