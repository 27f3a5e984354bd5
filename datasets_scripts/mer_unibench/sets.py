"""Where the nine test sets lie: which side of which protocol of a corpus, and its folder."""

from typing import NamedTuple

from affecthub.labels import label_set
from affecthub.unibench import SETS as NINE
from affecthub.unibench import BenchmarkSet

IEMOCAP_FOUR = ("happy", "sad", "neutral", "angry")
# Set -> its processed folder in the download of the benchmark; configuration, protocol and split
# of the corpus, where they are not the first, "official" and "test".
_FOLDERS = {
    "mer2023": "mer2023-dataset-process",
    "mer2024": "mer2024-dataset-process",
    "iemocap": "iemocap-process",
    "meld": "meld-process",
    "cmu_mosi": "cmumosi-process",
    "cmu_mosei": "cmumosei-process",
    "ch_sims": "sims-process",
    "ch_sims_v2": "simsv2-process",
    "ov_merd": "ovmerdplus-process",
}
_CONFIGS = {"mer2024": "labeled", "iemocap": "four", "ov_merd": "ov_merd_plus"}
_PROTOCOLS = {"iemocap": "mer_unibench"}
_SPLITS = {"mer2023": "test_multi", "mer2024": "test_semi"}


class TestSet(NamedTuple):
    """One test set as a part of a corpus.

    Attributes:
        benchmark: What is asked of it.
        folder: Name of its processed folder in the download of the benchmark.
        config, protocol, split: What of the corpus it is.
        candidates: Labels to choose from; empty where the task has none.
    """

    benchmark: BenchmarkSet
    folder: str
    config: str
    protocol: str
    split: str
    candidates: tuple[str, ...]

    @property
    def name(self) -> str:
        """Split of the view; the corpus' name."""
        return self.benchmark.name

    @property
    def task(self) -> str:
        """What is asked, in the benchmark's word."""
        return self.benchmark.task


def _test_set(benchmark: BenchmarkSet) -> TestSet:
    name = benchmark.name
    labels = IEMOCAP_FOUR if name == "iemocap" else label_set(name)
    return TestSet(
        benchmark,
        _FOLDERS[name],
        _CONFIGS.get(name, "default"),
        _PROTOCOLS.get(name, "official"),
        _SPLITS.get(name, "test"),
        labels if benchmark.task == "basic" else (),
    )


_BY_NAME = {benchmark.name: benchmark for benchmark in NINE}
# In the order of the view's splits.
SETS = tuple(_test_set(_BY_NAME[name]) for name in _FOLDERS)
