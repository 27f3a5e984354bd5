"""What answers count for: sums of clips make the numbers that the metrics give for all of them."""

import json

import numpy as np
import pytest

from affecthub.labels import BASIC7, GOEMOTIONS
from affecthub.metrics.confidence.scores import confidence
from affecthub.metrics.emotion_classification.scores import emotion_classification
from affecthub.metrics.goemotions.scores import goemotions
from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.sentiment.scores import sentiment
from affecthub.metrics.set_f.scores import set_f
from affecthub.metrics.set_overlap.scores import set_overlap
from affecthub.metrics.speaking_style_caption.scores import speaking_style_caption
from affecthub.metrics.turning_points.scores import turning_points
from affecthub.training.asking.scoring.journals import read_journal
from affecthub.training.asking.scoring.scored import Scoring, score_journal
from affecthub.training.bench.benchmark import Scoring as Tools

QUICK = Tools(n_resamples=20)


def score(clips, path, **how):
    scoring = Scoring(tools=QUICK, **how)
    return score_journal(read_journal(path), {clips.split: clips}, scoring)


def values(found, metric):
    return {k: v["value"] for k, v in found.result["scores"][metric]["scores"].items()}


@pytest.fixture
def drawn():
    return np.random.default_rng(7)


def test_single_labels_confidences_and_fine_labels(make_split, write_journal, drawn):
    n = 60
    wanted = drawn.integers(0, 6, n)  # surprise never occurs
    said = np.where(drawn.random(n) < 0.6, wanted, drawn.integers(0, 7, n))
    stated = drawn.random(n).round(2)
    fine = [drawn.choice(GOEMOTIONS, 2, replace=False).tolist() for _ in range(n)]
    gold = [drawn.choice(GOEMOTIONS, 3, replace=False).tolist() for _ in range(n)]
    shares = [dict(zip(labels, (1, 2 / 3, 1 / 3), strict=True)) for labels in gold]
    from_shares = [
        [float(given.get(name, 0)) for name in (*GOEMOTIONS, "unsure")] for given in shares
    ]
    tiers = ["high" if i % 3 else "low" for i in range(n)]
    clips = make_split(
        [
            {
                "emotion": int(label),
                "emotion_basic7": int(label),
                "tier": tier,
                "language": "zh" if i % 2 else "en",
                "probs": probs,
                "group_id": f"g{i % 9}",
            }
            for i, (label, tier, probs) in enumerate(zip(wanted, tiers, from_shares, strict=True))
        ]
    )
    answers = {
        f"c{i}": json.dumps(
            {
                "predicted_emotion": BASIC7[said[i]].capitalize(),
                "model_confidence": stated[i],
                "goemotions_labels": [{"label": each, "confidence": 0.5} for each in fine[i]],
            }
        )
        for i in range(n)
    }
    answers["c0"] = "I cannot tell."
    answers["c1"] = {"error": "too long"}
    del answers["c2"]
    found = score(clips, write_journal(answers, prompt="emos_basic7@1"))
    names = [None if i < 3 else BASIC7[said[i]] for i in range(n)]
    classes = emotion_classification(names, [BASIC7[i] for i in wanted], labels=BASIC7)
    assert values(found, "emotion_classification") == pytest.approx(
        {
            "accuracy": classes["emotion_classification"],
            **{name: classes[name] for name in ("macro_f1", "weighted_f1", "uar")},
        }
    )
    entry = found.result["scores"]["emotion_classification"]
    assert entry["per_label"] == classes["per_class"]
    assert entry["n"] == n and entry["details"]["n_invalid"] == 3
    # Parts add up, and Table 7's part is there.
    parts = entry["subsets"]
    assert [*parts] == ["tier high", "tier low", "language en", "language zh"]
    right = sum(p["n"] * p["scores"]["accuracy"]["value"] for p in list(parts.values())[:2])
    assert right / n == pytest.approx(classes["emotion_classification"])
    whole = goemotions([[] if i < 3 else fine[i] for i in range(n)], from_shares)
    assert values(found, "goemotions") == pytest.approx(
        {"macro_f1": whole["goemotions"]}
        | {name: whole[name] for name in ("macro_precision", "macro_recall", "micro_f1")}
    )
    majority = found.result["scores"]["goemotions"]["details"]["majority"]
    assert majority["macro_f1"] < whole["goemotions"]
    sure = confidence(
        [None if i < 3 else stated[i] for i in range(n)],
        [name == BASIC7[label] for name, label in zip(names, wanted, strict=True)],
        tiers=tiers,
        n_resamples=0,
    )
    assert values(found, "confidence") == pytest.approx(
        {
            "confidence": sure["confidence"],
            **sure["mean_by_tier"],
            **{name: sure[name] for name in ("tier_difference", "ece", "brier")},
        }
    )
    result = found.result
    assert (result["n_answered"], result["n_errors"], result["unanswered"]) == (58, 1, ["c2"])
    assert result["coverage"] == pytest.approx(58 / 60) and result["errors"] == {"too long": 1}
    assert result["parsing"]["invalid"] == pytest.approx(1 / 58) and result["n_groups"] == 9


