"""Trainer and PEFT: one step moves what it should, and an adapter comes back as it was."""

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import Trainer, TrainingArguments

from affecthub.modeling.affectgpt.modeling_language import fusion_modules, lora_target_modules


@pytest.fixture
def rows(clip, wave) -> list[dict]:
    return [
        {"text": "she laughs", "videos": clip, "audio": wave, "answers": "joy"},
        {"text": "no", "videos": None, "audio": wave, "answers": "anger"},
        {"text": None, "videos": clip, "audio": None, "answers": "fear"},
        {"text": "well", "videos": None, "audio": None, "answers": "neutral"},
    ]


def train(model, processor, rows, folder, **arguments):
    def collate(samples):
        return processor(**{key: [s[key] for s in samples] for key in samples[0]})

    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            folder,
            per_device_train_batch_size=2,
            max_steps=2,
            learning_rate=1e-2,
            remove_unused_columns=False,
            report_to=[],
            use_cpu=True,
            logging_steps=1,
            save_strategy="no",
            disable_tqdm=True,
            **arguments,
        ),
        train_dataset=rows,
        eval_dataset=rows,
        data_collator=collate,
    )
    trainer.train()
    return trainer


@pytest.mark.parametrize("checkpointing", [False, True])
def test_lora_step_moves_adapters_and_fusion_only(
    make_model, processor, rows, tmp_path, checkpointing
) -> None:
    base = make_model()
    lora = LoraConfig(
        r=4, target_modules=lora_target_modules(base), modules_to_save=fusion_modules(base)
    )
    model = get_peft_model(make_model(), lora)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    train(model, processor, rows, tmp_path / "run", activation_checkpointing=checkpointing)
    assert not model.base_model.model.model.audio_tower.training
    for name, parameter in model.named_parameters():
        moved = not torch.equal(parameter, before[name])
        assert moved == ("lora_" in name or "modules_to_save" in name), name

    model.eval().save_pretrained(tmp_path / "adapter")
    batch = processor(text=["a"], videos=[rows[0]["videos"]], audio=[rows[0]["audio"]])
    loaded = PeftModel.from_pretrained(make_model(), tmp_path / "adapter").eval()
    expected = model(**batch).logits
    assert torch.equal(loaded(**batch).logits, expected)
    merged = loaded.merge_and_unload()
    torch.testing.assert_close(merged(**batch).logits, expected, atol=1e-5, rtol=1e-4)


def test_full_training_learns_and_evaluates(make_model, processor, rows, tmp_path) -> None:
    model = make_model(freeze_towers=False)
    before = model.model.audio_tower.feature_projection.projection.weight.detach().clone()
    trainer = train(model, processor, rows, tmp_path, gradient_accumulation_steps=2)
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert losses[-1] < losses[0]
    assert not torch.equal(model.model.audio_tower.feature_projection.projection.weight, before)
    assert trainer.evaluate()["eval_loss"] > 0


def test_loss_does_not_depend_on_how_a_batch_is_split(
    make_model, processor, rows, tmp_path
) -> None:
    """One batch of four and two accumulated batches of two take the same step."""
    results = []
    for batch_size, accumulation in ((4, 1), (2, 2)):
        model = make_model()

        def collate(samples):
            return processor(**{key: [s[key] for s in samples] for key in samples[0]})

        Trainer(
            model=model,
            args=TrainingArguments(
                tmp_path,
                per_device_train_batch_size=batch_size,
                gradient_accumulation_steps=accumulation,
                max_steps=1,
                learning_rate=1e-3,
                optim="sgd",
                max_grad_norm=0,
                remove_unused_columns=False,
                report_to=[],
                use_cpu=True,
                save_strategy="no",
                disable_tqdm=True,
            ),
            train_dataset=rows,
            data_collator=collate,
        ).train()
        results.append(dict(model.named_parameters()))
    for name, parameter in results[0].items():
        torch.testing.assert_close(results[1][name], parameter, atol=1e-6, rtol=1e-5, msg=name)
