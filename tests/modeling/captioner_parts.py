"""Tiny encoders and decoders of every kind, and a configuration of two of them."""

from typing import Any

from transformers import AutoConfig

from affecthub.modeling.captioner import CaptionerConfig

WAVES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "conv_dim": (16, 16),
    "conv_kernel": (10, 3),
    "conv_stride": (5, 4),
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
    "initializer_range": 0.2,
}
STABLE = {"feat_extract_norm": "layer", "do_stable_layer_norm": True}
ENCODERS: dict[str, dict[str, Any]] = {
    "hubert": {"model_type": "hubert", **WAVES},
    "hubert_large": {"model_type": "hubert", **WAVES, **STABLE, "conv_bias": True},
    "wav2vec2": {"model_type": "wav2vec2", **WAVES},
    "wavlm": {"model_type": "wavlm", **WAVES},
    "data2vec": {"model_type": "data2vec-audio", **WAVES},
    "conformer": {"model_type": "wav2vec2-conformer", **WAVES, "conv_depthwise_kernel_size": 7},
    "whisper": {
        "model_type": "whisper",
        "d_model": 32,
        "encoder_layers": 2,
        "encoder_attention_heads": 2,
        "encoder_ffn_dim": 32,
        "num_mel_bins": 20,
        "max_source_positions": 50,
        "vocab_size": 20,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "decoder_start_token_id": 1,
    },
}
IDS = {"vocab_size": 40, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
DECODERS: dict[str, dict[str, Any]] = {
    "bart": {
        "model_type": "bart",
        **IDS,
        "d_model": 24,
        "encoder_layers": 1,
        "decoder_layers": 2,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
        "encoder_ffn_dim": 32,
        "decoder_ffn_dim": 32,
        "max_position_embeddings": 200,
        "decoder_start_token_id": 1,
        "init_std": 0.3,
        "dropout": 0.0,
    },
    "gpt2": {
        "model_type": "gpt2",
        **IDS,
        "n_embd": 24,
        "n_layer": 2,
        "n_head": 2,
        "n_positions": 200,
        "initializer_range": 0.3,
    },
    "qwen2": {
        "model_type": "qwen2",
        **IDS,
        "hidden_size": 24,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "initializer_range": 0.3,
        "tie_word_embeddings": True,
    },
    "t5": {
        "model_type": "t5",
        **{key: IDS[key] for key in ("vocab_size", "pad_token_id", "eos_token_id")},
        "d_model": 24,
        "d_kv": 12,
        "d_ff": 32,
        "num_layers": 1,
        "num_heads": 2,
        "decoder_start_token_id": 0,
        "dropout_rate": 0.0,
    },
}
DECODERS["gpt2_listening"] = DECODERS["gpt2"] | {"add_cross_attention": True}
QFORMER = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "encoder_hidden_size": 12,
    "cross_attention_frequency": 2,
    "initializer_range": 0.3,
}
LENGTHS = (900, 400, 601)


def make_config(encoder: str = "hubert", decoder: str = "qwen2", **fields: Any) -> CaptionerConfig:
    """A configuration of two families by their names above."""
    ears, mouth = dict(ENCODERS[encoder]), dict(DECODERS[decoder])
    heard = fields.pop("encoder_config", None)
    return CaptionerConfig(
        encoder_config=heard or AutoConfig.for_model(ears.pop("model_type"), **ears),
        decoder_config=AutoConfig.for_model(mouth.pop("model_type"), **mouth),
        **{"qformer_config": dict(QFORMER), "n_queries": 4, **fields},
    )