def test_any_number_of_labels(make_split, write_journal):
    references = [["happy", "excited"], ["furious"], ["sad", "lonely"], None]
    emotions = ["joy", "anger", "sadness", "neutral"]
    said = [["joyful", "calm"], ["angry"], ["happy"], ["neutral"]]
    clips = make_split(
        [
            {"open_vocabulary": words, "emotion": BASIC7.index(emotion), "sentiment": number}
            for words, emotion, number in zip(
                references, emotions, (0.8, -0.6, -0.4, 0.0), strict=True
            )
        ],
        corpus="ch_sims",
    )
    answers = {f"c{i}": ", ".join(labels) for i, labels in enumerate(said)}
    found = score(clips, write_journal(answers), form="labels")
    assert values(found, "set_f")["set_f"] == pytest.approx(
        set_f(said[:3], references[:3])["set_f"]
    )
    assert values(found, "hit_rate")["hit_rate"] == hit_rate(said, emotions)["hit_rate"]
    overlap = set_overlap(said[:3], references[:3])
    assert values(found, "set_overlap") == pytest.approx(
        {k: overlap[k] for k in ("set_overlap", "accuracy_s", "recall_s", "overlap_s")}
    )
    # Positive, negative and, of a sad clip, positive: two of three signs are right.
    assert values(found, "sentiment")["acc"] == pytest.approx(2 / 3)
    assert found.result["scores"]["set_f"]["n_without_reference"] == 1
    # Of a description the labels are those that the lexicon finds.
    told = {"c0": "She laughs and is joyful and calm.", "c1": "He shouts. He is angry."}
    told |= {"c2": "She seems happy.", "c3": "His face is neutral."}
    again = score(clips, write_journal(told), form="text")
    assert values(again, "hit_rate") == values(found, "hit_rate")
    assert again.result["extractor"] == "lexicon"


def test_polarities_and_numbers(make_split, write_journal):
    numbers = [0.8, -0.2, 0.0, 1.0]
    clips = make_split([{"sentiment": number} for number in numbers], corpus="ch_sims")
    words = {"c0": "Positive", "c1": "neutral", "c2": "negative"}
    found = score(clips, write_journal(words), form="sentiment")
    expected = sentiment(["positive", "neutral", "negative", None], numbers)
    assert values(found, "sentiment") == pytest.approx(
        {"waf": expected["sentiment"], "acc": expected["acc"]}
    )
    figures = {"c0": "0.7", "c1": "-0.1", "c2": "0", "c3": "0.9"}
    found = score(clips, write_journal(figures), form="score")
    details = found.result["scores"]["sentiment"]["details"]
    # |0.7 - 0.8| + |-0.1 + 0.2| + 0 + |0.9 - 1| over four.
    assert details["mae"] == pytest.approx(0.075)


def stream(*utterances):
    return json.dumps(
        {
            "summary": "s",
            "overall_emotions_trend": {"dominant": "Joy", "trajectory": "t"},
            "utterances": [
                {
                    "timestamp_range": time,
                    "primary_7class": label,
                    "secondary_Goemotions": list(fine),
                    "intensity": 3,
                }
                for time, label, *fine in utterances
            ],
        }
    )


