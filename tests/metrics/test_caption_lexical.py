"""BLEU, ROUGE-L and CIDEr-D: by hand, against recorded scores, against other implementations."""

import json
import math
import warnings

import numpy as np
import pytest
import sacrebleu
from hangs import ends
from hypothesis import given
from hypothesis import strategies as st
from nltk.translate.bleu_score import corpus_bleu
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from rouge_score.rouge_scorer import RougeScorer

from affecthub.metrics.captions.lexical import bleu, cider_d, common_subsequence_length, rouge_l
from affecthub.metrics.captions.ngrams import TokenizedCaptions
from affecthub.metrics.captions.tokenizers import tokenizer_of

pytestmark = pytest.mark.filterwarnings("ignore:CIDEr-D says little")

# Recorded scores by name, and the language and tokenizer they were made with.
RECORDED = {
    "en/ptb": ("en", "ptb"),
    "en/own_tok_en": ("en", "ptb"),
    "zh/char": ("zh", "char"),
    "zh/jieba": ("zh", "jieba"),
    "zh/ptb_raw": ("zh", "ptb"),
}


def captions(candidates, references):
    """Tokens from words between spaces; references as one text or several per clip."""
    return TokenizedCaptions(
        [text.split() for text in candidates],
        [
            [text.split() for text in ([several] if isinstance(several, str) else several)]
            for several in references
        ],
    )


@pytest.fixture(scope="module", params=RECORDED)
def recorded(request, reference_data):
    folder = reference_data / "caption_reference"
    items = json.loads((folder / "synthetic_captions.json").read_text())["items"]
    scores = json.loads((folder / "reference_scores.json").read_text())[request.param]
    language, tokenizer = RECORDED[request.param]
    cut = tokenizer_of(tokenizer)
    candidates = [cut(item[language]["cand"]) for item in items]
    references = [[cut(text) for text in item[language]["refs"]] for item in items]
    return candidates, references, scores


def test_recorded_scores_to_the_last_digit(recorded):
    candidates, references, scores = recorded
    assert candidates[:3] == scores["tokens_first3"] and len(candidates) == scores["n"]
    tokens, corpus = TokenizedCaptions(candidates, references), scores["corpus"]
    found = bleu(tokens)
    assert found[0].corpus == pytest.approx(corpus["bleu1 own"], abs=1e-15)
    assert found[3].corpus == pytest.approx(corpus["bleu4 own"], abs=1e-15)
    # COCO's own adds 1e-15 to matches and 1e-9 to totals.
    assert found[0].corpus == pytest.approx(corpus["bleu1 coco"], abs=1e-11)
    assert found[3].corpus == pytest.approx(corpus["bleu4 coco"], abs=1e-11)
    mean = corpus["bleu4 mean-of-sentence (own, no smoothing)"]
    assert found[3].per_clip.mean() == pytest.approx(mean, abs=1e-14)
    assert rouge_l(tokens).corpus == pytest.approx(corpus["rougeL coco b1.2"], abs=1e-15)
    assert rouge_l(tokens, beta=1).corpus == pytest.approx(corpus["rougeL own b1 (F1)"], abs=1e-15)
    assert cider_d(tokens).corpus == pytest.approx(corpus["ciderD coco"], abs=1e-13)
    # Recorded to eight digits.
    first = scores["per_sentence_first30"]
    np.testing.assert_allclose(rouge_l(tokens).per_clip[:30], first["rougeL_coco"], atol=6e-9)
    np.testing.assert_allclose(cider_d(tokens).per_clip[:30], first["ciderD_coco"], atol=6e-9)


