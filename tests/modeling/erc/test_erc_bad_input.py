"""What is wrong with a batch is said in words, and losses are what they say."""

import pytest
import torch
from erc_cases import ALL, dialogues_of, model_of
from torch.testing import assert_close


def spoilt(**changes):
    batch = dialogues_of(5, 3, n_speakers=2)
    return {**batch, **{key: change(batch[key].clone()) for key, change in changes.items()}}


def put(places, value):
    def change(tensor):
        tensor[places] = value
        return tensor

    return change


@pytest.mark.parametrize("form", ["cmn", "dialoguegcn", "eamt"])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"features": lambda x: x[..., :7]}, r"got shape \(2, 5, 7\), expected .* 8\)"),
        ({"features": lambda x: x[0]}, r"got shape \(5, 8\), expected \(dialogues, utterances, 8"),
        ({"features": lambda x: x[:0]}, "`features` are empty"),
        (
            {"features": put((1, 2), float("nan"))},
            "NaN or infinity: first at dialogue 1, utter.* 2",
        ),
        ({"features": put((0, 4, 3), float("inf"))}, "first at dialogue 0, utterance 4"),
        ({"mask": lambda x: x[:, :4]}, r"`mask` does not fit: got shape \(2, 4\), expected \(2, 5"),
        ({"mask": put((0, 1), False)}, r"got \[1, 0, 1, 1, 1\] for dialogue 0, expected utterance"),
        ({"mask": put(1, False)}, r"got \[0, 0, 0, 0, 0\] for dialogue 1, .* at least one utter"),
        ({"speakers": put((1, 1), 3)}, "out of range: got 0 to 3, expected 0 to 2. Number the sp"),
        ({"speakers": put((1, 1), -1)}, "out of range: got -1 to 1, expected 0 to 2"),
        ({"speakers": lambda x: x[:1]}, r"`speakers` does not fit: got shape \(1, 5\)"),
    ],
)
def test_a_batch_that_does_not_fit(form, changes, said):
    with pytest.raises(ValueError, match=said):
        model_of(form)(**spoilt(**changes))


def test_labels_and_next_speakers_that_do_not_fit():
    model, batch = model_of("dep"), dialogues_of(5, 3)
    labels = torch.zeros(2, 5, dtype=torch.long)
    with pytest.raises(ValueError, match="out of range: got 4, expected 0 to 3, or -100"):
        model(**batch, labels=put((0, 1), 4)(labels.clone()))
    with pytest.raises(ValueError, match="out of range: got -1, expected 0 to 3"):
        model(**batch, labels=put((0, 1), -1)(labels.clone()))
    with pytest.raises(ValueError, match=r"`labels` do not fit: got shape \(2, 4\)"):
        model(**batch, labels=labels[:, :4])
    with pytest.raises(ValueError, match="speakers are out of range: got 0 to 9"):
        model(**batch, next_speakers=put((0, 1), 9)(labels.clone()))


def test_speakers_are_asked_for_where_they_matter():
    features = dialogues_of(5)["features"]
    for form in ALL:
        model = model_of(form)
        if form in ("bigru", "avef"):
            assert model(features).logits.shape == (1, 5, 4)
        else:
            with pytest.raises(
                ValueError, match=rf"`speakers` are missing.*\(1, 5\), since {form}"
            ):
                model(features)


def test_the_released_graph_has_so_many_places():
    model = model_of("dialoguegcn", fidelity="official", options={"max_length": 6})
    assert model(**dialogues_of(6)).logits.shape == (1, 6, 4)
    with pytest.raises(ValueError, match="got 7 utterances, expected at most 6.*reads any"):
        model(**dialogues_of(7))


def test_the_loss_is_the_mean_over_what_is_scored():
    model, batch = model_of("bigru"), dialogues_of(5, 3)
    labels = torch.tensor([[0, -100, 2, 3, 1], [1, 1, -100, 0, 0]])
    output = model(**batch, labels=labels)
    scored = batch["mask"] & (labels >= 0)
    wanted = torch.nn.functional.cross_entropy(output.logits[scored], labels[scored])
    assert_close(output.loss, wanted)
    weights = [1.0, 2.0, 0.5, 3.0]
    weighted = model_of("bigru", class_weights=weights)(**batch, labels=labels)
    wanted = torch.nn.functional.cross_entropy(
        output.logits[scored], labels[scored], weight=torch.tensor(weights)
    )
    assert_close(weighted.loss, wanted)
    nothing = model(**batch, labels=torch.full_like(labels, -100))
    assert float(nothing.loss.detach()) == 0.0
    nothing.loss.backward()
    assert model(**batch).loss is None


def test_the_penalty_of_the_fixed_form_is_of_all_weights():
    batch = dialogues_of(4, 3)
    labels = torch.zeros(2, 4, dtype=torch.long)
    for form in ("cmn", "icon"):
        assert list(model_of(form)(**batch, labels=labels).losses) == ["labels"]
        model = model_of(form, options={"l2": 0.01})
        squares = sum(
            (x.square().sum() for name, x in model.named_parameters() if name.endswith("weight")),
            torch.zeros(()),
        )
        output = model(**batch, labels=labels)
        assert_close(output.losses["penalty"], 0.005 * squares)
        assert_close(output.loss, output.losses["labels"] + output.losses["penalty"])
