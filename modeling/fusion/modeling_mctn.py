"""MCTN: what a text encoder must know to be translated into sound and faces."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from .configuration_fusion import FusionConfig
from .modeling_alignment import align
from .modeling_grid import Grid
from .modeling_recurrence import run_layer
from .modeling_sequences import Masks
from .modeling_translation import (
    TranslationAttention,
    TranslationDecoder,
    TranslationEncoder,
    translate,
    translate_official,
)
from .modeling_trunk import LSTMEncoder


class MCTNFusion(nn.Module):
    """Text into faces and back, then what was between them into sound; the rest is read off that.

    The answer depends on the text alone; sound and faces teach in training.

    Source: Multimodal Cyclic Translation Network (Pham et al., 2019), sections 3 and 4.
    Differs: With ``fixed`` the recurrences run over the steps of a clip; in the released code they
        run over the clips of a batch, so that an answer depends on the other clips. ``fixed``
        decodes every step, keeps the decoder's state, feeds its own output where
        ``teacher_forcing_ratio`` does not say the true step (in evaluation: always), and counts
        errors at real steps of modalities that a clip has, over the width that they have. The
        released code decodes all but the first, forgets the state, is always fed the truth, and
        counts padding.
    """

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        width, widest = config.hidden_dim, max(config.dims.values())
        self.is_official, self.dropout = config.is_official, config.dropout
        self.option, self.widest = config.option, widest
        self.attn1 = TranslationAttention(width)
        self.encoder1 = TranslationEncoder(widest, width)
        self.decoder1 = TranslationDecoder(widest, width)
        self.attn2 = TranslationAttention(width)
        self.encoder2 = TranslationEncoder(width, width)
        self.decoder2 = TranslationDecoder(widest, width)
        self.fc_out_0 = LSTMEncoder(width, width, config.dropout, official=config.is_official)
        self.features_dim = width

    def forward(
        self, audio: Tensor, text: Tensor, vision: Tensor, masks: Masks
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """From features and masks to (B, H), and the losses of three translations."""
        (text, audio, vision), grid = align(audio, text, vision, masks, official=self.is_official)
        if self.is_official:
            joint, losses = self._official(text, audio, vision)
        else:
            joint, losses = self._fixed(text, audio, vision, masks.present, grid)
        weighted = {name: self.option.loss_weight * loss for name, loss in losses.items()}
        return self._read(joint, grid), weighted

    def _fixed(
        self, text: Tensor, audio: Tensor, vision: Tensor, present: Tensor, grid: Grid
    ) -> tuple[Tensor, dict[str, Tensor]]:
        has_audio, has_text, has_vision = present.unbind(1)
        joint, s = self._encode(self.encoder1, text, grid)
        seen = self._translate(self.decoder1, self.attn1, joint, s, vision, grid)
        again = self._encode(self.encoder1, grid.unpack(seen), grid)
        read = self._translate(self.decoder1, self.attn1, *again, text, grid)
        joint, s = self._encode(self.encoder2, joint, grid)
        heard = self._translate(self.decoder2, self.attn2, joint, s, audio, grid)
        both = has_text & has_vision
        losses = {
            "translate_vision": grid.mean_square(seen, grid.pack(vision), both),
            "translate_text": grid.mean_square(read, grid.pack(text), both),
            "translate_audio": grid.mean_square(heard, grid.pack(audio), has_text & has_audio),
        }
        return joint, losses

    def _encode(self, encoder: TranslationEncoder, x: Tensor, grid: Grid) -> tuple[Tensor, Tensor]:
        joint, s = encoder(x, grid)
        return functional.dropout(joint, self.dropout, self.training), s

    def _translate(
        self,
        decoder: TranslationDecoder,
        attention: TranslationAttention,
        joint: Tensor,
        s: Tensor,
        target: Tensor,
        grid: Grid,
    ) -> Tensor:
        """The decoded real steps, (N, D)."""
        share = self.option.teacher_forcing_ratio if self.training else 0.0
        truth = torch.rand(grid.shape, device=joint.device) < share
        return translate(decoder, attention, joint, s, target, grid, truth)

    def _official(
        self, text: Tensor, audio: Tensor, vision: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """As released: clips are taken for steps, and steps for clips."""
        text, audio, vision = (
            functional.pad(x, (0, self.widest - x.shape[2])).transpose(0, 1)
            for x in (text, audio, vision)
        )
        grid = Grid(torch.ones(text.shape[:2], dtype=torch.bool, device=text.device))
        first, s = self._encode(self.encoder1, text, grid)
        seen = translate_official(self.decoder1, self.attn1, first, s, vision)
        again = self._encode(self.encoder1, seen, grid)
        read = translate_official(self.decoder1, self.attn1, *again, text)
        joint, s = self._encode(self.encoder2, first, grid)
        heard = translate_official(self.decoder2, self.attn2, joint, s, audio)
        losses = {
            "translate_vision": functional.mse_loss(seen, vision),
            "translate_text": functional.mse_loss(read, text),
            "translate_audio": functional.mse_loss(heard, audio),
        }
        return joint.transpose(0, 1), losses

    def _read(self, joint: Tensor, grid: Grid) -> Tensor:
        """The state after the last real step, dropout, and a linear layer, (B, H)."""
        _, ends = run_layer(self.fc_out_0.rnn, joint, grid)
        return self.fc_out_0.linear_1(self.fc_out_0.drop(ends.squeeze(1)))
