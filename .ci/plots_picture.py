"""Write the README's picture of `affecthub.plots`: every kind once, over invented answers.

python .ci/plots_picture.py
"""

import random
from pathlib import Path

from matplotlib import pyplot
from PIL import Image

from affecthub import load_metric, plots
from affecthub.labels import BASIC7

TARGET = Path(__file__).resolve().parents[1] / "hub_cards" / "pictures" / "plots.png"
WORDS = "happy proud excited furious annoyed sad lonely worried afraid tense content calm".split()
WORDS += "surprised disappointed hopeful confident grateful neutral bored guilty amused".split()
SCENE = "neutral neutral joy joy surprise anger anger sadness sadness neutral".split()
HEARD = "neutral joy joy joy surprise anger fear sadness sadness neutral".split()


def main() -> None:
    """Draw the six."""
    draw = random.Random(4)
    figure = pyplot.figure(figsize=(14.5, 10), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[1.2, 1])
    parts = [
        *above.subfigures(1, 3, width_ratios=[1.15, 1.1, 1]),
        *below.subfigures(1, 3, width_ratios=[1, 1.3, 1]),
    ]
    axes = [
        part.add_subplot(projection=None if number else "polar")
        for number, part in enumerate(parts)
    ]

    def near(label: str, chance: float) -> str:
        return label if draw.random() < chance else draw.choice(BASIC7)

    meant = [draw.sample(WORDS, 2) for _ in range(90)]
    said = [[word for word in draw.sample(WORDS[:16], 2)] for _ in meant]
    plots.emotion_wheel(said, meant, ax=axes[0])
    labels = draw.choices(BASIC7, weights=[5, 3, 3, 8, 10, 6, 4], k=300)
    answers = [near(label, 0.62) if draw.random() < 0.96 else "no idea" for label in labels]
    score = load_metric("emotion_classification").compute
    plots.confusion_matrix(
        score(predictions=answers, references=labels, labels=list(BASIC7)), ax=axes[1]
    )
    stated = [draw.random() ** 0.4 for _ in range(500)]
    right = [draw.random() < 0.08 + 0.72 * value for value in stated]
    calibration = load_metric("confidence").compute
    plots.reliability_curve(
        calibration(predictions=stated, references=right, n_bins=10), ax=axes[2]
    )
    splits = {
        split: draw.choices(
            BASIC7, weights=[w + draw.random() for w in (5, 2, 2, 8, 12, 5, 4)], k=k
        )
        for split, k in (("train", 900), ("validation", 150), ("test", 300))
    }
    plots.label_distribution({name: sorted(side) for name, side in splits.items()}, ax=axes[3])
    start, film, heard = 0.0, [], []
    for truth, answer in zip(SCENE, HEARD, strict=True):
        span = {"start_s": start, "end_s": start + draw.uniform(5, 15)}
        film.append({**span, "label": truth})
        heard.append({**span, "label": answer})
        start = span["end_s"]
    plots.emotion_track(film, heard, ax=axes[4])
    votes = [[near(label, chance) for chance in (0.9, 0.8, 0.7, 0.4)] for label in labels]
    agreed = load_metric("label_agreement").compute(predictions=votes)
    plots.agreement_map(agreed, ["Ann", "Bo", "Cy", "Dee"], ax=axes[5])
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)
    figure.savefig(TARGET, dpi=85)
    # Few colours are enough, and half the file.
    Image.open(TARGET).convert("RGB").quantize(128).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
