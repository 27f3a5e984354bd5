"""What DEP and EAMT make of who speaks, and what windows and turns hold."""

import pytest
import torch
from erc_cases import dialogues_of, logits, model_of
from torch.testing import assert_close

from affecthub.modeling.erc.modeling_windows import gather, turns, window


def test_a_window_holds_what_came_before_and_itself():
    mask = torch.arange(4) < torch.tensor([[4], [2]])
    places, there = window(mask, 2)
    assert places.tolist() == [[0, 0], [0, 1], [1, 2], [2, 3]]
    assert there[0].tolist() == [[False, True], [True, True], [True, True], [True, True]]
    assert there[1].tolist() == [[False, True], [True, True], [False, False], [False, False]]
    assert window(mask, None)[0][3].tolist() == [0, 1, 2, 3]
    assert window(mask, 7)[0].shape == (4, 4)


def test_turns_are_averaged_as_far_as_they_have_come():
    """Speakers 0 0 1 0 0: the last turn is one utterance long at the fourth, two at the fifth."""
    values = torch.tensor([[[2.0], [4.0], [8.0], [16.0], [32.0], [0.0]]])
    speakers = torch.tensor([[0, 0, 1, 0, 0, 0]])
    mask = torch.tensor([[True, True, True, True, True, False]])
    averages, places, there = turns(values, speakers, mask, 2)
    assert averages[0, :5, 0].tolist() == [2.0, 3.0, 8.0, 16.0, 24.0]
    steps = gather(averages, places)[0, :, :, 0]
    assert steps[:5].masked_fill(~there[0, :5], -1).tolist() == [
        [-1, 2],
        [-1, 3],
        [3, 8],
        [8, 16],
        [8, 24],
    ]
    assert not there[0, 5].any()
    assert turns(values, speakers, mask, None)[1].shape == (1, 6, 6)


@pytest.mark.parametrize("form", ["dep", "eamt"])
def test_who_speaks_next_matters_where_it_is_given_and_else_does_not(form):
    batch = dialogues_of(6, n_speakers=2)
    usual = {**batch, "next_speakers": batch["speakers"]}
    other = {**batch, "next_speakers": 1 - batch["speakers"]}
    given = model_of(form)
    assert not torch.allclose(logits(given, usual), logits(given, other))
    options = {"next_speaker": "unknown"}
    unknown = model_of(form, options=options)
    assert torch.equal(logits(unknown, usual), logits(unknown, other))
    assert_close(logits(given, usual), logits(unknown, usual))


@pytest.mark.parametrize("form", ["dep", "eamt"])
def test_who_speaks_next_is_read_off_the_dialogue(form):
    model = model_of(form)
    batch = dialogues_of(6, 4)
    speakers = batch["speakers"]
    following = torch.cat([speakers[:, 1:], speakers[:, -1:]], 1)
    following[1, 3] = speakers[1, 3]
    told = {**batch, "next_speakers": following}
    assert_close(logits(model, batch)[batch["mask"]], logits(model, told)[batch["mask"]])


def test_spectators_are_left_out_by_eamt_and_others_to_dep():
    """Speakers 0 1 2 2 speak, 2 speaks next: 1 spoke last of the others, 0 is a spectator."""
    batch = dialogues_of(4)
    batch["speakers"] = torch.tensor([[0, 1, 2, 2]])
    batch["next_speakers"] = torch.full((1, 4), 2)
    for form, hears in (("eamt", False), ("dep", True)):
        conversation = model_of(form).conversation
        who, there = batch["speakers"], torch.ones(1, 4, dtype=torch.bool)
        speaker, other = conversation._roles(who, there, torch.tensor([2]))
        assert speaker[0].tolist() == [False, False, True, True]
        assert other[0].tolist() == [hears, True, False, False]


def test_a_role_that_never_spoke_is_zeros():
    """The first utterance: one role has a step, the other none."""
    model = model_of("eamt")
    batch = dialogues_of(1)
    with torch.no_grad():
        first = model(**batch, next_speakers=batch["speakers"]).features[0, 0]
        second = model(**batch, next_speakers=(batch["speakers"] + 1) % 3).features[0, 0]
    assert first[:6].any() and not first[6:12].any()
    assert not second[:6].any() and second[6:12].any()
    assert torch.equal(first[12:], second[12:])


@pytest.mark.parametrize("attention", ["last", "mean", "none"])
def test_turns_and_attention_are_options(attention):
    batch = dialogues_of(7, 3)
    found = [
        logits(model_of("dep", options={"attention": attention, "turns": turned}), batch)
        for turned in (False, True)
    ]
    assert not torch.allclose(found[0], found[1])


@pytest.mark.parametrize("form", ["bigru", "avef", "dep"])
def test_what_lies_before_the_window_is_not_heard(form):
    model = model_of(form, options={"context": 3})
    batch = dialogues_of(8)
    before = logits(model, batch)
    batch["features"][:, :3] += 1
    after = logits(model, batch)
    assert_close(after[:, 5:], before[:, 5:], rtol=0, atol=1e-6)
    assert not torch.allclose(after[:, 4], before[:, 4])


def test_who_speaks_is_read_by_a_bigru_that_is_asked_to():
    batch = dialogues_of(6)
    other = {**batch, "speakers": (batch["speakers"] + 1) % 3}
    plain = model_of("bigru")
    assert torch.equal(logits(plain, batch), logits(plain, other))
    asked = model_of("bigru", options={"speakers": True})
    assert not torch.allclose(logits(asked, batch), logits(asked, other))
