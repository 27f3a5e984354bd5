"""Encoders that were released with code of their own, as classes of transformers."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import GlmModel, LlamaModel, PreTrainedConfig

from affecthub.errors import unknown_name
from affecthub.folders import finished_folder, require_empty
from affecthub.modeling.affectgpt.modeling_towers import no_load_report
from affecthub.training.features.encoders.baichuan import llama_config, llama_state
from affecthub.training.features.encoders.chatglm2 import glm_config, glm_state
from affecthub.training.features.encoders.checkpoints import find_file, state_of
from affecthub.training.features.encoders.sentence_pieces import (
    FILE,
    SentencePieces,
    baichuan_words,
    chatglm2_words,
)

# What a converted configuration says of its tokenizer.
WORDS = "affecthub_words"


@dataclass(frozen=True)
class _Form:
    model: Any
    config: Callable[..., Any]
    state: Callable[..., dict[str, torch.Tensor]]
    words: Callable[[str], SentencePieces]


# By the model type in config.json.
CONVERTED: dict[str, _Form] = {
    "chatglm": _Form(GlmModel, glm_config, glm_state, chatglm2_words),
    "baichuan": _Form(LlamaModel, llama_config, llama_state, baichuan_words),
}


def convert(where: str | Path, dtype: Any = "auto") -> Any:
    """Load a checkpoint that came with code of its own as a model of transformers.

    Args:
        where: Folder or Hub id of a ChatGLM2 or a Baichuan-7B.
        dtype: Of its weights; "auto" keeps theirs.

    Returns:
        A ``GlmModel`` or ``LlamaModel`` in eval mode; its numbers are those of the original.

    Raises:
        ValueError: It is of another form, or a weight is missing or strange.
    """
    said, _ = PreTrainedConfig.get_config_dict(str(where))
    model_type = str(said.get("model_type", ""))
    if model_type not in CONVERTED:
        raise unknown_name("form of a checkpoint to convert", model_type, CONVERTED)
    form = CONVERTED[model_type]
    config = form.config(said)
    setattr(config, WORDS, model_type)
    state = form.state(state_of(str(where)), config)
    kept = next(iter(state.values())).dtype if dtype == "auto" else dtype
    with no_load_report():
        model, found = form.model.from_pretrained(
            None, config=config, state_dict=state, dtype=kept, output_loading_info=True
        )
    strange = sorted(
        map(str, (*found["missing_keys"], *found["unexpected_keys"], *found["mismatched_keys"]))
    )
    if strange:
        raise ValueError(
            f"{where} does not hold a whole {model_type}: got no, or another, "
            f"{', '.join(strange[:3])}, expected all weights of {form.model.__name__}."
        )
    return model.eval()


def convert_folder(where: str | Path, out: str | Path) -> Path:
    """Write what `convert` gives as a folder that ``--encoder`` and transformers take.

    Args:
        where: See `convert`.
        out: New folder: safetensors, configuration, and the tokenizer's file as it was.

    Returns:
        The folder.

    Raises:
        ValueError: As `convert`.
    """
    out = Path(out).expanduser()
    require_empty(out, "`--out`")
    model = convert(where)
    with finished_folder(out) as folder:
        model.save_pretrained(folder)
        for name in (FILE, "tokenizer_config.json"):
            beside = find_file(str(where), name)
            if beside is not None:
                shutil.copyfile(beside, folder / name)
    return out


def load_converted(where: str, model_type: str, dtype: Any) -> tuple[Any, SentencePieces]:
    """A checkpoint that came with code of its own, and its tokenizer.

    Raises:
        ImportError: sentencepiece is not installed.
        ValueError: As `convert`, or the tokenizer's file is not there.
    """
    words = CONVERTED[model_type].words(where)  # quickly found missing, before the weights
    return convert(where, dtype), words
