"""A collection whose speakers are said anew is what an import that says it makes: who speaks, and in which cluster."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import disk
from analysis.cli import main
from analysis.corpus import ImportOptions, import_files, read_corpus, read_info, store
from analysis.corpus.retag import retag
from analysis.errors import InputError, ParameterError

FIXTURES = Path(__file__).parents[1] / "fixtures" / "imports"
#: Folders in which captions, uploaders' own comments and people's comments stand.
MIXED = ("mediacrawler-d", "mediacrawler-x", "4cat-ndjson-t", "youtube-api-th", "captions", "reddit")
COLUMNS = {"text": "said", "thread_id": "video", "speaker": "who", "cluster_id": "voice", "platform": "site"}


def table(path: Path, *rows: tuple[str, ...], columns: str = "said,video,who") -> Path:
    path.write_text("\n".join([columns, *(",".join(row) for row in rows)]) + "\n", encoding="utf-8")
    return path


def bring(into: Path, *files: Path, rules: Path | None = None, name: str = "C", **said: str) -> Any:
    columns = {}
    if files[0].suffix == ".csv":
        header = files[0].read_text(encoding="utf-8").split("\n")[0].split(",")
        columns = {name: column for name, column in COLUMNS.items() if column in header}
    return import_files(files, into, ImportOptions(name, columns, said, rules=rules))


def as_sets(frame: pd.DataFrame) -> set[frozenset[str]]:
    """Return which utterances share a cluster, whatever it is called."""
    return {frozenset(ids) for ids in frame.groupby("cluster_id")["utterance_id"].agg(list)}


def assert_same(one: Path, other: Path) -> None:
    first, second = read_corpus(one), read_corpus(other)
    plain = [name for name in first if name != "cluster_id"]
    pd.testing.assert_frame_equal(first[plain], second[plain])
    assert as_sets(first) == as_sets(second)
    assert store.read_threads(one) == store.read_threads(other)
    assert store.read_text_duplicates(one).equals(store.read_text_duplicates(other))


WESTERN, OTHER, VLOGGER = {"vantage": "western_commenter"}, {"vantage": "chinese_viewer", "origin": "other"}, "vlogger"


@pytest.mark.parametrize(
    ("before", "after"),
    [({}, WESTERN), ({}, OTHER), ({}, {"vantage": VLOGGER}), (WESTERN, OTHER), (WESTERN, {"vantage": VLOGGER})],
)
def test_it_is_what_an_import_that_says_so_makes(
    tmp_path: Path, before: dict[str, str], after: dict[str, str], mixed: Path
) -> None:
    bring(tmp_path / "mended", mixed, **before)
    bring(tmp_path / "right", mixed, **after)
    done = retag(tmp_path / "mended", "C", after)
    assert done.rows == len(read_corpus(tmp_path / "right"))
    assert_same(tmp_path / "mended", tmp_path / "right")


def test_of_a_collection_of_vloggers_what_captions_tell_is_known_and_nothing_else(tmp_path: Path, mixed: Path) -> None:
    bring(tmp_path / "mended", mixed, vantage=VLOGGER)
    bring(tmp_path / "right", mixed, **WESTERN)
    retag(tmp_path / "mended", "C", WESTERN)
    mended, right = read_corpus(tmp_path / "mended"), read_corpus(tmp_path / "right")
    differ = right[(mended["vantage"] != right["vantage"])]
    # Uploaders of whom no caption has words: the corpus does not say that these comments are theirs.
    assert set(differ["vantage"]) <= {VLOGGER}
    assert set(differ["kind"]) <= {"comment"}
    assert len(differ) < len(right) / 50


def test_an_origin_that_was_said_stays_until_it_is_said_anew(tmp_path: Path) -> None:
    into = tmp_path / "c"
    bring(into, table(tmp_path / "a.csv", ("a", "v1", "ann")), **OTHER)
    told = []
    for said in (WESTERN, {"origin": "none"}, {"origin": "chinese"}, {"vantage": "none"}):
        retag(into, "C", said)
        told.append(read_corpus(into)[["vantage", "origin"]].astype(object).where(lambda cells: cells.notna(), None))
    assert [frame.to_numpy().tolist()[0] for frame in told] == [
        ["western_commenter", "other"],
        ["western_commenter", None],
        ["western_commenter", "chinese"],
        [None, "chinese"],
    ]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of exports of several platforms: captions, their uploaders' comments, other comments."""
    folder = tmp_path_factory.mktemp("exports") / "mixed"
    folder.mkdir()
    for place in sorted(FIXTURES.iterdir()):
        if place.is_dir() and place.name.startswith(MIXED):
            shutil.copytree(place, folder / place.name, ignore=shutil.ignore_patterns("expected.json"))
    return folder