def test_the_original_implementations_give_the_same_for_every_clip(recorded, capsys):
    candidates, references, _ = recorded
    tokens = TokenizedCaptions(candidates, references)
    ours = {clip: [" ".join(caption)] for clip, caption in enumerate(candidates)}
    theirs = {clip: list(map(" ".join, several)) for clip, several in enumerate(references)}
    _, per_clip = Rouge().compute_score(theirs, ours)
    np.testing.assert_allclose(rouge_l(tokens).per_clip, per_clip, atol=1e-12)
    _, per_clip = Cider().compute_score(theirs, ours)
    np.testing.assert_allclose(cider_d(tokens).per_clip, per_clip, atol=1e-12)
    corpus, per_clip = Bleu().compute_score(theirs, ours, verbose=0)
    np.testing.assert_allclose([score.corpus for score in bleu(tokens)], corpus, atol=1e-9)
    # Where something agrees, its additions change a clip by less than 1e-7.
    agree = bleu(tokens)[3].per_clip > 0
    assert agree.sum() > 50
    found = bleu(tokens)[3].per_clip[agree]
    np.testing.assert_allclose(found, np.array(per_clip[3])[agree], atol=1e-7)


def test_other_oracles_of_bleu_and_rouge(recorded):
    candidates, references, _ = recorded
    tokens = TokenizedCaptions(candidates, references)
    hypotheses = [" ".join(caption) for caption in candidates]
    # sacrebleu wants reference streams of one length; a missing one is None.
    streams = [
        [" ".join(several[place]) if place < len(several) else None for several in references]
        for place in range(3)
    ]
    for order in (1, 2, 3, 4):
        metric = sacrebleu.BLEU(tokenize="none", smooth_method="none", max_ngram_order=order)
        expected = metric.corpus_score(hypotheses, streams).score / 100
        assert bleu(tokens)[order - 1].corpus == pytest.approx(expected, abs=1e-12)
        # nltk counts at least one n-gram even in a caption shorter than that.
        if min(map(len, candidates)) >= 4:
            expected = corpus_bleu(references, candidates, weights=[1 / order] * order)
            assert bleu(tokens)[order - 1].corpus == pytest.approx(expected, abs=1e-12)

    class Spaces:
        def tokenize(self, text):
            return text.split()

    scorer = RougeScorer(["rougeL"], tokenizer=Spaces())
    expected = [
        max(scorer.score(" ".join(text), hypothesis)["rougeL"].fmeasure for text in several)
        for several, hypothesis in zip(references, hypotheses, strict=True)
    ]
    single = [clip for clip, several in enumerate(references) if len(several) == 1]
    found = rouge_l(tokens, beta=1).per_clip
    np.testing.assert_allclose(found[single], np.array(expected)[single], atol=1e-12)
    # With several references ours takes the best precision and recall of any: never less.
    assert (found >= np.array(expected) - 1e-12).all() and len(single) == 150


def test_bleu_by_hand():
    # "a b c x d e" against "a b c y d e": 5 of 6 words, 3 of 5 pairs (ab, bc, de), 1 of 4 triples,
    # none of 3 quadruples; equal length, no penalty.
    scores = bleu(captions(["a b c x d e"], ["a b c y d e"]))
    expected = [5 / 6, (5 / 6 * 3 / 5) ** (1 / 2), (5 / 6 * 3 / 5 * 1 / 4) ** (1 / 3), 0]
    assert [score.corpus for score in scores] == pytest.approx(expected, abs=1e-15)
    assert expected[:3] == pytest.approx([0.8333333, 0.7071068, 0.5], abs=1e-7)
    # Three tokens have no 4-gram, so even the perfect caption has BLEU-4 0.
    scores = bleu(captions(["a b c"], ["a b c"]))
    assert [score.corpus for score in scores] == pytest.approx([1, 1, 1, 0], abs=1e-15)
    assert [score.corpus for score in bleu(captions([""], ["a b"]))] == [0, 0, 0, 0]


