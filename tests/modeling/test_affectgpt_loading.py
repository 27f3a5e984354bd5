"""A saved folder loads in a fresh process, with affecthub and without it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, CLIPVisionModelWithProjection, HubertModel

from affecthub.modeling import affectgpt
from affecthub.modeling.affectgpt import AffectGPTForConditionalGeneration
from affecthub.modeling.affectgpt.modeling_language import FUSION_MODULES

# Imports affecthub before transformers or after it, or blocks it; then loads everything from the
# folder, the processor first, and prints what it got.
LOAD = """
import json, sys
folder, trust, order = sys.argv[1], sys.argv[2] == "trust", sys.argv[3]
if order == "block":
    sys.modules["affecthub"] = None
elif order == "before":
    import affecthub
    assert not {"torch", "transformers", "numpy"} & set(sys.modules)
from transformers import AutoConfig, AutoModel, AutoModelForMultimodalLM, AutoProcessor
if order == "after":
    import affecthub
assert "affecthub.modeling.affectgpt" not in sys.modules
import torch
torch.set_num_threads(1)
options = {"trust_remote_code": True} if trust else {}
processor = AutoProcessor.from_pretrained(folder, **options)
config = AutoConfig.from_pretrained(folder, **options)
model = AutoModelForMultimodalLM.from_pretrained(folder, **options)
base = AutoModel.from_pretrained(folder, **options)
batch = processor(text=["she laughs"], audio=[torch.linspace(-1, 1, 16000).numpy()])
with torch.no_grad():
    logits = model(**batch).logits
