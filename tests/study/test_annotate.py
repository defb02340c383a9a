"""A model over a corpus: each text once, restartable, other questions apart; a real (tiny) model where torch is."""

import json

import pandas as pd
import pytest

from analysis.cli import main
from analysis.corpus import ImportOptions, import_file
from analysis.errors import InputError, ParameterError
from analysis.study.annotate import Asked, Model, annotate, load_model

TEXTS = ["so free", "all staged", "so free", "很自由", "=1+1"]


def make_corpus(folder, texts, name="in"):
    rows = pd.DataFrame({"utterance_id": [f"{name}{i}" for i in range(len(texts))], "text": texts})
    rows.assign(thread_id="t", vantage="western_commenter", platform="tiktok").to_csv(
        folder / f"{name}.csv", index=False
    )
    import_file(folder / f"{name}.csv", folder / "corpus", ImportOptions("Test"))
    return str(folder / "corpus")


class Fake:
    """A model that is warm to what is free; it remembers what it was asked, and may break down."""

    def __init__(self, revision="r1", breaks_at=None):
        self.revision, self.breaks_at, self.seen = revision, breaks_at, []

    def load(self, _):
        """Return itself as a loaded model."""
        return Model(self.classify, self.revision)

    def classify(self, texts):
        """Return probabilities of two labels."""
        if self.breaks_at is not None and len(self.seen) >= self.breaks_at:
            raise KeyboardInterrupt
        self.seen += texts
        return [{"for": 0.9, "against": 0.1} if "free" in text else {"for": 0.25, "against": 0.75} for text in texts]


def test_each_text_is_classified_once_and_every_utterance_gets_its_class(tmp_path):
    corpus, fake = make_corpus(tmp_path, TEXTS), Fake()
    said = annotate(corpus, Asked("mine"), tmp_path / "out.csv", load=fake.load)
    assert sorted(fake.seen) == sorted(set(TEXTS))
    assert said[0].endswith("5 utterances, 4 texts classified now, by mine (revision r1)")
    table = pd.read_csv(tmp_path / "out.csv").set_index("utterance_id")
    assert table["class"].to_dict() == dict(
        zip(table.index, ["for", "against", "for", "against", "against"], strict=True)
    )
    assert table["class_probability"].tolist() == [0.9, 0.75, 0.9, 0.75, 0.75]
    assert table["class: for"].tolist() == [0.9, 0.25, 0.9, 0.25, 0.25]
    told = json.loads((tmp_path / "out.csv.model.json").read_text("utf-8"))
    assert told == {"model": "mine", "revision": "r1", "labels": []}


def test_a_run_that_was_stopped_goes_on_even_after_a_line_was_cut(tmp_path):
    corpus, fake = make_corpus(tmp_path, TEXTS), Fake(breaks_at=2)
    with pytest.raises(KeyboardInterrupt):
        annotate(corpus, Asked("mine", batch=1), tmp_path / "out.csv", load=fake.load)
    cache = tmp_path / "out.csv.cache.jsonl"
    assert not (tmp_path / "out.csv").exists()
    assert len(cache.read_text("utf-8").splitlines()) == 2
    cache.write_bytes(cache.read_bytes()[:-7])
    again = Fake()
    annotate(corpus, Asked("mine", batch=1), tmp_path / "out.csv", load=again.load)
    assert len(again.seen) == 3
    annotate(corpus, Asked("mine"), tmp_path / "whole.csv", load=Fake().load)
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_more_utterances_another_revision_and_other_labels(tmp_path):
    corpus, fake = make_corpus(tmp_path, TEXTS), Fake()
    annotate(corpus, Asked("mine"), tmp_path / "out.csv", load=fake.load)
    make_corpus(tmp_path, ["new here"], "more")
    with pytest.raises(InputError, match=r"exists and is not replaced \(accepted: another name, --force\)"):
        annotate(corpus, Asked("mine"), tmp_path / "out.csv", load=fake.load)
    counts = []
    for asked, revision in ((("mine",), "r1"), (("mine",), "r2"), (("mine", ("a", "b")), "r1"), (("mine",), "r1")):
        one = Fake(revision)
        annotate(corpus, Asked(*asked), tmp_path / "out.csv", force=True, load=one.load)
        counts.append(len(one.seen))
    assert counts == [1, 5, 5, 0]


