"""Which samples of a batch bring a modality, and whether it came in a form that fits."""

from collections.abc import Sequence

import torch


class Presence:
    """Which samples of a batch bring a modality.

    Kept on the host: one small copy from the device decides everything that follows, and nothing is
    selected where every sample brings it.

    Args:
        flags: One per sample.
    """

    def __init__(self, flags: Sequence[bool]) -> None:
        self.flags = list(flags)
        self.everyone = all(self.flags)
        self.anyone = any(self.flags)

    def rows(self, values: torch.Tensor) -> torch.Tensor:
        """Keep, of one row per sample, those of the samples that bring it."""
        return values if self.everyone else values[_indices(self.flags, values)]

    def given(
        self, values: tuple[torch.Tensor | None, torch.Tensor | None]
    ) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Keep those rows of a tower's input, or of its output, whichever there is."""
        first, second = (None if value is None else self.rows(value) for value in values)
        return first, second

    def shared(self, other: "Presence", rows: torch.Tensor) -> torch.Tensor:
        """Keep, of this modality's own rows, those of samples that bring the other one too."""
        both = [theirs for mine, theirs in zip(self.flags, other.flags, strict=True) if mine]
        return rows if all(both) else rows[_indices(both, rows)]

    def spread(self, rows: torch.Tensor, out: torch.Tensor) -> None:
        """Write this modality's own rows where their samples are in ``out``."""
        out[_indices(self.flags, out)] = rows

    def __and__(self, other: "Presence") -> "Presence":
        """Tell which samples bring both."""
        return Presence([a and b for a, b in zip(self.flags, other.flags, strict=True)])

    def __or__(self, other: "Presence") -> "Presence":
        """Tell which samples bring at least one of the two."""
        return Presence([a or b for a, b in zip(self.flags, other.flags, strict=True)])


def presence(
    values: tuple[torch.Tensor | None, torch.Tensor | None],
    mask: torch.Tensor | None,
    n_samples: int,
) -> Presence:
    """Tell which samples bring a modality: all if it came without a mask, none if it did not come.

    Raises:
        ValueError: The modality or its mask is not one row a sample.

    Example:
        >>> presence((None, torch.ones(2, 3)), None, 2).flags
        [True, True]
        >>> presence((None, None), torch.tensor([True, True]), 2).flags
        [False, False]
    """
    given = [value for value in values if value is not None]
    if not given:
        return Presence([False] * n_samples)
    sizes = [len(value) for value in given] + ([] if mask is None else [mask.numel()])
    if set(sizes) != {n_samples}:
        raise ValueError(
            f"media do not line up with the samples: got {sizes} rows of media and mask for "
            f"{n_samples} samples, expected one row a sample. Fill the rows of samples without the "
            "modality with zeros and mark them False in the mask."
        )
    return Presence([True] * n_samples if mask is None else mask.flatten().bool().tolist())


def face_or_frames(
    has_video: Presence, has_face: Presence, video: torch.Tensor, faces: torch.Tensor
) -> tuple[Presence, torch.Tensor]:
    """The picture that a sample's voice is fused with: its faces, or else its frames."""
    if not has_face.anyone:
        return has_video, video
    if not has_video.anyone:
        return has_face, faces
    if video.shape[1:] != faces.shape[1:]:
        raise ValueError(
            f"faces and frames do not line up: got {tuple(faces.shape[1:])} and "
            f"{tuple(video.shape[1:])}, expected as many steps of each. Sample them alike."
        )
    has_visual = has_video | has_face
    rows = video.new_zeros(len(has_visual.flags), *video.shape[1:])
    has_video.spread(video, rows)
    has_face.spread(faces.to(rows), rows)
    return has_visual, has_visual.rows(rows)


def one_of(media: str, value: object, features: str, known: object) -> None:
    """Refuse a tower's input together with its output.

    Raises:
        ValueError: Both are given.
    """
    if value is not None and known is not None:
        raise ValueError(
            f"a modality came twice: got `{media}` and `{features}`, expected one of them. "
            "Leave one out."
        )


def require_shape(name: str, values: torch.Tensor, shape: tuple[int | None, ...]) -> None:
    """Refuse media or features of another shape; None stands for any size.

    Raises:
        ValueError: As above.
    """
    fits = values.dim() == len(shape) and all(
        want in (None, got) for got, want in zip(values.shape, shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(
            f"`{name}` has the wrong shape: got {tuple(values.shape)}, expected ({wanted}). "
            "Make it with the processor, or the cache with the towers, of this very model."
        )


def _indices(flags: Sequence[bool], like: torch.Tensor) -> torch.Tensor:
    """Where the flags are True, on the device of another tensor."""
    indices = [i for i, here in enumerate(flags) if here]
    return torch.tensor(indices, dtype=torch.long, device=like.device)
