"""The nine test sets of MER-UniBench: which corpora, what is asked of each, what scores it."""

import re
from typing import Literal, NamedTuple

Task = Literal["basic", "sentiment", "fine_grained"]
Primary = Literal["hit_rate", "sentiment", "set_f"]


class BenchmarkSet(NamedTuple):
    """One of the nine sets.

    Attributes:
        name: That of its corpus.
        task: ``"basic"`` (one of a few basic emotions), ``"sentiment"`` (a score whose sign
            counts) or ``"fine_grained"`` (any number of words).
        primary: The metric that scores it.
        n_clips: How many clips it has.
    """

    name: str
    task: Task
    primary: Primary
    n_clips: int


# Source: AffectGPT paper, Table 11, in the order of Table 2.
SETS = (
    BenchmarkSet("mer2023", "basic", "hit_rate", 411),
    BenchmarkSet("mer2024", "basic", "hit_rate", 1169),
    BenchmarkSet("meld", "basic", "hit_rate", 2610),
    BenchmarkSet("iemocap", "basic", "hit_rate", 1241),
    BenchmarkSet("cmu_mosi", "sentiment", "sentiment", 686),
    BenchmarkSet("cmu_mosei", "sentiment", "sentiment", 4659),
    BenchmarkSet("ch_sims", "sentiment", "sentiment", 457),
    BenchmarkSet("ch_sims_v2", "sentiment", "sentiment", 1034),
    BenchmarkSet("ov_merd", "fine_grained", "set_f", 532),
)

# Where the benchmark stands on the Hub without media: scores of `.eval_results` name it, and its
# tasks are called like the sets, with `MEAN_TASK` beside them.
BENCHMARK_REPO = "affecthub/mer-unibench"
MEAN_TASK = "mean"

# Labels of MERBench's npz that are written as integers, by set, in the order of these.
# Source: MERTools at 89120b78, MERBench, whose order this is.
INTEGER_LABELS = {
    "meld": ("anger", "joy", "sadness", "neutral", "disgust", "fear", "surprise"),
    "iemocap": ("happy", "sad", "neutral", "angry"),
}
# What else people call a set's folder or file, as `plain_name` spells it: MERBench's names, and
# those of the corpora's own downloads.
ALIASES: dict[str, tuple[str, ...]] = {
    "mer2023": ("mer2023", "mer2023train", "mermulti"),
    "mer2024": ("mer2024", "mersemi"),
    "iemocap": ("iemocap", "iemocapfullrelease", "iemocapfour"),
    "meld": ("meld", "meldraw"),
    "cmu_mosi": ("cmumosi", "mosi"),
    "cmu_mosei": ("cmumosei", "mosei"),
    "ch_sims": ("sims", "chsims", "simsv1", "chsimsv1"),
    "ch_sims_v2": ("simsv2", "chsimsv2", "simsv2s", "chsimsv2s"),
    "ov_merd": ("ovmerdplus", "ovmerd"),
}


def set_called(name: str) -> str | None:
    """The set that a file or folder is named after, or None.

    Args:
        name: A set, or what the releases call it: ``"cmumosi"``, ``"simsv2-process"``,
            ``"mer2023-dataset"``, ``"results-ovmerd"``.

    Example:
        >>> set_called("results-cmumosi"), set_called("simsv2-process"), set_called("report")
        ('cmu_mosi', 'ch_sims_v2', None)
    """
    plain = plain_name(name)
    return next((test_set for test_set, names in ALIASES.items() if plain in names), None)


def plain_name(folder: str) -> str:
    """A folder's name as letters and digits, without what tells it only as one of data.

    Example:
        >>> plain_name("CH-SIMS_v2-process"), plain_name("results-ovmerd+")
        ('chsimsv2', 'ovmerdplus')
    """
    name = folder.lower().removeprefix("results-").replace("+", "plus")
    letters = re.sub(r"[\W_]+", "", name)
    return re.sub(r"(dataset|data)?(process|processed|preprocessed|raw)?$", "", letters) or letters
