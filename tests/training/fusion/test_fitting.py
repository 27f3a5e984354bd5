"""Training by the Trainer: what it learns, that it repeats, and that it is the plain loop's."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from affecthub.modeling.fusion import FusionModel
from affecthub.training.fusion import Settings, config_for, fit, table_of
from affecthub.training.fusion.fitting import new_model
from affecthub.training.fusion.forward import forward
from affecthub.training.fusion.noise import Dropout, draw, kept, restore, with_own_dropout
from affecthub.training.fusion.order import Batches
from affecthub.training.fusion.scoring import majority_scores, scores_of
from affecthub.training.fusion.trainer import answers_to

QUICK = Settings(epochs=8, batch_size=8, learning_rate=5e-3)


def test_it_learns_and_gives_back_the_best_epoch(small):
    fitted = fit(config_for(small, "attention", hidden_dim=32), small, settings=QUICK)
    assert (
        fitted.scores["waf"]
        > 0.9
        > majority_scores(small.labels, small.splits["train"], small.splits["test"])["waf"]
    )
    best = max(fitted.history, key=lambda epoch: epoch["waf"])
    assert fitted.best_epoch == best["epoch"] and fitted.validation["waf"] == best["waf"]
    answers, _ = answers_to(fitted.model, small, "validation", QUICK)
    again = scores_of(answers, small.labels, small.splits["validation"])
    assert again["waf"] == best["waf"]
    assert not fitted.model.training


def test_a_seed_repeats_and_another_does_not(small):
    config = config_for(small, "lmf", hidden_dim=16)
    torch.manual_seed(5)
    first = fit(config, small, seed=1, settings=QUICK)
    torch.manual_seed(6)
    before = torch.random.get_rng_state()
    second = fit(config, small, seed=1, settings=QUICK)
    third = fit(config, small, seed=2, settings=QUICK)
    assert torch.equal(torch.random.get_rng_state(), before)  # the caller's draws are not touched
    assert torch.equal(first.answers["test"], second.answers["test"])
    assert not torch.equal(first.answers["test"], third.answers["test"])


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_the_trainer_takes_the_steps_of_a_plain_loop(small, optimizer):
    small = replace(small, splits={"train": small.splits["train"]})  # the last weights are kept
    config = config_for(small, "attention", hidden_dim=16, dropout=0.0)
    settings = QUICK.with_(epochs=2, optimizer=optimizer, weight_decay=0.01, clip_value=0.02)
    fitted = fit(config, small, seed=3, settings=settings)
    model = new_model(config, 3).train()
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[optimizer]
    adam = kind(model.parameters(), lr=5e-3, weight_decay=0.01)
    for epoch in range(2):
        batches = Batches(small, "train", 8, seed=3)
        batches.set_epoch(epoch)
        for batch in batches:
            adam.zero_grad()
            model(**batch).loss.backward()
            torch.nn.utils.clip_grad_value_(model.parameters(), 0.02)
            adam.step()
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(fitted.model.state_dict()[name], weight, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("algorithm", ["attention", "lmf", "tfn", "misa", "mmim"])
def test_the_short_way_is_the_models_own(small, algorithm):
    model = new_model(config_for(small, algorithm, hidden_dim=8), 0).eval()
    batch = small.batch(torch.arange(5))
    loss, answers = forward(model, batch)
    output = model(**batch)
    torch.testing.assert_close(answers, output.logits)
    torch.testing.assert_close(loss, output.loss)


def test_scores_are_learned_and_zeros_left_out(scored):
    config = config_for(scored, "attention", hidden_dim=16)
    assert config.score and config.num_labels == 0
    fitted = fit(config, scored, settings=QUICK.with_(epochs=15))
    assert fitted.scores["acc"] > 0.8 and fitted.scores["ccc"] > 0.5
    assert fitted.scores["mae"] < 0.7
    labels = scored.labels
    labels.scores[scored.splits["test"][:5]] = 0.0
    again = scores_of(fitted.answers["test"], labels, scored.splits["test"])
    assert again["n"] == 20 and again["n_scored"] == 15


@pytest.mark.slow
def test_what_clips_lack_is_masked_or_trained_for():
    labels = np.arange(60) % 3
    text = list(np.eye(3, dtype=np.float32)[labels] * 3)
    audio = [None if i % 4 == 0 else row for i, row in enumerate(text)]
    splits = {"train": range(40), "validation": range(40, 50), "test": range(50, 60)}
    for missing in ("mask", "drop"):
        given = {"audio": audio, "text": text}
        table = table_of(given, labels.tolist(), splits, missing=missing)
        config = config_for(table, "attention", hidden_dim=16)
        assert config.modality_dropout == (0.2 if missing == "drop" else 0.0)
        fitted = fit(config, table, settings=QUICK.with_(epochs=15, learning_rate=1e-2))
        assert fitted.scores["acc"] == 1.0, missing


@pytest.mark.slow
def test_patience_ends_it(small):
    settings = QUICK.with_(epochs=30, patience=2, learning_rate=1e-6)
    fitted = fit(config_for(small, "attention", hidden_dim=8), small, settings=settings)
    assert len(fitted.history) < 30


def test_without_validation_the_last_weights_stay(small):
    labels = small.labels.classes.tolist()
    features = {name: block.values for name, block in small.blocks.items()}
    table = table_of(features, labels, {"train": range(90), "test": range(90, 120)})
    fitted = fit(config_for(table, "attention", hidden_dim=32), table, settings=QUICK)
    assert fitted.best_epoch == 0 and fitted.history == [] and fitted.scores["waf"] > 0.8


def test_another_tables_configuration_is_refused(small):
    with pytest.raises(ValueError, match="`text_dim` 7, expected 9"):
        fit(config_for(small, "lmf", text_dim=7), small)


def test_dropout_drops_its_share_and_keeps_the_mean():
    torch.manual_seed(0)
    x = torch.ones(100, 1000)
    out = Dropout(0.3).train()(x)
    assert abs(float((out == 0).float().mean()) - 0.3) < 0.01
    assert abs(float(out.mean()) - 1) < 0.01
    assert torch.equal(Dropout(0.3).eval()(x), x)


def test_a_higher_rate_drops_what_a_lower_one_drops_and_more():
    drawn = draw((1000,), torch.device("cpu"))
    assert not (kept(drawn, 0.5) & ~kept(drawn, 0.2)).any()


def test_models_get_their_own_dropout_back(small):
    model: FusionModel = new_model(config_for(small, "lmf", hidden_dim=8), 0)
    before = [type(module) for module in model.modules()]
    changed = with_own_dropout(model)
    assert any(isinstance(module, Dropout) for module in model.modules())
    restore(changed)
    assert [type(module) for module in model.modules()] == before


@pytest.mark.parametrize("values", [{"epochs": 0}, {"learning_rate": 2.0}, {"clip_value": -2}])
def test_settings_out_of_range_are_refused(values):
    with pytest.raises(ValueError, match=next(iter(values))):
        Settings(**values)


def test_an_unknown_setting_is_refused():
    with pytest.raises(ValueError, match="learning_rate"):
        Settings().with_(learningrate=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("fidelity", ["fixed", "official"])
def test_all_ten_run_on_steps(ragged, fidelity):
    from affecthub.training.fusion.spaces import SPACES

    make = Settings.official if fidelity == "official" else Settings
    settings = make(epochs=1, batch_size=16, clip_value=0.8)
    for algorithm in SPACES:
        config = config_for(ragged, algorithm, hidden_dim=16, fidelity=fidelity)
        fitted = fit(config, ragged, settings=settings)
        assert np.isfinite(fitted.validation["loss"]), algorithm
        assert fitted.answers["test"].shape == (12, 4)
