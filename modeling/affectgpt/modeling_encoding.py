"""From frames and sound, or from what the towers made of them before, to soft tokens."""

from typing import Any, NamedTuple

import torch
from torch import nn
from transformers.modeling_outputs import BaseModelOutputWithPooling

from .modeling_presence import one_of, require_shape
from .modeling_pretrained import AffectGPTPreTrainedModel
from .modeling_processes import blank_frames, blank_sound
from .modeling_towers import frame_features, sound_features

# What the vision tower's input and its output are called, for errors.
FRAMES = ("pixel_values", "vision_features")
FACES = ("face_pixel_values", "face_features")


class Encoded(NamedTuple):
    """A modality of a batch.

    Args:
        z: What the tower made of it, ``(batch, steps, dim)``.
        tokens: Its soft tokens, ``(batch, tokens, hidden_size)``.
        spare_z: One row of the same layers for whatever runs for nothing, so that gradients go the
            same way on every process; None where nothing was run.
        spare_tokens: The same of the tokens.
    """

    z: torch.Tensor
    tokens: torch.Tensor
    spare_z: torch.Tensor | None
    spare_tokens: torch.Tensor | None


class MediaEncoder(AffectGPTPreTrainedModel):
    """What the towers, poolers, projectors and the fusion of a model do."""

    vision_tower: Any
    vision_pooler: nn.Module
    vision_projector: nn.Linear
    audio_tower: Any
    audio_pooler: nn.Module
    audio_projector: nn.Linear
    fusion: nn.Module
    fusion_projector: nn.Linear

    def get_video_features(
        self,
        pixel_values: torch.Tensor | None = None,
        vision_features: torch.Tensor | None = None,
    ) -> BaseModelOutputWithPooling:
        """Encode frames, or faces, to Z_v and to their soft tokens.

        Args:
            pixel_values: ``(batch, n_frames, 3, height, width)`` float, normalised.
            vision_features: ``(batch, n_frames, vision_dim)``, Z_v from a cache, in their place.

        Returns:
            ``last_hidden_state``: Z_v ``(batch, n_frames, vision_dim)``, one vector per frame, not
            L2-normalised; this is what a feature cache keeps. ``pooler_output``: the soft tokens
            ``(batch, tokens, hidden_size)``. Batch is 0 for no input.

        Raises:
            ValueError: Both are given, or they have another shape.
        """
        z, tokens, *_ = self._see(pixel_values, vision_features, run_layers=self.training)
        return BaseModelOutputWithPooling(last_hidden_state=z, pooler_output=tokens)

    def get_audio_features(
        self,
        input_values: torch.Tensor | None = None,
        audio_features: torch.Tensor | None = None,
    ) -> BaseModelOutputWithPooling:
        """Encode pieces of sound to Z_a and to their soft tokens.

        Args:
            input_values: ``(batch, n_audio_clips, samples)`` float, mono waveforms; or
                ``(batch, n_audio_clips, ...)`` as the extractor of another family gives them.
            audio_features: ``(batch, n_audio_clips, audio_dim)``, Z_a from a cache, in their place.

        Returns:
            ``last_hidden_state``: Z_a ``(batch, n_audio_clips, audio_dim)``, of a HuBERT the mean
            over the last ``audio_layers`` layers and over time; this is what a feature cache keeps.
            ``pooler_output``: the soft tokens ``(batch, tokens, hidden_size)``. Batch is 0 for no
            input.

        Raises:
            ValueError: Both are given, or they have another shape.
        """
        z, tokens, *_ = self._hear(input_values, audio_features, run_layers=self.training)
        return BaseModelOutputWithPooling(last_hidden_state=z, pooler_output=tokens)

    def get_fused_features(
        self, vision: torch.Tensor, audio: torch.Tensor
    ) -> BaseModelOutputWithPooling:
        """Fuse picture and voice of the same samples.

        Args:
            vision: Z_v ``(batch, n_frames, vision_dim)``; the soft tokens ``(batch, tokens,
                hidden_size)`` where ``config.fusion_input`` is ``"tokens"``.
            audio: Z_a ``(batch, n_audio_clips, audio_dim)``, or its soft tokens.

        Returns:
            ``last_hidden_state``: what was fused, ``(batch, tokens, width)``. ``pooler_output``:
            the soft tokens ``(batch, tokens, hidden_size)``.

        Raises:
            ValueError: The model has no fusion.
        """
        if self.config.fusion == "none":
            raise ValueError(
                "the model cannot fuse: got `fusion='none'` in its configuration, expected "
                "'attention' or 'qformer'. Train a model with fusion, or use the modalities' own "
                "tokens."
            )
        fused, tokens = self._fuse(vision, audio, run=self.training)
        return BaseModelOutputWithPooling(last_hidden_state=fused, pooler_output=tokens)

    def _see(
        self,
        pixel_values: torch.Tensor | None,
        vision_features: torch.Tensor | None,
        names: tuple[str, str] = FRAMES,
        device: torch.device | None = None,
        *,
        run_tower: bool = False,
        run_layers: bool = False,
    ) -> Encoded:
        """Z_v and the soft tokens of frames or faces.

        Args:
            pixel_values: See :meth:`get_video_features`, as what follows.
            vision_features: The same.
            names: What the two are called, for errors.
            device: Where they are, if they are not there.
            run_tower: Whether to run the tower for nothing where there are no frames.
            run_layers: The same of what is behind it, where there are neither.
        """
        one_of(names[0], pixel_values, names[1], vision_features)
        has_frames = pixel_values is not None and len(pixel_values) > 0
        if pixel_values is not None and has_frames:
            require_shape(names[0], pixel_values, (None, None, 3, None, None))
            z = self._look(pixel_values)
        else:
            z = self._known(names[1], vision_features, self.config.vision_dim, device)
        blank = None
        if run_tower and not has_frames:
            blank = self._look(blank_frames(self.config, z.device))
        return self._project(z, self.vision_pooler, self.vision_projector, run_layers, blank)

    def _look(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """Run the vision tower over ``(batch, n_frames, 3, height, width)``."""
        frames = pixel_values.flatten(0, 1).to(self.vision_tower.dtype)
        with self._tower_gradient():
            z = frame_features(self.vision_tower, frames, str(self.config.vision_feature))
        return z.unflatten(0, pixel_values.shape[:2])

    def _hear(
        self,
        input_values: torch.Tensor | None,
        audio_features: torch.Tensor | None,
        device: torch.device | None = None,
        *,
        run_tower: bool = False,
        run_layers: bool = False,
    ) -> Encoded:
        """Z_a and the soft tokens of pieces of sound; arguments as for :meth:`_see`."""
        one_of("input_values", input_values, "audio_features", audio_features)
        has_sound = input_values is not None and len(input_values) > 0
        if input_values is not None and has_sound:
            if self.config.audio_feature == "layers":
                require_shape("input_values", input_values, (None, None, None))
            z = self._listen(input_values)
        else:
            z = self._known("audio_features", audio_features, self.config.audio_dim, device)
        blank = None
        if run_tower and not has_sound:
            blank = self._listen(blank_sound(self.config, z.device))
        return self._project(z, self.audio_pooler, self.audio_projector, run_layers, blank)

    def _listen(self, input_values: torch.Tensor) -> torch.Tensor:
        """Run the audio tower over ``(batch, n_audio_clips, ...)``."""
        config = self.config
        pieces = input_values.flatten(0, 1).to(self.audio_tower.dtype)
        with self._tower_gradient():
            z = sound_features(
                self.audio_tower,
                pieces,
                str(config.audio_feature),
                config.audio_layers,
                config.audio_clip_s,
            )
        return z.unflatten(0, input_values.shape[:2])

    def _fuse(
        self,
        vision: torch.Tensor,
        audio: torch.Tensor,
        run: bool = False,
        spare: tuple[torch.Tensor | None, torch.Tensor | None] = (None, None),
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """What is fused and its soft tokens, of rows that belong to the same samples."""
        n_samples = len(vision)
        if not n_samples:
            if not run:
                return vision[:, :1], self._no_tokens(vision)
            vision, audio = (
                rows.new_zeros(1, *rows.shape[1:]) if blank is None else blank
                for rows, blank in zip((vision, audio), spare, strict=True)
            )
        fused = self.fusion(vision, audio)
        return fused[:n_samples], self.fusion_projector(fused)[:n_samples]

    def _project(
        self,
        z: torch.Tensor,
        pooler: nn.Module,
        projector: nn.Linear,
        run: bool = False,
        blank: torch.Tensor | None = None,
    ) -> Encoded:
        """Pool and project ``(batch, time, dim)`` to ``(batch, tokens, hidden_size)``.

        Where there are no rows and the layers are to be run all the same, they run on a blank row
        that is then dropped. In training, every trained parameter so gets a gradient in every step,
        as distributed training expects; of a tower, through the blank row that it was run on.
        """
        if not len(z) and not run:
            return Encoded(z, self._no_tokens(z), None, None)
        rows = z
        if not len(z):
            rows = z.new_zeros(1, *z.shape[1:]) if blank is None else blank
        tokens: torch.Tensor = projector(pooler(rows).to(projector.weight.dtype))
        return Encoded(z, tokens[: len(z)], rows[:1], tokens[:1])

    def _no_tokens(self, like: torch.Tensor) -> torch.Tensor:
        return like.new_zeros(0, 1, self.config.text_config.hidden_size)

    def _tower_gradient(self) -> torch.set_grad_enabled:
        return torch.set_grad_enabled(torch.is_grad_enabled() and not self.config.freeze_towers)

    def _known(
        self, name: str, features: torch.Tensor | None, dim: int, device: torch.device | None
    ) -> torch.Tensor:
        if features is None:
            return torch.zeros(0, 1, dim, dtype=torch.float32, device=device or self.device)
        require_shape(name, features, (None, None, dim))
        return features
