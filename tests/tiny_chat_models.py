"""Makers of tiny random chat models of the real classes, each a folder as a checkpoint has it.

    make_chat_model("qwen2_5_omni_thinker", folder)

Each has its config, safetensors, a byte-level tokenizer of 400 entries, the files of its processor
(written by hand, so that no torchvision is needed) and a chat template in Qwen's form. They are
built in less than a second and answer noise, the same for the same seed.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

# Media token: its name in the tokenizer, and in the models' configs.
_TOKENS = {
    "image_token": ("<|image_pad|>", "image_token_id"),
    "video_token": ("<|video_pad|>", "video_token_id"),
    "audio_token": ("<|audio_pad|>", "audio_token_id"),
    "vision_bos_token": ("<|vision_start|>", "vision_start_token_id"),
    "vision_eos_token": ("<|vision_end|>", "vision_end_token_id"),
    "audio_bos_token": ("<|audio_start|>", "audio_start_token_id"),
    "audio_eos_token": ("<|audio_end|>", "audio_end_token_id"),
}
_WORDS = (
    "What does the person in this clip feel? Answer with one emotion: joy, sadness, anger, fear, "
    "disgust, surprise or neutral. You are a helpful assistant. user system seconds <0.5 seconds> "
    '{"predicted_emotion": "joy", "confidence": 0.9} 这个人感到高兴吗？ 0 1 2 3 4 5 6 7 8 9'
)
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'video' %}<|vision_start|><|video_pad|><|vision_end|>"
    "{% elif part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif part['type'] == 'audio' %}<|audio_start|><|audio_pad|><|audio_end|>"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# What Gemma's processor asks a tokenizer for, beside the images' and the sounds' own tokens.
_GEMMA = {
    "boi_token": "<|vision_start|>",
    "eoi_token": "<|vision_end|>",
    "boa_token": "<|audio_start|>",
    "eoa_token": "<|audio_end|>",
}
_WHISPER = {"feature_extractor_type": "WhisperFeatureExtractor", "sampling_rate": 16000}


def make_chat_model(kind: str, folder: Path, seed: int = 0, **changes: Any) -> Path:
    """Make a model and its processor in a folder.

    Args:
        kind: One of `KINDS` or `OTHERS`; or "qwen2_5_omni" for a whole checkpoint, whose thinker
            is the tiny one and whose talker is a single tensor.
        folder: Made if need be.
        seed: Of the weights.
        **changes: Fields of the text config that differ.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    whole = kind == "qwen2_5_omni"
    made = (KINDS | OTHERS)["qwen2_5_omni_thinker" if whole else kind]
    tokenizer = make_tokenizer(**(_GEMMA if kind == "gemma4_unified" else {}))
    torch.manual_seed(seed)
    model, processor = made(tokenizer, changes)
    # Random weights of the usual size answer every clip alike.
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if weights.ndim > 1:
                weights.normal_(std=0.3 if "embed_tokens" in name or "lm_head" in name else 0.15)
    if whole:
        _save_whole(model, folder)
    else:
        model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    if processor:
        (folder / "processor_config.json").write_text(json.dumps(processor))
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE)
    return folder


def make_tokenizer(size: int = 400, **names: str) -> PreTrainedTokenizerFast:
    """A byte-level tokenizer that knows the media tokens by the names processors ask for.

    Args:
        size: Entries beside the media tokens.
        **names: More names of media tokens, to the tokens.
    """
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator([_WORDS], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        padding_side="right",
        extra_special_tokens={name: token for name, (token, _) in _TOKENS.items()} | names,
    )


def _ids(tokenizer: PreTrainedTokenizerFast, *names: str) -> dict[str, int]:
    """Ids of media tokens by the names that configs give them."""
    fields = {field: token for token, field in _TOKENS.values()}
    return {name: tokenizer.convert_tokens_to_ids(fields[name]) for name in names}


