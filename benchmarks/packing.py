"""What a step costs whose samples are packed into one row, against the same samples padded.

    python benchmarks/packing.py

Sixteen samples of 20 to 200 letters on one CPU core, features in place of media, once padded, once
in a single row, once in rows of four samples with accumulated gradients. All take turns, the
process' own time counts, and medians are compared; the losses must be equal.
"""

import platform
import statistics
import time
from importlib.metadata import version

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from affecthub.modeling.affectgpt import (
    AffectGPTConfig,
    AffectGPTForConditionalGeneration,
    AffectGPTProcessor,
)

N_SAMPLES = 16
N_LETTERS = (20, 200)
PER_ROW = 4
ROUNDS = 5
TEXT = {"hidden_size": 256, "intermediate_size": 768, "num_hidden_layers": 4}


def make_pair() -> tuple[AffectGPTForConditionalGeneration, AffectGPTProcessor]:
    """A model with random weights, and a processor whose tokens are bytes."""
    symbols = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {symbol: i for i, symbol in enumerate(["<pad>", "<eos>", *symbols])}
    bytewise = Tokenizer(models.BPE(vocab=vocab, merges=[]))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bytewise, pad_token="<pad>", eos_token="<eos>"
    )
    ends = {"pad_token_id": 0, "eos_token_id": 1}
    prompt = ["{fused}", "{audio}", "{video}", "{text}", "{question}"]
    config = AffectGPTConfig.tiny(vocab_size=262, text_config={**TEXT, **ends}, prompt=prompt)
    processor = AffectGPTProcessor.from_config(config, tokenizer)
    torch.manual_seed(0)
    return AffectGPTForConditionalGeneration(config).train(), processor


def main() -> None:
    """Time both and print what comes out."""
    torch.set_num_threads(1)
    model, processor = make_pair()
    rng = np.random.default_rng(0)
    samples = []
    for length in rng.integers(*N_LETTERS, N_SAMPLES):
        one = processor(
            text="a" * int(length),
            question="?!",
            vision_features=rng.normal(size=(8, processor.vision_dim)),
            audio_features=rng.normal(size=(1, processor.audio_dim)),
            answers="joy",
        )
        samples.append({name: value[0] for name, value in one.items()})
    groups = [samples[i : i + PER_ROW] for i in range(0, N_SAMPLES, PER_ROW)]
    batches = {
        "padded": [processor.pad(samples)],
        "one row": [processor.pack(samples)],
        "rows of four": [processor.pack(group) for group in groups],
    }
    n_labels = (batches["padded"][0]["labels"] != -100).sum()
    took: dict[str, list[float]] = {name: [] for name in batches}
    losses = {}
    for _ in range(ROUNDS + 1):
        for name, rows in batches.items():
            model.zero_grad()
            losses[name] = 0.0
            start = time.process_time()
            for row in rows:
                loss = model(**row, num_items_in_batch=n_labels).loss
                loss.backward()
                losses[name] += loss.item()
            took[name].append(time.process_time() - start)
    if max(losses.values()) - min(losses.values()) > 1e-5:
        raise SystemExit(f"packed and padded samples learn differently: {losses}")
    times = {name: statistics.median(seconds[1:]) for name, seconds in took.items()}
    places = {name: sum(row["input_ids"].numel() for row in rows) for name, rows in batches.items()}
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers"))
    print(f"Python {platform.python_version()}, {packages}; {N_SAMPLES} samples")
    for name, seconds in times.items():
        share = f"{seconds / times['padded']:.2f} of the padded step"
        print(f"{name}: {places[name]} places, {1000 * seconds:.0f} ms a step, {share}")


if __name__ == "__main__":
    main()
