"""Image encoders: of every picture of a clip one vector; of films one for each step of time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from affecthub.datasets_scripts.reading.faces import read_faces
from affecthub.errors import unknown_name
from affecthub.media import frame_indices, load_frames, video_cut
from affecthub.media.counting import count_frames
from affecthub.training.features.encoders.kinds import alike, on_model, plain, regrouped
from affecthub.training.features.encoders.rules import Wanted
from affecthub.training.features.encoders.table import Named

# Pictures that are encoded together.
_TOGETHER = 32
# Pictures that are taken of a clip, where nobody says: enough for a mean.
_USUAL = 16
# What MERBench takes of a clip, by the encoder's type; of others all there are.
_OFFICIAL_FRAMES = {"dinov2": 64}
_OFFICIAL_TOKENS = {"dinov2": "sum", "data2vec-vision": "sum", "beit": "sum"}
TOKENS = ("sum", "mean_raw", "mean", "first", "pooled", "projection")


def read_pictures(row: Mapping[str, Any], medium: str, n_frames: int, *, repeat: bool) -> Any:
    """Evenly spaced pictures of a clip.

    Args:
        row: Of a corpus.
        medium: ``"face"``, an array of faces, or ``"video"``.
        n_frames: How many; 0 is all.
        repeat: Whether the last is repeated where there are fewer.

    Returns:
        uint8 RGB ``(pictures, height, width, 3)``; None where no face was found.

    Raises:
        MediaError: They cannot be read.
    """
    if medium == "face":
        faces = read_faces(row["face"])
        if not len(faces):
            return None
        wanted = n_frames or len(faces)
        return faces[frame_indices(len(faces), wanted if repeat else min(wanted, len(faces)))]
    cut = video_cut(row)
    if not repeat or not n_frames:
        span = {name: value for name, value in cut.items() if name != "crop"}
        there = max(1, count_frames(row["video"], **span))
        n_frames = min(n_frames or there, there)
    return load_frames(row["video"], n_frames, **cut)


@dataclass(frozen=True)
class PictureReader:
    """Reads pictures as an encoder's input.

    Args:
        processor: Makes ``pixel_values`` of pictures.
        medium: See `read_pictures`.
        n_frames: The same.
        repeat: The same.
        is_film: Whether the processor takes all pictures as one film.
    """

    processor: Any
    medium: str
    n_frames: int
    repeat: bool
    is_film: bool = False

    def __call__(self, row: Mapping[str, Any]) -> torch.Tensor | None:
        """``(pictures, 3, height, width)``; None where no face was found.

        Raises:
            MediaError: They cannot be read.
        """
        found = read_pictures(row, self.medium, self.n_frames, repeat=self.repeat)
        if found is None:
            return None
        pictures = [np.ascontiguousarray(picture) for picture in found]
        values = self.processor(pictures, return_tensors="pt")["pixel_values"]
        return torch.as_tensor(values[0] if self.is_film else values)


class PictureEncoder:
    """CLIP, DINOv2, data2vec, EVA-02 and whatever makes a vector of a picture.

    Source: MERBench: of CLIP the projected vector of every frame, of EVA-02 the pooled one, of
        data2vec and DINOv2 the sum over all tokens of the last layer before its final norm, of
        DINOv2 64 evenly spaced frames, the last repeated where there are fewer.

    Differs: ``style="clean"`` takes at most 16 evenly spaced frames, none twice, and the mean over
        the tokens after the final norm in place of sums.

    Args:
        named: The encoder.
        model: Loaded.
        processor: Makes ``pixel_values`` of pictures.
        wanted: What is asked for.
        usual: What the encoder's family offers of a picture, see `TOKENS`.
        medium: ``"face"`` or ``"video"``.
        settings: Of the processor, which decide the numbers.

    Raises:
        ValueError: Layers are asked for, or other tokens than there are.
    """

    batch_size = 4

    def __init__(
        self,
        named: Named,
        model: Any,
        processor: Any,
        wanted: Wanted,
        usual: str,
        medium: str,
        settings: Mapping[str, Any],
    ) -> None:
        refuse_layers(named, wanted)
        kind = model.config.model_type
        official = _OFFICIAL_TOKENS.get(kind, usual)
        self.model, self.medium = model, medium
        self.tokens = wanted.tokens or (official if wanted.is_official else usual)
        if self.tokens not in TOKENS:
            raise unknown_name("tokens of a picture", self.tokens, TOKENS)
        n_frames = _OFFICIAL_FRAMES.get(kind, 0) if wanted.is_official else _USUAL
        n_frames = n_frames if wanted.frames is None else wanted.frames
        self.reader = PictureReader(processor, medium, n_frames, wanted.is_official)
        self.width = self._width()
        self.key = {
            "picture": medium,
            "n_frames": n_frames,
            "last_repeated": wanted.is_official,
            "tokens": self.tokens,
            "settings": plain(settings),
        }

    @torch.inference_mode()
    def steps(self, clips: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Vectors of clips, float32 ``(pictures, width)`` each, on the CPU."""
        pictures = [picture for clip in clips for picture in clip]
        made: list[Any] = [None] * len(pictures)
        for places, values in alike(pictures, _TOGETHER):
            found = self._vectors(on_model(self.model, values))
            for place, vector in zip(places, found, strict=True):
                made[place] = vector[None]
        return regrouped(made, [len(clip) for clip in clips])

    def _vectors(self, pictures: torch.Tensor) -> torch.Tensor:
        is_raw = self.tokens in ("sum", "mean_raw")
        # Only where they are needed: timm's models have other hidden states.
        more = {"output_hidden_states": True} if is_raw else {}
        output = self.model(pixel_values=pictures, **more)
        if self.tokens == "projection":
            found = getattr(output, "image_embeds", None)
        elif self.tokens == "pooled":
            found = getattr(output, "pooler_output", None)
        elif is_raw:
            raw = output.hidden_states[-1]
            found = raw.sum(dim=1) if self.tokens == "sum" else raw.mean(dim=1)
        else:
            last = output.last_hidden_state
            found = last.mean(dim=1) if self.tokens == "mean" else last[:, 0]
        if found is None or found.ndim != 2:
            shape = None if found is None else tuple(found.shape[1:])
            raise ValueError(
                f"{type(self.model).__name__} gives no vector of a picture as `tokens` "
                f"{self.tokens!r}: got {shape}. Take another of {', '.join(TOKENS)}."
            )
        return found

    def _width(self) -> int:
        """Found out by trying one grey picture, in the sizes that the processor makes."""
        grey = np.full((32, 32, 3), 127, np.uint8)
        values = self.reader.processor([grey], return_tensors="pt")["pixel_values"]
        with torch.inference_mode():
            return int(self._vectors(on_model(self.model, torch.as_tensor(values))).shape[1])