def _text(tokenizer: PreTrainedTokenizerFast, **more: Any) -> dict[str, Any]:
    """A language model's config."""
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [1, 1, 2]},
        "pad_token_id": tokenizer.pad_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    } | more


def _pictures(processor: str, patch_size: int) -> dict[str, Any]:
    """Settings of an image and a video processor."""
    sizes = {"patch_size": patch_size, "temporal_patch_size": 2, "merge_size": 2}
    halves = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3} if patch_size == 16 else {}
    images = {"image_processor_type": "Qwen2VLImageProcessor"} | sizes | halves
    least = {"shortest_edge": 56 * 56, "longest_edge": 28 * 28 * 1280}
    videos = {"video_processor_type": processor} | sizes | halves
    return {
        "image_processor": images | {"size": least},
        "video_processor": videos | {"cap_pixels_per_frame": False},
    }


def _hearing(**more: Any) -> dict[str, Any]:
    return {
        "d_model": 32,
        "encoder_layers": 1,
        "encoder_attention_heads": 2,
        "encoder_ffn_dim": 32,
    } | more


_SEEING = {"depth": 1, "hidden_size": 32, "intermediate_size": 32, "num_heads": 2}


def _qwen2_5_omni(tokenizer: Any, changes: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    from transformers import Qwen2_5OmniThinkerConfig, Qwen2_5OmniThinkerForConditionalGeneration

    ids = _ids(
        tokenizer,
        *("image_token_id", "video_token_id", "audio_token_id", "audio_start_token_id"),
        *("audio_end_token_id", "vision_start_token_id", "vision_end_token_id"),
    )
    indices = {
        name.replace("_id", "_index"): ids.pop(name)
        for name in ("image_token_id", "video_token_id", "audio_token_id")
    }
    config = Qwen2_5OmniThinkerConfig(
        text_config=_text(tokenizer, **changes),
        audio_config=_hearing(output_dim=32),
        vision_config=_SEEING | {"out_hidden_size": 32, "fullatt_block_indexes": [0]},
        **ids,
        **indices,
    )
    processor = _pictures("Qwen2VLVideoProcessor", 14) | {
        "processor_class": "Qwen2_5OmniProcessor",
        "feature_extractor": _WHISPER | {"feature_size": 128},
    }
    return Qwen2_5OmniThinkerForConditionalGeneration(config), processor


def _qwen3_omni(tokenizer: Any, changes: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    from transformers import (
        Qwen3OmniMoeThinkerConfig,
        Qwen3OmniMoeThinkerForConditionalGeneration,
    )

    text = _text(tokenizer, moe_intermediate_size=16, num_experts=4, num_experts_per_tok=2)
    text["rope_parameters"]["mrope_interleaved"] = True
    config = Qwen3OmniMoeThinkerConfig(
        text_config=text | changes,
        audio_config=_hearing(output_dim=32, downsample_hidden_size=8),
        vision_config=_SEEING
        | {"depth": 2, "out_hidden_size": 32, "patch_size": 16}
        | {"deepstack_visual_indexes": [0], "num_position_embeddings": 64},
        **_ids(
            tokenizer,
            *("image_token_id", "video_token_id", "audio_token_id", "audio_start_token_id"),
            *("audio_end_token_id", "vision_start_token_id", "vision_end_token_id"),
        ),
    )
    processor = _pictures("Qwen2VLVideoProcessor", 16) | {
        "processor_class": "Qwen3OmniMoeProcessor",
        "feature_extractor": _WHISPER | {"feature_size": 128},
    }
    return Qwen3OmniMoeThinkerForConditionalGeneration(config), processor


def _qwen2_audio(tokenizer: Any, changes: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    from transformers import Qwen2AudioConfig, Qwen2AudioForConditionalGeneration

    text = _text(tokenizer, model_type="qwen2")
    text["rope_parameters"].pop("mrope_section")
    config = Qwen2AudioConfig(
        audio_config=_hearing(),
        text_config=text | changes,
        audio_token_index=tokenizer.audio_token_id,
    )
    processor = {
        "processor_class": "Qwen2AudioProcessor",
        "feature_extractor": _WHISPER | {"feature_size": 128},
    }
    return Qwen2AudioForConditionalGeneration(config), processor


def _qwen2_5_vl(tokenizer: Any, changes: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    config = Qwen2_5_VLConfig(
        text_config=_text(tokenizer, **changes),
        vision_config=_SEEING | {"out_hidden_size": 32, "fullatt_block_indexes": [0]},
        **_ids(
            tokenizer,
            *("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id"),
        ),
    )
    processor = _pictures("Qwen2VLVideoProcessor", 14) | {"processor_class": "Qwen2_5_VLProcessor"}
    return Qwen2_5_VLForConditionalGeneration(config), processor


def _qwen3_vl(tokenizer: Any, changes: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    config = Qwen3VLConfig(
        text_config=_text(tokenizer, head_dim=8, **changes),
        vision_config=_SEEING
        | {"out_hidden_size": 32, "patch_size": 16, "deepstack_visual_indexes": [0]}
        | {"num_position_embeddings": 64},
        **_ids(
            tokenizer,
            *("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id"),
        ),
    )
    processor = _pictures("Qwen3VLVideoProcessor", 16) | {"processor_class": "Qwen3VLProcessor"}
    return Qwen3VLForConditionalGeneration(config), processor


KINDS = {
    "qwen2_5_omni_thinker": _qwen2_5_omni,
    "qwen3_omni_moe_thinker": _qwen3_omni,
    "qwen2_audio": _qwen2_audio,
    "qwen2_5_vl": _qwen2_5_vl,
    "qwen3_vl": _qwen3_vl,
}


def _gemma4(tokenizer: Any, changes: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    from transformers import Gemma4UnifiedConfig, Gemma4UnifiedForConditionalGeneration

    text = _text(tokenizer, head_dim=16) | changes
    text.pop("rope_parameters")
    config = Gemma4UnifiedConfig(
        text_config=text | {"layer_types": ["sliding_attention", "full_attention"]},
        vision_config={"mm_embed_dim": 32, "output_proj_dims": 32},
        audio_config={},
        **_ids(tokenizer, "image_token_id", "video_token_id", "audio_token_id"),
        boi_token_id=tokenizer.vision_bos_token_id,
        eoi_token_id=tokenizer.vision_eos_token_id,
        boa_token_id=tokenizer.audio_bos_token_id,
        eoa_token_index=tokenizer.audio_eos_token_id,
    )
    processor = {
        "processor_class": "Gemma4UnifiedProcessor",
        "feature_extractor": {"feature_extractor_type": "Gemma4UnifiedAudioFeatureExtractor"},
        "image_processor": {"image_processor_type": "Gemma4UnifiedImageProcessor"},
        "video_processor": {"video_processor_type": "Gemma4UnifiedVideoProcessor"},
    }
    return Gemma4UnifiedForConditionalGeneration(config), processor


def _llama(tokenizer: Any, changes: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    from transformers import LlamaConfig, LlamaForCausalLM

    text = _text(tokenizer) | changes
    text["rope_parameters"].pop("mrope_section")
    return LlamaForCausalLM(LlamaConfig(**text)), {}


# Sound alone without torchvision, and text alone.
OTHERS = {"gemma4_unified": _gemma4, "llama": _llama}


def _save_whole(thinker: Any, folder: Path) -> None:
    """A checkpoint of a thinker and of a talker that nobody asks."""
    from transformers import Qwen2_5OmniConfig

    Qwen2_5OmniConfig(thinker_config=thinker.config.to_dict()).save_pretrained(folder)
    weights = {f"thinker.{name}": each.contiguous() for name, each in thinker.state_dict().items()}
    weights["talker.codec_head.weight"] = torch.zeros(4, 4)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
