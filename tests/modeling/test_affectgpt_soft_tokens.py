"""Every soft token goes where its own sample's placeholder is, or nowhere at all."""

import pytest
import torch

from affecthub.modeling.affectgpt.modeling_presence import Presence, presence
from affecthub.modeling.affectgpt.modeling_soft_tokens import SoftTokens, fill_placeholders

VOICE, FACE = 90, 92  # with an id between them that is a word's


def kind(token_id: int, flags: list[bool], n_tokens: int = 1) -> SoftTokens:
    """Soft tokens numbered from the token's id on, of width 1."""
    n_rows = sum(flags)
    values = torch.arange(n_rows * n_tokens, dtype=torch.float32) + 10 * token_id
    rows = values.view(n_rows, n_tokens, 1)
    return SoftTokens(f"<{token_id}>", token_id, Presence(flags), rows)


def fill(ids: list[list[int]], *kinds: SoftTokens) -> list[list[float]]:
    ids_ = torch.tensor(ids)
    return fill_placeholders(ids_.float().unsqueeze(-1), ids_, kinds).squeeze(-1).tolist()


def test_rows_go_to_their_own_samples_in_order() -> None:
    ids = [[FACE, 1, VOICE, 91], [2, FACE, 3, 4], [5, 6, VOICE, 7]]
    filled = fill(ids, kind(VOICE, [True, False, True]), kind(FACE, [True, True, False]))
    assert filled == [[920, 1, 900, 91], [2, 921, 3, 4], [5, 6, 901, 7]]


def test_several_tokens_of_a_sample_keep_their_order() -> None:
    ids = [[VOICE, 1, VOICE], [VOICE, VOICE, 1]]
    assert fill(ids, kind(VOICE, [True, True], 2)) == [[900, 1, 901], [902, 903, 1]]


def test_what_comes_in_is_not_changed() -> None:
    ids = torch.tensor([[VOICE, 1]])
    embeds = ids.float().unsqueeze(-1)
    fill_placeholders(embeds, ids, [kind(VOICE, [True])])
    assert embeds.flatten().tolist() == [VOICE, 1]


@pytest.mark.parametrize(
    ("ids", "flags", "n_tokens", "message"),
    [
        # As many placeholders as soft tokens in all, and each of them with the wrong sample.
        ([[1, 2], [VOICE, 2]], [True, False], 1, "sample 0 has 0 <90> .* but 1 feature rows"),
        ([[VOICE, 2], [1, 2]], [False, True], 1, "sample 0 has 1 <90> .* but 0 feature rows"),
        ([[VOICE] * 3, [VOICE, 1, 2]], [True, True], 2, "sample 0 has 3 <90> .* but 2 feature"),
        ([[VOICE, 1, 2], [VOICE] * 3], [True, True], 2, "sample 0 has 1 <90> .* but 2 feature"),
        # Others in all.
        ([[VOICE, 1], [VOICE, VOICE]], [True, True], 1, "sample 1 has 2 <90> .* but 1 feature"),
        ([[VOICE, 1], [1, 2]], [True, True], 1, "sample 1 has 0 <90> .* but 1 feature rows"),
    ],
)
def test_equal_totals_do_not_hide_a_swapped_sample(ids, flags, n_tokens, message) -> None:
    with pytest.raises(ValueError, match=message):
        fill(ids, kind(VOICE, flags, n_tokens))


def test_totals_of_one_kind_do_not_stand_in_for_another() -> None:
    with pytest.raises(ValueError, match="sample 0 has 2 <90> placeholders but 1 feature rows"):
        fill([[VOICE, VOICE]], kind(VOICE, [True]), kind(FACE, [True]))


def test_two_samples_of_one_batch_cannot_swap_their_media(model, processor, clip) -> None:
    """The promise of the design, by the model itself: masks and prompts in another order."""
    batch = processor(text=["a", "b"], videos=[clip, None])
    assert model(**batch).logits.isfinite().all()
    swapped = {**batch, "video_mask": batch["video_mask"].flip(0)}
    with pytest.raises(ValueError, match=r"sample 0 has 1 <\|video\|> placeholders but 0 feature"):
        model(**swapped)


def test_a_modality_is_there_by_its_mask_and_never_without_media() -> None:
    values = torch.ones(2, 3)
    assert presence((values, None), torch.tensor([True, False]), 2).flags == [True, False]
    assert presence((None, values), torch.tensor([[0], [1]]), 2).flags == [False, True]
    assert presence((None, None), torch.tensor([True, True]), 2).flags == [False, False]
    for wrong in ((torch.ones(3, 3), None), (values, torch.ones(1, 3))):
        with pytest.raises(ValueError, match="expected one row a sample"):
            presence(wrong, None, 2)
    with pytest.raises(ValueError, match=r"got \[2, 1\] rows of media and mask for 2 samples"):
        presence((values, None), torch.tensor([True]), 2)


def test_presence_keeps_the_rows_of_its_samples() -> None:
    heard, seen = Presence([True, True, False, True]), Presence([False, True, True, True])
    rows = torch.tensor([[0.0], [1.0], [3.0]])
    assert heard.rows(torch.arange(4)[:, None]).flatten().tolist() == [0, 1, 3]
    assert heard.shared(seen, rows).flatten().tolist() == [1, 3]
    out = torch.full((4, 1), -1.0)
    heard.spread(rows, out)
    assert out.flatten().tolist() == [0, 1, -1, 3]
    assert (heard & seen).flags == [False, True, False, True]
    assert (heard | seen).flags == [True, True, True, True]
