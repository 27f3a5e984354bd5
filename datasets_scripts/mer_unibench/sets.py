"""Where the nine test sets lie: which side of which protocol of a corpus, and its folder."""

from collections.abc import Iterable
from typing import NamedTuple

from affecthub.labels import label_set
from affecthub.unibench import ALIASES, BenchmarkSet, plain_name
from affecthub.unibench import SETS as NINE

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

    def folder_in(self, folders: Iterable[str]) -> str | None:
        """Which of some folders is that of this set, by its name; None where none is.

        The name of the download is taken before ours, ours before other spellings of either.

        Example:
            >>> sets = {item.name: item for item in SETS}
            >>> sets["cmu_mosi"].folder_in(["sims", "CMU-MOSI", "cmumosei-process"])
            'CMU-MOSI'
        """
        first = (self.folder, self.name)
        own = [name for name in folders if name in first or plain_name(name) in self.aliases]
        return min(
            own, key=lambda name: (name not in first, name != self.folder, name), default=None
        )

    @property
    def aliases(self) -> tuple[str, ...]:
        """What its folder may be called, as letters and digits in lower case."""
        return ALIASES[self.name]

    @property
    def looked_for(self) -> str:
        """The names of folders that are looked for, for people."""
        names = dict.fromkeys((self.folder, self.name, *self.aliases))
        return f"{', '.join(names)} (in any spelling, with or without -dataset and -process)"

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
