"""Clips of unequal length and with unequal modalities, in one batch."""

from collections.abc import Sequence

import torch


class PadCollator:
    """Pad the tokens of a list of clips and stack their media.

    A clip without a modality that another clip of the batch has gets zeros there and False in that
    modality's mask, as the model expects.

    Args:
        pad_token_id: Token that fills short prompts.
        side: "right" for training, "left" for generation.
    """

    # Token columns and what fills them; everything else is media.
    FILL = {"input_ids": None, "attention_mask": 0, "labels": -100}
    MASKS = {
        "pixel_values": "video_mask",
        "face_pixel_values": "face_mask",
        "input_values": "audio_mask",
    }

    def __init__(self, pad_token_id: int, side: str = "right"):
        self.pad_token_id = pad_token_id
        self.side = side

    def __call__(self, clips: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
        """Tensors with the clips on the first axis.

        Args:
            clips: What the processor gives for one clip, without the batch axis.

        Returns:
            `input_ids`, `attention_mask` and `labels` (batch, tokens); `pixel_values` (batch,
            frames, 3, height, width) with `video_mask` (batch,), `face_pixel_values` with
            `face_mask` and `input_values` (batch, clips, samples) with `audio_mask` where any clip
            has them.
        """
        batch = {}
        for name, fill in self.FILL.items():
            if name in clips[0]:
                value = self.pad_token_id if fill is None else fill
                batch[name] = torch.nn.utils.rnn.pad_sequence(
                    [clip[name] for clip in clips],
                    batch_first=True,
                    padding_value=value,
                    padding_side=self.side,
                )
        for name, mask in self.MASKS.items():
            present = [clip for clip in clips if name in clip]
            if present:
                blank = torch.zeros_like(present[0][name])
                batch[name] = torch.stack([clip.get(name, blank) for clip in clips])
                batch[mask] = torch.tensor([name in clip for clip in clips])
        return batch
