"""AffectGPT with its head: put together, asked, trained.

The parts are in ``modeling_backbone.py``; here are the language model's head, the loss,
generation, and the two short ways in: from three pretrained models, and from a clip to an answer.
"""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoProcessor, AutoTokenizer
from transformers.generation import GenerationMixin
from transformers.modeling_outputs import BaseModelOutputWithPooling, CausalLMOutputWithPast
from transformers.utils import can_return_tuple

from .configuration_affectgpt import AffectGPTConfig
from .configuration_placeholders import placeholder_ids
from .modeling_backbone import AffectGPTModel
from .modeling_language import FUSION_MODULES, OUTPUT_CACHE, finish_logits, take_apart
from .modeling_pretrained import AffectGPTPreTrainedModel
from .modeling_towers import audio_family, load_tower, tower_type, vision_family

MEDIA_KEYS = (
    "pixel_values",
    "vision_features",
    "video_mask",
    "face_pixel_values",
    "face_features",
    "face_mask",
    "input_values",
    "audio_features",
    "audio_mask",
)


class AffectGPTForConditionalGeneration(AffectGPTPreTrainedModel, GenerationMixin):
    """AffectGPT with the language model's head: media, transcript and question in, text out.

    Example:
        >>> from transformers import AutoModelForMultimodalLM
        >>> config = AffectGPTConfig.tiny(vocab_size=300)
        >>> model = AutoModelForMultimodalLM.from_config(config).eval()
        >>> ids = torch.tensor([[5, config.video_token_id, 6]])
        >>> frames = torch.zeros(1, config.n_frames, 3, 56, 56)
        >>> model(input_ids=ids, pixel_values=frames).logits.shape
        torch.Size([1, 3, 300])
    """

    def __init__(self, config: AffectGPTConfig) -> None:
        super().__init__(config)
        body, head = take_apart(AutoModelForCausalLM.from_config(config.text_config))
        self.model = AffectGPTModel(config, language_model=body)
        self.lm_head = head
        self._tied_weights_keys = _tied_keys(self.model.language_model)
        self.post_init()
        # A placeholder is an input only; as an answer it would stand for a feature nobody has.
        self.generation_config.suppress_tokens = list(config.placeholders.values())
        self._processor: Any = None

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str | PathLike | None, *args: Any, **kwargs: Any
    ) -> Any:
        """Load a saved model as every model is loaded, or what ``affecthub convert`` wrote.

        A folder of converted adapters holds no weights of the three models that it names; they are
        loaded from where they are, and the adapters are put into them.
        """
        folder = pretrained_model_name_or_path
        if folder is not None and (Path(folder) / "bases.json").is_file():
            from .convert_adapters import load_beside_weights

            return load_beside_weights(cls, folder, **kwargs)
        return super().from_pretrained(folder, *args, **kwargs)

    @classmethod
    def from_towers(
        cls,
        vision: str | PathLike,
        audio: str | PathLike,
        text: str | PathLike,
        dtype: torch.dtype | str = "auto",
        **overrides: Any,
    ) -> "AffectGPTForConditionalGeneration":
        """Put a model together from three pretrained ones; only the fusion starts from nothing.

        Args:
            vision: Folder or Hub name of a model of one of ``VISION_FAMILIES``; of a model of
                pictures and text its text half is left behind.
            audio: Folder or Hub name of a model of one of ``AUDIO_FAMILIES``.
            text: Folder or Hub name of a causal language model with its tokenizer.
            dtype: Of the towers and the language model; ``"auto"`` keeps each model's own.
            **overrides: Fields of :class:`AffectGPTConfig`. Without ids of the placeholders, those
                that the tokenizer will give them are taken, and a vocabulary that has no room for
                them is enlarged.

        Returns:
            The model in eval mode, on the CPU. Its processor is
            ``AffectGPTProcessor.from_config(model.config, tokenizer)``.

        Raises:
            ValueError: A tower of a family that is not known, or one that lacks weights.

        Example:
            AffectGPTForConditionalGeneration.from_towers(
                "openai/clip-vit-large-patch14",
                "TencentGameMate/chinese-hubert-large",
                "Qwen/Qwen2.5-7B-Instruct",
                dtype=torch.bfloat16,
            )
        """
        vision_tower = load_tower(
            vision_family(tower_type(vision)), vision, dtype, overrides.get("vision_feature")
        )
        audio_tower = load_tower(
            audio_family(tower_type(audio)), audio, dtype, overrides.get("audio_feature")
        )
        language = AutoModelForCausalLM.from_pretrained(text, dtype=dtype)
        if not any(name.endswith("_token_id") for name in overrides):
            overrides |= placeholder_ids(AutoTokenizer.from_pretrained(text), **overrides)
            needed = 1 + max(v for k, v in overrides.items() if k.endswith("_token_id"))
            if needed > language.config.vocab_size:
                language.resize_token_embeddings(needed, pad_to_multiple_of=64)
        config = AffectGPTConfig(
            vision_config=vision_tower.config,
            audio_config=audio_tower.config,
            text_config=language.config,
            **overrides,
        )
        # The shell holds no weights: the towers bring theirs, and the fusion is filled here.
        with torch.device("meta"):
            shell = cls(config)
        shell.model.vision_tower = vision_tower
        shell.model.audio_tower = audio_tower
        shell.model.language_model, shell.lm_head = take_apart(language)
        # Its end tokens, its padding and how it is sampled.
        shell.generation_config = language.generation_config
        shell.generation_config.suppress_tokens = list(config.placeholders.values())
        for name in FUSION_MODULES:
            if hasattr(shell.model, name):
                getattr(shell.model, name).to_empty(device="cpu").float().apply(shell._init_weights)
        return shell.eval()

    def describe(
        self,
        clip: Any = None,
        question: str | None = None,
        *,
        text: str | None = None,
        faces: Any = None,
        options: Sequence[str] | None = None,
        processor: Any = None,
        **generation: Any,
    ) -> str:
        """Answer a question about one clip.

        Args:
            clip: Path of a video or sound file, or a row with any of ``video``, ``audio``,
                ``faces`` and ``text``. Of a file, its pictures and its sound are used where it has
                them. Left out where there is ``text`` alone.
            question: Name of one of the configuration's questions, or any other text; the
                configuration's ``default_question``, if left out.
            text: What is said in the clip.
            faces: See :meth:`AffectGPTProcessor.__call__`. A model that is shown faces only cuts
                them out of the video by itself.
            options: What a question that names ``{options}`` chooses from.
            processor: The model's processor; the one beside its weights, if left out.
            **generation: Handed to ``generate``; 256 new tokens at most, if it does not say.

        Returns:
            The answer, in one line.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: The clip has nothing that the model could see, hear or read, the question is
                not known, or there is no processor.

        Example:
            model.describe("clip.mp4", "description", text="I'm fine, really.")
        """
        processor = self._find_processor(processor)
        processor.require_fit(self.config)
        inputs = processor.read(clip, question, text=text, faces=faces, options=options)
        ends = processor.stopping(self.generation_config)
        settings = {"max_new_tokens": 256, **ends, **generation}
        with torch.inference_mode():
            tokens = self.generate(**inputs.to(self.device), **settings)  # type: ignore[misc]
        answer = processor.answers(tokens, inputs["input_ids"])[0]
        return " ".join(answer.split())

    def _find_processor(self, processor: Any) -> Any:
        if processor is not None:
            return processor
        if self._processor is None:
            folder = self.config._name_or_path
            if not folder:
                raise ValueError(
                    "the model has no processor beside it: got a model that was not loaded from a "
                    "folder, expected `processor`. Pass `processor=`, or save both and load them."
                )
            # Whoever trusted a folder's code with the model trusts it with the processor.
            is_trusted = __name__.startswith("transformers_modules.") or None
            self._processor = AutoProcessor.from_pretrained(folder, trust_remote_code=is_trusted)
        return self._processor

    def get_video_features(self, *args: Any, **kwargs: Any) -> BaseModelOutputWithPooling:
        """See :meth:`AffectGPTModel.get_video_features`."""
        return self.model.get_video_features(*args, **kwargs)

    def get_audio_features(self, *args: Any, **kwargs: Any) -> BaseModelOutputWithPooling:
        """See :meth:`AffectGPTModel.get_audio_features`."""
        return self.model.get_audio_features(*args, **kwargs)

    def get_fused_features(self, *args: Any, **kwargs: Any) -> BaseModelOutputWithPooling:
        """See :meth:`AffectGPTModel.get_fused_features`."""
        return self.model.get_fused_features(*args, **kwargs)

    @can_return_tuple
    def forward(
        self,
        input_ids: torch.LongTensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.LongTensor | None = None,
        past_key_values: Any = None,
        inputs_embeds: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        vision_features: torch.Tensor | None = None,
        video_mask: torch.Tensor | None = None,
        face_pixel_values: torch.Tensor | None = None,
        face_features: torch.Tensor | None = None,
        face_mask: torch.Tensor | None = None,
        input_values: torch.Tensor | None = None,
        audio_features: torch.Tensor | None = None,
        audio_mask: torch.Tensor | None = None,
        labels: torch.LongTensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | torch.Tensor = 0,
        cache: Any = None,
        **kwargs: Any,
    ) -> CausalLMOutputWithPast:
        """Predict the next token at every place, and give the loss where there are labels.

        The arguments are those of :meth:`AffectGPTModel.forward`, and three more. ``labels``
        ``(batch, sequence)`` are the token ids to predict, -100 where none counts.
        ``logits_to_keep`` keeps the logits of the last so many places, or of the places in a 1-D
        index; 0 keeps all. ``num_items_in_batch`` divides the loss in place of the labels' number.

        Returns:
            ``loss`` (with labels) and ``logits`` ``(batch, kept, vocab_size)``. While training with
            labels, the head runs only where a label counts and ``logits`` is None: a prompt's
            logits over a vocabulary of 152,064 would be most of the memory of a step.

        Raises:
            ValueError: As :meth:`AffectGPTModel.forward`.
        """
        outputs = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=cache if past_key_values is None else past_key_values,
            inputs_embeds=inputs_embeds,
            pixel_values=pixel_values,
            vision_features=vision_features,
            video_mask=video_mask,
            face_pixel_values=face_pixel_values,
            face_features=face_features,
            face_mask=face_mask,
            input_values=input_values,
            audio_features=audio_features,
            audio_mask=audio_mask,
            use_cache=use_cache,
            **kwargs,
        )
        hidden = outputs["last_hidden_state"]
        text_config = self.config.text_config
        loss = logits = None
        if labels is not None and self.training:
            targets = nn.functional.pad(labels, (0, 1), value=-100)[:, 1:].to(hidden.device)
            counts = targets != -100
            loss = self.loss_function(
                finish_logits(self.lm_head(hidden[counts]), text_config),
                None,
                text_config.vocab_size,
                shift_labels=targets[counts],
                **kwargs,
            )
        else:
            kept = (
                slice(-logits_to_keep, None) if isinstance(logits_to_keep, int) else logits_to_keep
            )
            logits = finish_logits(self.lm_head(hidden[:, kept]), text_config)
            if labels is not None:
                loss = self.loss_function(logits, labels, text_config.vocab_size, **kwargs)
        return CausalLMOutputWithPast(
            loss=loss,
            logits=logits,
            hidden_states=outputs.hidden_states,
            attentions=outputs.attentions,
            **{OUTPUT_CACHE: getattr(outputs, OUTPUT_CACHE, None)},
        )

    def generate(
        self, inputs: Any = None, generation_config: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        """Generate as every model does, but never a placeholder, whatever else is suppressed.

        Whoever passes ``suppress_tokens``, as trl does, adds to the placeholders.
        """
        config = self.generation_config if generation_config is None else generation_config
        more = kwargs.pop("suppress_tokens", config.suppress_tokens)
        never = sorted({*(more or ()), *self.config.placeholders.values()})
        return super().generate(  # type: ignore[misc]
            inputs, generation_config, *args, suppress_tokens=never, **kwargs
        )

    def prepare_inputs_for_generation(
        self, *args: Any, is_first_iteration: bool | None = False, **kwargs: Any
    ) -> dict[str, Any]:
        """Prepare one step; media go into the first one only, unless there is no cache."""
        inputs: dict[str, Any] = super().prepare_inputs_for_generation(  # type: ignore[misc]
            *args, is_first_iteration=is_first_iteration, **kwargs
        )
        if not is_first_iteration and kwargs.get("use_cache", True):
            for key in MEDIA_KEYS:
                inputs.pop(key, None)
        return inputs


def _tied_keys(language_model: Any) -> dict[str, str]:
    """Name the embeddings that a tied head shares; families name them differently."""
    embeddings = language_model.get_input_embeddings()
    name = next(name for name, module in language_model.named_modules() if module is embeddings)
    return {"lm_head.weight": f"model.language_model.{name}.weight"}


AffectGPTForConditionalGeneration.register_for_auto_class("AutoModelForMultimodalLM")
