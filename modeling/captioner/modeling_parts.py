"""A captioner from a pretrained encoder and a pretrained decoder, with nothing left at random.

What can go wrong here goes wrong in silence: a decoder's embeddings that a sequence-to-sequence
checkpoint keeps under another name, cross-attention that the configuration never asked for, end
tokens of another language's vocabulary. Each is looked after and checked.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import transformers
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
)

from .configuration_captioner import HALVES, CaptionerConfig, usual_input
from .modeling_listening import make_aligner, make_bridge

# What only masks of training look at; some checkpoints never had it.
_NEVER_HEARD = ("masked_spec_embed",)
# What a causal model gets new where it learns to listen.
_NEW = ("crossattention", "cross_attn", "encoder_attn")


def put_together(
    kind: Any, encoder: Any, decoder: Any, *, dtype: torch.dtype | str, **overrides: Any
) -> Any:
    """See ``CaptionerModel.from_parts``."""
    ears = load_encoder(encoder, dtype)
    mouth = AutoConfig.from_pretrained(decoder)
    decoder_input = overrides.pop("decoder_input", None) or usual_input(mouth)
    tokens = token_ids(AutoTokenizer.from_pretrained(decoder), mouth)
    writer = load_decoder(decoder, decoder_input, dtype)
    for name, value in tokens.items():
        setattr(writer.config, name, value)
    config = CaptionerConfig(
        encoder_config=ears.config,
        decoder_config=writer.config,
        decoder_input=decoder_input,
        **{**tokens, **overrides},
    )
    # The shell holds no weights: the parts bring theirs, and what lies between is filled here.
    with torch.device("meta"):
        shell = kind(config)
    shell.encoder, shell.decoder = ears, writer
    # What is new is trained, and stays exact: small steps vanish in half precision.
    shell.bridge, shell.aligner = make_bridge(config), make_aligner(config)
    shell.set_generation()
    shell.freeze()
    return shell.eval()


def load_encoder(name: Any, dtype: torch.dtype | str) -> Any:
    """A pretrained speech encoder; of Whisper its encoder, of CLAP its audio half.

    Raises:
        ValueError: A weight of it is not there.
    """
    config = AutoConfig.from_pretrained(name)
    kind: Any = AutoModel
    if config.model_type == "whisper":
        kind = transformers.WhisperModel
    elif config.model_type in ("clap", "clap_audio_model"):
        kind = transformers.ClapAudioModel
    with quiet():
        encoder, found = kind.from_pretrained(name, dtype=dtype, output_loading_info=True)
    missing = [key for key in found["missing_keys"] if not key.endswith(_NEVER_HEARD)]
    require_none(name, missing, type(encoder).__name__)
    return encoder.get_encoder() if config.model_type == "whisper" else encoder


def load_decoder(name: Any, decoder_input: str, dtype: torch.dtype | str) -> Any:
    """A pretrained decoder that is told in a given way.

    Args:
        name: Folder or Hub id.
        decoder_input: As in the configuration.
        dtype: Of its weights, or ``"auto"``.

    Returns:
        The decoder; where a causal model learns to listen, its cross-attention alone is new.

    Raises:
        ValueError: A weight is not there, or it would not be what was saved.
    """
    config = AutoConfig.from_pretrained(name)
    if decoder_input == "cross_attention" and config.model_type in HALVES:
        return half_of(name, dtype)
    kind: Any = AutoModelForSeq2SeqLM if decoder_input == "encoder" else AutoModelForCausalLM
    if decoder_input == "cross_attention":
        # On the configuration: not every class takes it as an argument.
        config.is_decoder = config.add_cross_attention = True
    with quiet():
        decoder, found = kind.from_pretrained(
            name, config=config, dtype=dtype, output_loading_info=True
        )
    missing = list(found["missing_keys"])
    if decoder_input == "cross_attention":
        missing = [key for key in missing if not any(part in key for part in _NEW)]
    require_none(name, missing, type(decoder).__name__)
    return decoder


def half_of(name: Any, dtype: torch.dtype | str) -> Any:
    """The decoder of a sequence-to-sequence model, as a causal model with cross-attention.

    A checkpoint of BART keeps its embeddings once, as those that encoder and decoder share; read
    into a causal BART they are not found, and embeddings and head stay random. So the whole model
    is read and its half copied, and both are compared.

    Raises:
        ValueError: The model adds to its logits what a causal one cannot, or a copy differs.
    """
    kind: Any = AutoModelForSeq2SeqLM
    with quiet():
        whole, found = kind.from_pretrained(name, dtype=dtype, output_loading_info=True)
    require_none(name, list(found["missing_keys"]), type(whole).__name__)
    bias = getattr(whole, "final_logits_bias", None)
    if bias is not None and bool(bias.any()):
        raise ValueError(
            f"{name} adds to its logits: got a `final_logits_bias` that is not zero, which its "
            "decoder alone does not have. Take decoder_input='encoder', which keeps it whole."
        )
    config = AutoConfig.from_pretrained(name)
    config.is_decoder = config.add_cross_attention = True
    config.is_encoder_decoder = False
    half = AutoModelForCausalLM.from_config(config, dtype=whole.dtype)
    source = whole.get_decoder()
    half.get_decoder().load_state_dict(source.state_dict())
    head = whole.get_output_embeddings().weight
    with torch.no_grad():
        half.get_output_embeddings().weight.copy_(head)
    for what, here, there in (
        ("embeddings", half.get_input_embeddings().weight, source.embed_tokens.weight),
        ("head", half.get_output_embeddings().weight, head),
    ):
        if not torch.equal(here, there):
            raise ValueError(
                f"the {what} of {name} were not copied: got other values in "
                f"{type(half).__name__}, expected those of {type(whole).__name__}."
            )
    half.generation_config = whole.generation_config
    return half.eval()


def token_ids(tokenizer: Any, config: Any) -> dict[str, int | None]:
    """The ids of the start, the end and the padding, by the tokenizer that is used.

    Args:
        tokenizer: The decoder's.
        config: Of the decoder, asked where the tokenizer has no such token. That of a Chinese GPT-2
            often keeps the English one's end, which its vocabulary does not have.

    Returns:
        ``decoder_start_token_id``, ``bos_token_id``, ``eos_token_id``, ``pad_token_id``.
    """
    size = config.vocab_size

    def first(*ids: Any) -> int | None:
        return next((i for i in ids if isinstance(i, int) and 0 <= i < size), None)

    end = first(tokenizer.eos_token_id, getattr(tokenizer, "sep_token_id", None))
    end = first(end, getattr(config, "eos_token_id", None))
    start = first(tokenizer.bos_token_id, getattr(tokenizer, "cls_token_id", None))
    named = (getattr(config, name, None) for name in ("decoder_start_token_id", "bos_token_id"))
    start = first(start, *named, end)
    pad = first(tokenizer.pad_token_id, getattr(config, "pad_token_id", None), end)
    return {
        "decoder_start_token_id": start,
        "bos_token_id": start,
        "eos_token_id": end,
        "pad_token_id": pad,
    }


def require_none(name: Any, missing: Iterable[str], kind: str) -> None:
    """Refuse a checkpoint that lacks weights.

    Raises:
        ValueError: It does; names some of them.
    """
    missing = sorted(missing)
    if missing:
        shown = ", ".join(missing[:4]) + (", ..." if len(missing) > 4 else "")
        raise ValueError(
            f"{name} does not hold the whole model: got no {shown}, expected all weights of "
            f"{kind}; they would be random. Take a checkpoint that was saved with them."
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out the list of weights that belong to heads that are left behind."""
    before = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers.logging.set_verbosity(before)
