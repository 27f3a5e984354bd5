"""The clips that are trained on, of one corpus or several, and the order of their draws."""

import warnings
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import datasets
import torch
from torch.utils.data import Dataset

from affecthub.entries import entries
from affecthub.training.examples import Examples, usable
from affecthub.training.features.using import open_for
from affecthub.training.mixtures.folders import Folders, load_corpus
from affecthub.training.mixtures.packing import PackedBatches
from affecthub.training.mixtures.questions import training_questions
from affecthub.training.mixtures.sampling import Draw, DrawSampler
from affecthub.training.mixtures.weights import draw_weights, require_columns
from affecthub.training.recipe import Recipe
from affecthub.training.splits import training_split


@dataclass(frozen=True)
class Part:
    """The training clips of one corpus.

    Args:
        recipe: Of this corpus alone.
        rows: The clips that can be used, shuffled once by the seed.
        n_there: Clips of its training split.
        n_left_out: Those that cannot be used.
        features: A ``FeatureCache`` in the place of media, None where media are read.
    """

    recipe: Recipe
    rows: datasets.Dataset
    n_there: int
    n_left_out: int
    features: Any = None

    def examples(self, model: Any, processor: Any) -> Examples:
        """The clips as they are trained on.

        Raises:
            ValueError: What the towers made of them is another model's.
        """
        if self.features is not None:
            self.features.require_fit(model, processor)
        return Examples(
            self.rows,
            processor,
            self.recipe,
            with_answer=True,
            training=True,
            features=self.features,
        )

    def texts(self) -> Iterator[str]:
        """Transcripts and all answers, for a vocabulary."""
        asked = training_questions(self.recipe)
        columns = dict.fromkeys(["text", *(name for each in asked for name in each.columns)])
        for row in self.rows.select_columns(list(columns)):
            answers = (each.answer(row, self.rows.features) for each in asked)
            yield from (text for text in (row["text"], *answers) if text)

    def record(self) -> dict[str, Any]:
        """What ``training.json`` says of it."""
        return {
            "corpus": self.recipe.corpus,
            "protocol": self.recipe.protocol,
            "n_train": len(self.rows),
            "n_there": self.n_there,
            "n_left_out": self.n_left_out,
        }


class Mixture(Dataset):
    """The clips that a run trains on, numbered one corpus after the other.

    Args:
        parts: The examples of each corpus.
        draws: The order in which they are drawn.
    """

    def __init__(self, parts: Sequence[Examples], draws: DrawSampler) -> None:
        self.parts = list(parts)
        self.draws = draws
        self._ends = list(accumulate(map(len, self.parts)))

    def __len__(self) -> int:
        """Number of clips."""
        return self._ends[-1]

    def __getitem__(self, key: int | Draw) -> dict[str, torch.Tensor]:
        """Tensors of one draw, see `Examples`."""
        index, number = key if isinstance(key, tuple) else (key, key)
        part, inner = self._place(index)
        return self.parts[part][inner, number]

    def pack(self, budget: int | None, n_processes: int = 1) -> PackedBatches | None:
        """The draws in batches of so many tokens.

        Args:
            budget: Most tokens of a batch; None gives None.
            n_processes: Processes that take turns with the batches.

        Raises:
            ValueError: A clip alone has more tokens.
        """
        if budget is None:
            return None
        counts = [part.token_counts() for part in self.parts]

        def n_tokens(draw: Draw) -> int:
            part, inner = self._place(draw[0])
            return int(counts[part][inner, self.parts[part].place_of_question(inner, draw[1])])

        return PackedBatches(self.draws, n_tokens, budget, n_processes)

    def fill(self, n_workers: int) -> None:
        """Process every clip now, see `Examples.fill`."""
        for part in self.parts:
            part.fill(n_workers)

    def lengths(self) -> list[int]:
        """See `Examples.lengths`."""
        return [length for part in self.parts for length in part.lengths()]

    def _place(self, index: int) -> tuple[int, int]:
        """Which part a clip is of, and its number there."""
        part = bisect_right(self._ends, index)
        return part, index - self._ends[part] + len(self.parts[part])


