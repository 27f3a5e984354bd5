"""Every pooling with every fusion, on every subset of what a sample may bring."""

import itertools

import pytest
import torch
from torch import nn

from affecthub.modeling.affectgpt import AffectGPTConfig, AffectGPTForConditionalGeneration
from affecthub.modeling.affectgpt.modeling_fusion import QFormer, QFormerFusion

# Voice, face, frames.
SUBSETS = list(itertools.product([True, False], repeat=3))
COMBINATIONS = [
    {"vision_pooling": pooling, "audio_pooling": pooling, "fusion": fusion, "fusion_input": of}
    for pooling in ("attention", "qformer", "mean")
    for fusion, of in [
        ("attention", "features"),
        ("attention", "tokens"),
        ("qformer", "features"),
        ("qformer", "tokens"),
        ("none", "features"),
    ]
]


def name(combination: dict) -> str:
    return "-".join(list(combination.values())[1:])


@pytest.fixture(scope="module")
def media(processor, clip, wave) -> dict:
    """Small frames and short sound, so that there is time for every combination."""
    return {"clip": clip, "face": clip[::-1, :30, :30].copy(), "wave": wave[:4000]}


@pytest.fixture(scope="module")
def build(make_model, make_processor):
    def make(combination: dict):
        sizes = {"n_frames": 3, "n_audio_clips": 2, "audio_clip_s": 0.1, "image_size": 56}
        return make_model(**sizes, **combination), make_processor(**sizes, **combination)

    return make


def batch_of(processor, media, subsets, **kwargs):
    """A sample for each subset; every one of them has something to read."""
    return processor(
        text=["x" * (i + 1) for i in range(len(subsets))],
        audio=[media["wave"] if heard else None for heard, _, _ in subsets],
        faces=[media["face"] if face else None for _, face, _ in subsets],
        videos=[media["clip"] if seen else None for _, _, seen in subsets],
        **kwargs,
    )


@pytest.mark.parametrize("combination", COMBINATIONS, ids=name)
def test_batch_of_every_subset_equals_the_samples_alone(build, media, combination) -> None:
    model, processor = build(combination)
    batch = batch_of(processor, media, SUBSETS, padding_side="right")
    together = model(**batch).logits
    assert together.isfinite().all()
    counts = model.config.n_tokens
    for row, subset in enumerate(SUBSETS):
        alone = batch_of(processor, media, [subset])
        alone["input_ids"] = batch["input_ids"][
            row : row + 1, : int(batch["attention_mask"][row].sum())
        ]
        alone["attention_mask"] = torch.ones_like(alone["input_ids"])
        expected = model(**alone).logits[0]
        torch.testing.assert_close(together[row, : len(expected)], expected, atol=1e-5, rtol=1e-5)
        heard, face, seen = subset
        has = {"audio": heard, "face": face, "video": seen, "fused": heard and (face or seen)}
        for kind, here in has.items():
            found = batch["input_ids"][row].eq(getattr(model.config, f"{kind}_token_id")).sum()
            assert found == counts[kind] * here, kind


@pytest.mark.parametrize("combination", COMBINATIONS, ids=name)
def test_every_trained_parameter_gets_a_gradient_from_every_subset(
    build, media, combination
) -> None:
    model, processor = build(combination)
    model.train()
    for subsets in [*([one] for one in SUBSETS), SUBSETS]:
        model.zero_grad(set_to_none=True)
        batch = batch_of(processor, media, subsets, answers=["y"] * len(subsets))
        model(**batch).loss.backward()
        without = [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None]
        assert without == [], subsets
        assert not any(p.grad.isnan().any() for p in model.parameters() if p.grad is not None)
    # The whole batch moves everything: no part is trained with zeros alone. An attention's keys
    # have no say where its weights are even, so their bias is left out.
    still = {
        n for n, p in model.named_parameters() if p.requires_grad and not p.grad.abs().max() > 0
    }
    assert {n for n in still if not n.endswith("key.bias")} == set()


@pytest.mark.parametrize("combination", COMBINATIONS, ids=name)
def test_saved_and_loaded_it_gives_equal_logits(build, media, combination, tmp_path) -> None:
    model, processor = build(combination)
    batch = batch_of(processor, media, [(True, True, True)])
    model.save_pretrained(tmp_path)
    loaded = AffectGPTForConditionalGeneration.from_pretrained(tmp_path)
    assert loaded.state_dict().keys() == model.state_dict().keys()
    torch.testing.assert_close(loaded(**batch).logits, model(**batch).logits)