def test_what_cannot_be_asked_is_one_line(tmp_path, capsys):
    corpus = make_corpus(tmp_path, TEXTS)
    with pytest.raises(ParameterError, match="two or more different"):
        annotate(corpus, Asked("mine", ("a", "a")), tmp_path / "out.csv", load=Fake().load)
    (tmp_path / "empty").mkdir()
    given = ["--quiet", "annotate", "--corpus", corpus, "--model", str(tmp_path / "empty"), "--to"]
    assert main([*given, str(tmp_path / "out.csv")]) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert "vantage-study[models]" in error or "cannot be loaded" in error


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"column": "utterance_id"}, "--column 'utterance_id'"),
        ({"column": ""}, "--column ''"),
        ({"column": "a,b"}, "--column 'a,b'"),
        ({"batch": 0}, "--batch 0: 1 or more"),
        ({"labels": ("a", " ")}, "two or more different"),
    ],
)
def test_what_cannot_be_a_column_a_batch_or_a_label_is_refused(tmp_path, asked, says):
    with pytest.raises(ParameterError, match=says):
        annotate("nowhere", Asked("mine", **asked), tmp_path / "out.csv", load=Fake().load)


def test_where_nothing_can_be_written_nothing_is_classified(tmp_path):
    corpus, fake = make_corpus(tmp_path, TEXTS), Fake()
    with pytest.raises(InputError, match="no such folder"):
        annotate(corpus, Asked("mine"), tmp_path / "missing" / "out.csv", load=fake.load)
    with pytest.raises(InputError, match="is a folder"):
        annotate(corpus, Asked("mine"), tmp_path, force=True, load=fake.load)
    assert fake.seen == []


@pytest.mark.parametrize("scores", [{}, {"for": float("nan")}, {"": 0.5}])
def test_a_model_that_gives_no_classes_is_one_line(tmp_path, scores):
    corpus = make_corpus(tmp_path, TEXTS)
    model = Model(lambda texts: [scores for _ in texts], "r")
    with pytest.raises(InputError, match="mine: gives no classes"):
        annotate(corpus, Asked("mine"), tmp_path / "out.csv", load=lambda _: model)
    with pytest.raises(InputError, match="mine: gives no classes"):
        annotate(corpus, Asked("mine"), tmp_path / "out.csv", load=lambda _: Model(lambda _: [{"a": 1.0}], "r"))


def test_the_cache_is_of_lines_whatever_the_labels_hold_and_a_damaged_one_is_named(tmp_path):
    corpus, asked = make_corpus(tmp_path, TEXTS), []
    label = "a\u2028b\x85c"

    def classify(texts):
        asked.extend(texts)
        return [{label: 1.0} for _ in texts]

    for _ in range(2):
        annotate(corpus, Asked("mine"), tmp_path / "out.csv", force=True, load=lambda _: Model(classify, "r"))
    assert len(asked) == 4
    cache = tmp_path / "out.csv.cache.jsonl"
    lines = cache.read_bytes().split(b"\n")
    for damaged in (b"{", b"\xff", b"[]", b'{"text": "x", "scores": {}}'):
        cache.write_bytes(b"\n".join([lines[0], damaged, *lines[2:]]))
        with pytest.raises(InputError, match=r"cache\.jsonl, line 2: is damaged"):
            annotate(corpus, Asked("mine"), tmp_path / "out.csv", force=True, load=lambda _: Model(classify, "r"))


def test_a_tiny_model_made_here_classifies_from_its_folder_alone(tmp_path):
    pytest.importorskip("torch", reason="the extra 'models' is not installed")
    transformers = pytest.importorskip("transformers", reason="the extra 'models' is not installed")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "so", "free", "all", "staged", "this", "text", "is", "很", "自", "由"]
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    transformers.BertTokenizer(str(tmp_path / "model" / "vocab.txt")).save_pretrained(tmp_path / "model")
    labels = {0: "entailment", 1: "neutral", 2: "contradiction"}
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
        id2label=labels, label2id={name: place for place, name in labels.items()},
    )  # fmt: skip
    transformers.set_seed(1)
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path / "model")
    corpus = make_corpus(tmp_path, TEXTS)
    model = load_model(Asked(str(tmp_path / "model")))
    assert len(model.revision) == 16
    (one,) = model.classify(["so free"])
    assert set(one) == set(labels.values())
    assert sum(one.values()) == pytest.approx(1, abs=1e-5)
    asked = Asked(str(tmp_path / "model"), ("staged", "free"), device="cpu")
    annotate(corpus, asked, tmp_path / "out.csv")
    table = pd.read_csv(tmp_path / "out.csv")
    assert set(table["class"]) <= {"staged", "free"}
    assert (table["class: staged"] + table["class: free"]).round(2).eq(1).all()
