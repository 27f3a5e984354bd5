"""What is refused before anything is computed: shapes always, values where looking costs nothing.

Shapes are known to the host. Values are not: to look at them on an accelerator is to wait for it.
So values are looked at on a CPU, and in evaluation; in training on an accelerator, inside
``torch.func`` transforms and under ``torch.compile`` they are not. Whoever trains there calls
:func:`check_values` once on the whole table.
"""

import torch
from torch import Tensor

from .configuration_fusion import MODALITIES, FusionConfig

IGNORED = -100


def check_shapes(
    config: FusionConfig, given: dict[str, Tensor | None], masks: dict[str, Tensor | None]
) -> int:
    """Refuse features and masks that do not fit the configuration or each other.

    Args:
        config: Of the model.
        given: Features by modality: (B, T, D), (B, D) or None.
        masks: Their masks: (B, T), (B,) or None.

    Returns:
        Clips in the batch.

    Raises:
        ValueError: No modality at all, another width than the configuration's, other dimensions,
            no step, batches or masks of different sizes, a mask without its features.
        TypeError: Features that are no floating-point numbers.
    """
    sizes = {}
    for name in MODALITIES:
        x, mask = given[name], masks[name]
        if x is None:
            if mask is not None:
                raise ValueError(
                    f"`{name}_mask` without `{name}`: got a mask alone, expected features beside it"
                )
            continue
        _check_one(name, x, config.dims[name])
        sizes[name] = x.shape[0]
        if mask is not None:
            _check_mask(name, mask, x)
    if not sizes:
        raise ValueError(
            f"no features: got None for all of {', '.join(MODALITIES)}, expected at least one"
        )
    if len(set(sizes.values())) > 1:
        raise ValueError(f"batches of different sizes: got {sizes}, expected one size for all")
    return next(iter(sizes.values()))


def check_targets(
    config: FusionConfig, n_clips: int, labels: Tensor | None, scores: Tensor | None
) -> None:
    """Refuse targets that the model has no head for, or of another shape than (B,).

    Raises:
        ValueError: As said.
        TypeError: Labels that are no whole numbers, or scores that are no floating-point ones.
    """
    for name, target, has_head, floats in (
        ("labels", labels, bool(config.num_labels), False),
        ("scores", scores, config.score, True),
    ):
        if target is None:
            continue
        if not has_head:
            setting = "score=True" if floats else "num_labels=N"
            raise ValueError(
                f"`{name}` for a model without that head: got a target, expected None. Make the "
                f"configuration with {setting}."
            )
        if tuple(target.shape) != (n_clips,):
            raise ValueError(
                f"`{name}` of another shape: got {tuple(target.shape)}, expected ({n_clips},), one "
                "for each clip"
            )
        if target.is_floating_point() != floats:
            wanted = "floating-point numbers" if floats else "whole numbers"
            raise TypeError(f"`{name}`: got {target.dtype}, expected {wanted}")


def check_values(
    config: FusionConfig,
    given: dict[str, Tensor | None],
    present: Tensor,
    labels: Tensor | None = None,
) -> None:
    """Refuse what a model cannot learn from; this waits for an accelerator.

    Args:
        config: Of the model.
        given: Features by modality, with 0 in place of padding.
        present: Which clips have which modality, (B, 3) bool.
        labels: (B,), -100 where there is none.

    Raises:
        ValueError: A feature that is not finite, a clip without any modality (or without one, where
            ``missing="refuse"``), a label that is no class.
    """
    for name in MODALITIES:
        x = given[name]
        # One sum is a fifth of the work; where it overflows the values themselves are looked at.
        if x is None or bool(x.sum().isfinite()):
            continue
        if not bool(x.isfinite().all()):
            rows = (~x.flatten(1).isfinite().all(1)).nonzero().flatten().tolist()
            raise ValueError(
                f"`{name}` is not finite: got NaN or infinite features in {_rows(rows)}, expected "
                "numbers. Extract these clips again, or mask them."
            )
    whole = present.all(1) if config.missing == "refuse" else present.any(1)
    if not bool(whole.all()):
        rows = (~whole).nonzero().flatten().tolist()
        if config.missing == "refuse":
            wanted = 'all three (`missing="refuse"`). Leave the clips out, or set missing="mask".'
            what = "a modality"
        else:
            what, wanted = "any modality", "at least one. Leave the clips out."
        raise ValueError(f"without {what}: got {_rows(rows)}, expected {wanted}")
    if labels is not None:
        n_classes = config.num_labels or 0
        wrong = (labels != IGNORED) & ((labels < 0) | (labels >= n_classes))
        if bool(wrong.any()):
            first = int(labels[wrong][0])
            raise ValueError(
                f"`labels`: got {first}, expected 0 to {n_classes - 1}, or {IGNORED} for none"
            )


def may_look(tensors: list[Tensor], *, training: bool) -> bool:
    """Whether values can be looked at without a wait, a graph break or a transform's error."""
    if torch.compiler.is_compiling() or any(map(_is_transformed, tensors)):
        return False
    return all(
        x.device.type == "cpu" or (not training and x.device.type != "meta") for x in tensors
    )


def _is_transformed(x: Tensor) -> bool:
    return torch._C._functorch.is_functorch_wrapped_tensor(x)


def _check_one(name: str, x: Tensor, width: int) -> None:
    if not isinstance(x, Tensor):
        raise TypeError(
            f"`{name}` is no tensor: got {type(x).__name__}, expected a torch.Tensor of shape "
            f"(clips, {width}) or (clips, steps, {width})"
        )
    if x.dim() not in (2, 3):
        raise ValueError(
            f"`{name}` of other dimensions: got {tuple(x.shape)}, expected (clips, {width}) or "
            f"(clips, steps, {width})"
        )
    if x.shape[-1] != width:
        raise ValueError(
            f"`{name}` of another width: got {x.shape[-1]}, expected {width}, the configuration's "
            f"`{name}_dim`. Take the features that the model was made for, or set `{name}_dim`."
        )
    if 0 in x.shape:
        raise ValueError(f"`{name}` is empty: got {tuple(x.shape)}, expected clips and steps")
    if not x.is_floating_point():
        raise TypeError(f"`{name}`: got {x.dtype}, expected floating-point features")


def _check_mask(name: str, mask: Tensor, x: Tensor) -> None:
    wanted = [tuple(x.shape[:2])] if x.dim() == 3 else [(x.shape[0],), (x.shape[0], 1)]
    if tuple(mask.shape) not in wanted:
        raise ValueError(
            f"`{name}_mask` of another shape: got {tuple(mask.shape)}, expected {wanted[0]}"
        )


def _rows(rows: list[int]) -> str:
    shown = ", ".join(map(str, rows[:5])) + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")
    return f"{'clip' if len(rows) == 1 else 'clips'} {shown} of the batch"
