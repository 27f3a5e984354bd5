"""Answers do not depend on the batch they were asked in."""

import pytest
import torch
from torch._dynamo.utils import counters
from transformers import LogitsProcessor
from transformers.generation import CompileConfig

QFORMERS = {"vision_pooling": "qformer", "audio_pooling": "qformer", "fusion": "qformer"}


@pytest.fixture(scope="module")
def questions(processor, clip, wave) -> list[dict]:
    """Seven samples of unlike modalities and lengths."""
    return [
        {"text": "she laughs", "videos": clip, "audio": wave},
        {"text": "他很高兴，笑个不停", "videos": None, "audio": wave[:9000]},
        {"text": None, "videos": clip[:1], "audio": None},
        {"text": "a longer sentence than the others have, to be padded against", "videos": None},
        {"text": None, "videos": clip[::-1].copy(), "audio": wave[::-1].copy()},
        {"text": "why", "faces": clip[:, 10:30, 10:30].copy(), "audio": wave},
        {"text": "so", "faces": clip[3:].copy(), "videos": clip, "audio": wave[5000:]},
    ]


@pytest.fixture(scope="module")
def make_lively(make_model):
    """Weights far from zero, so that unlike prompts get unlike answers."""

    def make(**overrides):
        model = make_model(text_config={"tie_word_embeddings": False}, **overrides)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if weight.dim() == 2 and "_tower" not in name:
                    weight *= 8
        return model

    return make


@pytest.fixture
def lively_model(make_lively):
    return make_lively()


def collate(processor, samples: list[dict]):
    names = ("text", "videos", "audio", "faces")
    return processor(**{k: [s.get(k) for s in samples] for k in names})


class Say(LogitsProcessor):
    """Make each row say a text of its own, then whatever the filler is."""

    def __init__(self, tokenizer, texts: list[str], filler: str, start: int) -> None:
        self.rows = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
        self.filler = tokenizer(filler, add_special_tokens=False)["input_ids"][0]
        self.start = start

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        step = input_ids.shape[1] - self.start
        wanted = [row[step] if step < len(row) else self.filler for row in self.rows]
        scores = torch.full_like(scores, -1e9)
        return scores.scatter(1, torch.tensor(wanted)[:, None], 0.0)


@pytest.mark.parametrize("num_beams", [1, 3])
@pytest.mark.parametrize("parts", [{}, QFORMERS], ids=["attention", "qformer"])
def test_batch_answers_as_each_sample_alone(
    make_lively, make_processor, questions, num_beams, parts
) -> None:
    lively_model, processor = make_lively(**parts), make_processor(**parts)
    options = {"max_new_tokens": 8, "do_sample": False, "num_beams": num_beams, "min_new_tokens": 8}
    batch = collate(processor, questions)
    assert batch["attention_mask"][:, -1].all()
    together = lively_model.generate(**batch, **options)[:, batch["input_ids"].shape[1] :]
    assert len({tuple(row.tolist()) for row in together}) == len(questions)
    for row, question in zip(together, questions, strict=True):
        alone = collate(processor, [question])
        expected = lively_model.generate(**alone, **options)[0, alone["input_ids"].shape[1] :]
        assert row.tolist() == expected.tolist()


@pytest.mark.parametrize(
    "cache", [{"use_cache": False}, {"cache_implementation": "static", "disable_compile": True}]
)
@pytest.mark.parametrize("num_beams", [1, 2])
def test_cache_changes_nothing(lively_model, processor, questions, cache, num_beams) -> None:
    batch = collate(processor, questions)
    options = {"max_new_tokens": 6, "do_sample": False, "num_beams": num_beams}
    expected = lively_model.generate(**batch, **options)
    assert torch.equal(lively_model.generate(**batch, **options, **cache), expected)


def test_steps_with_a_static_cache_compile_in_one_graph(lively_model, processor, questions) -> None:
    batch = collate(processor, questions)
    options = {"max_new_tokens": 5, "min_new_tokens": 5, "do_sample": False}
    expected = lively_model.generate(**batch, **options)
    compiled = CompileConfig(backend="eager", fullgraph=True, mode=None)
    compiled._compile_all_devices = True  # transformers compiles on accelerators only
    torch.compiler.reset()
    counters.clear()
    got = lively_model.generate(
        **batch, **options, cache_implementation="static", compile_config=compiled
    )
    assert torch.equal(got, expected)
    assert (counters["stats"]["unique_graphs"], len(counters["graph_break"])) == (1, 0)


def test_sampling_follows_the_seed(lively_model, processor, questions) -> None:
    batch = collate(processor, questions)
    answers = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        answers.append(
            lively_model.generate(
                **batch,
                max_new_tokens=6,
                do_sample=True,
                temperature=3.0,
                num_return_sequences=2,
            )
        )
    assert len(answers[0]) == 2 * len(questions)
    assert torch.equal(answers[0], answers[1])
    assert not torch.equal(answers[0], answers[2])


def test_features_answer_as_the_media_do(lively_model, processor, questions) -> None:
    batch = collate(processor, questions)
    options = {"max_new_tokens": 4, "do_sample": False}
    expected = lively_model.generate(**batch, **options)
    known = {k: v for k, v in batch.items() if not k.endswith("_values")}
    seen, heard = lively_model.get_video_features, lively_model.get_audio_features
    known["vision_features"] = seen(batch["pixel_values"]).last_hidden_state
    known["face_features"] = seen(batch["face_pixel_values"]).last_hidden_state
    known["audio_features"] = heard(batch["input_values"]).last_hidden_state
    assert torch.equal(lively_model.generate(**known, **options), expected)


def test_media_are_encoded_once_per_answer(model, processor, questions) -> None:
    calls = []
    model.model.vision_tower.register_forward_hook(lambda *args: calls.append("vision"))
    model.model.audio_tower.register_forward_hook(lambda *args: calls.append("audio"))
    model.generate(**collate(processor, questions), max_new_tokens=5, min_new_tokens=5)
    assert sorted(calls) == ["audio", "vision", "vision"]  # frames, and faces


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


def test_each_answer_ends_at_its_own_end_token(model, processor) -> None:
    batch = processor(text=["x", "y"])
    start = batch["input_ids"].shape[1]
    say = Say(processor.tokenizer, ["ok<eos>", "fine<eos>"], "z", start)
    tokens = model.generate(**batch, max_new_tokens=20, logits_processor=[say])
    assert tokens.shape[1] == start + 5
    assert tokens[0, start + 3 :].tolist() == [processor.tokenizer.pad_token_id] * 2
    assert processor.answers(tokens, batch["input_ids"]) == ["ok", "fine"]


def test_each_answer_ends_at_the_configurations_end(make_model, make_processor) -> None:
    """One text in one token or over several, as the model happens to say it."""
    model, processor = make_model(answer_end="###"), make_processor(answer_end="###")
    batch = processor(text=["x", "y"])
    start = batch["input_ids"].shape[1]
    say = Say(processor.tokenizer, ["ok###", "#fine####"], "z", start)
    options = {"max_new_tokens": 20, "logits_processor": [say]}
    tokens = model.generate(**batch, **options, **processor.stopping())
    assert tokens.shape[1] == start + len("#fine###")
    assert processor.answers(tokens, batch["input_ids"]) == ["ok", "#fine"]
    assert make_processor().stopping() == {}
    assert model.generate(**batch, **options).shape[1] == start + 20