def test_the_fixtures_hold_what_the_comparison_is_about(tmp_path: Path, mixed: Path) -> None:
    bring(tmp_path / "c", mixed, vantage="western_commenter")
    frame = read_corpus(tmp_path / "c")
    vloggers = frame[frame["vantage"] == "vlogger"]
    assert {"caption", "comment"} <= set(vloggers["kind"])
    assert len(vloggers) > 10
    assert (frame["vantage"] == "western_commenter").sum() > 10


def test_clusters_follow_the_vantage_and_those_that_somebody_named_stay(tmp_path: Path) -> None:
    into, rules = tmp_path / "c", tmp_path / "sources.yaml"
    rules.write_text("- thread: v3\n  cluster: on the road\n", encoding="utf-8")
    rows = [("a", "v1", "ann"), ("b", "v2", "ann"), ("c", "v2", "ben"), ("d", "v3", "ann")]
    bring(into, table(tmp_path / "a.csv", *rows), rules=rules)
    assert read_corpus(into)["cluster_id"].tolist() == ["v1", "v2", "v2", "on the road"]
    retag(into, "C", {"vantage": "vlogger"})
    assert read_corpus(into)["cluster_id"].tolist() == ["account 1", "account 1", "account 2", "on the road"]
    done = retag(into, "C", {"vantage": "chinese_viewer"})
    assert read_corpus(into)["cluster_id"].tolist() == ["v1", "v2", "v2", "on the road"]
    assert done.clusters == 3


def test_a_mapped_column_names_clusters_also_where_it_says_the_thread(tmp_path: Path) -> None:
    into, header = tmp_path / "c", "said,video,who,voice"
    bring(into, table(tmp_path / "a.csv", ("a", "v1", "ann", "v1"), ("b", "v1", "ben", "v1"), columns=header))
    retag(into, "C", {"vantage": "vlogger"})
    assert read_corpus(into)["cluster_id"].tolist() == ["v1", "v1"]


def test_two_collections_share_threads_and_accounts_and_one_alone_is_changed(tmp_path: Path) -> None:
    into = tmp_path / "c"
    bring(into, table(tmp_path / "a.csv", ("a", "v1", "ann"), ("b", "v2", "ben")), name="A", vantage="vlogger")
    bring(into, table(tmp_path / "b.csv", ("c", "v1", "ann"), ("d", "v2", "ann")), name="B")
    retag(into, "B", {"vantage": "vlogger"})
    assert read_corpus(into)["cluster_id"].tolist() == ["account 1", "account 2", "account 1", "account 1"]
    retag(into, "A", {"vantage": "western_commenter"})
    frame = read_corpus(into)
    assert frame["vantage"].tolist() == ["western_commenter"] * 2 + ["vlogger"] * 2
    assert frame["cluster_id"].tolist() == ["v1", "v2", "account 1", "account 1"]


def test_threads_of_two_platforms_stay_two_clusters_and_one_that_they_share_by_name_stays_one(tmp_path: Path) -> None:
    into, header = tmp_path / "c", "said,video,who,site"
    one = table(tmp_path / "a.csv", ("a", "v1", "ann", "weibo"), columns=header)
    bring(into, one, name="A", vantage="vlogger")
    bring(into, table(tmp_path / "b.csv", ("b", "v1", "ben", "douyin"), columns=header), name="B")
    named = table(tmp_path / "d.csv", ("d", "v1", "eve", "tieba", "v1"), columns=f"{header},voice")
    bring(into, named, name="D")
    assert read_corpus(into)["cluster_id"].tolist() == ["weibo account 1", "v1", "v1"]
    done = retag(into, "D", {"vantage": "chinese_viewer"})
    assert done.clusters == 0
    retag(into, "A", {"vantage": "western_commenter"})
    assert read_corpus(into)["cluster_id"].tolist() == ["weibo:v1", "v1", "v1"]


