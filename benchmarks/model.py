"""What AffectGPT costs beside its language model, and what batching and few bits save.

    python benchmarks/model.py                # small widths on the CPU
    python benchmarks/model.py --device cuda  # the paper's sizes, random weights

Every figure is a ratio against a reference in the same run: a forward pass against one of the
language model alone at the same 153 tokens, a batch of 16 clips against the same clips one by one,
peak memory of a step against that of another. Reference and candidate take turns, and medians are
compared.
"""

import argparse
import gc
import json
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import torch

import affecthub
from affecthub.modeling.affectgpt import AffectGPTConfig, AffectGPTForConditionalGeneration
from affecthub.modeling.affectgpt.modeling_language import (
    FUSION_MODULES,
    fusion_modules,
    lora_target_modules,
    quantization_config,
)

N_TOKENS = 153  # of the paper's prompt with a transcript and an answer of usual length
N_GENERATED = 32

# The language model at an eighth of its width, a quarter of its depth; fusion in proportion.
SMALL = {
    "text_config": {
        "model_type": "qwen2",
        "vocab_size": 19008,
        "hidden_size": 448,
        "intermediate_size": 2368,
        "num_hidden_layers": 7,
        "num_attention_heads": 7,
        "num_key_value_heads": 1,
        "tie_word_embeddings": False,
    },
    "vision_config": {
        "model_type": "clip_vision_model",
        "hidden_size": 128,
        "intermediate_size": 512,
        "projection_dim": 96,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
    },
    "audio_config": {
        "model_type": "hubert",
        "hidden_size": 128,
        "intermediate_size": 512,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "conv_dim": [64] * 7,
    },
    "fusion_dim": 128,
    "fused_token_id": 19000,
    "audio_token_id": 19001,
    "face_token_id": 19002,
    "video_token_id": 19003,
}


def make_model(device: str, dtype: torch.dtype) -> AffectGPTForConditionalGeneration:
    """Make a model with random weights where it will run; what is trained in full is float32."""
    config = AffectGPTConfig(**({} if device == "cuda" else SMALL))
    torch.manual_seed(0)
    default = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    with torch.device(device):
        model = AffectGPTForConditionalGeneration(config)
    torch.set_default_dtype(default)
    for name in FUSION_MODULES:
        getattr(model.model, name).float()
    return model.eval()


def make_batch(
    model: AffectGPTForConditionalGeneration,
    n_clips: int,
    *,
    cached: bool,
    n_tokens: int = N_TOKENS,
) -> dict[str, torch.Tensor]:
    """Make ``n_clips`` samples of voice, frames and words, as features or as what towers take."""
    config, device = model.config, model.device
    generator = torch.Generator(device).manual_seed(n_clips)
    draw = {"generator": generator, "device": device}
    ids = torch.randint(1000, 5000, (n_clips, n_tokens), **draw)
    ids[:, 10] = config.fused_token_id
    ids[:, 20] = config.audio_token_id
    ids[:, 30] = config.video_token_id
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if cached:
        batch["vision_features"] = torch.randn(n_clips, config.n_frames, config.vision_dim, **draw)
        batch["audio_features"] = torch.randn(
            n_clips, config.n_audio_clips, config.audio_dim, **draw
        )
    else:
        side, samples = config.image_size, config.audio_clip_samples
        batch["pixel_values"] = torch.randn(n_clips, config.n_frames, 3, side, side, **draw)
        batch["input_values"] = torch.randn(n_clips, config.n_audio_clips, samples, **draw)
    return batch


