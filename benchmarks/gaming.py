"""What each metric gives to answers that look at no clip: the figures in the metrics' cards.

    python benchmarks/gaming.py --data FOLDER

The folder holds released annotations: meld, emer, emos, emotiontalk, merbench_labels. No media are
read; a few minutes on one core.
"""

import argparse
import json
import random
import warnings
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import affecthub
from affecthub.labels import GOEMOTIONS
from affecthub.metrics.answers.files import read_labels
from affecthub.metrics.parsing import parse_labels

SIX = ["happy", "sad", "angry", "fearful", "disgusted", "surprised"]


def score(name: str, predictions: list[Any], references: Any, **options: Any) -> dict[str, Any]:
    """The scores of a metric."""
    metric = affecthub.load_metric(name, keep_in_memory=True)
    given = {"predictions": predictions, "references": references}
    result: dict[str, Any] = metric.compute(**given, **options)
    return result


def tell(metric: str, answer: str, scores: dict[str, Any], *names: str) -> None:
    """Print a row."""
    found = ", ".join(f"{name} {scores[name]:.4f}" for name in names)
    print(f"| {metric} | {answer} | {found} |", flush=True)


def rows(corpus: str, folder: Path, split: str, **options: Any) -> Any:
    """Annotations of a split as columns."""
    return affecthub.load_dataset(corpus, data_dir=folder, split=split, **options).with_format(None)


def emotions(data: Any) -> list[str | None]:
    """The emotion of each clip by its name."""
    names = data.features["emotion"].names
    return [None if label is None else names[label] for label in data["emotion"]]


def commonest(labels: Iterable[Any]) -> Any:
    """The label that most clips have."""
    return Counter(labels).most_common(1)[0][0]


def label_sets(data: Path) -> None:
    """Sets of words: the 332 checked clips of OV-MERD."""
    labels = read_labels(data / "ov_store" / "check-openset.csv")
    references = list(labels.values() if isinstance(labels, dict) else labels)
    words = [word for listed in references for word in parse_labels(listed)]
    often = [word for word, _ in Counter(words).most_common(3)]
    every = sorted(set(words))
    for answer, given in (
        (f"the commonest word, {often[0]}", often[:1]),
        (f"the three commonest, {', '.join(often)}", often),
        ("six basic words", SIX),
        (f"all {len(every)} words of the references", every),
    ):
        same = [given] * len(references)
        scores = score("set_f", same, references)
        tell("set_f", answer, scores, "set_f", "set_precision", "set_recall")
        scores = score("set_overlap", same, references)
        tell("set_overlap", answer, scores, "set_overlap", "accuracy_s", "recall_s", "overlap_s")


def single_labels(data: Path) -> None:
    """One label per clip: MELD's test split."""
    test = rows("meld", data / "meld", "test")
    labels = [str(label) for label in emotions(test)]
    most, n_clips = commonest(labels), len(labels)
    names = ("emotion_classification", "uar", "macro_f1", "weighted_f1")
    scores = score("emotion_classification", [most] * n_clips, labels)
    tell("emotion_classification", f"always {most}", scores, *(n for n in names if n in scores))
    for answer, given in (("always happy", ["happy"]), ("six basic words", SIX)):
        scores = score("hit_rate", [given] * n_clips, labels)
        tell("hit_rate", answer, scores, *(n for n in ("hit_rate", "mscore") if n in scores))
    right = [label == most for label in labels]
    share = sum(right) / n_clips
    for stated in (share, 1.0):
        scores = score("confidence", [stated] * n_clips, right, n_resamples=0)
        tell("confidence", f"always {stated:.3f}", scores, "confidence", "ece", "brier", "auroc")
    sure = [1.0 if each else None for each in right]
    scores = score("confidence", sure, right, n_resamples=0)
    tell("confidence", "none where wrong", scores, "confidence", "ece", "brier")
    dialogues: dict[Any, list[str]] = {}
    for dialogue, label in zip(test["dialogue_id"], labels, strict=True):
        dialogues.setdefault(dialogue, []).append(label)
    tracks = list(dialogues.values())
    flips = ["joy", "anger"]
    for answer, given in (
        (f"always {most}", [[most] * len(track) for track in tracks]),
        ("joy and anger in turn", [[flips[i % 2] for i in range(len(track))] for track in tracks]),
    ):
        scores = score("turning_points", given, tracks, alignment="given")
        names = [n for n in ("turning_points", "precision", "recall", "f1") if n in scores]
        tell("turning_points", answer, scores, *names)


