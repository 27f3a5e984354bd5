"""AffectGPT: a vision tower, an audio tower, a pre-fusion of both, and a language model.

Each sample brings at most three soft tokens to the language model: the fused one, the voice and the
face. Their places in the prompt are placeholder tokens; if places and features do not match, the
model says so instead of misaligning them.
"""

from os import PathLike
from typing import Any

import torch
from torch import nn
from transformers import AutoModel, AutoModelForCausalLM, CLIPVisionModelWithProjection
from transformers import initialization as init
from transformers.generation import GenerationMixin
from transformers.modeling_outputs import (
    BaseModelOutputWithPast,
    BaseModelOutputWithPooling,
    CausalLMOutputWithPast,
)
from transformers.modeling_utils import PreTrainedModel
from transformers.utils import can_return_tuple

from .configuration_affectgpt import AffectGPTConfig
from .fusion_affectgpt import AttentionFusion, AttentionPooler, WeightLinear
from .placeholders_affectgpt import fill_places, one_of, rows_of, samples_with

# For peft.LoraConfig: the seven projections of the language model, and what is trained in full.
LORA_TARGET_MODULES = (
    r".*language_model\.layers\.\d+\.(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)"
)
FUSION_MODULES = (
    "vision_pooler",
    "vision_projector",
    "audio_pooler",
    "audio_projector",
    "fusion",
    "fusion_projector",
)

MEDIA_KEYS = (
    "pixel_values",
    "vision_features",
    "video_mask",
    "input_values",
    "audio_features",
    "audio_mask",
)


class AffectGPTPreTrainedModel(PreTrainedModel):
    """What both classes declare to transformers."""

    config: AffectGPTConfig
    base_model_prefix = "model"
    main_input_name = "input_ids"
    input_modalities = ["audio", "video", "text"]
    supports_gradient_checkpointing = True
    _skip_keys_device_placement = ["past_key_values"]
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_attention_backend = True

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, WeightLinear):
            init.constant_(module.bias, module.initial_bias)


