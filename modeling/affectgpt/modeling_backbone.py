"""AffectGPT without its head: two towers, a pre-fusion of both, and a language model.

Soft tokens stand for what was heard and seen: the voice, the face, the frames, and voice and face
fused. They replace placeholder tokens of the prompt; if placeholders and features do not match, the
model says so instead of misaligning them.
"""

from typing import Any

import torch
from torch import nn
from transformers import AutoModel
from transformers.modeling_outputs import BaseModelOutputWithPast
from transformers.utils import can_return_tuple

from .configuration_affectgpt import AffectGPTConfig
from .modeling_encoding import FACES, MediaEncoder
from .modeling_fusion import make_audio_pooler, make_fusion, make_vision_pooler
from .modeling_language import cache_name
from .modeling_packing import APART, keeps_apart, packed_starts, require_apart
from .modeling_presence import Presence, face_or_frames, presence
from .modeling_processes import KINDS, Runs, is_shared, is_trained, plan_runs
from .modeling_soft_tokens import SoftTokens, fill_placeholders
from .modeling_towers import tower_class

# A modality of a batch: the tower's input, or its output, and which samples bring it.
Modality = tuple[tuple[torch.Tensor | None, torch.Tensor | None], Presence]


class AffectGPTModel(MediaEncoder):
    """Towers, poolers, fusion, projectors and the language model without its head.

    While ``config.freeze_towers`` is set, the towers stay in eval mode even under ``.train()``,
    and run without gradient. Differs: the official training leaves their dropout, layer drop and
    SpecAugment on.

    Args:
        config: Sizes, families and wording.
        language_model: Made from ``config.text_config`` already, where a head came with it.
    """

    def __init__(self, config: AffectGPTConfig, language_model: nn.Module | None = None) -> None:
        super().__init__(config)
        hidden = config.text_config.hidden_size
        by_query = config.qformer_config.hidden_size
        self.vision_tower = tower_class(config.vision_family)._from_config(config.vision_config)
        self.audio_tower = tower_class(config.audio_family)._from_config(config.audio_config)
        self.language_model: Any = (
            AutoModel.from_config(config.text_config) if language_model is None else language_model
        )
        self.vision_pooler = make_vision_pooler(config)
        self.vision_projector = nn.Linear(
            by_query if config.vision_pooling == "qformer" else config.vision_dim, hidden
        )
        self.audio_pooler = make_audio_pooler(config)
        self.audio_projector = nn.Linear(
            by_query if config.audio_pooling == "qformer" else config.audio_dim, hidden
        )
        if config.fusion != "none":
            self.fusion = make_fusion(config)
            self.fusion_projector = nn.Linear(
                by_query if config.fusion == "qformer" else config.fusion_dim, hidden
            )
        self.cache_name = cache_name(self.language_model)
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
        """The language model's token embeddings."""
        embeddings: nn.Module = self.language_model.get_input_embeddings()
        return embeddings

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the language model's token embeddings."""
        self.language_model.set_input_embeddings(value)

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
        use_cache: bool | None = None,
        cache: Any = None,
        **kwargs: Any,
    ) -> BaseModelOutputWithPast:
        """Put the soft tokens where their placeholders are and run the language model.

        Args:
            input_ids: ``(batch, sequence)``, with one placeholder per soft token.
            attention_mask: ``(batch, sequence)``, 0 on padding.
            position_ids: ``(batch, sequence)``. Where they begin anew within a row, another sample
                begins, as :meth:`AffectGPTProcessor.pack` makes them: no sample sees another, and
                media and masks have a row for each, in the order of the text. Then without
                ``attention_mask`` and cache.
            past_key_values: The cache of earlier steps.
            inputs_embeds: ``(batch, sequence, hidden_size)`` in place of ``input_ids``; then
                without media, for there are no placeholders to find.
            pixel_values: ``(batch, n_frames, 3, height, width)``; rows without video are ignored.
            vision_features: ``(batch, n_frames, vision_dim)`` in place of ``pixel_values``.
            video_mask: ``(batch,)`` bool, which samples have video. All, if left out.
            face_pixel_values: Faces in place of whole frames, or beside them, in the same shape.
            face_features: In place of ``face_pixel_values``.
            face_mask: ``(batch,)`` bool, which samples have faces. All, if left out.
            input_values: ``(batch, n_audio_clips, samples)``; rows without audio are ignored.
            audio_features: ``(batch, n_audio_clips, audio_dim)`` in place of ``input_values``.
            audio_mask: ``(batch,)`` bool, which samples have audio. All, if left out.
            use_cache: Whether to return the cache.
            cache: The cache of earlier steps, by its name from transformers 5.24 on.
            **kwargs: Handed to the language model.

        Returns:
            The language model's output, ``last_hidden_state`` ``(batch, sequence, hidden_size)``.
            A sample with voice and picture is fused, by its faces where it has them, else by its
            frames.

        Raises:
            ValueError: A sample's placeholders are not as many as its soft tokens, a tower's input
                and its features are both given, media are of another shape, media come with
                ``inputs_embeds``, or packed samples could not be kept apart.
        """
        earlier = cache if past_key_values is None else past_key_values
        given = input_ids if inputs_embeds is None else inputs_embeds
        if given is None:
            raise ValueError(
                "nothing to read: got neither `input_ids` nor `inputs_embeds`, expected one. "
                "Pass what the processor returns."
            )
        starts = packed_starts(position_ids, attention_mask, given.shape[:2])
        if starts is not None:
            require_apart(self.language_model, attention_mask, earlier, use_cache)
        elif self.training and position_ids is not None:
            # Other processes may hold packed rows, and all must run the same layers.
            keeps_apart(self.language_model)
        n_samples = len(given) if starts is None else len(starts)
        video = (pixel_values, vision_features)
        faces = (face_pixel_values, face_features)
        audio = (input_values, audio_features)
        has_media = any(value is not None for value in (*video, *faces, *audio))
        if inputs_embeds is not None and has_media:
            raise ValueError(
                "media have no place to go: got `inputs_embeds`, expected `input_ids`. "
                "Pass token ids, or put the soft tokens into `inputs_embeds` and leave media out."
            )
        if inputs_embeds is None:
            assert input_ids is not None  # or there was nothing to read
            inputs_embeds = self.get_input_embeddings()(input_ids)
            # Later steps of a generation carry neither media nor placeholders.
            if has_media or earlier is None or input_ids.shape[1] > 1:
                inputs_embeds = self._insert_media(
                    input_ids,
                    inputs_embeds,
                    (video, presence(video, video_mask, n_samples)),
                    (faces, presence(faces, face_mask, n_samples)),
                    (audio, presence(audio, audio_mask, n_samples)),
                    starts,
                )
        return self.language_model(
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            position_ids=position_ids,
            **({"use_cache": use_cache} if starts is None else APART),
            **{self.cache_name: earlier},
            **kwargs,
        )

    def _insert_media(
        self,
        input_ids: torch.Tensor,
        inputs_embeds: torch.Tensor,
        video: Modality,
        faces: Modality,
        audio: Modality,
        starts: list[int] | None,
    ) -> torch.Tensor:
        has_video, has_face, has_audio = video[1], faces[1], audio[1]
        # Not this module's device, which is none where weights are brought in layer by layer.
        device = inputs_embeds.device
        runs = self._plan(video, faces, audio, device)
        by_kind: dict[str, dict[str, Any]] = {kind: runs.of(kind) for kind in KINDS}
        frames = self._see(*has_video.given(video[0]), device=device, **by_kind["video"])
        sound = self._hear(*has_audio.given(audio[0]), device=device, **by_kind["audio"])
        z_face, face_tokens = frames.z[:0], frames.tokens[:0]
        if "face" in runs.layers:
            z_face, face_tokens, *_ = self._see(
                *has_face.given(faces[0]), names=FACES, device=device, **by_kind["face"]
            )
        config = self.config
        nobody = Presence([False] * len(has_video.flags))
        has_both, fused_tokens = nobody, frames.tokens[:0]
        if config.fusion != "none":
            picture, voice = (frames.z, z_face), sound.z
            spare = (frames.spare_z, sound.spare_z)
            if config.fusion_input == "tokens":
                picture, voice = (frames.tokens, face_tokens), sound.tokens
                spare = (frames.spare_tokens, sound.spare_tokens)
            has_visual, visual = face_or_frames(has_video, has_face, *picture)
            has_both = has_visual & has_audio
            _, fused_tokens = self._fuse(
                has_visual.shared(has_audio, visual),
                has_audio.shared(has_visual, voice),
                run="fused" in runs.layers,
                spare=spare,
            )
        found = (
            (has_both, fused_tokens),
            (has_audio, sound.tokens),
            (has_face, face_tokens),
            (has_video, frames.tokens),
        )
        kinds = [
            # What the prompt does not name has no place, but stays in the graph for training.
            SoftTokens(token, token_id, *(one if named else (nobody, one[1][:0])))
            for (token, token_id), named, one in zip(
                config.placeholders.items(), config.named.values(), found, strict=True
            )
        ]
        return fill_placeholders(inputs_embeds, input_ids, kinds, starts)

    def _plan(
        self, video: Modality, faces: Modality, audio: Modality, device: torch.device
    ) -> Runs:
        """What is run of the layers for media, by this process and by all others."""
        given = dict(zip(KINDS, (video, faces, audio), strict=True))
        rows = {kind: present.anyone for kind, (_, present) in given.items()}
        learns = self.training and not self.config.freeze_towers
        trained = {
            "vision": learns and is_trained(self.vision_tower),
            "audio": learns and is_trained(self.audio_tower),
        }
        for kind, ((_, features), _) in given.items():
            if features is not None and trained["audio" if kind == "audio" else "vision"]:
                raise ValueError(
                    f"a tower cannot learn from its own output: got features of {kind} in training "
                    "with `freeze_towers=False`, expected media. Pass media, or freeze the towers."
                )
        return plan_runs(
            {kind: rows[kind] and media is not None for kind, ((media, _), _) in given.items()},
            rows,
            trained,
            training=self.training,
            shared=is_shared(
                part for name, part in self.named_children() if name != "language_model"
            ),
            device=device,
        )


AffectGPTModel.register_for_auto_class("AutoModel")