def training_parts(
    recipe: Recipe,
    train: datasets.Dataset,
    folders: Folders | None,
    validation: datasets.Dataset | None = None,
) -> tuple[list[Part], tuple[str, ...]]:
    """The training clips of every corpus of a recipe.

    Args:
        recipe: Names the corpora.
        train: Training clips of its first corpus.
        folders: Where the others lie.
        validation: Its validation clips, which the features that it names must hold too.

    Returns:
        A part for each corpus, and sentences on what a reader of the scores must know of them.

    Raises:
        ValueError: A corpus has no such column or nothing to train on.
    """
    own, *others = recipe.sources()
    parts, notes = [_part(own, train, validation)], []
    for source in others:
        assert folders is not None, "who names more corpora says where they lie"
        corpus = load_corpus(recipe, folders, source)
        parts.append(_part(source, training_split(corpus, source)))
        notes += _shared(own.corpus, source.corpus)
    for note in notes:
        warnings.warn(note, stacklevel=3)
    return parts, tuple(notes)


def draw_sampler(parts: Sequence[Part], recipe: Recipe) -> DrawSampler:
    """The order in which the clips of a run are drawn.

    Raises:
        ValueError: A column to weigh by is of the wrong kind.
    """
    weights = [recipe.weight, *(each.weight for each in recipe.more_corpora)]
    shares = [weight for weight in weights if weight is not None]
    return DrawSampler(
        [len(part.rows) for part in parts],
        recipe.trainer.get("data_seed") or recipe.seed,
        shares if len(shares) == len(parts) > 1 else None,
        [draw_weights(part.rows, part.recipe) for part in parts],
    )


def clip_names(parts: Sequence[Part]) -> list[str]:
    """The clips of a run by name; those of further corpora with the corpus before it."""
    own, *others = parts
    return [
        *own.rows["id"],
        *(f"{part.recipe.corpus}/{clip_id}" for part in others for clip_id in part.rows["id"]),
    ]


def _part(
    source: Recipe, train: datasets.Dataset, validation: datasets.Dataset | None = None
) -> Part:
    """The clips to train on in the run's own order, and how many cannot be used."""
    asked = training_questions(source)
    answers = [name for each in asked for name in each.columns]
    drawn_by = [name for name in (source.balance, source.weight_by) if name is not None]
    require_columns(train, source, (*source.modalities, *answers, *drawn_by))
    features = open_for(source, train, validation)
    rows = train.shuffle(seed=source.seed)
    kept = usable(rows, source, features, asked=asked, needed=drawn_by)
    n_left_out = len(rows) - len(kept)
    what = f"{' or '.join(source.modalities)} and {_answers(asked)}"
    if drawn_by:
        what += f" and {' and '.join(drawn_by)}"
    if len(kept) == 0:
        raise ValueError(
            f"no training clip of {source.corpus!r} can be used: got {len(rows)} clips, expected "
            f"some with {what}."
        )
    if n_left_out:
        warnings.warn(
            f"{n_left_out} of {len(rows)} training clips of {source.corpus!r} are left out: they "
            f"lack {what}.",
            stacklevel=4,
        )
    if source.max_train_clips is not None:
        kept = kept.select(range(min(source.max_train_clips, len(kept))))
    return Part(source, kept, len(rows), n_left_out, features)


def _answers(asked: Sequence[Any]) -> str:
    told = [" and ".join(each.columns) for each in asked]
    return told[0] if len(told) == 1 else f"one of {', '.join(told)}"


def _shared(own: str, other: str) -> list[str]:
    """What corpora that are joined may have in common, so that one's test clips are trained on."""
    known = entries()
    told = []
    for one, another in ((own, other), (other, own)):
        shares = known[one].shares.get(another) if one in known else None
        if shares:
            told.append(
                f"{one} shares clips with {another} ({shares}): clips that are tested on may be "
                "trained on."
            )
    return told
