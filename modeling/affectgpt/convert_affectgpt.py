"""Official AffectGPT checkpoints into adapters for PEFT, or into a whole model.

What a checkpoint does not hold is given: the two towers and the language model by name, and the
wording of the prompt, which is its authors', in a file. The rest follows from the checkpoint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import torch
import yaml
from safetensors.torch import save_file
from transformers import AutoTokenizer, GenerationConfig
from transformers.dynamic_module_utils import custom_object_save

from .configuration_affectgpt import AffectGPTConfig
from .configuration_prompt import read_prompt
from .convert_adapters import (
    ADAPTER_FILE,
    BASES,
    base_fields,
    require_peft,
    travelling,
    write_bases,
)
from .convert_official import (
    LORA_ALPHA,
    LORA_DROPOUT,
    describe_fusion,
    fuses_alone,
    lora_rank,
    place,
    places,
    read_checkpoints,
    require_wording,
)
from .convert_towers import require_recorded
from .modeling_affectgpt import AffectGPTForConditionalGeneration
from .modeling_language import fusion_modules, lora_target_modules
from .processing_affectgpt import AffectGPTProcessor

VISION = "openai/clip-vit-large-patch14"
AUDIO = "TencentGameMate/chinese-hubert-large"
TEXT = "Qwen/Qwen2.5-7B-Instruct"

# How the official models hear, see and are asked, beside the wording.
PARITY = {
    "audio_norm": "joint",
    # Their faces were read by OpenCV and never turned around.
    "face_channel_order": "bgr",
    "answer_end": "###",
    "n_frames": 8,
    "n_audio_clips": 8,
    "audio_clip_s": 2.0,
    # Two samplers share the version that the official environment pins; this is the newer one's.
    "audio_spacing": "to_end",
    "audio_layers": 4,
    # Where nothing is said the official prompt keeps the transcript's sentence, empty.
    "empty_text": "keep",
}
# Before the prompt in training, and only there. Other families than Qwen take their own.
TRAINING_PREFIX = "<|im_start|>"
# Asked with these; `top_k` came along with Qwen's own settings.
GENERATION = {
    "do_sample": True,
    "temperature": 1.0,
    "top_p": 0.9,
    "top_k": 20,
    "repetition_penalty": 1.0,
    "num_beams": 1,
    "max_new_tokens": 1200,
}
UNUSED_FILE = "unused.safetensors"
WORDING_KEYS = ("prompt", "questions", "default_question")


@dataclass
class Conversion:
    """What a conversion wrote.

    Args:
        out_dir: Where.
        form: ``"adapter"`` or ``"merged"``.
        fields: How the model pools and fuses, as fields of its configuration.
        rank: Of the adapters.
        alpha: Of the adapters; they count ``alpha / rank`` times.
        n_tensors: Tensors of the checkpoint that have their place.
        n_parameters: Numbers in them.
        unused: Keys of the checkpoint that have none.
        notes: What the user should know.
    """

    out_dir: Path
    form: str
    fields: dict[str, Any]
    rank: int
    alpha: float
    n_tensors: int
    n_parameters: int
    unused: list[str]
    notes: list[str]


def convert_checkpoint(
    checkpoints: Sequence[str | PathLike],
    out_dir: str | PathLike,
    *,
    prompt_file: str | PathLike,
    vision: str | PathLike = VISION,
    audio: str | PathLike = AUDIO,
    text: str | PathLike = TEXT,
    form: Literal["adapter", "merged"] = "adapter",
    pictures: Literal["faces", "frames"] | None = None,
    dtype: torch.dtype | str = "auto",
    keep_unused: bool = False,
) -> Conversion:
    """Convert a released checkpoint.

    Args:
        checkpoints: Its ``.pth`` files in the official order; of a tensor that several hold, the
            last one counts.
        out_dir: Folder to write, which must be empty or absent.
        prompt_file: The wording; see :func:`read_wording`.
        vision: Folder or Hub name of the vision tower.
        audio: The same of the audio tower.
        text: The same of the language model, with its tokenizer.
        form: ``"adapter"`` needs the bases' configurations only and writes 0.2 GB for
            :func:`load_adapter`; ``"merged"`` needs their weights and writes a whole model, with
            the adapters folded into the language model in float32.
        pictures: What the model shall look at; by default what it was trained on.
        dtype: Of the towers and the language model, where they are written.
        keep_unused: Whether to keep tensors that have no place here, under their official names,
            in a file of their own.

    Returns:
        What was written.

    Raises:
        FileNotFoundError: A file is not there.
        ValueError: The checkpoint, the bases and the prompt do not fit each other, a file is not
            what it should be, or ``out_dir`` is not empty. Nothing is written then.
        ImportError: peft is not installed, for adapters.
    """
    out_dir = Path(out_dir)
    if form not in ("adapter", "merged"):
        raise ValueError(f"`form` is not known: got {form!r}, expected 'adapter' or 'merged'.")
    if form == "adapter" and dtype != "auto":
        raise ValueError(
            f"`dtype` has no effect: got {dtype} for adapters, which hold no base. Leave it out, "
            "or give it where they are loaded."
        )
    if out_dir.is_dir() and any(out_dir.iterdir()):
        raise ValueError(f"`out_dir` is not empty: got {out_dir}, expected a new folder.")
    if form == "adapter":
        require_peft()
    wording = read_wording(prompt_file)
    checkpoint = read_checkpoints(checkpoints)
    notes = require_wording(wording["prompt"], checkpoint.modes, pictures)
    named = set(read_prompt(wording["prompt"]).fields)
    is_fused = "fused" in named
    how = describe_fusion(checkpoint, is_fused)
    rank = lora_rank(checkpoint)
    alpha = checkpoint.settings.get("lora_alpha", LORA_ALPHA)

    bases = {kind: _absolute(name) for kind, name in zip(BASES, (vision, audio, text), strict=True)}
    tokenizer = AutoTokenizer.from_pretrained(bases["text"])
    fields: dict[str, Any] = {
        **PARITY,
        **how,
        **wording,
        "training_prefix": _prefix(tokenizer),
    }
    if fuses_alone(named) and pictures != "frames":
        fields["fused_picture"] = "faces"
    from_bases = base_fields(bases, **fields)
    notes += require_recorded(checkpoint.settings, from_bases, bases)
    config = AffectGPTConfig(**from_bases, **fields)
    # Face and voice are fused in the wider one's width.
    fields["fusion_dim"] = config.fusion_dim = max(config.vision_dim, config.audio_dim)
    with torch.device("meta"):
        shell = AffectGPTForConditionalGeneration(config)
    tensors, unused = place(checkpoint.weights, places(shell, rank), is_fused=is_fused)
    _require_finite(tensors)
    processor = AffectGPTProcessor.from_config(config, tokenizer)
    if unused:
        kinds = sorted({key.partition(".")[0] for key in unused})
        what = f"kept in {UNUSED_FILE}" if keep_unused else "left out"
        notes.append(f"{len(unused)} tensors have no place here and are {what}: {', '.join(kinds)}")

    if form == "merged":
        model = AffectGPTForConditionalGeneration.from_towers(**bases, dtype=dtype, **fields)
        _merge(model, tensors, alpha / rank)
        model.generation_config = _generation(bases["text"], processor, config)
        model.save_pretrained(out_dir)
    else:
        out_dir.mkdir(parents=True, exist_ok=True)
        _write_adapter(out_dir, shell, tensors, rank, alpha, travelling(bases, out_dir)["text"])
        config.save_pretrained(out_dir)
        # The files that `auto_map` in the configuration names.
        custom_object_save(shell, out_dir)
        _generation(bases["text"], processor, config).save_pretrained(out_dir)
        write_bases(bases, out_dir)
    processor.save_pretrained(out_dir)
    if keep_unused and unused:
        _save(out_dir / UNUSED_FILE, {key: checkpoint.weights[key] for key in unused})
    n_parameters = sum(tensor.numel() for tensor in tensors.values())
    return Conversion(out_dir, form, how, rank, alpha, len(tensors), n_parameters, unused, notes)


def read_wording(path: str | PathLike) -> dict[str, Any]:
    """Read a prompt, and questions if there are any, from YAML.

    Args:
        path: A list of parts, or ``prompt`` with such a list, ``questions`` by name and
            ``default_question``. A part is a text in which ``{fused}``, ``{audio}``, ``{face}``,
            ``{video}``, ``{text}`` and ``{question}`` stand for what a sample has; it is left out
            where one of them is missing. Parts are joined as they are, without anything between.

    Returns:
        Fields of :class:`AffectGPTConfig`.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no YAML, or holds something else.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"prompt file not found: {path}. Check the path.")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} is no YAML: got {' '.join(str(error).split())}, expected a list of texts. "
            "Put each part in double quotes."
        ) from error
    wording = {"prompt": content} if isinstance(content, list) else content
    if not isinstance(wording, dict) or not wording.keys() <= set(WORDING_KEYS):
        got = sorted(wording) if isinstance(wording, dict) else type(wording).__name__
        raise ValueError(
            f"{path} is no prompt: got {got}, expected a list of texts, or "
            f"{', '.join(WORDING_KEYS)}."
        )
    parts, questions = wording.get("prompt"), wording.get("questions", {})
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise ValueError(f"{path}: got `prompt` {parts!r}, expected a list of texts. Quote them.")
    if not isinstance(questions, dict) or not all(isinstance(q, str) for q in questions.values()):
        raise ValueError(f"{path}: got `questions` {questions!r}, expected texts by name.")
    asked = wording.get("default_question")
    if asked is not None and asked not in questions:
        raise ValueError(
            f"{path}: got `default_question` {asked!r}, expected one of {', '.join(questions)}."
        )
    if questions and asked is None:
        wording["default_question"] = next(iter(questions))
    try:
        read_prompt(parts)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return wording


