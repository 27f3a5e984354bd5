"""All ten fusions on the demo corpus, beside each modality alone, from real files to scores.

    python -m affecthub.training.fusion.demo --output-dir demo-fusions

The encoders are small ones of the real classes with random weights: they tell enough, since each
modality of the corpus shows a cue that two or three emotions share. One modality reaches 3 of 7 at
most, all three can reach all.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from affecthub.training.fusion.fitting import config_for, fit
from affecthub.training.fusion.loading import load_table
from affecthub.training.fusion.scoring import majority_scores
from affecthub.training.fusion.settings import Settings
from affecthub.training.fusion.table import FeatureTable

UTTERANCE = ("attention", "lmf", "tfn", "misa", "mmim")
SEQUENCE = ("mult", "mfn", "graph_mfn", "mfm", "mctn")
SETTINGS = Settings(epochs=40, batch_size=16, learning_rate=1e-3)
# Where one rate does not suit all.
_RATES = {"misa": 3e-4, "mult": 3e-4, "mfm": 3e-4}
# How many times as many rounds, of those that are slow to begin.
_LONGER = {"attention": 3, "mmim": 2}
# Its tensor product has (width + 1)^3 values.
_WIDTHS = {"tfn": 24}
_WIDTH = 64

_BODY: dict[str, Any] = {
    "hidden_size": 96,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "intermediate_size": 192,
}


def write_encoders(folder: Path, texts: Sequence[str]) -> None:
    """Write small random encoders of sound, text and pictures, the same every time.

    Args:
        folder: Gets ``audio`` (Whisper), ``text`` (BERT) and ``vision`` (DINOv2).
        texts: What the text encoder knows words from.
    """
    import torch
    import transformers as tf

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        heard = tf.WhisperConfig(
            vocab_size=8,
            d_model=96,
            encoder_layers=2,
            decoder_layers=1,
            encoder_attention_heads=4,
            decoder_attention_heads=4,
            encoder_ffn_dim=192,
            decoder_ffn_dim=192,
            max_source_positions=200,
            max_target_positions=4,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
            decoder_start_token_id=3,
        )
        tf.WhisperModel(heard).save_pretrained(folder / "audio")
        tf.WhisperFeatureExtractor(chunk_length=4).save_pretrained(folder / "audio")
        tokenizer = _words(texts)
        tokenizer.save_pretrained(folder / "text")
        read = tf.BertConfig(**_BODY, vocab_size=len(tokenizer), max_position_embeddings=64)
        tf.BertModel(read).save_pretrained(folder / "text")
        # One piece is a whole picture, so that a random projection keeps where things are.
        seen = tf.Dinov2Config(
            hidden_size=256,
            num_hidden_layers=1,
            num_attention_heads=4,
            mlp_ratio=2,
            image_size=28,
            patch_size=28,
            layerscale_value=0.1,
        )
        tf.Dinov2Model(seen).save_pretrained(folder / "vision")
        pictures = tf.BitImageProcessorPil(size={"height": 28, "width": 28}, do_center_crop=False)
        pictures.save_pretrained(folder / "vision")


def _words(texts: Sequence[str]) -> Any:
    """A tokenizer of whole words."""
    import transformers as tf
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    core = Tokenizer(models.WordLevel({}, unk_token="[UNK]"))
    core.normalizer = normalizers.Lowercase()
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    words = {
        word
        for text in texts
        for word, _ in core.pre_tokenizer.pre_tokenize_str(core.normalizer.normalize_str(text))
    }
    known = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", *sorted(words)]
    core.model = models.WordLevel({word: i for i, word in enumerate(known)}, unk_token="[UNK]")
    core.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    return tf.PreTrainedTokenizerFast(tokenizer_object=core, pad_token="[PAD]", unk_token="[UNK]")


def fill_demo(folder: Path, data_dir: Path, *, progress: bool = False) -> Path:
    """Fill caches of steps of all three modalities.

    Args:
        folder: Gets ``encoders`` and ``features``; what is there stays.
        data_dir: The demo corpus.
        progress: Show bars.

    Returns:
        The folder of caches.
    """
    from affecthub.datasets_scripts import load_dataset
    from affecthub.training.features.encoders.corpus import fill_encoder
    from affecthub.training.features.encoders.rules import Wanted

    encoders, caches = folder / "encoders", folder / "features"
    if not (encoders / "vision" / "config.json").is_file():
        train = load_dataset("demo", data_dir=data_dir)["train"]
        write_encoders(encoders, train["text"])
    seen: dict[str, Any] = {"frames": 3, "tokens": "mean_raw"}
    for modality in ("audio", "text", "vision"):
        more = seen if modality == "vision" else {}
        fill_encoder(
            "demo",
            encoders / modality,
            data_dir,
            caches / modality,
            wanted=Wanted(level="frame", **more),
            n_workers=0,
            progress=progress,
        )
    return caches


def compare(
    caches: Path,
    data_dir: Path,
    *,
    algorithms: Sequence[str] = (*UTTERANCE, *SEQUENCE),
    seeds: Sequence[int] = (0, 1, 2),
    settings: Settings = SETTINGS,
    tell: Callable[[str], None] | None = None,
) -> list[dict[str, Any]]:
    """Train each modality alone and fusions of all three, and score them on the test split.

    Args:
        caches: See `fill_demo`.
        data_dir: The demo corpus.
        algorithms: Which fusions.
        seeds: One run each.
        settings: How to train.
        tell: Is told each row.

    Returns:
        The majority, ``audio``, ``text``, ``vision``, then the fusions, each with ``name``,
        ``acc``, ``waf``, ``macro_f1`` (means over seeds), ``acc_sd`` (None for one seed) and ``n``.
    """
    vectors = load_table("demo", data_dir, caches, level="utterance", normalize="train")
    steps = load_table("demo", data_dir, caches, align="text", normalize="train")
    test = vectors.splits["test"]
    base = majority_scores(vectors.labels, vectors.splits["train"], test)
    rows = [_row(f"majority ({base.pop('answer')})", [base])]

    def run(name: str, table: FeatureTable, algorithm: str, options: dict[str, Any]) -> None:
        width = _WIDTHS.get(algorithm, _WIDTH)
        config = config_for(table, algorithm, hidden_dim=width, options=options)
        rate = _RATES.get(algorithm, settings.learning_rate)
        epochs = settings.epochs * _LONGER.get(algorithm, 1)
        how = settings.with_(learning_rate=rate, clip_value=0.8, epochs=epochs)
        fits = [fit(config, table, seed=seed, settings=how).scores for seed in seeds]
        rows.append(_row(name, fits))
        if tell is not None:
            tell(f"{name}: accuracy {rows[-1]['acc']:.3f}")

    for modality in vectors.blocks:
        run(modality, vectors.of(modality), "unimodal", {"modality": modality})
    for algorithm in algorithms:
        run(algorithm, steps if algorithm in SEQUENCE else vectors, algorithm, {})
    return rows


def _row(name: str, scores: Sequence[dict[str, Any]]) -> dict[str, Any]:
    means = {key: mean(each[key] for each in scores) for key in ("acc", "waf", "macro_f1")}
    spread = stdev(each["acc"] for each in scores) if len(scores) > 1 else None
    return {"name": name, **means, "acc_sd": spread, "n": scores[0]["n"]}


def main() -> None:
    """Run all of it and write the scores."""
    from affecthub.datasets_scripts import make_demo
    from affecthub.training.progress import only_our_bars

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output-dir", type=Path, default=Path("demo-fusions"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    given = parser.parse_args()
    only_our_bars()
    data_dir = make_demo(given.output_dir / "corpus")
    caches = fill_demo(given.output_dir, data_dir, progress=True)
    rows = compare(caches, data_dir, seeds=given.seeds, tell=print)
    (given.output_dir / "scores.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    for row in rows:
        spread = "" if row["acc_sd"] is None else f" ± {row['acc_sd']:.3f}"
        print(f"{row['name']:24} {row['acc']:.3f}{spread} {row['waf']:.3f}")


if __name__ == "__main__":
    main()
