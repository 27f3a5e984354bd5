"""Write the README's picture of `affecthub.plots`: every kind once, over invented answers.

python .ci/plots_picture.py
"""

import io
import random
from pathlib import Path
from typing import Any

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

    def near(label: str, chance: float) -> str:
        return label if draw.random() < chance else draw.choice(BASIC7)

    meant = [draw.sample(WORDS, 2) for _ in range(90)]
    said = [[word for word in draw.sample(WORDS[:16], 2)] for _ in meant]
    wheel = plots.emotion_wheel(said, meant)
    labels = draw.choices(BASIC7, weights=[5, 3, 3, 8, 10, 6, 4], k=300)
    answers = [near(label, 0.62) if draw.random() < 0.96 else "no idea" for label in labels]
    score = load_metric("emotion_classification").compute
    confusion = plots.confusion_matrix(
        score(predictions=answers, references=labels, labels=list(BASIC7))
    )
    stated = [draw.random() ** 0.4 for _ in range(500)]
    right = [draw.random() < 0.08 + 0.72 * value for value in stated]
    calibration = load_metric("confidence").compute
    reliability = plots.reliability_curve(
        calibration(predictions=stated, references=right, n_bins=10)
    )
    splits = {
        split: draw.choices(
            BASIC7, weights=[w + draw.random() for w in (5, 2, 2, 8, 12, 5, 4)], k=k
        )
        for split, k in (("train", 900), ("validation", 150), ("test", 300))
    }
    labelled = plots.label_distribution({name: sorted(side) for name, side in splits.items()})
    start, film, heard = 0.0, [], []
    for truth, answer in zip(SCENE, HEARD, strict=True):
        span = {"start_s": start, "end_s": start + draw.uniform(5, 15)}
        film.append({**span, "label": truth})
        heard.append({**span, "label": answer})
        start = span["end_s"]
    track = plots.emotion_track(film, heard)
    votes = [[near(label, chance) for chance in (0.9, 0.8, 0.7, 0.4)] for label in labels]
    agreed = load_metric("label_agreement").compute(predictions=votes)
    agreement = plots.agreement_map(agreed, ["Ann", "Bo", "Cy", "Dee"])
    rows = [[wheel, confusion, reliability], [labelled, track, agreement]]
    _save([[_picture(axes) for axes in row] for row in rows])


def _picture(axes: Any) -> Image.Image:
    """One of the six, cut to what is drawn."""
    held = io.BytesIO()
    axes.figure.savefig(held, dpi=110, bbox_inches="tight", facecolor="white")
    return Image.open(held).convert("RGB")


def _save(rows: list[list[Image.Image]], width: int = 1400, gap: int = 28) -> None:
    """Two rows of one width, each picture at its own proportions."""
    sheets = []
    for row in rows:
        height = (width - gap * (len(row) - 1)) / sum(each.width / each.height for each in row)
        sheet, left = Image.new("RGB", (width, round(height)), "white"), 0
        for each in row:
            size = (round(height * each.width / each.height), round(height))
            sheet.paste(each.resize(size, Image.Resampling.LANCZOS), (left, 0))
            left += size[0] + gap
        sheets.append(sheet)
    height = sum(sheet.height for sheet in sheets) + gap * (len(sheets) + 1)
    whole, top = Image.new("RGB", (width + 2 * gap, height), "white"), gap
    for sheet in sheets:
        whole.paste(sheet, (gap, top))
        top += sheet.height + gap
    whole.quantize(128).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
