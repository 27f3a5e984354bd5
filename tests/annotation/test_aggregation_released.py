"""EmoS' released labels, confidences and reasons, replayed from its annotators' votes."""

import re
from collections import Counter

import numpy as np
import pyarrow.compute as pc
import pytest

from affecthub.annotation.aggregation import dawid_skene, quality_tiers, soft_labels
from affecthub.annotation.agreement import (
    exact_match,
    fleiss_kappa,
    krippendorff_alpha,
    pairwise_jaccard,
    union_sizes,
)
from affecthub.annotation.votes import count_distinct, encode_sets, encode_votes
from affecthub.datasets_scripts.emos.correction import correct_by_mass, correct_by_votes, set_votes
from affecthub.datasets_scripts.emos.styles import annotator_styles, label_cardinality
from affecthub.datasets_scripts.reading.layout import Tree
from affecthub.datasets_scripts.reading.tables import read_xlsx
from affecthub.labels import BASIC7, GOEMOTIONS_WITH_UNSURE

PROBABILITIES = [f"goemotion_prob_{label}" for label in GOEMOTIONS_WITH_UNSURE]

# Batch -> its table of Basic-7 labels, the columns of votes, that of confidences, its table of soft
# labels, its annotators' own workbooks (pattern), and its rows in them.
BATCHES = {
    "zh_first": (
        "ch-simsv2s/First-2500/analysis_outputs/basic7/annotated_with_ds.xlsx",
        slice(3, 6),
        "ds_confidence",
        "Chinese/goemotion/front2500_training_data.xlsx",
        r"First-2500/a\d\.xlsx",
        slice(0, 2499),
    ),
    "zh_last": (
        "ch-simsv2s/Last-2500/analysis_outputs_after2500/basic7/annotated_with_ds.xlsx",
        slice(3, 6),
        "ds_confidence",
        "Chinese/goemotion/after2500_training_data.xlsx",
        r"Last-2500/(?!combined)[^/]+\.xlsx",
        slice(2499, 4403),
    ),
    "en_first": (
        "Annotations-3000/analysis_outputs/goemotion/goemotion_soft_labels_first3000.xlsx",
        slice(0, 0),
        "basic_corrected_conf",
        "Annotations-3000/analysis_outputs/goemotion/goemotion_soft_labels_first3000.xlsx",
        r"Annotations-3000/annotator_[^/]+\.xlsx",
        slice(0, 3000),
    ),
    "en_last": (
        "Annotations-last-2000/analysis_outputs/basic7/annotated_with_ds_last2000.xlsx",
        slice(12, 19, 3),
        "basic_corrected_conf",
        "Annotations-last-2000/analysis_outputs/basic7/annotated_with_ds_last2000.xlsx",
        r"Annotations-last-2000/a1\d\.xlsx",
        slice(3000, 5000),
    ),
}
WITH_VOTES = ("zh_first", "zh_last", "en_last")


class Release:
    """The release's workbooks, each read once."""

    def __init__(self, root):
        self.tree, self.tables = Tree.scan(root), {}

    def table(self, batch):
        path, _, confidence, *_ = BATCHES[batch]
        return self.read(path, confidence)

    def read(self, path, *numbers):
        if (path, numbers) not in self.tables:
            (file,) = self.tree.find(re.escape(path) + "$")
            self.tables[path, numbers] = read_xlsx(self.tree, file, numbers, numbers)
        return self.tables[path, numbers]

    def votes(self, batch):
        """Basic-7 votes of the three annotators."""
        table = self.table(batch)
        columns = table.column_names[BATCHES[batch][1]]
        assert len(columns) == 3
        return np.stack([basic7(table, name) for name in columns], axis=1)

    def confidence(self, batch):
        return self.table(batch)[BATCHES[batch][2]].to_numpy()

    def soft_labels(self, batch):
        table = self.read(BATCHES[batch][3], *PROBABILITIES)
        return np.stack([table[name].to_numpy() for name in PROBABILITIES], axis=1)

    def sets(self, batch):
        """GoEmotions labels that the annotators chose; misspelt ones do not count."""
        *_, pattern, rows = BATCHES[batch]
        files = sorted(file.path for file in self.tree.find(pattern))
        assert len(files) == 3
        columns = []
        for path in files:
            table = self.read(path)
            (name,) = [name for name in table.column_names if name.startswith("go")]
            columns.append(table[name].to_pylist()[rows])
        cells = [
            [[label.strip().lower() for label in (cell or "").split(";")] for cell in row]
            for row in zip(*columns, strict=True)
        ]
        return encode_sets(cells, GOEMOTIONS_WITH_UNSURE, unknown="ignore")


def basic7(table, column):
    return encode_votes([[name] for name in pc.utf8_lower(table[column]).to_pylist()], BASIC7)[:, 0]


@pytest.fixture(scope="module")
def emos(reference_data):
    return Release(reference_data / "emos")


@pytest.mark.parametrize(
    ("batch", "n_clips", "n_iterations"),
    [("zh_first", 2499, 50), ("zh_last", 1904, 50), ("en_last", 2000, 48)],
)
def test_dawid_skene_repeats_every_label_and_confidence(emos, batch, n_clips, n_iterations):
    found = dawid_skene(emos.votes(batch), len(BASIC7))
    released = "basic_corrected" if batch == "en_last" else "ds_label"
    assert len(found.label) == n_clips and found.n_iterations == n_iterations
    assert (found.label == basic7(emos.table(batch), released)).all()
    assert np.abs(found.confidence - emos.confidence(batch)).max() < 1e-12


