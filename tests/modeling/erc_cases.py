"""Small conversation models, dialogues for them, and what released ones were recorded to give."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from affecthub.modeling.erc import ErcConfig, ErcModel

RECOGNISE = ("cmn", "icon", "dialoguernn", "dialoguegcn")
FORECAST = ("bigru", "avef", "dep", "eamt")
ALL = (*RECOGNISE, *FORECAST)
# Every model, and the forms in which it may hear the future or not.
FORMS: dict[str, dict[str, Any]] = {
    **{name: {"algorithm": name} for name in ALL},
    "dialoguernn-causal": {"algorithm": "dialoguernn", "causal": True},
    "dialoguernn-listeners": {"algorithm": "dialoguernn", "options": {"listener_state": True}},
    "dialoguegcn-causal": {"algorithm": "dialoguegcn", "causal": True},
    "dialoguegcn-gru": {"algorithm": "dialoguegcn", "options": {"base": "gru", "past": 2}},
    "dialoguegcn-rnn": {
        "algorithm": "dialoguegcn",
        "causal": True,
        "options": {"base": "dialoguernn", "nodal_attention": False},
    },
    "bigru-recognise": {"algorithm": "bigru", "task": "recognise", "options": {"speakers": True}},
    "bigru-recognise-causal": {"algorithm": "bigru", "task": "recognise", "causal": True},
    "bigru-all": {"algorithm": "bigru", "options": {"context": None}},
    "eamt-all": {"algorithm": "eamt", "options": {"context": None, "next_speaker": "unknown"}},
    "dep-unknown": {"algorithm": "dep", "options": {"next_speaker": "unknown", "context": 3}},
}
CAUSAL = tuple(
    name
    for name, form in FORMS.items()
    if ErcConfig(**form).causal  # the others are heard to the end of the dialogue
)


def model_of(form: str, seed: int = 0, **changes: Any) -> ErcModel:
    """A small model of fixed random weights, in evaluation."""
    torch.manual_seed(seed)
    sizes = {"feature_dim": 8, "hidden_dim": 6, "n_speakers": 3}
    return ErcModel(ErcConfig(**{**sizes, **FORMS[form], **changes})).eval()


def dialogues_of(
    *lengths: int, n_speakers: int = 3, dim: int = 8, seed: int = 1
) -> dict[str, Tensor]:
    """Random dialogues of these lengths, padded to the longest."""
    drawn = torch.Generator().manual_seed(seed)
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    features = torch.randn(*mask.shape, dim, generator=drawn).masked_fill(~mask[..., None], 0)
    speakers = torch.randint(0, n_speakers, mask.shape, generator=drawn).masked_fill(~mask, 0)
    return {"features": features, "speakers": speakers, "mask": mask}


def logits(model: ErcModel, batch: dict[str, Tensor]) -> Tensor:
    with torch.no_grad():
        return model(**batch).logits


def recorded(folder: Path, name: str) -> tuple[ErcModel, dict[str, Tensor]]:
    """A released model's record: ours with its weights, and all that was recorded."""
    with np.load(folder / "bench_reference" / f"erc_{name}.npz") as file:
        record = {key: file[key] for key in file.files}
    settings = json.loads(str(record.pop("meta")))
    if "in/own" in record:
        settings["timesteps"] = record["in/own"].shape[1]
    config = ErcConfig.from_official(name.partition("_")[0], record, settings)
    model = ErcModel(config).eval().load_official(record)
    return model, {key: torch.from_numpy(np.asarray(value)) for key, value in record.items()}


def recorded_dialogues(record: dict[str, Tensor]) -> dict[str, Tensor]:
    """The batch of a recorded DialogueRNN or DialogueGCN, whose tensors have time first."""
    mask = record["in/umask"].bool()
    return {
        "features": record["in/U"].transpose(0, 1),
        "speakers": record["in/qmask"].transpose(0, 1).argmax(-1),
        "mask": mask,
        "labels": record["in/labels"].masked_fill(~mask, -100),
    }


def histories_as_dialogues(record: dict[str, Tensor]) -> dict[str, Tensor]:
    """Recorded histories and queries of CMN or ICON, each as the end of a dialogue of its own."""
    n, k, dim = record["in/own"].shape
    batch = {
        "features": torch.zeros(n, k + 1, dim),
        "speakers": torch.zeros(n, k + 1, dtype=torch.long),
        "mask": torch.zeros(n, k + 1, dtype=torch.bool),
        "labels": torch.full((n, k + 1), -100),
    }
    for i in range(n):
        said = (record["in/own_mask"][i] + record["in/other_mask"][i]).bool()
        end = int(said.sum())
        batch["features"][i, :end] = (record["in/own"][i] + record["in/other"][i])[said]
        batch["features"][i, end] = record["in/query"][i]
        batch["speakers"][i, :end] = record["in/other_mask"][i][said].long()
        batch["mask"][i, : end + 1] = True
        batch["labels"][i, end] = record["in/labels"][i].argmax()
    return batch