class AffectGPTModel(AffectGPTPreTrainedModel):
    """Towers, poolers, fusion, projectors and the language model without its head.

    While ``config.freeze_towers`` is set, the towers stay in eval mode even under ``.train()``,
    and run without gradient. Differs: the official training leaves their dropout, layer drop and
    SpecAugment on.
    """

    def __init__(self, config: AffectGPTConfig) -> None:
        super().__init__(config)
        hidden = config.text_config.hidden_size
        self.vision_tower = CLIPVisionModelWithProjection._from_config(config.vision_config)
        self.audio_tower = AutoModel.from_config(config.audio_config)
        self.language_model = AutoModel.from_config(config.text_config)
        self.vision_pooler = AttentionPooler(config.vision_dim, config.n_frames)
        self.vision_projector = nn.Linear(config.vision_dim, hidden)
        self.audio_pooler = AttentionPooler(config.audio_dim, config.n_audio_clips)
        self.audio_projector = nn.Linear(config.audio_dim, hidden)
        if config.fusion == "attention":
            self.fusion = AttentionFusion(config)
            self.fusion_projector = nn.Linear(config.fusion_dim, hidden)
        self.post_init()
        self.train(self.training)

    def train(self, mode: bool = True) -> "AffectGPTModel":
        """Set training mode, frozen towers excepted."""
        super().train(mode)
        if self.config.freeze_towers:
            for tower in (self.vision_tower, self.audio_tower):
                # Loading a checkpoint makes new parameters; it ends with a call to eval().
                tower.eval().requires_grad_(False)
        return self

    def get_input_embeddings(self) -> nn.Module:
        """Give the language model's token embeddings."""
        return self.language_model.get_input_embeddings()

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the language model's token embeddings."""
        self.language_model.set_input_embeddings(value)

    def get_video_features(
        self,
        pixel_values: torch.Tensor | None = None,
        vision_features: torch.Tensor | None = None,
    ) -> BaseModelOutputWithPooling:
        """Encode frames to Z_v and to the video token.

        Args:
            pixel_values: ``(batch, n_frames, 3, height, width)`` float, normalised.
            vision_features: ``(batch, n_frames, vision_dim)``, Z_v from a cache, in their place.

        Returns:
            ``last_hidden_state``: Z_v ``(batch, n_frames, vision_dim)``, the projected class token
            of each frame, not L2-normalised; this is what a feature cache keeps.
            ``pooler_output``: the video token ``(batch, hidden_size)``. Batch is 0 for no input.

        Raises:
            ValueError: Both are given, or the features have another width.
        """
        one_of("pixel_values", pixel_values, "vision_features", vision_features)
        if pixel_values is not None and len(pixel_values):
            frames = pixel_values.flatten(0, 1).to(self.vision_tower.dtype)
            with self._tower_gradient():
                z = self.vision_tower(pixel_values=frames).image_embeds
            z = z.unflatten(0, pixel_values.shape[:2])
        else:
            z = self._known_features("vision_features", vision_features, self.config.vision_dim)
        token = self.vision_projector(self.vision_pooler(z))
        return BaseModelOutputWithPooling(last_hidden_state=z, pooler_output=token)

    def get_audio_features(
        self,
        input_values: torch.Tensor | None = None,
        audio_features: torch.Tensor | None = None,
    ) -> BaseModelOutputWithPooling:
        """Encode audio clips to Z_a and to the audio token.

        Args:
            input_values: ``(batch, n_audio_clips, samples)`` float, mono waveforms.
            audio_features: ``(batch, n_audio_clips, audio_dim)``, Z_a from a cache, in their place.

        Returns:
            ``last_hidden_state``: Z_a ``(batch, n_audio_clips, audio_dim)``, the mean over the last
            ``audio_layers`` layers and over time; this is what a feature cache keeps.
            ``pooler_output``: the audio token ``(batch, hidden_size)``. Batch is 0 for no input.

        Raises:
            ValueError: Both are given, or the features have another width.
        """
        one_of("input_values", input_values, "audio_features", audio_features)
        if input_values is not None and len(input_values):
            clips = input_values.flatten(0, 1).to(self.audio_tower.dtype)
            with self._tower_gradient():
                output = self.audio_tower(clips, output_hidden_states=True)
            # The recorded last layer lacks the final norm that the pretrained towers end with.
            layers = output.hidden_states[-self.config.audio_layers : -1]
            z = torch.stack([*layers, output.last_hidden_state]).mean(dim=(0, 2))
            z = z.unflatten(0, input_values.shape[:2])
        else:
            z = self._known_features("audio_features", audio_features, self.config.audio_dim)
        token = self.audio_projector(self.audio_pooler(z))
        return BaseModelOutputWithPooling(last_hidden_state=z, pooler_output=token)

    def get_fused_features(
        self, vision_features: torch.Tensor, audio_features: torch.Tensor
    ) -> BaseModelOutputWithPooling:
        """Fuse Z_v and Z_a of the same samples.

        Args:
            vision_features: Z_v ``(batch, n_frames, vision_dim)``.
            audio_features: Z_a ``(batch, n_audio_clips, audio_dim)``.

        Returns:
            ``last_hidden_state``: the fused vector ``(batch, fusion_dim)``. ``pooler_output``: the
            fused token ``(batch, hidden_size)``.

        Raises:
            ValueError: The model has no fusion.
        """
        if self.config.fusion == "none":
            raise ValueError(
                "the model cannot fuse: got `fusion='none'` in its configuration, expected "
                "'attention'. Train a model with fusion, or use the two modalities' own tokens."
            )
        fused = self.fusion(vision_features, audio_features)
        token = self.fusion_projector(fused)
        return BaseModelOutputWithPooling(last_hidden_state=fused, pooler_output=token)

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
        input_values: torch.Tensor | None = None,
        audio_features: torch.Tensor | None = None,
        audio_mask: torch.Tensor | None = None,
        use_cache: bool | None = None,
        **kwargs: Any,
    ) -> BaseModelOutputWithPast:
        """Put the soft tokens in their places and run the language model.

        Args:
            input_ids: ``(batch, sequence)``, with one placeholder per soft token.
            attention_mask: ``(batch, sequence)``, 0 on padding.
            position_ids: ``(batch, sequence)``.
            past_key_values: The cache of earlier steps.
            inputs_embeds: ``(batch, sequence, hidden_size)`` in place of ``input_ids``; then
                without media, for there are no placeholders to find.
            pixel_values: ``(batch, n_frames, 3, height, width)``; rows without video are ignored.
            vision_features: ``(batch, n_frames, vision_dim)`` in place of ``pixel_values``.
            video_mask: ``(batch,)`` bool, which samples have video. All, if left out.
            input_values: ``(batch, n_audio_clips, samples)``; rows without audio are ignored.
            audio_features: ``(batch, n_audio_clips, audio_dim)`` in place of ``input_values``.
            audio_mask: ``(batch,)`` bool, which samples have audio. All, if left out.
            use_cache: Whether to return the cache.
            **kwargs: Handed to the language model.

        Returns:
            The language model's output, ``last_hidden_state`` ``(batch, sequence, hidden_size)``.

        Raises:
            ValueError: A sample's placeholders are not as many as its soft tokens, a tower's input
                and its features are both given, features have another width, or media come with
                ``inputs_embeds``.
        """
        video = (pixel_values, vision_features)
        audio = (input_values, audio_features)
        has_media = any(value is not None for value in (*video, *audio))
        if inputs_embeds is not None and has_media:
            raise ValueError(
                "media have no place to go: got `inputs_embeds`, expected `input_ids`. "
                "Pass token ids, or put the soft tokens into `inputs_embeds` and leave media out."
            )
        if inputs_embeds is None:
            if input_ids is None:
                raise ValueError(
                    "nothing to read: got neither `input_ids` nor `inputs_embeds`, expected one. "
                    "Pass what the processor returns."
                )
            inputs_embeds = self.get_input_embeddings()(input_ids)
            # Later steps of a generation carry neither media nor placeholders.
            if has_media or past_key_values is None or not past_key_values.get_seq_length():
                inputs_embeds = self._insert_media(
                    input_ids, inputs_embeds, video, video_mask, audio, audio_mask
                )
        return self.language_model(
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            use_cache=use_cache,
            **kwargs,
        )

    def _insert_media(
        self,
        input_ids: torch.Tensor,
        inputs_embeds: torch.Tensor,
        video: tuple[torch.Tensor | None, torch.Tensor | None],
        video_mask: torch.Tensor | None,
        audio: tuple[torch.Tensor | None, torch.Tensor | None],
        audio_mask: torch.Tensor | None,
    ) -> torch.Tensor:
        # A batch without a modality still runs its layers, on zero rows: every trained parameter
        # then gets a gradient in every step, as distributed training expects.
        has_video = samples_with(video, video_mask, input_ids)
        has_audio = samples_with(audio, audio_mask, input_ids)
        z_video, video_token = self.get_video_features(
            *(rows_of(value, has_video) for value in video)
        ).to_tuple()
        z_audio, audio_token = self.get_audio_features(
            *(rows_of(value, has_audio) for value in audio)
        ).to_tuple()
        if self.config.fusion == "none":
            has_both = torch.zeros_like(has_video)
            fused_token = video_token[:0]
        else:
            has_both = has_video & has_audio
            _, fused_token = self.get_fused_features(
                z_video[has_both[has_video]], z_audio[has_both[has_audio]]
            ).to_tuple()
        config = self.config
        for token, token_id, present, rows in (
            (config.fused_token, config.fused_token_id, has_both, fused_token),
            (config.audio_token, config.audio_token_id, has_audio, audio_token),
            (config.video_token, config.video_token_id, has_video, video_token),
        ):
            inputs_embeds = fill_places(inputs_embeds, input_ids, token, token_id, present, rows)
        return inputs_embeds

    def _tower_gradient(self) -> torch.set_grad_enabled:
        return torch.set_grad_enabled(torch.is_grad_enabled() and not self.config.freeze_towers)

    def _known_features(self, name: str, features: torch.Tensor | None, dim: int) -> torch.Tensor:
        if features is None:
            return torch.zeros(0, 1, dim, dtype=self.dtype, device=self.device)
        if features.dim() != 3 or features.shape[-1] != dim:
            raise ValueError(
                f"`{name}` has the wrong shape: got {tuple(features.shape)}, expected "
                f"(batch, time, {dim}). Make the cache with this model's towers."
            )
        return features


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

    _tied_weights_keys = {"lm_head.weight": "model.language_model.embed_tokens.weight"}

    def __init__(self, config: AffectGPTConfig) -> None:
        super().__init__(config)
        text = config.text_config
        self.model = AffectGPTModel(config)
        self.lm_head = nn.Linear(text.hidden_size, text.vocab_size, bias=False)
        self.post_init()
        # A placeholder is an input only; as an answer it would stand for a feature nobody has.
        self.generation_config.suppress_tokens = [
            config.fused_token_id,
            config.audio_token_id,
            config.video_token_id,
        ]

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
            vision: Folder or Hub name of a CLIP model; its text half is left behind.
            audio: Folder or Hub name of a HuBERT model.
            text: Folder or Hub name of a causal language model.
            dtype: Of all weights; ``"auto"`` keeps each model's own.
            **overrides: Fields of :class:`AffectGPTConfig`. With another tokenizer than that of
                Qwen2.5, the three placeholder ids.

        Returns:
            The model in eval mode, on the CPU.

        Example:
            AffectGPTForConditionalGeneration.from_towers(
                "openai/clip-vit-large-patch14",
                "TencentGameMate/chinese-hubert-large",
                "Qwen/Qwen2.5-7B-Instruct",
                dtype=torch.bfloat16,
            )
        """
        vision_tower = CLIPVisionModelWithProjection.from_pretrained(vision, dtype=dtype)
        audio_tower = AutoModel.from_pretrained(audio, dtype=dtype)
        language = AutoModelForCausalLM.from_pretrained(text, dtype=dtype)
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
        shell.model.language_model = language.base_model
        shell.lm_head = language.get_output_embeddings()
        for name in FUSION_MODULES:
            if hasattr(shell.model, name):
                part = getattr(shell.model, name).to_empty(device="cpu").to(language.dtype)
                part.apply(shell._init_weights)
        return shell.eval()

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
        input_values: torch.Tensor | None = None,
        audio_features: torch.Tensor | None = None,
        audio_mask: torch.Tensor | None = None,
        labels: torch.LongTensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | torch.Tensor = 0,
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
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            pixel_values=pixel_values,
            vision_features=vision_features,
            video_mask=video_mask,
            input_values=input_values,
            audio_features=audio_features,
            audio_mask=audio_mask,
            use_cache=use_cache,
            **kwargs,
        )
        hidden = outputs["last_hidden_state"]
        vocab_size = self.config.text_config.vocab_size
        loss = logits = None
        if labels is not None and self.training:
            targets = nn.functional.pad(labels, (0, 1), value=-100)[:, 1:].to(hidden.device)
            counts = targets != -100
            loss = self.loss_function(
                self.lm_head(hidden[counts]),
                None,
                vocab_size,
                shift_labels=targets[counts],
                **kwargs,
            )
        else:
            kept = (
                slice(-logits_to_keep, None) if isinstance(logits_to_keep, int) else logits_to_keep
            )
            logits = self.lm_head(hidden[:, kept])
            if labels is not None:
                loss = self.loss_function(logits, labels, vocab_size, **kwargs)
        return CausalLMOutputWithPast(
            loss=loss,
            logits=logits,
            past_key_values=outputs.past_key_values,
            hidden_states=outputs.hidden_states,
            attentions=outputs.attentions,
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


AffectGPTModel.register_for_auto_class("AutoModel")
AffectGPTForConditionalGeneration.register_for_auto_class("AutoModelForMultimodalLM")
