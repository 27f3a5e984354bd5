"""The model of a recipe: a saved AffectGPT, three pretrained towers, or one of random weights."""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from transformers import (
    AutoModelForMultimodalLM,
    AutoProcessor,
    AutoTokenizer,
    PreTrainedTokenizerFast,
    set_seed,
)
from transformers.dynamic_module_utils import custom_object_save
from transformers.utils import find_adapter_config_file

from affecthub.modeling.affectgpt import (
    AffectGPTConfig,
    AffectGPTForConditionalGeneration,
    AffectGPTProcessor,
)
from affecthub.modeling.affectgpt.convert_adapters import (
    BASES,
    attach_adapter,
    has_bases,
    write_bases,
)
from affecthub.modeling.affectgpt.convert_loading import load_adapter
from affecthub.modeling.affectgpt.modeling_language import fusion_modules, lora_target_modules
from affecthub.training.model_folder import require_model_folder
from affecthub.training.recipe import Recipe
from affecthub.training.recipe_parts import LoraRecipe, ScratchRecipe, TowersRecipe


def build_model(recipe: Recipe, texts: Iterable[str]) -> tuple[Any, Any]:
    """The model that a recipe starts from and its processor.

    Args:
        recipe: Says where the weights come from and which of them are trained.
        texts: Training transcripts and answers; a model from scratch learns its vocabulary there.

    Returns:
        The model, a PEFT model where the recipe asks for adapters, and the processor.
    """
    set_seed(recipe.seed)
    if recipe.scratch is not None:
        model, processor = from_scratch(recipe.scratch, texts, freeze_towers=recipe.freeze_towers)
    elif recipe.towers is not None:
        with weights_whole():
            model, processor = from_towers(recipe.towers, recipe)
    else:
        assert recipe.model is not None
        how = {} if recipe.dtype == "auto" else {"dtype": recipe.dtype}
        with _reading(recipe):
            model, processor = load_model(recipe.model, freeze_towers=recipe.freeze_towers, **how)
    if recipe.lora is not None:
        set_seed(recipe.seed)  # however many numbers were drawn while the model was read
        with _reading(recipe):
            model = add_lora(model, recipe.lora)
    return model, processor


def _reading(recipe: Recipe) -> AbstractContextManager[None]:
    """How weights are read: split by ZeRO-3, unless they are trained in half precision.

    Then the fusion stays in float32, and ZeRO-3 trains weights of one precision alone: DeepSpeed
    converts whole ones when it splits them, and keeps a copy in float32 of those that are trained.
    """
    half = recipe.trainer.get("bf16") or recipe.trainer.get("fp16")
    return weights_whole() if half else nullcontext()


def warn_of_coarse_weights(model: Any) -> None:
    """Warn where weights are trained in half precision: most steps are too small to be kept.

    Of bfloat16 a step below 1/256 of a weight leaves it as it is, and at usual learning rates
    nearly all steps are.
    """
    trained = {each.dtype for each in model.parameters() if each.requires_grad}
    coarse = [str(each) for each in trained if each in (torch.bfloat16, torch.float16)]
    if coarse:
        warnings.warn(
            f"weights are trained in {' and '.join(sorted(coarse))}: steps that are small beside "
            "a weight are rounded away, and most of them are. Start from a model saved in float32 "
            "(`model.float()`) and set trainer.bf16=true.",
            stacklevel=3,
        )


def from_scratch(
    scratch: ScratchRecipe, texts: Iterable[str], *, freeze_towers: bool
) -> tuple[AffectGPTForConditionalGeneration, AffectGPTProcessor]:
    """Make a small AffectGPT with random weights and a tokenizer learned from the texts."""
    try:
        wording = AffectGPTConfig.tiny(**scratch.config)
    except StrictDataclassError as error:
        raise ValueError(f"`scratch.config` does not fit: {error}") from error
    spoken = [*texts, *wording.prompt, *wording.questions.values()]
    tokenizer = train_tokenizer(spoken, scratch.vocab_size)
    text_config = scratch.config.get("text_config", {}) | {
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
    }
    fields = scratch.config | {"text_config": text_config, "freeze_towers": freeze_towers}
    # The processor adds the four placeholders at the vocabulary's end.
    config = AffectGPTConfig.tiny(vocab_size=len(tokenizer) + 4, **fields)
    processor = AffectGPTProcessor.from_config(config, tokenizer)
    with weights_whole():
        model = AffectGPTForConditionalGeneration(config)
    # Tied weights are saved once; Trainer ties them again after loading where it is told so.
    model._keys_to_ignore_on_save = list(model.all_tied_weights_keys)
    return model, processor


