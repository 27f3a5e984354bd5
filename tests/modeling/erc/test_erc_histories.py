"""CMN's and ICON's histories: whose they are, and that sharing them changes no answer."""

import pytest
import torch
from erc_cases import dialogues_of, logits, model_of
from torch.testing import assert_close

from affecthub.modeling.erc.modeling_histories import by_speaker, by_window

SPEAKERS = torch.tensor([[0, 1, 0, 2], [0, 0, 0, 0]])
MASK = torch.arange(4) < torch.tensor([[4], [2]])


def test_a_speaker_has_one_history_for_all_that_is_asked():
    found = by_speaker(SPEAKERS, MASK, 2)
    assert found.rows.tolist() == [0, 0, 1]  # the third speaker begins beyond the first two
    assert found.places.tolist() == [[0, 1]] * 3
    assert found.masks.is_own.tolist() == [[True, False], [False, True], [True, True]]
    assert found.masks.is_other.tolist() == [[False, True], [True, False], [False, False]]
    rows, places = found.asked
    assert list(zip(rows.tolist(), places.tolist(), strict=True)) == [
        (0, 0),
        (0, 2),
        (0, 1),
        (1, 0),
        (1, 1),
    ]
    assert found.masks.seen[0].tolist() == [[False, False], [True, False], [True, True]]
    assert found.masks.seen[2].tolist() == [[False, False], [True, False], [True, True]]
    assert by_speaker(SPEAKERS[:, :1], MASK[:, :1], 9).places.shape == (2, 0)


def test_a_window_is_one_history_for_one_utterance():
    found = by_window(SPEAKERS, MASK, 3, first=1)
    assert found.rows.tolist() == [0, 0, 0, 1] and found.asks[:, 0].tolist() == [1, 2, 3, 1]
    assert found.places.tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 2], [0, 0, 0]]
    assert found.masks.seen[:, 0].sum(-1).tolist() == [1, 2, 3, 1] and bool(found.asking.all())
    assert found.masks.is_own.tolist()[1] == [False, True, False]
    assert found.masks.is_other.tolist()[2] == [True, True, True]
    assert by_window(SPEAKERS, MASK, 3, first=4).rows.shape == (0,)


@pytest.mark.parametrize("form", ["cmn", "icon"])
@pytest.mark.parametrize("context", [1, 5, 40])
def test_shared_histories_are_those_of_every_utterance_by_itself(form, context, monkeypatch):
    model = model_of(form, options={"context": context})
    batch = dialogues_of(12, 1, 7, 2)
    labels = batch["speakers"].masked_fill(~batch["mask"], -100)
    found = []
    for shared in (True, False):
        if not shared:
            monkeypatch.setattr(
                model.conversation,
                "_histories",
                lambda dialogues: [by_window(dialogues.speakers, dialogues.mask, context)],
            )
        model.zero_grad()
        model(**batch, labels=labels).loss.backward()
        gradients = [each.grad.clone() for each in model.parameters()]
        found.append([logits(model, batch)[batch["mask"]], *gradients])
    for one, other in zip(*found, strict=True):
        assert_close(one, other, rtol=1e-5, atol=1e-6)