def attend(attention, queries: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    """Multi-head attention, its output projection, the residual and the norm, written out."""
    inner = attention.attention
    heads = inner.num_attention_heads

    def split(x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(-1, (heads, -1)).transpose(1, 2)

    query, key, value = (
        split(inner.query(queries)),
        split(inner.key(seen)),
        split(inner.value(seen)),
    )
    weights = (query @ key.mT / query.shape[-1] ** 0.5).softmax(dim=-1)
    mixed = (weights @ value).transpose(1, 2).flatten(2)
    return attention.output.LayerNorm(attention.output.dense(mixed) + queries)


def read(reader: QFormer, sequence: torch.Tensor) -> torch.Tensor:
    """Equation 4: learned queries through two layers, each of them looking at the sequence."""
    seen = sequence + reader.positions.weight[: sequence.shape[1]]
    bert = reader.qformer
    queries = bert.layernorm(reader.query_tokens.expand(len(sequence), -1, -1))
    assert len(bert.encoder.layer) == 2
    for layer in bert.encoder.layer:
        queries = attend(layer.attention, queries, queries)
        queries = attend(layer.crossattention, queries, seen)
        inner = nn.functional.gelu(layer.intermediate_query.dense(queries))
        queries = layer.output_query.LayerNorm(layer.output_query.dense(inner) + queries)
    return queries


def liven(module: nn.Module) -> None:
    """Norms, biases and positions away from where they start, so that leaving one out shows."""
    torch.manual_seed(0)
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.3)


def test_qformer_reads_as_the_papers_equation_says() -> None:
    config = AffectGPTConfig.tiny()
    reader = QFormer(config, dim=6, n_queries=3, n_positions=5).eval()
    liven(reader)
    sequence = torch.randn(2, 4, 6)
    torch.testing.assert_close(reader(sequence), read(reader, sequence))
    assert reader(sequence).shape == (2, 3, 32)
    with pytest.raises(ValueError, match="got 6 steps, expected 5 at most"):
        reader(torch.zeros(1, 6, 6))


def test_qformer_fusion_reads_picture_then_voice() -> None:
    """Equation 3: both in one width, one after the other in time, positions over the whole."""
    config = AffectGPTConfig.tiny(fusion_dim=6)
    fusion = QFormerFusion(config, vision_dim=4, audio_dim=5).eval()
    liven(fusion)
    z_vision, z_audio = torch.randn(2, 3, 4), torch.randn(2, 2, 5)
    both = torch.cat([fusion.vision_proj(z_vision), fusion.audio_proj(z_audio)], dim=1)
    assert both.shape == (2, 5, 6)
    torch.testing.assert_close(fusion(z_vision, z_audio), read(fusion.reader, both))


def test_faces_are_fused_before_frames(make_model, make_processor, clip, wave) -> None:
    """Of a sample with both, the frames' own token changes with the frames, the fused one not."""
    model, processor = make_model(), make_processor()
    face = clip[::-1].copy()
    both = processor(audio=wave, faces=face, videos=clip)
    z_face = model.get_video_features(both["face_pixel_values"]).last_hidden_state
    z_audio = model.get_audio_features(both["input_values"]).last_hidden_state
    expected = model.get_fused_features(z_face, z_audio).pooler_output
    fused = []
    model.model.fusion_projector.register_forward_hook(lambda m, a, out: fused.append(out))
    model(**both)
    model(**processor(audio=wave, faces=face))
    model(**processor(audio=wave, videos=clip))
    torch.testing.assert_close(fused[0], expected)
    torch.testing.assert_close(fused[1], expected)
    assert not torch.allclose(fused[2], expected)


@pytest.mark.parametrize(
    "prompt",
    [
        ["{audio} {video} ", "{question}"],
        ["{fused} ", "{question}"],
        ["{video} ", "{question}"],
        ["{audio} ", "{question}"],
        ["{fused} ", "{face} {audio} ", "{question}"],
    ],
    ids=lambda prompt: prompt[0].strip(),
)
def test_what_the_prompt_does_not_name_is_not_used(
    make_model, make_processor, clip, wave, prompt
) -> None:
    model, processor = make_model(prompt=prompt), make_processor(prompt=prompt)
    faces = clip if any("{face}" in part for part in prompt) else None
    batch = processor(text="a", audio=wave, faces=faces, videos=None if faces is not None else clip)
    assert model(**batch).logits.isfinite().all()
    model.train()(**batch, labels=batch["input_ids"]).loss.backward()
    without = [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None]
    assert without == []
