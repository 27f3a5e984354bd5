"""A line of the leaderboard, and which lines may be ranked with which."""

from dataclasses import dataclass, field
from typing import Literal

from affecthub.unibench import MEAN_TASK, SETS

Kind = Literal["scored", "claimed", "stated"]
MEAN = MEAN_TASK
SET_NAMES = tuple(test_set.name for test_set in SETS)
MODALITIES = ("audio", "video", "text")


@dataclass(frozen=True)
class Score:
    """A score in per cent, higher is better.

    Attributes:
        value: In [0, 100].
        low: Lower end of the 95 % interval; None without one.
        high: Upper end.
        n_clips: How many clips were scored; None where that is not said.
        beside: A second score that the first is read with, such as F1 beside hit rate.
    """

    value: float
    low: float | None = None
    high: float | None = None
    n_clips: int | None = None
    beside: float | None = None


@dataclass(frozen=True)
class Entry:
    """A system and its scores.

    Attributes:
        system: Its name.
        kind: ``"scored"`` by ``affecthub bench``, ``"claimed"`` by a model's own repository,
            ``"stated"`` by a paper and not scored here.
        scores: Set to score; sets that were not scored are absent.
        mean: Over the sets that were scored.
        protocol: How the checkpoint was chosen: ``"fixed"``, ``"official-best-epoch"``, or empty
            where that is not said.
        lexicon: Name and version of the tables that placed the labels; empty where that is not
            said. Scores under unlike ones do not compare.
        modalities: What the system is given, some of `MODALITIES`; empty where that is not said.
        extractor: What took labels out of answers; empty where that is not said.
        model: Address of the system; empty without one.
        answers: Address of its answers; empty without one.
        where: File or repository it was read from.
        notes: What a reader should know, a sentence each.
        floors: Floor (``"majority"``, ``"constant"``) to set to score, as the file tells them.
    """

    system: str
    kind: Kind
    scores: dict[str, Score]
    mean: Score | None = None
    protocol: str = ""
    lexicon: str = ""
    modalities: tuple[str, ...] = ()
    extractor: str = ""
    model: str = ""
    answers: str = ""
    where: str = ""
    notes: tuple[str, ...] = ()
    floors: dict[str, dict[str, Score]] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether all nine sets were scored, on all their clips."""
        return all(
            s.name in self.scores and self.scores[s.name].n_clips in (None, s.n_clips) for s in SETS
        )

    @property
    def group(self) -> tuple[str, str, str]:
        """What lines share that are ranked together: kind of proof, lexicon and protocol."""
        proof = "stated" if self.kind == "stated" else "scored"
        return proof, self.lexicon, self.protocol

    def score(self, column: str) -> Score | None:
        """The score of a set, or of ``"mean"``."""
        return self.mean if column == MEAN else self.scores.get(column)

    def ranks_by(self, column: str) -> bool:
        """Whether a column ranks this line: a mean does where it is over all nine sets."""
        return self.score(column) is not None and (column != MEAN or self.is_whole)


@dataclass(frozen=True)
class Problem:
    """What was not read, and why.

    Attributes:
        where: File or repository.
        what: What is wrong with it, in a sentence.
    """

    where: str
    what: str


def mean_of(scores: dict[str, Score]) -> Score | None:
    """The mean of scores without an interval; None of nothing."""
    values = [score.value for score in scores.values()]
    return Score(sum(values) / len(values)) if values else None


def modalities_of(said: object) -> tuple[str, ...]:
    """Modalities in the order of `MODALITIES`.

    Args:
        said: A list of names or of first letters, or one text of them: ``"avt"``, ``"a, t"``.

    Raises:
        ValueError: One is unknown.

    Example:
        >>> modalities_of("t+a"), modalities_of(["video", "text"]), modalities_of(None)
        (('audio', 'text'), ('video', 'text'), ())
    """
    if said is None or said == "":
        return ()
    if isinstance(said, str):
        parts = said.replace("+", " ").replace(",", " ").split()
        if len(parts) == 1 and set(parts[0]) <= set("avt"):
            parts = list(parts[0])
    elif isinstance(said, list):
        parts = [str(part) for part in said]
    else:
        parts = [str(said)]
    known = {name: name for name in MODALITIES} | {name[0]: name for name in MODALITIES}
    known |= {"face": "video"}
    unknown = [part for part in parts if part.lower() not in known]
    if unknown:
        raise ValueError(
            f"`modalities` has an unknown one: got {unknown[0]!r}, expected some of "
            f"{', '.join(MODALITIES)}."
        )
    found = {known[part.lower()] for part in parts}
    return tuple(name for name in MODALITIES if name in found)
