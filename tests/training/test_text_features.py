"""Texts described by TF-IDF: fitted on the training split alone, and the same twice."""

import numpy as np
import pytest

from affecthub.training.text_features import (
    TextFeatures,
    TextSettings,
    char_tfidf,
    svd_features,
    texts_of,
    word_tfidf,
)

TRAIN = ["今天天气很好", "今天心情不好", "天气不好心情不好", "", "今天很好"]
OTHERS = ["今天不好", None, "xyz"]


class Rows(dict):
    @property
    def column_names(self):
        return list(self)

    def __len__(self):
        return len(self["text"])


def test_only_the_training_split_is_counted():
    features = TextFeatures().fit(TRAIN)
    rows = features(OTHERS)
    assert rows.shape == (3, features.width)
    # What is unknown, and an empty text, say nothing.
    assert np.allclose(rows.power(2).sum(axis=1).ravel(), [1, 0, 0])
    # `很` is in two training texts: with three asked for it counts for nothing.
    assert char_tfidf(["很"], TRAIN).nnz == 0
    assert char_tfidf(["很"], TRAIN, min_df=2).nnz == 1


def test_words_are_cut_and_paired():
    rows = word_tfidf(["天气 不好", "天气"], ["天气 不好"] * 3)
    assert rows.shape[1] == 3  # 天气, 不好, and the pair
    assert rows.getnnz(axis=1).tolist() == [3, 1]


@pytest.mark.parametrize("units", ["characters", "words"])
def test_dense_features_are_the_same_twice(units):
    dense = svd_features(OTHERS, TRAIN, width=2, units=units, min_df=2)
    assert dense.shape == (3, 2) and dense.dtype == np.float32
    assert (dense == svd_features(OTHERS, TRAIN, width=2, units=units, min_df=2)).all()
    assert not dense[1:].any() and dense[0].any()
    assert svd_features([], TRAIN, width=2, units=units, min_df=2).shape == (0, 2)


def test_svd_keeps_what_rows_have_in_common():
    sparse = char_tfidf(TRAIN, TRAIN).toarray()
    width = np.linalg.matrix_rank(sparse)
    dense = svd_features(TRAIN, TRAIN, width=int(width))
    assert np.allclose(dense @ dense.T, sparse @ sparse.T, atol=1e-5)


def test_tags_are_removed_kept_or_cut_out_with_their_words():
    rows = Rows(text=["我敲您", "好"], text_raw=["[over/我敲您]", "[over/]好[/over]"])
    assert texts_of(rows) == ["我敲您", "好"]
    assert texts_of(rows, "kept") == rows["text_raw"]
    assert texts_of(rows, "brackets") == ["", "好"]


def test_mistakes_are_told():
    with pytest.raises(ValueError, match="got 'word', expected one of characters, words"):
        TextSettings(units="word")
    with pytest.raises(ValueError, match="at least 1"):
        TextSettings(min_df=0)
    with pytest.raises(ValueError, match="got 5 texts in which no run of characters occurs 50"):
        char_tfidf(OTHERS, TRAIN, min_df=50)
    with pytest.raises(ValueError, match="got 256, expected at most 4"):
        svd_features(OTHERS, TRAIN)
    with pytest.raises(ValueError, match="no text in `text_raw` of 2 clips"):
        texts_of(Rows(text=["a", "b"], text_raw=[None, None]), "kept")
    with pytest.raises(ValueError, match="no text in `text_raw` of 1 clips"):
        texts_of(Rows(text=["a"]), "kept")
    with pytest.raises(ValueError, match="treatment of tags"):
        texts_of(Rows(text=["a"]), "stripped")
