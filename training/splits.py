"""The splits of a run: what is trained on, what chooses the weights, and what is answered."""

import warnings
from dataclasses import dataclass

import datasets
import numpy as np

from affecthub.entries import entry_of
from affecthub.errors import close_names, unknown_name
from affecthub.training.examples import usable
from affecthub.training.features.using import open_for
from affecthub.training.recipe import Recipe

# Of the training clips, where a protocol has none to validate on.
VALIDATION_SHARE = 0.1


@dataclass(frozen=True)
class Splits:
    """The clips of a run.

    Args:
        train: Clips to train on.
        validation: Clips whose loss chooses the weights, None where nothing is evaluated.
        test: Clips to answer, None where the protocol has none.
        test_name: What that split is called.
        notes: Sentences on what a reader of the scores must know of the splits.
    """

    train: datasets.Dataset
    validation: datasets.Dataset | None
    test: datasets.Dataset | None
    test_name: str | None
    notes: tuple[str, ...] = ()


def choose_splits(corpus: datasets.DatasetDict, recipe: Recipe, *, validate: bool) -> Splits:
    """Say which clips a run uses, before anything is trained.

    Args:
        corpus: The recipe's corpus under its protocol.
        recipe: Names the split to answer, or leaves it to be ``test`` where there is one.
        validate: Whether validation clips are needed. Where the protocol has none, a tenth of the
            training clips is held out, whole groups (speakers, films) where they are known.

    Raises:
        ValueError: There is no training clip, no split of the name that the recipe gives, or a
            clip is in the validation and in the test split.
    """
    named = {name: rows for name, rows in corpus.items() if len(rows)}
    where = f"protocol {recipe.protocol!r} of {recipe.corpus}"
    train = training_split(corpus, recipe)
    notes = []
    wanted = recipe.test_split or "test"
    open_ = set(named) - {recipe.train_split}
    validation = named.get("validation") if validate else None
    if wanted == "validation":
        validation = None  # what is scored at the end must not have chosen the weights
    if validate and validation is None:
        train, validation, how = hold_out(train, recipe)
        scored = "scores its" if wanted == "validation" and wanted in named else "has no"
        notes.append(f"{where} {scored} validation clips: {how}.")
    if recipe.test_split is not None and wanted not in open_:
        raise unknown_name(f"`test_split` of {where}", wanted, open_)
    if wanted not in open_:
        others = ", ".join(sorted(open_ - {"validation"}))
        notes.append(
            f"{where} has no test clips: nothing is answered or scored."
            + (f" Name another split in `test_split`: {others}." if others else "")
        )
    for note in notes:
        warnings.warn(note, stacklevel=3)
    test = named[wanted] if wanted in open_ else None
    if validation is not None and test is not None:
        shared = {*validation["id"]} & {*test["id"]}
        if shared:
            raise ValueError(
                f"{where}: {len(shared)} clips are validated on and tested, {min(shared)!r} for "
                "one: expected none, for validation chooses the weights. Take them out of one."
            )
    return Splits(train, validation, test, wanted if test is not None else None, tuple(notes))


def training_split(corpus: datasets.DatasetDict, recipe: Recipe) -> datasets.Dataset:
    """The clips of a corpus to train on.

    Args:
        corpus: Under the protocol of the recipe.
        recipe: Of this corpus.

    Raises:
        ValueError: There is no such split, or no clip in it.
    """
    named = {name: rows for name, rows in corpus.items() if len(rows)}
    if recipe.train_split not in named:
        close = close_names(recipe.train_split, named, n=1)
        hint = f" Did you mean train_split={close[0]!r}?" if close else ""
        raise ValueError(
            f"protocol {recipe.protocol!r} of {recipe.corpus} has nothing to train on: got splits "
            f"{', '.join(named) or 'without clips'}, expected `{recipe.train_split}`. Its "
            f"protocols are {', '.join(entry_of(recipe.corpus).protocols)}.{hint}"
        )
    return named[recipe.train_split]


def hold_out(
    train: datasets.Dataset, recipe: Recipe
) -> tuple[datasets.Dataset, datasets.Dataset, str]:
    """Divide training clips in those to train and those to validate on; the same for every seed.

    Returns:
        Both, and how they were divided, in words.

    Raises:
        ValueError: There are not two clips that can be used.
    """
    can = usable(train, recipe, features=open_for(recipe))
    n = len(can)
    if n < 2:
        raise ValueError(
            f"{recipe.corpus} has {n} training clips that can be used: expected two or more, to "
            "validate on some. Set trainer.eval_strategy=no."
        )
    kind = entry_of(recipe.corpus).groups
    groups = can["group_id"]
    members: dict[str, list[int]] = {}
    for i, group in enumerate(groups):
        members.setdefault(f"clip {i}" if group is None else f"group {group}", []).append(i)
    by_group = len(members) > 1 and any(group is not None for group in groups)
    if not by_group:
        members = {f"clip {i}": [i] for i in range(n)}
    chosen = _about(members, max(1, round(VALIDATION_SHARE * n)))
    ids = can["id"]
    held = {ids[i] for name in chosen for i in members[name]}
    unit = f"{len(chosen)} of {len(members)} {kind or 'group'}s" if by_group else "clip by clip"
    how = f"{len(held)} of its {n} training clips are held out to validate on, {unit}"
    if not by_group:
        how += ", because no groups are known"
    places = range(len(train))
    is_held = [clip_id in held for clip_id in train["id"]]
    return (
        train.select([i for i in places if not is_held[i]]),
        train.select([i for i in places if is_held[i]]),
        how,
    )


def _about(members: dict[str, list[int]], n_clips: int) -> list[str]:
    """Groups that together have about so many clips: drawn at random, else the smallest one."""
    names = list(members)
    chosen: list[str] = []
    total = 0
    for place in np.random.default_rng(0).permutation(len(names)).tolist():
        size = len(members[names[place]])
        if total < n_clips and total + size <= 1.5 * n_clips:
            chosen.append(names[place])
            total += size
    return chosen or [min(names, key=lambda name: len(members[name]))]
