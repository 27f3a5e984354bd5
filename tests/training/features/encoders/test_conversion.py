"""Encoders that came with code of their own say the same as classes of transformers.

The originals are written down here from their published form, plainly and without batches.
"""

import json

import pytest
import torch
import transformers as tf
from safetensors.torch import save_file

from affecthub.training.features.encoders.converting import convert, convert_folder
from affecthub.training.features.encoders.vicuna import add_delta

WORDS = torch.tensor([3, 17, 0, 5, 5, 11, 29])
GLM = {
    "model_type": "chatglm",
    "num_layers": 5,
    "padded_vocab_size": 30,
    "hidden_size": 32,
    "ffn_hidden_size": 24,
    "kv_channels": 8,
    "num_attention_heads": 4,
    "multi_query_group_num": 2,
    "multi_query_attention": True,
    "seq_length": 64,
    "layernorm_epsilon": 1e-5,
    "add_bias_linear": False,
    "add_qkv_bias": True,
    "apply_residual_connection_post_layernorm": False,
    "post_layer_norm": True,
    "rmsnorm": True,
    "eos_token_id": 2,
    "auto_map": {"AutoModel": "modeling_chatglm.ChatGLMModel"},
}
BAICHUAN = {
    "model_type": "baichuan",
    "vocab_size": 30,
    "hidden_size": 32,
    "intermediate_size": 24,
    "num_hidden_layers": 5,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "rms_norm_eps": 1e-6,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "auto_map": {"AutoModel": "modeling_baichuan.Model"},
}


def draw(*shape):
    return torch.randn(*shape) * 0.3


def glm_weights():
    torch.manual_seed(0)
    whole = {
        "embedding.word_embeddings.weight": draw(30, 32),
        "encoder.final_layernorm.weight": 1 + draw(32),
        "output_layer.weight": draw(30, 32),
        "rotary_pos_emb.inv_freq": draw(2),
    }
    for i in range(5):
        here = f"encoder.layers.{i}"
        whole |= {
            f"{here}.input_layernorm.weight": 1 + draw(32),
            f"{here}.post_attention_layernorm.weight": 1 + draw(32),
            f"{here}.self_attention.query_key_value.weight": draw(32 + 2 * 16, 32),
            f"{here}.self_attention.query_key_value.bias": draw(32 + 2 * 16),
            f"{here}.self_attention.dense.weight": draw(32, 32),
            f"{here}.mlp.dense_h_to_4h.weight": draw(48, 32),
            f"{here}.mlp.dense_4h_to_h.weight": draw(32, 24),
        }
    return {f"transformer.{name}": tensor for name, tensor in whole.items()}


def baichuan_weights():
    torch.manual_seed(1)
    whole = {
        "model.embed_tokens.weight": draw(30, 32),
        "model.norm.weight": 1 + draw(32),
        "lm_head.weight": draw(30, 32),
    }
    for i in range(5):
        here = f"model.layers.{i}"
        whole |= {
            f"{here}.input_layernorm.weight": 1 + draw(32),
            f"{here}.post_attention_layernorm.weight": 1 + draw(32),
            f"{here}.self_attn.W_pack.weight": draw(96, 32),
            f"{here}.self_attn.o_proj.weight": draw(32, 32),
            f"{here}.self_attn.rotary_emb.inv_freq": draw(4),
            f"{here}.mlp.gate_proj.weight": draw(24, 32),
            f"{here}.mlp.up_proj.weight": draw(24, 32),
            f"{here}.mlp.down_proj.weight": draw(32, 24),
        }
    return whole


def rms(x, weight, eps):
    return x / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight


