"""What answers of a chat model depend on beside the questions, in one line without a path."""

import hashlib
import json
from pathlib import Path
from typing import Any

from affecthub.training.asking.backends.transformers_models import ADAPTER, base_of
from affecthub.training.asking.backends.transformers_reading import ChatReader

# Files of up to this size are read as a whole for their digest, of larger ones parts.
_WHOLE_BYTES = 2**31
_PART_BYTES, _N_PARTS = 2**20, 64
# Says where and how a thing was saved; the number format a model computes in is named beside.
_PROVENANCE = {
    *("transformers_version", "peft_version", "_name_or_path", "name_or_path", "_commit_hash"),
    *("base_model_name_or_path", "architectures", "dtype", "torch_dtype"),
}


def name_of(
    model_id: str | Path,
    model: Any,
    reader: ChatReader,
    generation: dict[str, Any],
    long_sound: str,
) -> str:
    """The name of a backend.

    Args:
        model_id: Folder or Hub id that the model was loaded from.
        model: The model.
        reader: Its reader: what makes tensors of media, and how.
        generation: How answers are written.
        long_sound: What becomes of sound that is too long.

    Returns:
        `identity`, and the settings as JSON.
    """
    settings: dict[str, Any] = {
        "dtype": str(model.dtype).removeprefix("torch."),
        "processor": _processor_digest(reader),
        **generation,
    }
    if "audio" in reader.takes:
        settings |= {"sound": reader.sound, "long_sound": long_sound}
    if "video" in reader.takes:
        settings |= {"film": reader.film, "frame_pixels": list(reader.frame_pixels)}
    return f"{identity(model_id, model)} {json.dumps(settings, sort_keys=True)}"


def identity(model_id: str | Path, model: Any) -> str:
    """Which weights answer: a Hub id and its commit, or a folder's name and a digest of its files.

    Safetensors of up to 2 GB in all are hashed as a whole ("whole:"). Of larger ones go in: sizes,
    headers, and 64 parts of a megabyte of each file ("parts:"); it tells apart any two trainings,
    but not a folder in which a few numbers were changed by hand.
    """
    folder = Path(model_id)
    if not folder.is_dir():
        return f"{model_id}@{getattr(model.config, '_commit_hash', None) or 'unknown'}"
    name = folder.resolve().name
    if (folder / ADAPTER).is_file():
        return f"{name}@{_digest(folder)} on {identity(base_of(folder), model)}"
    return f"{name}@{_digest(folder)}"


def _digest(folder: Path) -> str:
    """A digest of a folder's config and safetensors."""
    files = sorted(folder.glob("*.safetensors"))
    whole = sum(file.stat().st_size for file in files) <= _WHOLE_BYTES
    digest = hashlib.sha256()
    for config in ("config.json", ADAPTER):
        if (folder / config).is_file():
            settings = json.loads((folder / config).read_text(encoding="utf-8"))
            digest.update(json.dumps(_lasting(settings), sort_keys=True).encode())
    for file in files:
        size = file.stat().st_size
        digest.update(f"{file.name} {size} ".encode())
        with open(file, "rb") as opened:
            if whole:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
                continue
            step = max(1, (size - _PART_BYTES) // (_N_PARTS - 1))
            for start in range(0, size, step):
                opened.seek(start)
                digest.update(opened.read(_PART_BYTES))
    return f"{'whole' if whole else 'parts'}:{digest.hexdigest()[:16]}"


def _processor_digest(reader: ChatReader) -> str:
    """A digest of a processor's settings, its vocabulary and its chat template."""
    processor, tokenizer = reader.processor, reader.tokenizer
    parts = {} if processor is tokenizer else _lasting(processor.to_dict())
    films = getattr(processor, "video_processor", None)
    stated = [
        parts,
        sorted(tokenizer.get_vocab().items()),
        reader.template.text or getattr(processor, "chat_template", None),
        getattr(tokenizer, "chat_template", None),
        reader.template.plain,
        getattr(films, "stands_for", None) and type(films).__name__,
    ]
    written = json.dumps(stated, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _lasting(settings: Any) -> Any:
    """Settings without what only says where they come from."""
    if not isinstance(settings, dict):
        return settings
    return {key: _lasting(each) for key, each in settings.items() if key not in _PROVENANCE}