def test_bleu_clips_counts_at_the_best_reference_and_takes_the_closest_length():
    # "the" four times; the references have it twice and once: 2 of 4.
    one = captions(["the the the the"], [["the cat the", "the dog on a mat"]])
    assert bleu(one)[0].corpus == 0.5
    # Length 4; references of 3 and 5 are as close, the shorter counts: no penalty.
    tied = captions(["a b c d"], [["a b c", "a b c d e"]])
    assert bleu(tied)[0].corpus == 1
    # Against 5 alone: exp(1 - 5/4).
    assert bleu(captions(["a b c d"], ["a b c d e"]))[0].corpus == pytest.approx(math.exp(-0.25))
    # Over two clips counts add up: (1 + 3) of (4 + 3) words, lengths 7 and 7.
    both = bleu(captions(["a x x x", "d e f"], ["a b c d", "d e f"]))[0]
    assert both.corpus == pytest.approx(4 / 7) and both.per_clip.tolist() == [0.25, 1.0]


def test_rouge_l_by_hand():
    # "a low calm voice" and "a low voice": 3 common, precision 3/4, recall 1.
    # beta 1: 2 * 0.75 / 1.75 = 0.8571; beta 1.2: 2.44 * 0.75 / (1 + 1.44 * 0.75) = 0.8798.
    one = captions(["a low calm voice"], ["a low voice"])
    assert rouge_l(one, beta=1).corpus == pytest.approx(1.5 / 1.75)
    assert rouge_l(one).corpus == pytest.approx(1.83 / 2.08)
    # Precision of one reference (a b c: 3/4), recall of the other (d: 1/1).
    two = captions(["a b c d"], [["a b c x y z", "d"]])
    assert rouge_l(two, beta=1).corpus == pytest.approx(2 * 0.75 * 1 / 1.75)
    assert rouge_l(captions([""], ["a"])).corpus == 0
    assert rouge_l(captions(["x"], ["a"])).corpus == 0
    with pytest.raises(ValueError, match="`beta` is not positive: got 0"):
        rouge_l(one, beta=0)


def test_cider_d_at_its_edges():
    four = ["a b c d", "e f g h", "i j k l"]
    assert cider_d(captions(four, four)).per_clip.tolist() == pytest.approx([10, 10, 10])
    # Three tokens have no 4-grams: three of four orders agree.
    short = ["a b c", *four[1:]]
    assert cider_d(captions(short, short)).per_clip.tolist() == pytest.approx([7.5, 10, 10])
    assert cider_d(captions(["", *four[1:]], four)).per_clip[0] == 0
    # What every clip's references say has no weight.
    assert cider_d(captions(["a b c d"] * 2, ["a b c d"] * 2)).per_clip.tolist() == [0, 0]
    with pytest.raises(ValueError, match="at least two clips: got 1"):
        cider_d(captions(["a b c d"], ["a b c d"]))


def test_cider_d_by_hand():
    # Two clips. Unigrams of the first: candidate a, a, b against reference a, b, c; all of them
    # stand in its references alone, so every weight is w = log 2. Clipped: a 1, b 1, so the dot
    # product is 2 w2 and the cosine 2 / (sqrt(5) sqrt(3)). Pairs: candidate (a a), (a b), reference
    # (a b), (b c): 1 / (sqrt 2 sqrt 2). No common triple, no quadruple. Equal length: no Gaussian.
    first = 10 * (2 / math.sqrt(15) + 1 / 2 + 0 + 0) / 4
    scores = cider_d(captions(["a a b", "d e"], ["a b c", "d e f"]))
    assert scores.per_clip[0] == pytest.approx(first)
    # The second is one pair shorter: unigrams 2 / sqrt(6), pairs 1 / sqrt(2), times exp(-1/72).
    second = 10 * (2 / math.sqrt(6) + 1 / math.sqrt(2)) / 4 * math.exp(-1 / 72)
    assert scores.per_clip[1] == pytest.approx(second)
    assert scores.corpus == pytest.approx((first + second) / 2)


def test_cider_d_warns_where_rarity_says_little():
    distinct = [f"a{n} b{n} c d" for n in range(60)]
    with pytest.warns(UserWarning, match="there are only 2 clips"):
        cider_d(captions(distinct[:2], distinct[:2]))
    with pytest.warns(UserWarning, match="60 clips share 3 distinct references"):
        cider_d(captions(distinct, distinct[:3] * 20))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cider_d(captions(distinct, distinct))


