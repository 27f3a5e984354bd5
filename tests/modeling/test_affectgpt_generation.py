"""Answers do not depend on the batch they were asked in."""

import pytest
import torch


@pytest.fixture(scope="module")
def questions(processor, clip, wave) -> list[dict]:
    """Five samples of unlike modalities and lengths."""
    return [
        {"text": "she laughs", "videos": clip, "audio": wave},
        {"text": "他很高兴，笑个不停", "videos": None, "audio": wave[:9000]},
        {"text": None, "videos": clip[:1], "audio": None},
        {"text": "a longer sentence than the others have, to be padded against", "videos": None},
        {"text": None, "videos": clip[::-1].copy(), "audio": wave[::-1].copy()},
    ]


@pytest.fixture
def lively_model(make_model):
    """Weights far from zero, so that unlike prompts get unlike answers."""
    model = make_model(text_config={"tie_word_embeddings": False})
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() == 2 and "_tower" not in name:
                weight *= 8
    return model


def collate(processor, samples: list[dict]):
    return processor(**{k: [s.get(k) for s in samples] for k in ("text", "videos", "audio")})


@pytest.mark.parametrize("num_beams", [1, 3])
def test_batch_answers_as_each_sample_alone(lively_model, processor, questions, num_beams) -> None:
    options = {"max_new_tokens": 8, "do_sample": False, "num_beams": num_beams, "min_new_tokens": 8}
    batch = collate(processor, questions)
    assert batch["attention_mask"][:, -1].all()
    together = lively_model.generate(**batch, **options)[:, batch["input_ids"].shape[1] :]
    assert len({tuple(row.tolist()) for row in together}) == len(questions)
    for row, question in zip(together, questions, strict=True):
        alone = collate(processor, [question])
        expected = lively_model.generate(**alone, **options)[0, alone["input_ids"].shape[1] :]
        assert row.tolist() == expected.tolist()


def test_cache_changes_nothing(lively_model, processor, questions) -> None:
    batch = collate(processor, questions)
    answers = [
        lively_model.generate(**batch, max_new_tokens=6, do_sample=False, use_cache=use_cache)
        for use_cache in (True, False)
    ]
    assert torch.equal(*answers)


def test_media_are_encoded_once_per_answer(model, processor, questions) -> None:
    calls = []
    model.model.vision_tower.register_forward_hook(lambda *args: calls.append("vision"))
    model.model.audio_tower.register_forward_hook(lambda *args: calls.append("audio"))
    model.generate(**collate(processor, questions), max_new_tokens=5, min_new_tokens=5)
    assert sorted(calls) == ["audio", "vision"]


def test_no_answer_holds_a_placeholder(model, processor, questions, tmp_path) -> None:
    """A head that wants nothing but the video placeholder, fresh and loaded again."""
    batch = collate(processor, questions)
    placeholder = model.config.video_token_id
    model.save_pretrained(tmp_path)
    for candidate in (model, type(model).from_pretrained(tmp_path)):
        candidate.lm_head.register_forward_hook(
            lambda module, args, logits: logits.index_fill(
                -1, torch.tensor([placeholder]), logits.max().item() + 100
            )
        )
        answer = candidate.generate(**batch, max_new_tokens=3, do_sample=False, use_cache=False)
        assert not answer[:, batch["input_ids"].shape[1] :].eq(placeholder).any()


def test_generation_stops_at_the_end_token(model, processor) -> None:
    batch = processor(text=["x", "y"])
    end = processor.tokenizer.eos_token_id
    model.lm_head.register_forward_hook(
        lambda module, args, logits: logits.index_fill(-1, torch.tensor([end]), 1e3)
    )
    answer = model.generate(**batch, max_new_tokens=9)
    assert answer.shape[1] == batch["input_ids"].shape[1] + 1
    decoded = processor.batch_decode(answer, skip_special_tokens=True)
    assert decoded[0].endswith("Answer:\n")
