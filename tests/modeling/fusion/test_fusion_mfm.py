"""MFM: its distance from a normal distribution, what it builds again, the head it never reads."""

import torch
from fusion_cases import batch_of, labels_of, model_of

from affecthub.modeling.fusion.modeling_mfm import normal_distance, sampled_distance


def test_the_distance_is_the_mean_over_samples():
    torch.manual_seed(0)
    z, counted = 2 * torch.randn(6, 4), torch.tensor([True, True, True, False, True, True])
    exact = normal_distance(z, counted)
    sampled = [sampled_distance(z[counted], torch.randn(800, 4)) for _ in range(4)]
    torch.testing.assert_close(torch.stack(sampled).mean(), exact, rtol=0, atol=6e-3)
    assert float(exact) > 0.02
    near = normal_distance(torch.randn(400, 4), torch.ones(400, dtype=torch.bool))
    assert abs(float(near)) < 2e-3
    assert float(normal_distance(z, torch.zeros(6, dtype=torch.bool))) == 0


def test_the_loss_is_drawn_as_released_and_repaired_always_the_same():
    fixed = model_of("mfm")
    batch = {**batch_of(), "labels": labels_of()}
    assert torch.equal(fixed(**batch).loss, fixed(**batch).loss)
    official = model_of("mfm", fidelity="official")
    official.fusion.generator = torch.Generator()
    found = []
    for seed in (0, 0, 1):
        official.fusion.generator.manual_seed(seed)
        found.append(official(**batch))
    assert torch.equal(found[0].loss, found[1].loss) and not torch.equal(
        found[0].loss, found[2].loss
    )
    assert torch.equal(found[0].logits, found[2].logits)


def test_what_a_clip_lacks_is_not_built():
    model = model_of("mfm")
    batch = batch_of()
    mask = torch.ones(4, 5, dtype=torch.bool)
    mask[1] = False
    losses = model(**batch, vision_mask=mask).losses
    assert list(losses) == ["mmd", "build_text", "build_audio", "build_vision"]
    three = torch.tensor([0, 2, 3])
    left = model(**{key: x[three] for key, x in batch.items()}).losses
    torch.testing.assert_close(losses["build_vision"], left["build_vision"])
    none = model(audio=batch["audio"], text=batch["text"]).losses
    assert not bool(none["build_vision"].any()) and bool(none["build_text"] > 0)


def test_released_weights_load_without_the_head_that_nothing_reads():
    official, fixed = model_of("mfm", fidelity="official"), model_of("mfm", seed=1)
    weights = {key.removeprefix("fusion."): x for key, x in official.state_dict().items()}
    unread = [key for key in weights if key.startswith(("mfn_encoder.out_", "mfn_encoder.fc_"))]
    assert len(unread) == 6
    fixed.load_official(weights)
    assert torch.equal(
        fixed.state_dict()["fusion.last_to_zy_fc1.bias"], weights["last_to_zy_fc1.bias"]
    )
    official(**batch_of(), labels=labels_of()).loss.backward()
    for key in unread:
        assert official.get_parameter(f"fusion.{key}").grad is None
