"""What notebook 01 calls: collected against existing, from files as platforms write them."""

from __future__ import annotations

from pathlib import Path

from analysis.compare.overview import collected_sizes, collected_threads, duplicate_sizes
from analysis.corpus import ImportOptions, import_files
from analysis.study import open_study

IMPORTS = Path(__file__).parents[1] / "fixtures" / "imports"


def test_a_post_tells_how_many_comments_there_were_and_the_comments_whose_thread_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("VANTAGE_KEY", "a key for tests only")
    files = [
        IMPORTS / f"mediacrawler-bilibili-{about}" / name
        for about, name in (("posts", "gen2.csv"), ("comments", "gen2.jsonl"))
    ]
    corpus = tmp_path / "corpus"
    import_files(files, corpus, ImportOptions("Bilibili 2026", constants={"vantage": "chinese_viewer"}))
    study = open_study(corpus=str(corpus), out=str(tmp_path / "out"))
    threads = collected_threads(study)
    # The post says 77 comments; the other file holds two of them.
    (row,) = threads.to_dict("records")
    assert row == {
        "collection": "Bilibili 2026",
        "platform": "bilibili",
        "thread_id": "av116618478750430",
        "vantage": "chinese_viewer",
        "platform_comment_count": 77,
        "collected": 2,
        "share": 0.025974026,
    }
    (sums,) = collected_sizes(threads).to_dict("records")
    assert (sums["threads"], sums["with_total"], sums["platform_comment_count"], sums["collected"], sums["share"]) == (
        1,
        1,
        77,
        2,
        0.025974026,
    )


def test_a_corpus_whose_files_tell_no_totals_has_the_figure_all_the_same(bilingual, tmp_path):
    study = open_study(corpus=str(bilingual), out=str(tmp_path))
    table = collected_threads(study)
    assert len(table) > 1
    assert table[["platform_comment_count", "share"]].isna().all(axis=None)
    assert table["collected"].sum() > 1
    sizes = collected_sizes(table)
    assert sizes["threads"].sum() == len(table)
    assert (sizes["with_total"] == 0).all()


def test_copies_are_counted_and_the_first_that_is_looked_at_stands_for_them(tmp_path):
    text = "Visit the beautiful city of Rason this summer"
    rows = [("constructed", text, "a"), *(("verbatim", f"{text} {n}", "ab"[n % 2]) for n in range(4))]
    rows += [("verbatim", "there is no copy of this one whoever looks", "a")]
    lines = [f"{evidence},{said},{thread}" for evidence, said, thread in rows]
    (tmp_path / "a.csv").write_text("\n".join(["evidence,text,thread_id", *lines]) + "\n", encoding="utf-8")
    options = ImportOptions("Made", constants={"vantage": "vlogger", "language": "en"})
    import_files([tmp_path / "a.csv"], tmp_path / "corpus", options)

    def opened(**options):
        return open_study(corpus=str(tmp_path / "corpus"), out=str(tmp_path / "out"), **options)

    (row,) = duplicate_sizes(opened()).to_dict("records")
    assert row == {"group": "vlogger", "language": "en", "utterances": 6, "copies": 5, "texts": 1}
    assert opened(duplicates="first").measures["row"].tolist() == [0, 5]
    assert opened(duplicates="first", evidence=["verbatim"]).measures["row"].tolist() == [1, 5]
    assert len(duplicate_sizes(opened(duplicates="first", evidence=["verbatim"]))) == 1
