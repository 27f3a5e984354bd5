"""The captioner: a speech encoder, a bridge and a decoder as one model that writes what it hears.

Padding a batch never changes an answer: every part is given a mask, and what knows none is run on
each clip alone (`modeling_sounds`). Every token of a caption is learnt, the first one too.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any

import torch
from transformers import GenerationConfig
from transformers.generation import GenerationMixin
from transformers.modeling_outputs import BaseModelOutput, ModelOutput

from .modeling_aligning import mean_of
from .modeling_decoders import (
    caption_loss,
    padded_behind,
    padded_in_front,
    positions,
    shifted,
    takes,
)
from .modeling_listening import CaptionerPreTrainedModel


@dataclass
class CaptionerOutput(ModelOutput):
    """What the captioner gives.

    Args:
        loss: The weighted sum of the losses, where there are labels.
        logits: ``(batch, caption, vocab_size)``; place i predicts the caption's token i.
        past_key_values: The decoder's cache, where it is generating.
        losses: Every loss by name: ``caption``, ``contrast``, ``content``, ``content_net``.
        tokens: What the bridge gives ``(batch, tokens, decoder width)``.
        tokens_mask: ``(batch, tokens)`` bool, True where they are no padding.
    """

    loss: torch.Tensor | None = None
    logits: torch.Tensor | None = None
    past_key_values: Any = None
    losses: dict[str, torch.Tensor] | None = None
    tokens: torch.Tensor | None = None
    tokens_mask: torch.Tensor | None = None


class CaptionerModel(CaptionerPreTrainedModel, GenerationMixin):
    """Speech in, a caption out.

    Example:
        >>> from transformers import GPT2Config, HubertConfig
        >>> small = dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2)
        >>> ears = HubertConfig(**small, intermediate_size=16, conv_dim=(8,), conv_kernel=(10,),
        ...     conv_stride=(5,), num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=2)
        >>> mouth = GPT2Config(vocab_size=30, n_embd=16, n_layer=1, n_head=2, bos_token_id=1,
        ...     eos_token_id=2)
        >>> model = CaptionerModel(CaptionerConfig(encoder_config=ears, decoder_config=mouth))
        >>> output = model(input_values=torch.zeros(2, 400), labels=torch.tensor([[4, 2], [5, 2]]))
        >>> output.logits.shape
        torch.Size([2, 2, 30])
    """

    @classmethod
    def from_parts(
        cls,
        encoder: str | PathLike,
        decoder: str | PathLike,
        *,
        dtype: torch.dtype | str = "auto",
        **overrides: Any,
    ) -> "CaptionerModel":
        """Put a captioner together from a pretrained encoder and decoder; the bridge is new.

        Args:
            encoder: Folder or Hub id of a speech encoder, of a model that holds one (Whisper), or
                of one pretrained with heads that are left behind.
            decoder: Folder or Hub id of a causal language model or an encoder-decoder, with its
                tokenizer, whose ids for the start, the end and the padding are taken.
            dtype: Of both; ``"auto"`` keeps each one's own.
            **overrides: Fields of :class:`CaptionerConfig`.

        Returns:
            The model in eval mode. Its processor is ``CaptionerProcessor.from_parts(encoder,
            decoder)``.

        Raises:
            ValueError: A weight that has to be there is not; it would be random.

        Example:
            CaptionerModel.from_parts(
                "TencentGameMate/chinese-hubert-large", "fnlp/bart-base-chinese"
            )
        """
        from .modeling_parts import put_together

        model: CaptionerModel = put_together(cls, encoder, decoder, dtype=dtype, **overrides)
        return model

    def forward(
        self,
        input_values: torch.Tensor | None = None,
        input_features: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        audio_frames: torch.Tensor | None = None,
        audio_frames_mask: torch.Tensor | None = None,
        prompt_ids: torch.Tensor | None = None,
        prompt_mask: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        transcript_ids: torch.Tensor | None = None,
        alike: torch.Tensor | None = None,
        decoder_input_ids: torch.Tensor | None = None,
        encoder_outputs: Any = None,
        past_key_values: Any = None,
        use_cache: bool | None = None,
        num_items_in_batch: torch.Tensor | int | None = None,
        **kwargs: Any,
    ) -> CaptionerOutput:
        """Give the loss and the logits of captions, or one step of writing.

        Args:
            input_values: Waveforms ``(batch, samples)`` as the processor normalises them.
            input_features: What the family's feature extractor makes of them, ``(batch, ...)``.
            attention_mask: 1 where there is sound ``(batch, samples or frames)``, with the padding
                behind it; None where no clip is padded.
            audio_frames: What :meth:`get_audio_frames` gave, in place of either.
            audio_frames_mask: Its mask.
            prompt_ids: Tokens between the sound and the caption ``(batch, prompt)``; not for a
                decoder with cross-attention.
            prompt_mask: 1 where they are no padding, which is in front of them.
            labels: The caption's tokens, its end token last, ``(batch, caption)``; -100 behind it.
            transcript_ids: What is said, -100 behind it; for ``content_weight`` alone.
            alike: See ``Aligner.contrast``; for ``contrast_weight`` alone.
            decoder_input_ids: What is written so far, of generation; in place of `labels`.
            encoder_outputs: What the bridge gave, of generation.
            past_key_values: The decoder's cache.
            use_cache: Whether to give a cache back.
            num_items_in_batch: Divides the caption's loss in place of the number of its tokens.
            **kwargs: Handed on to the decoder.

        Returns:
            See :class:`CaptionerOutput`.

        Raises:
            ValueError: No sound, or sound that cannot be heard; a prompt that there is no place
                for; neither labels nor `decoder_input_ids`; a loss that lacks what it compares.
        """
        if encoder_outputs is None:
            tokens, mask = self.get_audio_tokens(
                input_values, input_features, attention_mask, audio_frames, audio_frames_mask
            )
            told = self._tell(tokens, mask, prompt_ids, prompt_mask)
        else:  # of generation, which passes the mask of what is told on
            tokens = encoder_outputs[0]
            mask = self._all_of(tokens) if attention_mask is None else attention_mask
            told = tokens, mask
        if labels is None and decoder_input_ids is None:
            raise ValueError(
                "there is nothing to write: got neither `labels` nor `decoder_input_ids`, expected "
                "one. Pass captions to learn from, or call `generate`."
            )
        losses: dict[str, torch.Tensor] = {}
        logits = cache = None
        if labels is None or self.config.caption_weight > 0:
            logits, cache = self._write(
                told, labels, decoder_input_ids, past_key_values, use_cache, kwargs
            )
        if labels is not None:
            if logits is not None:
                losses["caption"] = caption_loss(logits, labels, num_items_in_batch)
            if self.aligner is not None:
                losses |= self._align(tokens, mask, labels, transcript_ids, alike)
        return CaptionerOutput(
            loss=self._sum(losses) if losses else None,
            logits=logits,
            past_key_values=cache,
            losses=losses,
            tokens=tokens,
            tokens_mask=mask,
        )

    def _sum(self, losses: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """The losses by their weights; the net that bounds the content has the bound's."""
        config = self.config
        weights = {"caption": config.caption_weight, "contrast": config.contrast_weight}
        parts = [losses[name] * weights.get(name, config.content_weight) for name in losses]
        return torch.stack(parts).sum()

    def _tell(
        self,
        tokens: torch.Tensor,
        mask: torch.Tensor,
        prompt_ids: torch.Tensor | None,
        prompt_mask: torch.Tensor | None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """What the decoder is told: soft tokens and a prompt as embeddings, and their mask."""
        embed = self.get_input_embeddings()
        tokens = tokens.to(self.decoder.dtype)
        if self.config.decoder_input == "cross_attention":
            if prompt_ids is not None:
                raise ValueError(
                    "`prompt_ids` have no place: got some with a decoder that listens by "
                    "cross-attention, expected none. Leave the prompt out, or take "
                    "decoder_input='prefix'."
                )
            return tokens, mask
        if self.config.decoder_input == "prefix":
            tokens, mask = padded_in_front(tokens, mask)
        parts, masks = [tokens], [mask]
        if self.config.start_with_bos:
            start = torch.full_like(mask[:, :1], 1, dtype=torch.long)
            parts.insert(0, embed(start * self._start_id).to(tokens.dtype))
            masks.insert(0, start.bool())
        if prompt_ids is not None:
            here = self._all_of(prompt_ids) if prompt_mask is None else prompt_mask.bool()
            parts.append(embed(prompt_ids).to(tokens.dtype))
            masks.append(here)
        told, told_mask = torch.cat(parts, dim=1), torch.cat(masks, dim=1)
        if self.config.decoder_input == "encoder":
            told, told_mask = padded_behind(told, told_mask)
            encoder = self.decoder.get_encoder()
            states = encoder(inputs_embeds=told, attention_mask=told_mask.long())
            told = states.last_hidden_state
        return told, told_mask

    @property
    def _start_id(self) -> int:
        start = self.config.decoder_start_token_id
        if start is None:
            raise ValueError(
                "`decoder_start_token_id` is missing: got None with start_with_bos=True, expected "
                "the decoder's start token."
            )
        return start

    def _write(
        self,
        told: tuple[torch.Tensor, torch.Tensor],
        labels: torch.Tensor | None,
        written: torch.Tensor | None,
        cache: Any,
        use_cache: bool | None,
        more: dict[str, Any],
    ) -> tuple[torch.Tensor, Any]:
        """Logits ``(batch, caption, vocab_size)`` of a caption, and the cache."""
        states, mask = told
        pad = self.config.pad_token_id or 0
        if self.config.decoder_input == "prefix":
            if labels is None:
                raise ValueError(
                    "a prefix is written on by `generate`: got `decoder_input_ids`, expected "
                    "`labels`. Call `generate`."
                )
            return self._write_on(states, mask, labels.clamp(min=0)), None
        if written is None:
            assert labels is not None, "one of them is given"
            assert self.config.decoder_start_token_id is not None, "the configuration checks it"
            written = shifted(labels, self.config.decoder_start_token_id, pad)
        use_cache = bool(use_cache) if labels is None else False
        if self.config.decoder_input == "encoder":
            output = self.decoder(
                encoder_outputs=BaseModelOutput(last_hidden_state=states),
                attention_mask=mask.long(),
                decoder_input_ids=written,
                past_key_values=cache,
                use_cache=use_cache,
                **more,
            )
        else:
            output = self.decoder(
                input_ids=written,
                encoder_hidden_states=states,
                encoder_attention_mask=mask.long(),
                past_key_values=cache,
                use_cache=use_cache,
                **more,
            )
        return output.logits, getattr(output, "past_key_values", None)

    def _write_on(
        self, told: torch.Tensor, mask: torch.Tensor, caption: torch.Tensor
    ) -> torch.Tensor:
        """Logits of a caption that follows a prefix; the prefix's last place predicts its first."""
        n_tokens = caption.shape[1]
        embeddings = self.get_input_embeddings()(caption[:, :-1]).to(told.dtype)
        read = torch.cat([told, embeddings], dim=1)
        mask = torch.cat([mask, self._all_of(caption[:, :-1])], dim=1)
        options: dict[str, Any] = {}
        if takes(self.decoder, "position_ids"):
            options["position_ids"] = positions(mask)
        if takes(self.decoder, "logits_to_keep"):
            options["logits_to_keep"] = n_tokens
        output = self.decoder(
            inputs_embeds=read, attention_mask=mask.long(), use_cache=False, **options
        )
        logits: torch.Tensor = output.logits[:, -n_tokens:]
        return logits

    def _align(
        self,
        tokens: torch.Tensor,
        mask: torch.Tensor,
        labels: torch.Tensor,
        transcript_ids: torch.Tensor | None,
        alike: torch.Tensor | None,
    ) -> dict[str, torch.Tensor]:
        """The losses of the bridge alone; embeddings are the decoder's, and get no gradient."""
        assert self.aligner is not None, "who calls this has looked"
        heard = mean_of(tokens, mask)
        losses: dict[str, torch.Tensor] = {}
        if self.config.contrast_weight > 0:
            captions = self._embedded(labels).to(heard.dtype)
            losses["contrast"] = self.aligner.contrast(heard, captions, alike)
        if self.config.content_weight > 0:
            if transcript_ids is None:
                raise ValueError(
                    "`transcript_ids` are missing: got None with content_weight "
                    f"{self.config.content_weight}, expected what is said in each clip. Pass them, "
                    "or set content_weight=0."
                )
            said = self._embedded(transcript_ids).to(heard.dtype)
            losses["content"], losses["content_net"] = self.aligner.content(heard, said)
        return losses

    @torch.no_grad()
    def _embedded(self, ids: torch.Tensor) -> torch.Tensor:
        """The mean embedding of some tokens, -100 left out ``(batch, width)``."""
        return mean_of(self.get_input_embeddings()(ids.clamp(min=0)), ids != -100)

    @staticmethod
    def _all_of(rows: torch.Tensor) -> torch.Tensor:
        return torch.ones(rows.shape[:2], dtype=torch.bool, device=rows.device)

    @torch.no_grad()
    def generate(  # type: ignore[override]
        self,
        inputs: torch.Tensor | None = None,
        generation_config: GenerationConfig | None = None,
        *,
        input_values: torch.Tensor | None = None,
        input_features: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        audio_frames: torch.Tensor | None = None,
        audio_frames_mask: torch.Tensor | None = None,
        prompt_ids: torch.Tensor | None = None,
        prompt_mask: torch.Tensor | None = None,
        **kwargs: Any,
    ) -> Any:
        """Write captions; by five beams and 64 tokens at most, unless it is said otherwise.

        Args:
            inputs: The sound, as `input_values` or `input_features`, whichever the encoder takes.
            generation_config: As everywhere.
            input_values: See :meth:`forward`, as what follows.
            input_features: The same.
            attention_mask: The same.
            audio_frames: The same.
            audio_frames_mask: The same.
            prompt_ids: The same.
            prompt_mask: The same.
            **kwargs: As everywhere: ``num_beams``, ``max_new_tokens``, ``do_sample``, ...

        Returns:
            Token ids ``(batch, written)``, or what ``return_dict_in_generate`` asks for; decode
            them by ``processor.batch_decode(ids, skip_special_tokens=True)``.
        """
        if inputs is not None:
            input_values = inputs
        told, mask = self._tell(
            *self.get_audio_tokens(
                input_values, input_features, attention_mask, audio_frames, audio_frames_mask
            ),
            prompt_ids,
            prompt_mask,
        )
        settings = copy.deepcopy(generation_config or self.generation_config)
        if "max_length" in kwargs:
            settings.max_new_tokens = None
        kwargs.pop("labels", None)
        kwargs = settings.update(**kwargs)  # what is left is no setting
        if self.config.decoder_input == "prefix":
            return self.decoder.generate(
                inputs_embeds=told,
                attention_mask=mask.long(),
                generation_config=settings,
                **kwargs,
            )
        return super().generate(  # type: ignore[misc]
            encoder_outputs=BaseModelOutput(last_hidden_state=told),
            attention_mask=mask.long(),
            generation_config=settings,
            **kwargs,
        )


CaptionerModel.register_for_auto_class("AutoModel")