def from_towers(
    towers: TowersRecipe, recipe: Recipe
) -> tuple[AffectGPTForConditionalGeneration, AffectGPTProcessor]:
    """Put three pretrained models together; what lies between them starts at random.

    Args:
        towers: Names the models.
        recipe: Says in which dtype they are loaded and whether the towers are trained.

    Raises:
        ValueError: A field of the configuration is unknown or does not fit.
        OSError: A model is not there.
    """
    # A folder that adapters are trained on is recorded, and read from other directories.
    names = {kind: _whole_path(getattr(towers, kind)) for kind in BASES}
    try:
        model = AffectGPTForConditionalGeneration.from_towers(
            **names, dtype=recipe.dtype, freeze_towers=recipe.freeze_towers, **towers.config
        )
    except StrictDataclassError as error:
        raise ValueError(f"`towers.config` does not fit: {error}") from error
    tokenizer = AutoTokenizer.from_pretrained(names["text"])
    return model, AffectGPTProcessor.from_config(model.config, tokenizer)


def save_bases(recipe: Recipe, model: Any, folder: Path) -> None:
    """Write beside adapters what they are loaded onto, where a recipe put it together.

    Args:
        recipe: Names the models in `towers`; without adapters or towers nothing is written.
        model: The trained PEFT model.
        folder: Where its adapters lie.
    """
    if recipe.towers is None or recipe.lora is None:
        return
    base = model.get_base_model()
    base.config.save_pretrained(folder)
    custom_object_save(base, folder)
    base.generation_config.save_pretrained(folder)
    write_bases({kind: _whole_path(getattr(recipe.towers, kind)) for kind in BASES}, folder)


def _whole_path(name: str) -> str:
    """A folder by its whole path, the name of a model on the Hub as it is."""
    return str(Path(name).resolve()) if Path(name).is_dir() else name


@contextmanager
def weights_whole() -> Iterator[None]:
    """Have every process make or read all weights, also where ZeRO-3 would split them.

    Split ones are gathered to be initialised, some of them twice at a time, which DeepSpeed
    refuses; and what each process draws for its own part is not what one process draws.
    """
    from transformers.integrations import deepspeed

    config = deepspeed._hf_deepspeed_config_weak_ref
    deepspeed.unset_hf_deepspeed_config()
    try:
        yield
    finally:
        deepspeed._hf_deepspeed_config_weak_ref = config


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> PreTrainedTokenizerFast:
    """Learn a subword vocabulary that serves spaced and unspaced scripts alike.

    Args:
        texts: What the vocabulary is learned from.
        vocab_size: Largest size, special tokens and the four placeholders included.

    Returns:
        A tokenizer with `<pad>`, `<unk>` and `<eos>`; a character never seen becomes `<unk>`.
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation()]
    )
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=2,
        special_tokens=["<pad>", "<unk>", "<eos>"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", eos_token="<eos>"
    )


def add_lora(model: Any, lora: LoraRecipe) -> Any:
    """Freeze the model but for adapters on the language model, the fusion and the projectors.

    Source: AffectGPT paper, section 3 and Table 8.
    """
    from peft import get_peft_model

    return get_peft_model(model, lora_config(model, lora))


def lora_config(model: Any, lora: LoraRecipe) -> Any:
    """The ``peft.LoraConfig`` of a recipe's adapters on a model."""
    from peft import LoraConfig

    return LoraConfig(
        r=lora.r,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=lora_target_modules(model),
        modules_to_save=fusion_modules(model),
    )


def load_model(folder_or_id: str | Path, **kwargs: Any) -> tuple[Any, Any]:
    """Load a saved AffectGPT, or the adapters of one on their base model, and its processor.

    Args:
        folder_or_id: Folder or Hub id; a folder that training with LoRA wrote names its base model,
            converted adapters name their three.
        kwargs: Passed to ``from_pretrained`` or ``load_adapter``, for example ``dtype``.

    Raises:
        FileNotFoundError: A path that is not there.
        ValueError: The folder holds no model, or another model, or adapters of another base.
    """
    require_model_folder(folder_or_id)
    if Path(folder_or_id).is_dir():
        # Adapters that are trained on it record the name, and are read from other directories.
        folder_or_id = Path(folder_or_id).resolve()
    processor = AutoProcessor.from_pretrained(folder_or_id)
    if find_adapter_config_file(str(folder_or_id)) is not None:
        from peft import PeftConfig

        if has_bases(folder_or_id):
            return load_adapter(folder_or_id, **kwargs), processor
        base_id = PeftConfig.from_pretrained(str(folder_or_id)).base_model_name_or_path
        base = AutoModelForMultimodalLM.from_pretrained(base_id, **kwargs)
        return attach_adapter(base, folder_or_id), processor
    model = AutoModelForMultimodalLM.from_pretrained(folder_or_id, **kwargs)
    if not isinstance(model, AffectGPTForConditionalGeneration):
        raise ValueError(
            f"{folder_or_id} is a {model.config.model_type!r} model: expected 'affectgpt'."
        )
    return model, processor


def device() -> torch.device:
    """Where a single process computes: the accelerator if there is one, else the CPU."""
    return torch.accelerator.current_accelerator() or torch.device("cpu")