def test_no_clips_are_nan():
    none = TokenizedCaptions([], [])
    assert all(math.isnan(score.corpus) for score in (*bleu(none), rouge_l(none)))


def test_wrong_tokens_are_named():
    with pytest.raises(ValueError, match="got 1 candidates for 2 references"):
        captions(["a"], ["a", "b"])
    with pytest.raises(ValueError, match=r"`references\[1\]` is empty"):
        captions(["a", "b"], ["a", ["b", ""]])


TOKENS = st.lists(st.sampled_from("abcdef"), max_size=9)
FILLED = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=9)
CLIPS = st.lists(
    st.tuples(TOKENS, st.lists(FILLED, min_size=1, max_size=3)), min_size=2, max_size=6
)


@given(st.lists(st.integers(0, 4)), st.lists(st.integers(0, 4)))
def test_common_subsequence_length_is_that_of_the_table(first, second):
    table = np.zeros((len(first) + 1, len(second) + 1), dtype=int)
    for i, a in enumerate(first, start=1):
        for j, b in enumerate(second, start=1):
            table[i, j] = (
                table[i - 1, j - 1] + 1 if a == b else max(table[i - 1, j], table[i, j - 1])
            )
    assert common_subsequence_length(first, second) == table[-1, -1]


@given(CLIPS)
def test_scores_stay_in_range_and_do_not_depend_on_order(clips):
    def score(pairs):
        tokens = TokenizedCaptions(*map(list, zip(*pairs, strict=True)))
        return [*bleu(tokens), rouge_l(tokens), cider_d(tokens)]

    forward = score(clips)
    backward = score([(candidate, several[::-1]) for candidate, several in clips[::-1]])
    for one, other, greatest in zip(forward, backward, [1, 1, 1, 1, 1, 10], strict=True):
        assert one.corpus == pytest.approx(other.corpus, abs=1e-12)
        np.testing.assert_allclose(one.per_clip, other.per_clip[::-1], atol=1e-12)
        assert (one.per_clip >= 0).all() and (one.per_clip <= greatest + 1e-9).all()


@given(CLIPS)
def test_clips_are_scored_as_the_original_implementations_score_them(clips):
    candidates, references = map(list, zip(*clips, strict=True))
    tokens = TokenizedCaptions(candidates, references)
    ours = {clip: [" ".join(caption)] for clip, caption in enumerate(candidates)}
    theirs = {clip: list(map(" ".join, several)) for clip, several in enumerate(references)}
    _, per_clip = Rouge().compute_score(theirs, ours)
    np.testing.assert_allclose(rouge_l(tokens).per_clip, per_clip, atol=1e-12)
    _, per_clip = Cider().compute_score(theirs, ours)
    np.testing.assert_allclose(cider_d(tokens).per_clip, per_clip, atol=1e-9)


@given(st.lists(FILLED, min_size=1, max_size=5))
def test_the_reference_itself_is_a_perfect_prediction(texts):
    tokens = TokenizedCaptions(texts, [[text] for text in texts])
    assert rouge_l(tokens).per_clip.tolist() == pytest.approx([1.0] * len(texts))
    assert bleu(tokens)[0].corpus == pytest.approx(1.0)


@pytest.mark.slow
def test_twenty_thousand_captions():
    rng = np.random.default_rng(0)
    words = [f"word{number}" for number in range(2000)]
    texts = [[words[n] for n in rng.integers(0, 2000, 20)] for _ in range(20_000)]
    with ends("scoring 20,000 captions", within_s=300):
        tokens = TokenizedCaptions(texts, [[text] for text in texts[1:] + texts[:1]])
        scores = [*bleu(tokens), rouge_l(tokens), cider_d(tokens)]
    assert all(0 <= score.corpus < 1 for score in scores)
