"""Clips that every metric is tried with, and any number more, drawn by seed."""

import random
from typing import Any

LABELS = [["happy", "sad"], "['angry']", None, ["surprised", "calm"], "afraid, worried"]

# Clips of each metric, and options; not all right, so that the score lies between 0 and 1.
CLIPS = {
    "confidence": ([0.9, "80%", None, 0.4], [True, 0, 1, 1.0], {"n_resamples": 10}),
    "emotion_classification": (
        ["happy", ["sad", "angry"], None, "he is sad"],
        ["joy", "angry", "sad", "sad"],
        {"labels": ["sad", "joy", "angry"]},
    ),
    "goemotions": (
        [["joy"], "['anger', 'fear']", None, ["love"]],
        [["joy", "love"], ["fear"], {"joy": 1 / 3}, "love"],
        {},
    ),
    "hit_rate": (LABELS, ["joy", "anger", "sadness", "surprise", "fear"], {}),
    "label_agreement": (
        [["joy", "joy", None], ["joy", "fear", "fear"], ["fear", "fear", "fear"]],
        ["joy", None, "fear"],
        {},
    ),
    "mer_unibench": (
        [
            {"set": "meld", "labels": ["happy"]},
            {"set": "cmu_mosi", "labels": "positive"},
            {"set": "meld", "labels": None},
            {"set": "cmu_mosi", "labels": -0.5},
        ],
        [
            {"set": "meld", "labels": "joy"},
            {"set": "cmu_mosi", "labels": 1.5},
            {"set": "meld", "labels": "anger"},
            {"set": "cmu_mosi", "labels": 2},
        ],
        {"partial": True},
    ),
    "sentiment": (["positive", -0.4, None, "消极"], [1.2, -1, 0.6, "negative"], {}),
    "set_f": (LABELS, [["joyful"], ["furious", "sad"], ["happy"], ["shocked"], "scared"], {}),
    "set_overlap": (LABELS[:4], [["happy"], ["furious", "sad"], "happy", ["scared"]], {}),
    "speaking_style_caption": (
        ["语速很快，声音低沉。", "她很平静。", None, "他大声喊叫，非常愤怒。"],
        ["语速快，声音低沉。", ["她平静。", "她很安静。"], "声音沙哑。", "他愤怒地喊叫。"],
        {},
    ),
    "turning_points": (
        [["joy", "fear", None], ["joy", "joy"], ["fear"]],
        [["joy", "fear", "joy"], ["joy", "fear"], ["fear"]],
        {"alignment": "given"},
    ),
}

_WORDS = "happy sad angry afraid surprised calm disgusted proud worried neutral flibberty".split()
_WORDS += ["开心", "难过", "愤怒", "担忧", "平静", ""]
_BASIC = "anger disgust fear joy neutral sadness surprise".split()
_CAPTIONS = ["语速很快", "声音低沉", "她很平静", "他大声喊叫", "非常愤怒", "语气温和", "带着笑意"]


def drawn(name: str, n_clips: int, seed: int = 0) -> tuple[list[Any], list[Any], dict[str, Any]]:
    """Predictions, references and options of clips at random, of every kind that a metric takes."""
    draw = random.Random(f"{name} {seed}")
    predicted, expected = _MAKERS[name]
    options = CLIPS[name][2]
    clips = [(predicted(draw), expected(draw)) for _ in range(n_clips)]
    return [clip[0] for clip in clips], [clip[1] for clip in clips], options


def _labels(draw: random.Random) -> Any:
    words = draw.sample(_WORDS, draw.randrange(5))
    return draw.choice([words, str(words), ", ".join(words), None])


def _caption(draw: random.Random) -> str:
    return "，".join(draw.sample(_CAPTIONS, draw.randrange(1, 4))) + "。"


def _answer(draw: random.Random) -> dict[str, Any]:
    if draw.random() < 0.2:
        return {"set": "meld", "answer": f"In the clip she looks {draw.choice(_WORDS)} and calm."}
    return {"set": "meld", "labels": _labels(draw)}


def _track(draw: random.Random) -> list[str]:
    return [draw.choice(_BASIC) for _ in range(6)]


_MAKERS: dict[str, Any] = {
    "confidence": (
        lambda draw: draw.choice([draw.random(), f"{draw.randrange(101)}%", None, "九成"]),
        lambda draw: draw.choice([True, False, 1, 0, None]),
    ),
    "emotion_classification": (
        lambda draw: draw.choice([draw.choice(_WORDS), f"he is {draw.choice(_WORDS)}", None]),
        lambda draw: draw.choice(["joy", "sad", "angry"]),
    ),
    "goemotions": (
        lambda draw: draw.choice([draw.sample(_BASIC, 2), str(draw.sample(_BASIC, 1)), None]),
        lambda draw: draw.choice([draw.sample(_BASIC, 2), {draw.choice(_BASIC): 1.0}]),
    ),
    "hit_rate": (_labels, lambda draw: draw.choice(_BASIC)),
    "label_agreement": (
        lambda draw: [draw.choice([*_BASIC, None]) for _ in range(3)],
        lambda draw: draw.choice([*_BASIC, None]),
    ),
    "mer_unibench": (_answer, lambda draw: {"set": "meld", "labels": draw.choice(_BASIC)}),
    "sentiment": (
        lambda draw: draw.choice(["positive", "negative", "消极", draw.uniform(-3, 3), None]),
        lambda draw: draw.uniform(-3, 3),
    ),
    "set_f": (_labels, _labels),
    "set_overlap": (_labels, _labels),
    "speaking_style_caption": (_caption, _caption),
    "turning_points": (_track, _track),
}
