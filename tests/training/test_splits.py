"""Splits of a run: told before it is trained, and held out by group where there are none."""

from dataclasses import replace

import datasets
import pytest

from affecthub.training.recipe import Recipe
from affecthub.training.splits import choose_splits, hold_out

RECIPE = Recipe(corpus="demo", model="m", modalities=("text",), answer=("text_en",))


def rows(groups, name="c"):
    ids = [f"{name}{i}" for i in range(len(groups))]
    columns = {"id": ids, "group_id": groups, "text": ids, "text_en": ids}
    features = datasets.Features(dict.fromkeys(columns, datasets.Value("string")))
    return datasets.Dataset.from_dict(columns, features=features)


def corpus(**groups):
    return datasets.DatasetDict({name: rows(each, name) for name, each in groups.items()})


def test_what_is_there_is_used():
    there = corpus(train=["a"], validation=["b"], test=["c"])
    chosen = choose_splits(there, RECIPE, validate=True)
    assert (len(chosen.train), chosen.validation, chosen.notes) == (1, there["validation"], ())
    assert (chosen.test, chosen.test_name) == (there["test"], "test")
    assert choose_splits(there, RECIPE, validate=False).validation is None


def test_whole_groups_are_held_out():
    # 40 clips of 8 speakers with 5 each: a tenth is 4, one speaker the nearest whole number.
    train = rows([f"s{i // 5}" for i in range(40)])
    kept, held, how = hold_out(train, RECIPE)
    assert (len(kept), len(held)) == (35, 5) and len(set(held["group_id"])) == 1
    assert not set(held["group_id"]) & set(kept["group_id"])
    assert how == "5 of its 40 training clips are held out to validate on, 1 of 8 speakers"
    assert hold_out(train, replace(RECIPE, seed=3))[1]["id"] == held["id"]


def test_what_is_held_out_can_be_used():
    # Twelve speakers, of whom ten said nothing: one of the other two is held out.
    train = rows([f"s{i}" for i in range(12)])
    train = train.map(lambda row: {"text": row["text"] if row["id"] in ("c3", "c8") else None})
    kept, held, _ = hold_out(train, RECIPE)
    assert len(held) == 1 and held["id"][0] in ("c3", "c8") and len(kept) == 11


@pytest.mark.parametrize("groups", [[None] * 20, ["film"] * 20])
def test_clips_are_held_out_where_no_two_groups_are_known(groups):
    kept, held, how = hold_out(rows(groups), RECIPE)
    assert (len(kept), len(held)) == (18, 2)
    assert how.endswith("clip by clip, because no groups are known")


def test_without_validation_or_test_it_is_told():
    there = corpus(train=["a", "b", "c"], validation=[], test_noise=["d"])
    with pytest.warns(UserWarning) as told:
        chosen = choose_splits(there, RECIPE, validate=True)
    assert len(chosen.validation) == 1 and chosen.test is None
    assert [str(each.message) for each in told] == list(chosen.notes)
    assert "has no validation clips: 1 of its 3 training clips" in chosen.notes[0]
    assert chosen.notes[1].endswith("Name another split in `test_split`: test_noise.")
    named = choose_splits(there, replace(RECIPE, test_split="test_noise"), validate=False)
    assert (named.test, named.test_name) == (there["test_noise"], "test_noise")


def test_splits_that_cannot_serve_are_told_before_training():
    with pytest.raises(ValueError, match="nothing to train on: got splits meld, expected `train`"):
        choose_splits(corpus(meld=["a"], train=[]), RECIPE, validate=True)
    with pytest.raises(ValueError, match="Did you mean 'test_noise'"):
        choose_splits(
            corpus(train=["a"], test_noise=["b"]),
            replace(RECIPE, test_split="test_nosie"),
            validate=False,
        )
    with pytest.raises(ValueError, match="1 training clips that can.*trainer.eval_strategy=no"):
        hold_out(rows(["a"]), RECIPE)