def attend(queries, keys, values):
    """Causal attention of heads ``(heads, words, dim)``; keys are shared by groups of heads."""
    shared = len(queries) // len(keys)
    out = []
    for head, query in enumerate(queries):
        scores = query @ keys[head // shared].T / query.shape[-1] ** 0.5
        later = torch.triu(torch.ones_like(scores), 1).bool()
        out.append(scores.masked_fill(later, -1e9).softmax(-1) @ values[head // shared])
    return torch.cat(out, dim=-1)


def heads(x, n):
    return x.unflatten(-1, (n, -1)).transpose(0, 1)


def turn_neighbours(x, dim):
    """Turn the first numbers of a head in pairs of neighbours, and leave the rest."""
    out = x.clone()
    for pair in range(dim // 2):
        angle = torch.arange(x.shape[1]) / 10000 ** (2 * pair / dim)
        a, b = x[..., 2 * pair], x[..., 2 * pair + 1]
        out[..., 2 * pair] = a * angle.cos() - b * angle.sin()
        out[..., 2 * pair + 1] = b * angle.cos() + a * angle.sin()
    return out


def turn_halves(x):
    """Turn each number of a head's first half with its partner in the second."""
    out, half = x.clone(), x.shape[-1] // 2
    for pair in range(half):
        angle = torch.arange(x.shape[1]) / 10000 ** (pair / half)
        a, b = x[..., pair], x[..., pair + half]
        out[..., pair] = a * angle.cos() - b * angle.sin()
        out[..., pair + half] = b * angle.cos() + a * angle.sin()
    return out


def glm_states(weights):
    """What ChatGLM2 calls its hidden states: the embedding, and every layer before the norm."""
    w = {name.removeprefix("transformer."): tensor for name, tensor in weights.items()}
    x = w["embedding.word_embeddings.weight"][WORDS]
    states = [x]
    for i in range(5):
        here = f"encoder.layers.{i}"
        y = rms(x, w[f"{here}.input_layernorm.weight"], 1e-5)
        mixed = y @ w[f"{here}.self_attention.query_key_value.weight"].T
        mixed = mixed + w[f"{here}.self_attention.query_key_value.bias"]
        q, k, v = (
            heads(part, n) for part, n in zip(mixed.split([32, 16, 16], -1), (4, 2, 2), strict=True)
        )
        y = attend(turn_neighbours(q, 4), turn_neighbours(k, 4), v)
        x = x + y @ w[f"{here}.self_attention.dense.weight"].T
        y = rms(x, w[f"{here}.post_attention_layernorm.weight"], 1e-5)
        gate, up = (y @ w[f"{here}.mlp.dense_h_to_4h.weight"].T).chunk(2, -1)
        x = x + (torch.nn.functional.silu(gate) * up) @ w[f"{here}.mlp.dense_4h_to_h.weight"].T
        states.append(x)
    return states, rms(x, w["encoder.final_layernorm.weight"], 1e-5)


def baichuan_states(w):
    x = w["model.embed_tokens.weight"][WORDS]
    states = [x]
    for i in range(5):
        here = f"model.layers.{i}"
        y = rms(x, w[f"{here}.input_layernorm.weight"], 1e-6)
        q, k, v = (
            heads(part, 4) for part in (y @ w[f"{here}.self_attn.W_pack.weight"].T).chunk(3, -1)
        )
        y = attend(turn_halves(q), turn_halves(k), v)
        x = x + y @ w[f"{here}.self_attn.o_proj.weight"].T
        y = rms(x, w[f"{here}.post_attention_layernorm.weight"], 1e-6)
        gate = torch.nn.functional.silu(y @ w[f"{here}.mlp.gate_proj.weight"].T)
        x = (
            x
            + (gate * (y @ w[f"{here}.mlp.up_proj.weight"].T)) @ w[f"{here}.mlp.down_proj.weight"].T
        )
        states.append(x)
    return states, rms(x, w["model.norm.weight"], 1e-6)


CASES = {
    "chatglm2": (GLM, glm_weights, glm_states, "GlmModel"),
    "baichuan": (BAICHUAN, baichuan_weights, baichuan_states, "LlamaModel"),
}


@pytest.fixture
def released(tmp_path):
    """A checkpoint as it was released, in one safetensors file or in two of torch."""

    def write(name, change=None, *, safe=False):
        config, make, _, _ = CASES[name]
        weights = make()
        if change is not None:
            config, weights = change(dict(config), weights)
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(config))
        if safe:
            save_file(weights, folder / "model.safetensors")
            return folder
        names = sorted(weights)
        parts = {"pytorch_model-1.bin": names[::2], "pytorch_model-2.bin": names[1::2]}
        for file, some in parts.items():
            torch.save({each: weights[each] for each in some}, folder / file)
        where = {each: file for file, some in parts.items() for each in some}
        (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": where}))
        return folder

    return write


@pytest.mark.parametrize("safe", [True, False])
@pytest.mark.parametrize("name", CASES)
def test_converted_says_what_the_original_says(released, tmp_path, name, safe):
    _, make, plain, kind = CASES[name]
    folder = released(name, safe=safe)
    model = convert(folder)
    assert type(model).__name__ == kind and not model.training
    states, last = plain(make())
    with torch.inference_mode():
        found = model(WORDS[None], output_hidden_states=True)
    for state, expected in zip(found.hidden_states[:-1], states[:-1], strict=True):
        torch.testing.assert_close(state[0], expected, atol=3e-5, rtol=1e-4)  # float32 sums
    torch.testing.assert_close(found.last_hidden_state[0], last, atol=3e-5, rtol=1e-4)
    saved = convert_folder(folder, tmp_path / "converted")
    again = tf.AutoModel.from_pretrained(saved)
    assert all(
        torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True)
    )
    with pytest.raises(ValueError, match="which is not empty, expected an empty folder"):
        convert_folder(folder, saved)


@pytest.mark.parametrize("name", CASES)
def test_published_features_of_the_originals(released, monkeypatch, name):
    """ChatGLM2's last state is taken before the final norm, Baichuan's after it."""
    from affecthub.training.features.encoders import converting, words
    from affecthub.training.features.encoders.building import build, kind_of
    from affecthub.training.features.encoders.rules import Wanted
    from affecthub.training.features.encoders.table import find_encoder

    folder = released(name)
    monkeypatch.setattr(
        converting, "CONVERTED", {k: _with_words(form) for k, form in converting.CONVERTED.items()}
    )
    named = find_encoder(folder)
    kind = kind_of(named)
    assert kind.modality == "text" and kind.config is None
    monkeypatch.setattr(words, "_PROBE", "3 4")
    encoder = build(
        named, kind, Wanted(style="merbench"), medium="text", device=torch.device("cpu")
    )
    ids = encoder.reader({"text": " ".join(map(str, WORDS[2:].tolist()))})
    assert torch.equal(ids, WORDS)
    states, last = CASES[name][2](CASES[name][1]())
    end = states[-1] if name == "chatglm2" else last
    expected = torch.stack([*states[2:-1], end]).sum(dim=0)
    # Two ids stand before the text and are left out.
    torch.testing.assert_close(encoder.steps([ids])[0], expected[2:], atol=1e-4, rtol=1e-3)


class _Numbers:
    """A tokenizer of numbers, with two ids before them."""

    model_max_length = int(1e30)

    def __call__(self, text, add_special_tokens=True, **cut):
        ids = [int(word) for word in text.split() if word.isdecimal()]
        return {"input_ids": [*WORDS[:2].tolist(), *ids] if add_special_tokens else ids}

    def get_vocab(self):
        return {str(i): i for i in range(30)}


def _with_words(form):
    from dataclasses import replace

    return replace(form, words=lambda where: _Numbers())


def without(name):
    return lambda config, weights: (config, {k: v for k, v in weights.items() if k != name})


def test_what_is_of_another_form_is_refused(released):
    refused = {
        "which is not of a ChatGLM2": lambda c, w: (c, w | {"transformer.strange": w.popitem()[1]}),
        "got no, or another, norm.weight": without("transformer.encoder.final_layernorm.weight"),
        "this ChatGLM is of another form: got rmsnorm False": lambda c, w: (
            c | {"rmsnorm": False},
            w,
        ),
    }
    for number, (message, change) in enumerate(refused.items()):
        folder = released("chatglm2", change, safe=bool(number))
        with pytest.raises(ValueError, match=message):
            convert(folder)
        folder.rename(folder.with_name(f"done {number}"))
    longer = released("baichuan", lambda c, w: ({k: v for k, v in c.items() if "max" not in k}, w))
    with pytest.raises(ValueError, match="The models of 13B have ALiBi"):
        convert(longer)


def test_hostile_weights_are_not_run(released, tmp_path):
    folder = released("baichuan")

    class Run:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    torch.save({"model.norm.weight": Run()}, folder / "pytorch_model-1.bin")
    with pytest.raises(ValueError, match="expected tensors alone. Do not trust this file"):
        convert(folder)
    assert not (tmp_path / "ran").exists()
    index = {"weight_map": {"model.norm.weight": "../other.bin"}}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    with pytest.raises(ValueError, match="expected files beside it"):
        convert(folder)
    index = {"weight_map": {"model.norm.weight": "gone.bin"}}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    with pytest.raises(ValueError, match=r"lacks weights: got no gone.bin"):
        convert(folder)


def test_vicuna_is_llama_and_the_difference(tmp_path):
    torch.manual_seed(0)
    small = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2}
    small |= {"num_attention_heads": 2, "num_key_value_heads": 2}
    whole = tf.LlamaForCausalLM(tf.LlamaConfig(vocab_size=12, **small)).half()
    base = tf.LlamaForCausalLM(tf.LlamaConfig(vocab_size=11, **small)).half()
    base.save_pretrained(tmp_path / "llama")
    kept, before = whole.state_dict(), base.state_dict()
    delta = {}
    for name, tensor in kept.items():
        delta[name] = tensor.clone()
        delta[name][: len(before[name])] -= before[name]
    folder = tmp_path / "delta"
    whole.config.save_pretrained(folder)
    torch.save(
        delta | {"model.layers.0.self_attn.rotary_emb.inv_freq": draw(4)},
        folder / "pytorch_model.bin",
    )
    out = add_delta(tmp_path / "llama", folder, tmp_path / "vicuna")
    found = tf.LlamaForCausalLM.from_pretrained(out)
    for name, tensor in found.state_dict().items():
        torch.testing.assert_close(tensor, kept[name], atol=2e-3, rtol=1e-2)
        assert tensor.dtype == torch.float16
    # The added row is the difference's own.
    assert torch.equal(found.model.embed_tokens.weight[11], kept["model.embed_tokens.weight"][11])
    other = tf.LlamaForCausalLM(tf.LlamaConfig(vocab_size=11, **small | {"hidden_size": 8}))
    other.save_pretrained(tmp_path / "other")
    with pytest.raises(ValueError, match="has another size"):
        add_delta(tmp_path / "other", folder, tmp_path / "no")
    assert not (tmp_path / "no").exists()


def test_sentence_pieces_or_what_they_need(released):
    from affecthub.training.features.encoders.sentence_pieces import chatglm2_words

    folder = released("chatglm2")
    with pytest.raises(ValueError, match=r"holds no tokenizer: expected tokenizer.model in it"):
        chatglm2_words(str(folder))
    (folder / "tokenizer.model").write_bytes(b"no model")
    try:
        import sentencepiece  # noqa: F401
    except ImportError:
        with pytest.raises(ImportError, match=r"`sentencepiece` is not installed.*\[encoders\]"):
            chatglm2_words(str(folder))
    else:
        with pytest.raises(ValueError, match="no readable SentencePiece model"):
            chatglm2_words(str(folder))