def seconds(run: Callable[[], Any], device: str) -> float:
    """Time one call, the device's work included."""
    if device == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    run()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def in_turns(runs: dict[str, Callable[[], Any]], n_rounds: int, device: str) -> dict[str, float]:
    """The median seconds of each, measured in turns after a round that does not count."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for round_ in range(n_rounds + 1):
        for name, run in runs.items():
            took = seconds(run, device)
            if round_:
                times[name].append(took)
    return {name: statistics.median(values) for name, values in times.items()}


@torch.inference_mode()
def fusion_cost(model: Any, n_clips: int, n_rounds: int, device: str) -> dict[str, float]:
    """Compare a forward pass from features with one of the language model alone."""
    batch = make_batch(model, n_clips, cached=True)
    words = {"input_ids": batch["input_ids"].clamp(max=5000)}
    words["attention_mask"] = batch["attention_mask"]

    def alone() -> None:
        model.lm_head(model.model.language_model(**words).last_hidden_state)

    def soft_tokens() -> None:
        inner = model.model
        seen = inner.get_video_features(vision_features=batch["vision_features"])
        heard = inner.get_audio_features(audio_features=batch["audio_features"])
        inner.get_fused_features(seen.last_hidden_state, heard.last_hidden_state)

    took = in_turns(
        {
            "language model": alone,
            "whole": lambda: model(**batch),
            "soft tokens": soft_tokens,
        },
        n_rounds,
        device,
    )
    result = {
        "clips": n_clips,
        "language_model_ms": 1000 * took["language model"],
        "whole_ms": 1000 * took["whole"],
        "soft_tokens_ms": 1000 * took["soft tokens"],
        "added": took["whole"] / took["language model"] - 1,
        "soft_tokens_share": took["soft tokens"] / took["language model"],
    }
    if device == "cuda":
        result["kernels_share"] = _kernel_us(soft_tokens) / _kernel_us(alone)
    return result


def _kernel_us(run: Callable[[], Any]) -> float:
    """Sum the time that the device computes, gaps between kernels left out."""
    from torch.profiler import ProfilerActivity, profile

    run()
    with profile(activities=[ProfilerActivity.CUDA]) as profiled:
        run()
        torch.cuda.synchronize()
    return sum(event.self_device_time_total for event in profiled.key_averages())


def flops(config: AffectGPTConfig) -> dict[str, float]:
    """Count multiply-adds, twice each, of one clip: soft tokens and language model."""
    text = config.text_config
    kv = text.hidden_size * text.num_key_value_heads // text.num_attention_heads
    layer = text.hidden_size * (2 * text.hidden_size + 2 * kv + 3 * text.intermediate_size)
    language = text.num_hidden_layers * layer + text.hidden_size * text.vocab_size
    hidden, dim = text.hidden_size, config.fusion_dim
    soft = (config.vision_dim + config.audio_dim + dim) * hidden  # the three projectors
    soft += (config.vision_dim + config.audio_dim) * dim + 2 * dim * dim + 2 * dim
    soft += config.n_frames * config.vision_dim + config.n_audio_clips * config.audio_dim
    return {"soft_tokens": 2.0 * soft, "language_model": 2.0 * N_TOKENS * language}


@torch.inference_mode()
def batching(model: Any, n_clips: int, device: str) -> dict[str, float]:
    """Compare one batch with the same clips one by one, towers and generation included."""
    batch = make_batch(model, n_clips, cached=False)
    settings = {"do_sample": False, "pad_token_id": 0}
    settings |= {"max_new_tokens": N_GENERATED, "min_new_tokens": N_GENERATED}

    def together() -> None:
        model.generate(**batch, **settings)

    def one_by_one() -> None:
        for index in range(n_clips):
            model.generate(**{k: v[index : index + 1] for k, v in batch.items()}, **settings)

    took = in_turns({"together": together, "one by one": one_by_one}, 3, device)
    return {
        "clips": n_clips,
        "new_tokens": N_GENERATED,
        "clips_per_s_together": n_clips / took["together"],
        "clips_per_s_one_by_one": n_clips / took["one by one"],
        "ratio": took["one by one"] / took["together"],
    }


def step_memory(model: Any, n_clips: int = 3) -> list[dict[str, float]]:
    """Measure the peak of a LoRA step with AdamW: rank 16, fusion and projectors in full.

    Once with all activations kept, once with those of each layer computed again.
    """
    from peft import LoraConfig, get_peft_model

    lora = LoraConfig(
        r=16,
        lora_alpha=32,
        lora_dropout=0.05,
        target_modules=lora_target_modules(model),
        modules_to_save=fusion_modules(model),
    )
    wrapped = get_peft_model(model, lora).train()
    trained = [p for p in wrapped.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-5)
    batch = make_batch(model, n_clips, cached=False)
    batch["labels"] = batch["input_ids"].clone()
    batch["labels"][:, :113] = -100  # forty tokens of answer

    def step() -> None:
        with torch.autocast("cuda", torch.bfloat16):
            wrapped(**batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    found = []
    for checkpointing in (False, True):
        if checkpointing:
            wrapped.enable_input_require_grads()
            wrapped.base_model.model.activation_checkpointing_enable()
        free()
        torch.cuda.reset_peak_memory_stats()
        took = [seconds(step, "cuda") for _ in range(4)]
        found.append(
            {
                "clips": n_clips,
                "checkpointing": checkpointing,
                "trained_parameters": sum(p.numel() for p in trained),
                "weights_gib": sum(p.nbytes for p in wrapped.parameters()) / 2**30,
                "peak_gib": torch.cuda.max_memory_allocated() / 2**30,
                "step_ms": 1000 * statistics.median(took[1:]),
            }
        )
    return found


def free() -> None:
    """Hand memory back between measurements."""
    gc.collect()
    torch.cuda.empty_cache()


def main() -> None:
    """Measure, and print what was found as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--rounds", type=int, default=30, help="of each timed pair")
    parser.add_argument("--save", help="folder for the weights that 4-bit loading reads; cuda only")
    given = parser.parse_args()
    on_gpu = given.device == "cuda"
    if not on_gpu:
        torch.set_num_threads(1)
    packages = ["torch", "transformers", "peft"]
    found: dict[str, Any] = {
        "affecthub": affecthub.__version__,
        "python": platform.python_version(),
        "device": torch.cuda.get_device_name() if on_gpu else "one CPU core",
        "versions": {name: version(name) for name in packages},
        "tokens": N_TOKENS,
    }

    model = make_model(given.device, torch.bfloat16 if on_gpu else torch.float32)
    count = flops(model.config)
    found["flops"] = count | {"ratio": count["soft_tokens"] / count["language_model"]}
    sizes = (1, 3, 16) if on_gpu else (1, 3)
    found["fusion"] = [fusion_cost(model, n, given.rounds, given.device) for n in sizes]
    found["batching"] = batching(model, 16, given.device)
    if on_gpu:
        if given.save:
            model.save_pretrained(given.save)
        found["lora_step_bf16"] = step_memory(model)
        del model
        free()
        print(json.dumps(found), flush=True)  # in case the rest fails
    if on_gpu and given.save:
        model = AffectGPTForConditionalGeneration.from_pretrained(
            given.save,
            dtype=torch.bfloat16,
            device_map={"": 0},
            quantization_config=quantization_config(4),
        )
        found["lora_step_4bit"] = step_memory(model)
        found["versions"]["bitsandbytes"] = version("bitsandbytes")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