class FilmEncoder:
    """VideoMAE: 16 evenly spaced frames together, a vector for every two of them.

    Source: MERBench: the mean over the patches of each step of time of the last state.

    Args:
        named: The encoder.
        model: Loaded.
        processor: Makes ``pixel_values`` of a film.
        wanted: What is asked for.
        medium: ``"face"`` or ``"video"``.

    Raises:
        ValueError: Layers, tokens or a number of frames are asked for.
    """

    batch_size = 8

    def __init__(
        self, named: Named, model: Any, processor: Any, wanted: Wanted, medium: str
    ) -> None:
        refuse_layers(named, wanted)
        config = model.config
        if wanted.tokens is not None or wanted.frames not in (None, config.num_frames):
            raise ValueError(
                f"{named.name} takes films of {config.num_frames} frames, and the mean over the "
                f"patches: got `frames` {wanted.frames} and `tokens` {wanted.tokens}. Leave them."
            )
        self.model, self.medium = model, medium
        self.n_steps = config.num_frames // config.tubelet_size
        self.reader = PictureReader(processor, medium, config.num_frames, True, is_film=True)
        self.width = int(config.hidden_size)
        self.key = {
            "picture": medium,
            "n_frames": config.num_frames,
            "last_repeated": True,
            "tokens": "mean of each step",
            "settings": plain(processor.to_dict()),
        }

    @torch.inference_mode()
    def steps(self, clips: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Vectors of clips, float32 ``(frames / 2, width)`` each, on the CPU."""
        made: list[Any] = [None] * len(clips)
        for places, values in alike(clips, 4):
            last = self.model(pixel_values=on_model(self.model, values)).last_hidden_state
            steps = last.unflatten(1, (self.n_steps, -1)).mean(dim=2)
            for place, vectors in zip(places, steps, strict=True):
                made[place] = vectors
        return regrouped(made, [1] * len(clips))


def refuse_layers(named: Named, wanted: Wanted) -> None:
    """Refuse layers of an encoder of pictures.

    Raises:
        ValueError: They are asked for.
    """
    if wanted.layers is not None:
        raise ValueError(
            f"`layers`: got {wanted.layers!r} of {named.name}, an encoder of pictures. Choose "
            f"`tokens` instead, one of {', '.join(TOKENS)}."
        )