def polarity(data: Path) -> None:
    """Signs of sentiment: the test sets whose labels are there."""
    for corpus, folder in (("cmu_mosi", "cmumosi"), ("ch_sims", "sims")):
        place = data / "merbench_labels" / folder
        values = [float(value) for value in rows(corpus, place, "test")["sentiment"]]
        for answer in ("positive", "negative", "neutral"):
            scores = score("sentiment", [answer] * len(values), values)
            names = ("sentiment", "accuracy", "macro_f1", "balanced_accuracy")
            tell(f"sentiment, {corpus}", answer, scores, *(n for n in names if n in scores))


def soft_labels(data: Path) -> None:
    """GoEmotions' labels: EmoS."""
    clips = affecthub.load_dataset("emos", "goemotions", data_dir=data / "emos", split="train")
    shares = [dict(zip(GOEMOTIONS, probs, strict=False)) for probs in clips["probs"]]
    total = Counter(label for clip in clips["labels_any"] for label in clip)
    often = [label for label, _ in total.most_common(3)]
    mean = {label: sum(clip[label] for clip in shares) / len(shares) for label in GOEMOTIONS}
    for answer, given in (
        (f"always {often[0]}", often[:1]),
        (f"always {', '.join(often)}", often),
        ("all 28 labels", list(GOEMOTIONS)),
        ("the mean of the shares", mean),
    ):
        scores = score("goemotions", [given] * len(shares), shares)
        names = [name for name, value in scores.items() if isinstance(value, float)]
        tell(f"goemotions, {len(shares)}", answer, scores, *names)
    votes = [[labels["labels"] for labels in clip] for clip in clips["sets"]]
    agree = score("label_agreement", votes, None)
    tell("label_agreement", "as released", agree, "label_agreement", "exact_match")


def agreement(data: Path) -> None:
    """Annotators who look at nothing: 1,000 clips of two labels, drawn by seed."""
    draw = random.Random(0)
    for share in (0.5, 0.9, 0.99):
        votes = [
            ["neutral" if draw.random() < share else "joy" for _ in range(3)] for _ in range(1000)
        ]
        scores = score("label_agreement", votes, None)
        name = f"neutral by chance {share:.0%}"
        tell("label_agreement", name, scores, "label_agreement", "exact_match")
    half = ["joy", "neutral"]
    copied = [[draw.choice(half)] * 3 for _ in range(1000)]
    scores = score("label_agreement", copied, None)
    tell("label_agreement", "copied", scores, "label_agreement", "exact_match")


def captions(data: Path) -> None:
    """Captions: 200 synthetic ones, Chinese and English, and EMER's descriptions."""
    document = json.loads((data / "caption_reference" / "synthetic_captions.json").read_text())
    sets = {lang: [item[lang]["refs"] for item in document["items"]] for lang in ("zh", "en")}
    for lang, references in sets.items():
        tried = [clip[0] for clip in references[:40]]
        scored = [
            score("speaking_style_caption", [text] * len(references), references, lang=lang)
            for text in tried
        ]
        best = max(scored, key=lambda scores: float(scores["rouge_l"]))
        names = [n for n in ("rouge_l", "bleu_1", "bleu_4", "cider_d", "meteor") if n in best]
        about = f"the best of {len(tried)} references for all {len(references)}, {lang}"
        tell("speaking_style_caption", about, best, *names)
        given = [item[lang]["cand"] for item in document["items"]]
        scores = score("speaking_style_caption", given, references, lang=lang)
        tell("speaking_style_caption", "the candidates", scores, *names)


def main() -> None:
    """Print a row for each metric and answer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path, help="folder of released annotations")
    data = parser.parse_args().data
    warnings.simplefilter("ignore")
    print("| metric | answer | scores |\n|---|---|---|")
    for part in (label_sets, single_labels, polarity, soft_labels, agreement, captions):
        part(data)


if __name__ == "__main__":
    main()
