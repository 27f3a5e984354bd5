"""What a corpus and its reports print: the counts, in few columns, and no markup in a notebook."""

import csv
from pathlib import Path

import pytest
from corpus_trees import demo
from corpus_trees.media import clip_wav, put

from affecthub import Corpus
from affecthub.screen import WIDTH

LABELS = ("<b>", "\"joy\" & 'pride'", ":fire:")
SPEAKERS = ("<script>", "[red]Ann[/red]", "S&P", "</td>")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Path:
    """A user's folder whose labels and speakers look like markup; every speaker on two sides."""
    root = tmp_path_factory.mktemp("a & b") / "<i>"
    head = ("filename", "transcript", "emotion", "speaker", "split")
    rows = [
        (f"c{i}.wav", "Text.", LABELS[i % 3], SPEAKERS[i % 4], ("train", "test")[i // 6])
        for i in range(12)
    ]
    for i, row in enumerate(rows):
        put(root / row[0], clip_wav(i))
    with (root / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])
    return root


@pytest.fixture(scope="module")
def reports(hostile, tmp_path_factory):
    """Everything that prints itself, of the hostile folder."""
    corpus = Corpus("folder", hostile)
    out = tmp_path_factory.mktemp("splits") / "mine.json"
    return {
        "corpus": corpus,
        "description": corpus.describe(),
        "verify": corpus.verify(),
        "leaks": corpus.leaks(),
        "split": corpus.split(out, fractions={"train": 0.5, "test": 0.5}, tolerance=0.2),
    }


# The words that each must show, besides its counts.
SHOWN = {
    "corpus": (*LABELS, "12", "train 6, test 6"),
    "description": (*LABELS, "12", "train 6, test 6"),
    "verify": (*LABELS, *SPEAKERS, "12 clips", "total"),
    "leaks": ("folder/train (6 clips), folder/test (6 clips)", "speakers", "6 of 6", SPEAKERS[0]),
    "split": (*LABELS, "50.0 %", "33.33", "Largest label drift"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_text_has_the_counts_and_fits(reports, name):
    text = repr(reports[name])
    assert max(map(len, text.splitlines())) <= WIDTH == 110
    assert "\x1b" not in text and " object at 0x" not in text
    assert [word for word in SHOWN[name] if word not in text] == []


@pytest.mark.parametrize("name", SHOWN)
def test_html_is_well_formed_and_escaped(reports, read_page, name):
    texts = read_page(reports[name]._repr_html_())
    assert set(texts) <= {*("p", "b", "table", "caption", "thead", "tbody", "tr", "th", "td")}
    shown = "\n".join(text for found in texts.values() for text in found)
    assert [word for word in SHOWN[name] if word not in shown] == []


def test_every_label_stands_with_its_count(reports):
    lines = [line.replace("│", "┃").split("┃") for line in repr(reports["verify"]).splitlines()]
    cells = [[cell.strip() for cell in line[1:-1]] for line in lines]
    head = next(row for row in cells if row[:1] == ["split"])
    assert sorted(head[1:-1]) == sorted(LABELS) and head[-1] == "all"
    assert ["total", "4", "4", "4", "12"] in cells and ["train", "2", "2", "2", "6"] in cells


def test_a_corpus_prints_what_describe_says(tmp_path):
    corpus = Corpus("demo", demo.make(tmp_path / "demo"))
    said = corpus.describe()
    assert repr(corpus) == repr(said) and corpus._repr_html_() == said._repr_html_()
    assert said.splits["official"] == {"train": 16, "validation": 2, "test": 6}
    assert sum(said.labels.values()) == 24 and said.problems == []
    for shown in ("24", "train 16, validation 2, test 6", "anger", "Apache-2.0", corpus.data_dir):
        assert shown in repr(corpus)
    assert said.facts["length"].endswith(" minutes") and said.facts["length"] != "0.0 minutes"


def test_problems_are_shown(tmp_path):
    root = demo.make(tmp_path / "demo")
    (root / "elsewhere.wav").symlink_to(tmp_path / "elsewhere.wav")
    corpus = Corpus("demo", root)
    (problem,) = corpus.problems
    assert problem.startswith("elsewhere.wav")
    assert problem in " ".join(repr(corpus).split())
    assert problem in " ".join(repr(corpus.verify()).split())


@pytest.mark.parametrize("damage", ["broken", "gone"])
def test_a_corpus_that_cannot_be_read_says_why(tmp_path, read_page, damage):
    root = demo.make(tmp_path / "demo")
    corpus = Corpus("demo", root)
    if damage == "broken":
        (root / "annotations.jsonl").write_text('{"id": "<b>"\n')
        why = "annotations.jsonl"
    else:
        (root / "annotations.jsonl").unlink()
        why = "No such file"
    text = repr(corpus)
    assert "cannot be read" in text and why in text and str(root)[-20:] in text
    assert max(map(len, text.splitlines())) <= WIDTH
    texts = read_page(corpus._repr_html_())
    assert texts["th"] == ["cannot be read"] and why in texts["td"][0]
    with pytest.raises((ValueError, OSError), match=why):
        corpus.describe()


def test_clips_without_a_label_are_counted(tmp_path):
    for i in range(3):
        put(tmp_path / f"c{i}.wav", clip_wav(i))
    rows = "filename,emotion\nc0.wav,happy\nc1.wav,\nc2.wav,sad\n"
    put(tmp_path / "labels.csv", rows.encode())
    corpus = Corpus("folder", tmp_path)
    assert corpus.describe().labels == {"happy": 1, "sad": 1, "(none)": 1}
    assert "(none)" in repr(corpus)


# The released files.


def test_meld_as_released(reference_data, read_page):
    corpus = Corpus("meld", reference_data / "meld")
    said = corpus.describe()
    assert said.splits == {
        "official": {"train": 9989, "validation": 1109, "test": 2610},
        "speaker_independent": {"train": 9275, "validation": 2187, "test": 2177},
    }
    assert said.labels["neutral"] == 4710 + 470 + 1256 and sum(said.labels.values()) == 13708
    text = repr(corpus)
    assert "13,708 of 13,708" in text and "train 9,989, validation 1,109, test 2,610" in text
    assert "304" in text and max(map(len, text.splitlines())) <= WIDTH
    assert "13,708 of 13,708" in read_page(corpus._repr_html_())["td"]


def test_leaks_of_meld_as_released(reference_data):
    corpus = Corpus("meld", reference_data / "meld")
    kinds = {leak.kind for leak in corpus.leaks().found}
    assert {"groups", "speakers"} <= kinds and "clips" not in kinds
    report = Corpus("meld", reference_data / "meld", protocol="speaker_independent").leaks()
    assert "groups" not in {leak.kind for leak in report.found}
    assert max(map(len, repr(report).splitlines())) <= WIDTH
