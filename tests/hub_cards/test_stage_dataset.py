"""What a push of a corpus sends: refused by its terms, labels alone where they may go."""

import json
import re
from importlib import import_module
from pathlib import Path

import datasets
import pytest

import affecthub
from affecthub.datasets_scripts.card import PARTS, read_card
from affecthub.entries import entries, entry_of
from affecthub.hub_cards.cards import split_card
from affecthub.hub_cards.datasets import stage_dataset

# Corpora that everybody may pass on, and those whose labels may go alone.
FREE = ("crema_d", "demo", "ravdess")
LABELS = ("emotiontalk", "meld")
# Headings that an export's card says by other means, or not at all.
OF_THE_CODE = {
    *("columns", "configurations", "class weights", "annotators' styles", "licence"),
    *("telling what a column is", "layouts", "no modality is enough"),
}


@pytest.fixture
def opened(tmp_path):
    """A small folder of a corpus, opened."""

    def make(name: str, **options) -> affecthub.Corpus:
        tree = import_module(f"corpus_trees.{name}")
        roots = tree.roots(tmp_path / "roots") if hasattr(tree, "roots") else None
        return affecthub.Corpus(name, tree.make(tmp_path / name), roots=roots, **options)

    return make


def card_of(folder: Path) -> tuple[dict, str]:
    return split_card((folder / "README.md").read_text(encoding="utf-8"))


def test_which_corpora_may_be_passed_on():
    known = entries()
    assert {name for name, entry in known.items() if entry.may_redistribute} == set(FREE)
    assert {name for name, entry in known.items() if entry.labels_alone} == set(LABELS)
    for entry in known.values():
        # A true reason, and an agreement to accept has a place where it can be read.
        assert entry.may_redistribute or entry.not_passed_on
        assert not entry.accept or entry.licence_link or "huggingface.co" in entry.accept


@pytest.mark.parametrize("name", ["iemocap", "ch_sims", "mer2023", "emotiontalk", "mer_unibench"])
def test_refused_for_the_true_reason_before_anything_is_written(opened, tmp_path, name):
    corpus, out = opened(name), tmp_path / "out"
    with pytest.raises(ValueError) as caught:
        stage_dataset(corpus, out)
    assert corpus.entry.not_passed_on in str(caught.value)
    assert "i_have_the_right=True" in str(caught.value) and not out.exists()
    if name not in LABELS:
        with pytest.raises(ValueError, match="expected one that may be shared"):
            stage_dataset(corpus, out, embed_media=False)
    else:
        assert "pass embed_media=False" in str(caught.value)
    assert not out.exists()


@pytest.mark.parametrize("name", LABELS)
def test_labels_alone(opened, tmp_path, name):
    corpus = opened(name)
    staged = stage_dataset(corpus, tmp_path / "out", embed_media=False)
    assert (staged.repo_type, staged.gated) == ("dataset", False)
    entry = corpus.entry
    left = [column for column in entry.labels_without if column in corpus.features]
    rows = datasets.load_dataset(str(staged.folder), cache_dir=tmp_path / "c")
    first = rows[next(iter(rows))]
    assert left and not set(left) & set(first.column_names)
    # No media, and no path that anybody would try to open.
    assert first.features["video"] == datasets.Value("string")
    files = [path.suffix for path in staged.folder.rglob("*") if path.is_file()]
    assert set(files) == {".md", ".parquet"}
    head, body = card_of(staged.folder)
    assert "viewer" not in head and "extra_gated_prompt" not in head
    assert f"these annotations without media: {entry.labels_alone}" in body
    assert all(f"`{column}`" in body.partition("are left out:")[2] for column in left)
    assert any("Columns left out" in note for note in staged.notes)
    with pytest.raises(ValueError, match="expected 'parquet'"):
        stage_dataset(corpus, tmp_path / "o2", embed_media=False, to="webdataset")


def test_words_of_a_series_stay_behind(opened, tmp_path):
    corpus = opened("meld")
    said = [text for text in corpus.annotations()["text"].to_pylist() if text]
    staged = stage_dataset(corpus, tmp_path / "out", embed_media=False)
    rows = datasets.load_dataset(str(staged.folder), cache_dir=tmp_path / "c")
    cells = {str(cell) for side in rows.values() for row in side for cell in row.values()}
    assert said and not set(said) & cells
    body = card_of(staged.folder)[1]
    assert not any(text in body for text in said if len(text) > 12)