def test_rules_decide_by_file_by_thread_and_by_an_account_that_is_known_by_its_name(tmp_path: Path) -> None:
    one = table(tmp_path / "a.csv", ("a", "v1", "Ann"), ("b", "v1", "ben"), ("c", "v2", "ben"))
    two = table(tmp_path / "b.csv", ("d", "v3", "ann"))
    rules = tmp_path / "sources.yaml"
    rules.write_text(
        "- account: '@ann'\n  vantage: vlogger\n  origin: other\n- thread: v2\n  region: 辽宁\n  comments: 7\n"
        "- file: b*\n  cluster: somebody\n- account: 'be*'\n  vantage: vlogger\n",
        encoding="utf-8",
    )
    into = tmp_path / "c"
    bring(into, one, two)
    done = retag(into, "C", {"vantage": "western_commenter"}, rules)
    frame = read_corpus(into)
    assert frame["vantage"].tolist() == ["vlogger", "western_commenter", "western_commenter", "vlogger"]
    assert frame["origin"].tolist() == ["other", "western", "western", "other"]
    assert frame["region"].fillna("").tolist() == ["", "", "辽宁", ""]
    assert frame["cluster_id"].tolist() == ["account 1", "v1", "v2", "somebody"]
    assert [row["platform_comment_count"] for row in store.read_threads(into)] == [None, 7, None]
    assert done.idle == [4]  # a pattern: no pseudonym tells whether it is met
    assert done.kept == {"vlogger": 2}


def test_what_a_row_says_itself_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,vantage,kind\na,chinese_viewer,post\nb,,\nc,,comment\n", encoding="utf-8")
    import_files([path], tmp_path / "c", ImportOptions("C"))
    done = retag(tmp_path / "c", "C", {"vantage": "western_commenter", "kind": "caption"})
    frame = read_corpus(tmp_path / "c")
    assert frame["vantage"].tolist()[0] == "chinese_viewer"
    assert frame["kind"].tolist() == ["post", "caption", "caption"]
    assert done.kept["chinese_viewer"] == 1


def test_the_import_that_says_the_same_is_known_and_so_is_the_old_one(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ("a", "v1", "ann"))
    into = tmp_path / "c"
    bring(into, path)
    retag(into, "C", {"vantage": "vlogger"})
    before = {file.name: file.read_bytes() for file in into.iterdir()}
    for said in ({}, {"vantage": "vlogger"}):
        assert bring(into, path, **said).reports[0].imported == 0
    assert {file.name: file.read_bytes() for file in into.iterdir()} == before


def test_broken_off_it_leaves_the_corpus_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    into = tmp_path / "c"
    bring(into, table(tmp_path / "a.csv", ("a", "v1", "ann")))
    before = {file.name: file.read_bytes() for file in into.iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "commit", full)
    with pytest.raises(OSError, match="No space"):
        retag(into, "C", {"vantage": "vlogger"})
    assert {file.name: file.read_bytes() for file in into.iterdir()} == before


def test_what_cannot_be_meant_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = tmp_path / "c"
    bring(into, table(tmp_path / "a.csv", ("a", "v1", "ann")))
    with pytest.raises(InputError, match=r"has no collection 'D' \(accepted: C\)"):
        retag(into, "D", {"vantage": "vlogger"})
    with pytest.raises(ParameterError, match="nothing is said"):
        retag(into, "C", {})
    with pytest.raises(InputError, match="no corpus here"):
        retag(tmp_path / "none", "C", {"vantage": "vlogger"})
    assert main(["retag", str(into), "--collection", "C", "--vantage", "tourist"]) == 2
    assert main(["retag", str(into), "--collection", "C", "--vantage", "none"]) == 0
    assert "C: 1 row, 0 changed" in capsys.readouterr().out
    assert read_info(into)["rows"] == 1
