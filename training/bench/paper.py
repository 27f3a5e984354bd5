"""Published figures that a run of ours stands beside, in percent, each with its source."""

from typing import NamedTuple

from affecthub.metrics.mer_unibench.paper import CONSTANT_ON_OV_MERD, published_rows

AFFECTGPT = "AffectGPT paper (arXiv 2501.16566)"


class Beside(NamedTuple):
    """A row of somebody else's.

    Attributes:
        model: Its name, and what it is given.
        scores: By set in the order of the benchmark; None where only the mean is known.
        mean: Over the nine sets.
        source: Where the figures stand.
    """

    model: str
    scores: tuple[float | None, ...]
    mean: float | None
    source: str


def beside() -> list[Beside]:
    """The paper's nineteen rows, and later means that are known to us.

    Example:
        >>> rows = beside()
        >>> rows[0].model, rows[-1].mean
        ('AffectGPT (audio, video, text)', 83.5)
    """
    table = [
        Beside(f"{row.model} ({row.modalities})", row.scores, row.mean, f"{AFFECTGPT}, Table 2")
        for row in reversed(published_rows())
    ]
    nothing = (None,) * 9
    return [
        *table,
        Beside("AffectGPT-R1", nothing, 79.48, "arXiv 2508.01318 v3, at second hand"),
        Beside("MER-R1", nothing, 83.50, "arXiv 2606.27652, at second hand"),
    ]


def known_floor(lexicon: str) -> Beside | None:
    """What a constant answer is known to score on clips of OV-MERD under a lexicon, if it is.

    Example:
        >>> known_floor("mer2026").scores[-1]
        46.9
    """
    if lexicon not in CONSTANT_ON_OV_MERD:
        return None
    scores = (*(None,) * 8, CONSTANT_ON_OV_MERD[lexicon])
    source = f"best constant answer to 332 clips of OV-MERD under {lexicon}, affecthub's benchmarks"
    return Beside("best constant answer, elsewhere", scores, None, source)


class Ablation(NamedTuple):
    """What a paper found when it changed one thing.

    Attributes:
        title: What was changed.
        source: Where the figures stand.
        means: Value to the mean over the nine sets; empty where only words are known.
        tasks: Value to the means of fine-grained, basic and sentiment sets, where they are printed.
        said: What is to be known of the figures, or what the paper says in words.
    """

    title: str
    source: str
    means: dict[str, float]
    tasks: dict[str, tuple[float, float, float]] = {}
    said: str = ""


# Names of inputs are ours: what the paper calls frame is `video` here.
ABLATIONS = {
    "fusion": Ablation(
        "Pre-fusion",
        f"{AFFECTGPT}, Table 5",
        {"none": 72.95, "qformer": 74.16, "attention": 74.77},
        {
            "none": (61.21, 66.28, 82.57),
            "qformer": (62.65, 66.89, 84.30),
            "attention": (62.52, 68.38, 84.22),
        },
    ),
    "modalities": Ablation(
        "Inputs",
        f"{AFFECTGPT}, Table 6",
        {
            "audio": 60.08,
            "face": 60.47,
            "video": 59.47,
            "text": 67.44,
            "audio+face+text": 74.77,
            "audio+video+text": 73.39,
            "audio+face+video+text": 74.60,
        },
        said="A model that was trained on all its inputs is asked with some of them here.",
    ),
    "lora-rank": Ablation(
        "Rank of the adapters on the language model",
        f"{AFFECTGPT}, Table 8",
        {"none": 73.30, "8": 74.65, "16": 74.77, "32": 74.92},
        said="Without adapters (0 more parameters) the language model stays as it is; ranks 8, 16 "
        "and 32 train 20,185,088, 40,370,176 and 80,740,352 parameters of Qwen2.5-7B.",
    ),
    "frames": Ablation(
        "Frames sampled of a video",
        f"{AFFECTGPT}, Figure 10 and appendix N",
        {},
        said="The paper draws 2 to 64 frames: fewer than 2 cost score, more than 16 gain nothing "
        "to speak of, and 8 are its default. The figure prints no numbers.",
    ),
}
