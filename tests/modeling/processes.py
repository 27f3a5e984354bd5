"""A process of two that hold a model's weights between them; run by test_affectgpt_processes.py.

    python processes.py RANK PORT

For frozen and for thawed towers, and for what the towers made before in place of media, each
process takes one step on batches that bring unlike modalities, and generates; then it says what it has.
"""

import json
import os
import sys
from datetime import timedelta

import torch
from torch import distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor

from affecthub.modeling.affectgpt import AffectGPTConfig, AffectGPTForConditionalGeneration

# Whether towers are frozen, and what a batch brings.
CASES = ((True, "media"), (False, "media"), (True, "features"))
EVERYTHING = ["{fused}", "{audio}", "{face}", "{video}", " {text}", " {question}"]


def make_model(freeze: bool) -> AffectGPTForConditionalGeneration:
    torch.manual_seed(0)
    ends = {"pad_token_id": 0, "eos_token_id": 1}
    config = AffectGPTConfig.tiny(
        vocab_size=262, text_config=ends, freeze_towers=freeze, prompt=EVERYTHING
    )
    return AffectGPTForConditionalGeneration(config)


def make_batches(config: AffectGPTConfig, kind: str) -> list[dict[str, torch.Tensor]]:
    """Everything, words alone, a voice, faces: no two bring the same."""
    fused, audio, face, video = config.placeholders.values()
    noise = torch.Generator().manual_seed(1)
    seen = torch.randn(1, 8, 3, 56, 56, generator=noise)
    heard = torch.randn(1, 1, 8000, generator=noise)
    names = ("pixel_values", "face_pixel_values", "input_values")
    if kind == "features":
        seen = torch.randn(1, 8, 64, generator=noise)
        heard = torch.randn(1, 1, 64, generator=noise)
        names = ("vision_features", "face_features", "audio_features")
    video_name, face_name, audio_name = names
    words = [40, 41, 42]
    rows = [
        ([fused, audio, video, *words], {video_name: seen, audio_name: heard}),
        (words, {}),
        ([audio, *words], {audio_name: heard}),
        ([face, *words], {face_name: -seen}),
    ]
    batches = []
    for ids, media in rows:
        row = torch.tensor([ids])
        batches.append({"input_ids": row, "attention_mask": torch.ones_like(row), **media})
    return batches


def shard(model: AffectGPTForConditionalGeneration) -> None:
    """Every layer that the model names in a group of its own, the towers' among them."""
    mesh = init_device_mesh("cpu", (2,))
    for module in [*model.modules()][::-1]:
        if type(module).__name__ in model._no_split_modules:
            fully_shard(module, mesh=mesh)
    fully_shard(model, mesh=mesh)


def step(rank: int, freeze: bool, kind: str) -> dict:
    """One step over all batches and a short answer, with the weights in pieces."""
    model = make_model(freeze)
    shard(model)
    towers = [*model.model.vision_tower.parameters(), *model.model.audio_tower.parameters()]
    assert any(isinstance(weight, DTensor) for weight in towers)
    runs = {"vision": 0, "audio": 0}
    for name in runs:
        tower = getattr(model.model, f"{name}_tower")
        tower.register_forward_hook(lambda *_, name=name: runs.__setitem__(name, runs[name] + 1))
    batches = make_batches(model.config, kind)
    # The first process has what the second lacks, then the other way round.
    ordered = batches if rank == 0 else batches[::-1]
    model.train()
    losses = []
    for batch in ordered:
        loss = model(**batch, labels=batch["input_ids"] % 250).loss
        loss.backward()
        losses.append(loss.item())
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    missing = [name for name, p in trained.items() if p.grad is None]
    norm = torch.stack([p.grad.full_tensor().norm() for p in trained.values()]).norm().item()
    model.eval()
    tokens = model.generate(**ordered[0], max_new_tokens=2, synced_gpus=True)
    n_said = tokens.shape[1] - ordered[0]["input_ids"].shape[1]
    return {"losses": losses, "missing": missing, "norm": norm, "n_said": n_said, "runs": runs}


def main() -> None:
    rank, port = int(sys.argv[1]), sys.argv[2]
    torch.set_num_threads(1)
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    dist.init_process_group("gloo", rank=rank, world_size=2, timeout=timedelta(seconds=120))
    done = [step(rank, freeze, kind) for freeze, kind in CASES]
    print(json.dumps(done))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