answer = model.generate(**batch, max_new_tokens=3, do_sample=False)
described = model.describe({"text": "she laughs"}, max_new_tokens=2)  # finds its processor
model.save_pretrained(folder + "/again")
processor.save_pretrained(folder + "/again")
classes = [config, processor, model, base]
print(json.dumps({
    "classes": [type(c).__name__ for c in classes],
    "modules": [type(c).__module__ for c in classes],
    "logits": logits[0, -1].tolist(),
    "answer": answer.tolist(),
    "affecthub": sorted(m for m in sys.modules if m.startswith("affecthub."))[:1],
}))
"""

CLASSES = [
    "AffectGPTConfig",
    "AffectGPTProcessor",
    "AffectGPTForConditionalGeneration",
    "AffectGPTModel",
]


@pytest.fixture(scope="module")
def saved(make_model, processor, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    model = make_model()
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def load(folder, tmp_path, trust: bool, order: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", LOAD, str(folder), "trust" if trust else "-", order]
    environment = {**os.environ, "HF_MODULES_CACHE": str(tmp_path / "modules")}
    environment |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=120
    )


def test_folder_holds_the_code_and_a_map_to_it(saved) -> None:
    config = json.loads((saved / "config.json").read_text())
    assert config["auto_map"] == {
        "AutoConfig": "configuration_affectgpt.AffectGPTConfig",
        "AutoModel": "modeling_backbone.AffectGPTModel",
        "AutoModelForMultimodalLM": "modeling_affectgpt.AffectGPTForConditionalGeneration",
        "AutoProcessor": "processing_affectgpt.AffectGPTProcessor",
    }
    parts = {path.name for path in Path(affectgpt.__file__).parent.glob("*.py")}
    # What registers the classes, and the program beside the model; adapters are loaded by it.
    program = {f"convert_{name}.py" for name in ("affectgpt", "loading", "official", "towers")}
    parts -= {"__init__.py", *program}
    for part in parts:
        code = (saved / part).read_text()
        assert "import affecthub" not in code
        assert "from affecthub" not in code
    assert {path.name for path in saved.glob("*.py")} == parts


def test_the_cards_blocks_run(
    saved, make_tokenizer, write_video, tmp_path, monkeypatch, capsys
) -> None:
    card = Path(affectgpt.__file__).with_name("README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", card, flags=re.DOTALL)
    assert len(blocks) == 3
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / "clip.mp4", 12)
    names = {"folder": saved, "tokenizer": make_tokenizer()}
    for block in blocks:
        exec(block, names)
    described, chosen, answers, end = capsys.readouterr().out.split("\n")
    assert described and answers.startswith("[") and not end
    assert names["model"](**names["processor"](text="a")).logits.isfinite().all()
    adapted = {name for name, _ in names["trained"].named_parameters() if "lora_" in name}
    assert adapted and not any("_tower" in name for name in adapted)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trust", "order"), [(False, "before"), (True, "after"), (False, "after"), (True, "block")]
)
def test_fresh_process_loads_the_same_model(
    saved, tmp_path, make_model, processor, trust, order
) -> None:
    done = load(saved, tmp_path, trust, order)
    block = order == "block"
    assert done.returncode == 0, done.stderr[-3000:]
    got = json.loads(done.stdout.splitlines()[-1])
    assert got["classes"] == CLASSES
    # Where affecthub is imported its own code runs, whatever the folder brings.
    root = "transformers_modules" if block else "affecthub"
    assert {module.split(".")[0] for module in got["modules"]} == {root}
    assert bool(got["affecthub"]) is not block
    model = make_model()
    batch = processor(text=["she laughs"], audio=[torch.linspace(-1, 1, 16000).numpy()])
    torch.testing.assert_close(torch.tensor(got["logits"]), model(**batch).logits[0, -1])
    answer = model.generate(**batch, max_new_tokens=3, do_sample=False)
    assert got["answer"] == answer.tolist()
    assert "warn" not in done.stderr.lower(), done.stderr
    # What was loaded as remote code saves its code again.
    assert (saved / "again" / "processing_affectgpt.py").is_file()
    assert "AutoModelForMultimodalLM" in (saved / "again" / "config.json").read_text()


@pytest.mark.slow
def test_without_affecthub_and_without_trust_nothing_runs(saved, tmp_path) -> None:
    done = load(saved, tmp_path, trust=False, order="block")
    assert done.returncode != 0
    assert "trust_remote_code=True" in done.stderr
    assert not (tmp_path / "modules").exists() or not list((tmp_path / "modules").rglob("*_aff*"))


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_model_from_three_pretrained_towers(
    make_config, processor, clip, wave, tmp_path, tied, dtype
) -> None:
    config = make_config(text_config={"tie_word_embeddings": tied})
    parts = {
        "vision": CLIPVisionModelWithProjection(config.vision_config),
        "audio": HubertModel(config.audio_config),
        "text": AutoModelForCausalLM.from_config(config.text_config),
    }
    for name, part in parts.items():
        part.to(dtype).save_pretrained(tmp_path / name)
    fields = {key: getattr(config, key) for key in ("fusion_dim", "audio_layers", "n_audio_clips")}
    kinds = ("fused", "audio", "face", "video")
    fields |= {f"{name}_token_id": 258 + i for i, name in enumerate(kinds)}
    model = AffectGPTForConditionalGeneration.from_towers(
        *(tmp_path / name for name in parts), dtype=dtype, **fields
    )
    for name, parameter in model.named_parameters():
        is_fusion = any(f".{module}." in name for module in FUSION_MODULES)
        assert parameter.dtype == (torch.float32 if is_fusion else dtype), name
    assert model.model.vision_pooler.score.bias.item() == pytest.approx(1 / 8)
    loaded_parts = (model.model.vision_tower, model.model.audio_tower)
    for part, loaded in zip(parts.values(), loaded_parts, strict=False):
        assert not any(p.requires_grad for p in loaded.parameters())
        assert all(
            torch.equal(a, b) for a, b in zip(part.parameters(), loaded.parameters(), strict=True)
        )
    assert torch.equal(model.lm_head.weight, parts["text"].lm_head.weight)
    assert (model.lm_head.weight is model.get_input_embeddings().weight) is tied
    batch = processor(text="a", videos=clip, audio=wave)
    model.save_pretrained(tmp_path / "whole")
    again = AffectGPTForConditionalGeneration.from_pretrained(tmp_path / "whole", dtype=dtype)
    torch.testing.assert_close(again(**batch).logits, model(**batch).logits, atol=1e-2, rtol=1e-2)
