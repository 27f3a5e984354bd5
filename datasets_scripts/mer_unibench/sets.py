"""The nine test sets: which corpus, which side of which protocol, what is asked, how many clips."""

from typing import NamedTuple

from affecthub.labels import label_set


class TestSet(NamedTuple):
    """One test set of MER-UniBench.

    Attributes:
        name: Split of the view; the corpus' name.
        folder: Name of its processed folder in the download of the benchmark.
        config, protocol, split: What of the corpus it is.
        task: "emotion" (one of the candidates), "sentiment" (a score whose sign counts) or
            "open_vocabulary" (any number of words).
        candidates: Labels to choose from; empty where the task has none.
        n: Clips.
    """

    name: str
    folder: str
    config: str
    protocol: str
    split: str
    task: str
    candidates: tuple[str, ...]
    n: int


IEMOCAP_FOUR = ("happy", "sad", "neutral", "angry")

# Source: AffectGPT paper, Table 11.
SETS = (
    TestSet(
        "mer2023",
        "mer2023-dataset-process",
        "default",
        "official",
        "test_multi",
        "emotion",
        label_set("mer2023"),
        411,
    ),
    TestSet(
        "mer2024",
        "mer2024-dataset-process",
        "labeled",
        "official",
        "test_semi",
        "emotion",
        label_set("mer2024"),
        1169,
    ),
    TestSet(
        "iemocap", "iemocap-process", "four", "mer_unibench", "test", "emotion", IEMOCAP_FOUR, 1241
    ),
    TestSet(
        "meld",
        "meld-process",
        "default",
        "official",
        "test",
        "emotion",
        label_set("meld"),
        2610,
    ),
    TestSet("cmu_mosi", "cmumosi-process", "default", "official", "test", "sentiment", (), 686),
    TestSet("cmu_mosei", "cmumosei-process", "default", "official", "test", "sentiment", (), 4659),
    TestSet("ch_sims", "sims-process", "default", "official", "test", "sentiment", (), 457),
    TestSet("ch_sims_v2", "simsv2-process", "default", "official", "test", "sentiment", (), 1034),
    TestSet(
        "ov_merd",
        "ovmerdplus-process",
        "ov_merd_plus",
        "official",
        "test",
        "open_vocabulary",
        (),
        532,
    ),
)