def test_who_has_the_right_asks_others_to_accept_the_terms(opened, tmp_path):
    corpus = opened("iemocap", protocol="official")
    staged = stage_dataset(corpus, tmp_path / "out", i_have_the_right=True)
    head, body = card_of(staged.folder)
    assert staged.gated == "manual" and head["viewer"] is False
    assert corpus.entry.accept in head["extra_gated_prompt"] and "Keep it private" in body
    assert head["license"] == "other" and head["license_link"] == corpus.entry.licence_link
    assert any("Others do not: the agreement" in note for note in staged.notes)


@pytest.mark.parametrize("name", FREE)
def test_what_everybody_may_pass_on(opened, tmp_path, name):
    corpus = opened(name)
    staged = stage_dataset(corpus, tmp_path / "out")
    head, body = card_of(staged.folder)
    assert staged.gated is False and "viewer" not in head
    assert head["configs"][0]["default"] and head["configs"][0]["config_name"] == "official"
    assert not any(config.get("default") for config in head["configs"][1:])
    counts = corpus.describe()
    for label, n in counts.labels.items():
        line = next(line for line in body.splitlines() if line.startswith(f"| {label} |"))
        assert sum(int(cell) for cell in line.split("|")[2:-1]) == n
    assert f"| clips | {corpus.annotations().num_rows} |" in body
    assert staged.message == f"{name} as parquet, by affecthub"


def test_the_card_counts_what_leaks(opened, tmp_path):
    mine = {"column": "id", "splits": {"train": [], "test": []}}
    corpus = opened("demo")
    rows = corpus.annotations()
    for i, clip in enumerate(rows["id"].to_pylist()):
        mine["splits"]["test" if i % 2 else "train"].append(clip)
    (tmp_path / "leaky.json").write_text(json.dumps(mine))
    leaky = affecthub.Corpus("demo", corpus.data_dir, protocol=tmp_path / "leaky.json")
    body = card_of(stage_dataset(leaky, tmp_path / "out").folder)[1]
    n = len(set(rows["speaker_id"].to_pylist()))
    assert f"`leaky`: train and test share groups: {n} (12 and 12 of their clips)" in body
    tidy = card_of(stage_dataset(corpus, tmp_path / "tidy").folder)[1]
    assert "`speaker_independent`: nothing shared in what could be compared." in tidy


def test_the_card_says_whose_test_clips_it_holds(opened, tmp_path):
    corpus = opened("mer2025")
    body = card_of(stage_dataset(corpus, tmp_path / "out", i_have_the_right=True).folder)[1]
    sides = corpus.sides()
    for column, value in (("in_mer2023", True), ("test_set", "ov_merd")):
        counts = [side[column].to_pylist().count(value) for side in sides.values()]
        name = f"`{column}`" if value is True else f"`{column}` {value}"
        assert f"| {name} | {' | '.join(map(str, counts))} |" in body and counts[0]
    assert "mer_caption (1,162 clips, all of MER2024's test sets)" in body


def test_a_licence_without_an_address_is_told_in_a_file(opened, tmp_path):
    staged = stage_dataset(opened("folder"), tmp_path / "out", i_have_the_right=True)
    assert card_of(staged.folder)[0]["license_link"] == "LICENSE.md"
    assert "only you can know" in (staged.folder / "LICENSE.md").read_text()


@pytest.mark.parametrize("name", affecthub.list_datasets())
def test_every_section_of_a_card_is_known_by_its_heading(name):
    """A section under a new heading would be missing on the Hub."""
    card = read_card(entry_of(name))
    text = card.path.read_text(encoding="utf-8")
    headings = [line[3:].lower() for line in text.splitlines() if line.startswith("## ")]

    unknown = [
        heading
        for heading in headings
        if not any(re.match(pattern, heading) for pattern in PARTS.values())
        and heading not in OF_THE_CODE
    ]
    assert unknown == [] and card.about
