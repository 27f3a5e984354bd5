"""Whether a wheel score may stand beside published ones is said in every result, and why not."""

import csv
import warnings

import pytest

import affecthub
from affecthub.metrics.answers.extraction import LexiconExtractor
from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.lexicon.released import released_versions
from affecthub.metrics.mer_unibench.scores import score_sets
from affecthub.metrics.set_f.scores import set_f
from affecthub.metrics.wheels.clips import WheelClips

CLIPS = [["happy"], ["sad"]], ["joy", "sad"]


def against(scores):
    """What a result names against itself: the words before the colons."""
    published = scores["published"]
    assert published["comparable"] == (not published["because"])
    return [reason.partition(":")[0] for reason in published["because"]]


def test_the_built_in_lexicon_is_never_silently_beside_published_scores():
    assert against(hit_rate(*CLIPS)) == ["lexicon"]
    assert against(hit_rate(*CLIPS, neutral=None)) == ["lexicon", "neutral"]
    assert against(set_f(*CLIPS)) == ["lexicon", "neutral"]
    assert against(set_f(*CLIPS, neutral="drop")) == ["lexicon"]


def test_released_tables_are_known_by_their_content(reference_data):
    for name, version in released_versions().items():
        tables = load_lexicon(reference_data / "emotion_wheel" / name)
        assert tables.version == version
        for scores in (hit_rate(*CLIPS, lexicon=tables), set_f(*CLIPS, lexicon=tables)):
            assert scores["published"] == {"comparable": True, "because": []}
        assert against(set_f(*CLIPS, lexicon=tables, ring="middle")) == ["ring"]
        assert against(hit_rate(*CLIPS, lexicon=tables, neutral="keep")) == ["neutral"]
        both = set_f(*CLIPS, lexicon=tables, mapping="composed", unknown="penalize")
        assert against(both) == ["mapping", "unknown"]
        clips = WheelClips(*CLIPS, tables)
        assert against(clips.set_f("middle")) == ["ring"] and not against(clips.hit_rate())


def test_dropping_neutral_changes_nothing_under_released_tables(reference_data):
    tables = load_lexicon(reference_data / "emotion_wheel" / "mer2025")
    with (reference_data / "ov_store" / "check-openset.csv").open(encoding="utf-8") as file:
        labels = [row["openset"] for row in csv.DictReader(file)]
    labels += ["neutral", "[neutral, happy]", "calm"]
    expected = ["neutral", "happy", "sad"] * 200
    pairs = list(zip(labels, expected, strict=False))
    predicted, reference = zip(*pairs, strict=True)
    default = hit_rate(predicted, reference, lexicon=tables)
    kept = hit_rate(predicted, reference, lexicon=tables, neutral=None)
    assert default["neutral"] == "drop"
    for key in ("hit_rate", "per_wheel", "n_scored", "coverage"):
        assert default[key] == kept[key]


def test_a_neutral_clip_has_no_part_in_the_hit_rate_unless_asked():
    clips = [["happy"], ["angry"]], ["joy", "neutral"]
    # By default one clip counts, a hit; with neutral kept the other one is a miss.
    assert hit_rate(*clips)["hit_rate"] == 1 and hit_rate(*clips, neutral=None)["hit_rate"] == 0.5


def test_the_table_of_nine_sets_says_it_too(toy):
    both = {"meld": CLIPS, "ov_merd": CLIPS}
    assert against(score_sets(both, partial=True)) == ["lexicon", "neutral", "sets"]
    assert against(score_sets({"meld": CLIPS}, partial=True)) == ["lexicon", "sets"]
    only_sentiment = {"ch_sims": (["positive"], [0.4])}
    assert against(score_sets(only_sentiment, partial=True)) == ["sets"]


def test_iemocap_codes_are_read():
    codes = ["hap", "fru", "exc", "ang", "sur", "fea", "dis", "sad"]
    words = ["happy", "frustrated", "excited", "angry", "surprised", "afraid", "disgusted", "sad"]
    scores = hit_rate([[word] for word in words], codes)
    assert scores["hit_rate"] == 1 and scores["coverage"]["references"] == 1
    assert set_f([[word] for word in words], [[code] for code in codes])["set_f"] == 1
    neutral = hit_rate([["neutral"], ["sad"]], ["neu", "neu"], neutral="keep")
    assert neutral["hit_rate"] == 0.5
    # No agreement is no emotion.
    assert hit_rate(["sad", "sad"], ["xxx", "sad"])["coverage"]["references"] == 0.5


@pytest.mark.parametrize("metric", ["set_f", "hit_rate"])
def test_sentences_in_place_of_labels_are_pointed_out(metric):
    answers = ["I think the person is happy and relieved.", "She seems to be quite angry here."]
    references = ["joyful", "furious"]
    compute = affecthub.load_metric(metric).compute
    with pytest.warns(UserWarning, match="knows 0 % of them, not 'i think.*LexiconExtractor"):
        scores = compute(predictions=answers, references=references)
    assert scores[metric] == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        labels = LexiconExtractor()(answers)
        assert compute(predictions=labels, references=references)[metric] > 0.5
        # A label in five that is not known is no sentence, and no label is none either.
        compute(predictions=["happy, xyzzy, sad", []], references=references)
        compute(predictions=[[], None], references=references)


def test_the_extractor_takes_one_text_or_several():
    extract = LexiconExtractor()
    assert (
        extract(["He is glad.", "她很难过"])
        == [["glad"], ["难过"]]
        == extract.batch(["He is glad.", "她很难过"])
    )
    assert extract("He is glad.") == ["glad"]
    for wrong in (3, None, ["He is glad.", 3], {"text": "He is glad."}):
        with pytest.raises(TypeError, match="is not text"):
            extract(wrong)


def test_a_flood_of_unknown_labels_is_not_forgiven():
    # One right of 65,536: a count of two bytes would be back at 0.
    flood = [["happy", *(f"x{i}" for i in range(65_535))]]
    with pytest.warns(UserWarning, match="hardly a predicted label is known"):
        scores = set_f(flood, [["happy"]], unknown="penalize")
    assert scores["set_precision"] == pytest.approx(1 / 65_536)
    with pytest.warns(UserWarning, match="hardly a predicted label is known"):
        assert hit_rate(flood, ["happy"], unknown="penalize")["per_wheel"][0][
            "mscore"
        ] == pytest.approx(1 / 65_536)
