"""Small models and adapters as runs leave them, with and without their weights."""

import json
from pathlib import Path
from typing import Any

import yaml

RECIPE = {
    "corpus": "demo",
    "protocol": "speaker_independent",
    "modalities": ["audio", "text"],
    "question": "labels",
    "answer": ["emotion"],
    "train_split": "train",
    "scratch": {"vocab_size": 300},
    "lora": None,
    "seed": 3,
    "trainer": {"learning_rate": 1e-3},
}
RECORD = {
    "n_train": 14,
    "n_there": 20,
    "n_parameters": 9000,
    "n_trained": 54,
    "n_seen": 28,
    "notes": ["a tenth is held out"],
    "launch": {"kind": "ddp", "n_processes": 2, "device": "cpu"},
    "cost": {"train_s": 7200.0, "flops": 1.5e12, "device": "Chip", "peak_memory_bytes": 2**30},
    "losses": [{"loss": 2.5}],
    "versions": {"torch": "2.13.0"},
}
SCORES = {
    "scores": {"accuracy": 0.5, "set_f": 0.25, "n": 100, "n_unparsed": 1},
    "majority": {"accuracy": 0.2, "set_f": 0.1, "n": 100},
    "majority_label": "joy",
    "lexicon": {"name": "affecthub", "version": "1.0.0"},
    "intervals": {"set_f": [0.2, 0.3]},
}


def records(folder: Path, **files: Any) -> Path:
    """A folder without weights: ``config``, ``adapter``, ``recipe``, ``record``, ``scores``."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {
        "config": "config.json",
        "adapter": "adapter_config.json",
        "bases": "bases.json",
        "recipe": "recipe.yaml",
        "grpo": "grpo.yaml",
        "record": "training.json",
        "scores": "scores.json",
        "bench": "bench.json",
        "conversion": "conversion.json",
    }
    for kind, value in files.items():
        path = folder / names[kind]
        is_json = path.suffix == ".json"
        path.write_text(json.dumps(value) if is_json else yaml.safe_dump(value))
    return folder


def benched(**changes: int) -> dict[str, Any]:
    """Scores of ``affecthub bench`` on all nine sets; ``meld=5`` has so many clips there."""
    from affecthub.unibench import SETS

    first = {"hit_rate": "hit_rate", "sentiment": "waf", "set_f": "set_f"}
    sets = {
        each.name: {
            "primary": first[each.primary],
            "n_clips": changes.get(each.name, each.n_clips),
            "n_expected": each.n_clips,
            "scores": {first[each.primary]: {"value": 0.6, "low": 0.55, "high": 0.654321}},
        }
        for each in SETS
    }
    floor = {name: {entry["primary"]: 0.3, "answer": "joy"} for name, entry in sets.items()}
    return {
        "benchmark": "MER-UniBench",
        "system": "mine",
        "protocol": "fixed",
        "lexicon": {"name": "mer2026", "version": "1"},
        "sets": sets,
        "mean": {"value": 0.6, "low": 0.58, "high": 0.62},
        "partial": False,
        "missing": [],
        "floors": {"majority": floor, "constant": floor},
        "published": {"comparable": False, "because": ["labels taken out by a lexicon"]},
    }


def tiny_model(folder: Path) -> Path:
    """A tiny AffectGPT of random weights with its processor, as a run saves them."""
    from affecthub.training.model import from_scratch
    from affecthub.training.recipe_parts import ScratchRecipe

    words = ["joy and anger", "fear, sadness and surprise"]
    scratch = ScratchRecipe(vocab_size=120, config={"prompt": ["{audio}", "{text}", "{question}"]})
    model, processor = from_scratch(scratch, words, freeze_towers=True)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return records(folder, recipe=RECIPE, record=RECORD, scores=SCORES)


def tiny_adapter(folder: Path, base: Path) -> Path:
    """Adapters on it that change what it says."""
    import torch

    from affecthub.training.model import add_lora, load_model
    from affecthub.training.recipe_parts import LoraRecipe

    model, processor = load_model(base)
    model = add_lora(model, LoraRecipe(r=2, alpha=4, dropout=0.0))
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn_like(parameter))
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    lora = {"r": 2, "alpha": 4, "dropout": 0.0}
    recipe = RECIPE | {"scratch": None, "model": str(base), "lora": lora}
    return records(folder, recipe=recipe, record=RECORD, scores=SCORES)