def test_the_fiftieth_iteration_is_not_the_last(emos):
    # Twenty iterations, or all until it converges, give other confidences.
    votes, released = emos.votes("zh_last"), emos.confidence("zh_last")
    for n in (20, 1000):
        found = dawid_skene(votes, len(BASIC7), max_iterations=n)
        assert np.abs(found.confidence - released).max() > 1e-3


def test_tiers_and_distinct_labels_of_table_1(emos):
    tiers, distinct = Counter(), Counter()
    for batch in ("zh_first", "zh_last"):
        votes = emos.votes(batch)
        model = dawid_skene(votes, len(BASIC7))
        tiers.update(quality_tiers(model.confidence).tolist())
        n_distinct = count_distinct(votes, len(BASIC7))
        distinct.update(n_distinct.tolist())
        # One label from all three already is the high tier.
        assert model.confidence[n_distinct == 1].min() > 0.99
    assert tiers == {"high": 3372, "medium": 618, "low": 413}
    assert distinct == {1: 2001, 2: 2036, 3: 366}


@pytest.mark.parametrize(
    ("batch", "kappa"), [("zh_first", 0.489), ("zh_last", 0.518), ("en_last", 0.561)]
)
def test_fleiss_kappa(emos, batch, kappa):
    votes = emos.votes(batch)
    found = fleiss_kappa(votes, len(BASIC7))
    assert round(found, 3) == kappa
    # Without missing votes alpha is kappa corrected for the sample: n = 3 votes per clip.
    n = votes.size
    alpha = krippendorff_alpha(votes, "nominal")
    assert alpha == pytest.approx(1 - (1 - found) * (n - 1) / n)


@pytest.mark.parametrize(
    ("batch", "n_clips", "wrong"),
    [
        ("zh_first", 2499, []),
        # The release joined by damaged ids: aqgy4_0009/00001_0 has the shares of 00010.
        ("zh_last", 1904, [357]),
        # One misspelt label was repaired in this row only.
        ("en_first", 3000, [2879]),
        ("en_last", 2000, []),
    ],
)
def test_soft_labels(emos, batch, n_clips, wrong):
    found, released = soft_labels(emos.sets(batch)), emos.soft_labels(batch)
    assert found.shape == released.shape == (n_clips, 29)
    assert np.flatnonzero(np.abs(found - released).max(axis=1) > 1e-12).tolist() == wrong


def test_first_correction_of_meld(emos):
    table = emos.table("en_first")
    found = correct_by_mass(emos.soft_labels("en_first"), basic7(table, "basic_orig"))
    assert (found.label == basic7(table, "basic_corrected")).all()
    assert found.reason.tolist() == table["basic_correction_reason"].to_pylist()
    assert (found.best == basic7(table, "basic_goemotion_best")).all()
    assert (found.second == basic7(table, "basic_goemotion_second")).all()
    assert np.abs(found.confidence - emos.confidence("en_first")).max() < 1e-12
    assert found.changed.sum() == 725
    assert Counter(found.reason.tolist()) == {
        "high_goemotion": 2797,
        "agree_orig": 77,
        "prefer_orig_second": 57,
        "override_low_conf": 50,
        "prefer_orig_close": 19,
    }


def test_second_correction_of_meld(emos):
    table = emos.table("en_last")
    original = basic7(table, "basic_orig")
    votes = set_votes(emos.sets("en_last"), original)
    assert (votes == emos.votes("en_last")).all()
    found = correct_by_votes(votes, original)
    assert (found.label == basic7(table, "basic_corrected")).all()
    assert found.reason.tolist() == table["basic_correction_reason"].to_pylist()
    assert (found.best == basic7(table, "basic_goemotion_best")).all()
    assert (found.second == basic7(table, "basic_goemotion_second")).all()
    assert np.abs(found.confidence - emos.confidence("en_last")).max() < 1e-12
    assert found.changed.sum() == 381
    assert Counter(found.reason.tolist()) == {"ds_high_conf": 1964, "ds_low_conf": 36}


@pytest.mark.parametrize(
    ("batch", "cardinality", "union", "n_exact", "overlaps"),
    [
        ("zh_first", [1.838, 1.422, 1.414], 3.05, 191, [0.340, 0.363, 0.380]),
        ("zh_last", [2.226, 1.322, 1.674], 3.75, 15, [0.236, 0.220, 0.285]),
        # Two, none and six blank cells: over all rows the first is 1.252, the last 1.605.
        ("en_first", [1.253, 1.262, 1.608], 2.69, 499, [0.445, 0.389, 0.386]),
        ("en_last", [1.450, 1.199, 1.200], 2.50, 365, [0.400, 0.381, 0.461]),
    ],
)
def test_set_agreement(emos, batch, cardinality, union, n_exact, overlaps):
    chosen = emos.sets(batch)
    assert label_cardinality(chosen).round(3).tolist() == cardinality
    assert round(union_sizes(chosen).mean(), 2) == union
    assert exact_match(chosen).sum() == n_exact
    overlap = pairwise_jaccard(chosen)[[0, 0, 1], [1, 2, 2]]
    assert overlap.round(3).tolist() == overlaps


def test_styles_are_those_the_paper_tells(emos):
    # Table 4: A1 and A4 give many labels, A2 is neutral, A3 social and cognitive; A5 nearly one.
    first, last = (
        [style.types for style in annotator_styles(emos.sets(batch), GOEMOTIONS_WITH_UNSURE)]
        for batch in ("zh_first", "zh_last")
    )
    assert "expansive" in first[0] and "expansive" in last[0]
    assert "neutral_fallback" in first[1]
    assert "socio_cognitive" in first[2]
    assert "parsimonious" in last[1]