def _write_adapter(
    out_dir: Path,
    shell: AffectGPTForConditionalGeneration,
    tensors: Mapping[str, torch.Tensor],
    rank: int,
    alpha: float,
    text: str,
) -> None:
    """Write what PEFT itself would write after training, in float32."""
    settings = require_peft().LoraConfig(
        base_model_name_or_path=text,
        r=rank,
        lora_alpha=alpha,
        lora_dropout=LORA_DROPOUT,
        target_modules=lora_target_modules(shell),
        modules_to_save=fusion_modules(shell),
        inference_mode=True,
    )
    settings.save_pretrained(out_dir)
    named = {}
    for name, tensor in tensors.items():
        end = ".weight" if name.endswith((".lora_A", ".lora_B")) else ""
        named[f"base_model.model.{name}{end}"] = tensor.float()
    _save(out_dir / ADAPTER_FILE, named)


@torch.no_grad()
def _merge(
    model: AffectGPTForConditionalGeneration, tensors: Mapping[str, torch.Tensor], scale: float
) -> None:
    """Put the fusion in its place and add the adapters to what they adapt."""
    for name, tensor in tensors.items():
        layer, _, half = name.rpartition(".")
        if half == "lora_A":
            weight = model.get_submodule(layer).weight
            a, b = tensor.float(), tensors[f"{layer}.lora_B"].float()
            weight.copy_(weight.float() + scale * (b @ a))  # type: ignore[union-attr,operator]
        elif half != "lora_B":
            model.get_parameter(name).copy_(tensor)


def _generation(
    text: str, processor: AffectGPTProcessor, config: AffectGPTConfig
) -> GenerationConfig:
    """The official settings, on top of the language model's own as it was there."""
    try:
        settings = GenerationConfig.from_pretrained(text)
    except OSError:
        tokenizer = processor.tokenizer
        settings = GenerationConfig(
            eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
        )
    settings.update(**GENERATION, suppress_tokens=list(config.placeholders.values()))
    return settings


def _require_finite(tensors: Mapping[str, torch.Tensor]) -> None:
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise ValueError(
                f"the checkpoint is broken: got values in {name} that are not finite, expected "
                "none. Its training diverged; take an earlier epoch."
            )


def _prefix(tokenizer: Any) -> str:
    known = TRAINING_PREFIX in tokenizer.get_vocab()
    return TRAINING_PREFIX if known else tokenizer.bos_token or ""


def _save(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    # Copies no longer lie in the checkpoint's file, whose parts safetensors would take for shared.
    copies = {name: tensor.clone().contiguous() for name, tensor in tensors.items()}
    save_file(copies, path, metadata={"format": "pt"})


def _absolute(name: str | PathLike) -> str:
    path = Path(name)
    return str(path.resolve()) if path.is_dir() else str(name)
