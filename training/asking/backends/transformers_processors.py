"""The processor of a chat model, padded on the left, with torchvision or without."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from transformers import AutoFeatureExtractor, AutoImageProcessor, AutoProcessor, AutoTokenizer
from transformers.models.auto.image_processing_auto import get_image_processor_config
from transformers.models.auto.processing_auto import (
    PROCESSOR_MAPPING_NAMES,
    processor_class_from_name,
)
from transformers.models.auto.tokenization_auto import get_tokenizer_config
from transformers.models.auto.video_processing_auto import get_video_processor_config
from transformers.processing_utils import ProcessorMixin
from transformers.video_processing_utils import VideoProcessorMixin

from affecthub.training.asking.backends.transformers_frames import NeedsTorchvision, QwenFrames

_BY_TORCH = ("Qwen2VLVideoProcessor", "Qwen3VLVideoProcessor")
_LOADERS: dict[str, Any] = {
    "tokenizer": AutoTokenizer,
    "image_processor": AutoImageProcessor,
    "feature_extractor": AutoFeatureExtractor,
    "audio_processor": AutoFeatureExtractor,
}


def load_processor(model_id: str | Path, config: Any, revision: str | None = None) -> Any:
    """What makes tensors of messages and media for a model.

    Where torchvision is not installed, the video processor is one of our own: for Qwen's models
    one that makes the same numbers, for others one that refuses films. The frames of these can be
    handed over as images, where their image processor does without torchvision, as most do; else
    the model is asked about sound and text alone.

    Args:
        model_id: Folder or Hub id.
        config: The model's.
        revision: Of the Hub's.

    Returns:
        A processor; or a tokenizer, of a model that reads text alone. Batches are padded on the
        left, as generation needs it.

    Raises:
        ValueError: A part of it needs what is not installed.
    """
    kind = _processor_class(model_id, config, revision)
    if kind is None or find_spec("torchvision") or "video_processor" not in kind.get_attributes():
        try:
            processor = AutoProcessor.from_pretrained(model_id, revision=revision)
        except (ImportError, OSError) as error:
            raise ValueError(f"the processor of {model_id} cannot be loaded: {error}") from error
    else:
        processor = _without_torchvision(kind, model_id, revision)
    tokenizer_of(processor).padding_side = "left"
    return processor


def tokenizer_of(processor: Any) -> Any:
    """A processor's tokenizer, or itself where it is one."""
    return getattr(processor, "tokenizer", processor)


def _processor_class(
    model_id: str | Path, config: Any, revision: str | None
) -> type[ProcessorMixin] | None:
    """The class that a model's files or its kind name, if it has a processor."""
    stated = [
        ProcessorMixin.get_processor_dict(model_id, revision=revision)[0],
        get_image_processor_config(model_id, revision=revision),
        get_tokenizer_config(model_id, revision=revision),
    ]
    names = [each["processor_class"] for each in stated if each.get("processor_class")]
    # A thinker's kind has no processor of its own in transformers' table.
    kind = config.model_type.removesuffix("_thinker")
    names += [PROCESSOR_MAPPING_NAMES[kind]] if kind in PROCESSOR_MAPPING_NAMES else []
    return processor_class_from_name(names[0]) if names else None


def _without_torchvision(
    kind: type[ProcessorMixin], model_id: str | Path, revision: str | None
) -> Any:
    """A processor of its parts, whose films are read by us."""
    stated, _ = kind.get_processor_dict(model_id, revision=revision)
    parts = []
    for part in kind.get_attributes():
        if part == "video_processor":
            parts.append(_films(model_id, revision))
        elif part in _LOADERS:
            try:
                parts.append(_LOADERS[part].from_pretrained(model_id, revision=revision))
            except (ImportError, ValueError) as error:
                if part != "image_processor" or "torchvision" not in str(error).lower():
                    raise ValueError(
                        f"the {part} of {model_id} needs what is not installed: {error}"
                    ) from error
                settings = get_image_processor_config(model_id, revision=revision)
                name = settings.get("image_processor_type", "its image processor")
                parts.append(NeedsTorchvision(settings, name))
        else:
            raise ValueError(
                f"{kind.__name__} has a part that is not known here: got {part!r}, expected one of "
                f"{', '.join(_LOADERS)} or video_processor. Install the torchvision that belongs "
                "to your torch, so that transformers loads it."
            )
    return _taking_our_films(kind).from_args_and_dict(parts, stated)


def _taking_our_films(kind: type[ProcessorMixin]) -> type[ProcessorMixin]:
    """The class of a processor, whose video processor is not checked against transformers' names.

    Without torchvision the base class of video processors is not among them.
    """

    def checked(self: Any, name: str, part: Any) -> Any:
        if name == "video_processor":
            return VideoProcessorMixin
        return kind.check_argument_for_proper_class(self, name, part)

    # Under its own name: a saved processor names the class it is to be loaded by.
    here = {"check_argument_for_proper_class": checked, "__module__": kind.__module__}
    return type(kind.__name__, (kind,), here)


def _films(model_id: str | Path, revision: str | None) -> QwenFrames | NeedsTorchvision:
    """What stands for a model's video processor."""
    settings = get_video_processor_config(model_id, revision=revision)
    name = settings.get("video_processor_type") or settings.get("image_processor_type", "")
    name = name.replace("ImageProcessor", "VideoProcessor").removesuffix("Fast")
    return QwenFrames(settings, name) if name in _BY_TORCH else NeedsTorchvision(settings, name)