def test_streams(make_split, write_journal):
    def reference(*utterances):
        return [
            {"start_s": start, "end_s": end, "emotion": label, "secondary": list(fine)}
            for start, end, label, *fine in utterances
        ]

    golden = [
        reference((0.0, 5.0, "joy", "love"), (5.0, 9.0, "anger", "anger"), (9.0, 12.0, "anger")),
        reference((0.0, 4.0, "fear", "fear"), (4.0, 8.0, "joy", "joy")),
    ]
    clips = make_split([{"utterances": clip} for clip in golden])
    said = stream(("00:00-00:05", "Joy", "love"), ("00:05-00:12", "Anger", "annoyance"))
    found = score(clips, write_journal({"c0": said, "c1": "?"}), form="stream")
    predicted = [
        {"start_s": 0, "end_s": 5, "label": "joy"},
        {"start_s": 5, "end_s": 12, "label": "anger"},
    ]
    whole = turning_points(
        [predicted, None],
        [[{**u, "label": u["emotion"]} for u in clip] for clip in golden],
        label_set=BASIC7,
    )
    ours = values(found, "turning_points")
    assert {k: ours[k] for k in ("turning_points", "change_f1", "label_accuracy")} == pytest.approx(
        {k: whole[k] for k in ("turning_points", "change_f1", "label_accuracy")}
    )
    # love is found, anger, fear and joy are not: one of four labels that occur.
    assert ours["goemotions"] == pytest.approx(1 / 4)
    assert found.result["scores"]["turning_points"]["details"]["n_invalid"] == 2


def test_captions(make_split, write_journal):
    references = [["她语速很快，声音低沉。", "声音低，语速快。"], ["她很平静。"], ["他大声喊叫。"]]
    clips = make_split([{"captions": c, "language": "zh"} for c in references], corpus="demo")
    said = ["语速快，声音低沉。", "她很平静。", ""]
    answers = {f"c{i}": text for i, text in enumerate(said) if text}
    found = score(
        clips,
        write_journal(answers),
        form="text",
        metric="speaking_style_caption",
        column="captions",
    )
    whole = speaking_style_caption(said, references)
    ours = values(found, "speaking_style_caption")
    assert ours["rouge_l"] == pytest.approx(whole["rouge_l"])
    assert ours["cider_d"] == pytest.approx(whole["cider_d"])
    by_prompt = score(clips, write_journal(answers, prompt="caption_overall_zh@1"))
    assert values(by_prompt, "speaking_style_caption") == ours
    # BLEU of all clips is no mean of theirs.
    without = found.result["scores"]["speaking_style_caption"]["details"]["without_interval"]
    assert without["bleu_4"] == whole["bleu_4"] and "bleu_4" not in ours


def test_one_of_a_set_by_its_aliases_where_they_are_wanted(make_split, write_journal):
    clips = make_split([{"emotion": BASIC7.index(label)} for label in ("joy", "sadness", "fear")])
    answers = {"c0": "joy", "c1": "unhappy", "c2": "FEAR."}
    path = write_journal(answers, prompt="one_of@1")
    strict = score(clips, path)
    loose = score(clips, path, aliases=True)
    assert values(strict, "emotion_classification")["accuracy"] == pytest.approx(2 / 3)
    assert values(loose, "emotion_classification")["accuracy"] == 1.0


@pytest.mark.parametrize(
    ("form", "metric", "column", "expected"),
    [
        ("basic7", "goemotions", "text", "no column of fine labels: got 'I could dance'"),
        ("stream", "turning_points", "text", "no column of utterances: got 'I could dance'"),
        ("stream", "turning_points", "open_vocabulary", "lists of objects with emotion, end_s"),
    ],
)
def test_a_column_of_another_kind_is_told(
    make_split, write_journal, form, metric, column, expected
):
    clips = make_split([{"text": "I could dance", "open_vocabulary": ["glad"]}])
    path = write_journal({"c0": '{"emotion": "joy"}'})
    with pytest.raises(ValueError, match=expected):
        score(clips, path, form=form, metric=metric, column=column)
