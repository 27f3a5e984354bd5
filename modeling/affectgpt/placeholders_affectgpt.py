"""Which samples bring which modality, and their soft tokens put where the placeholders are."""

import torch


def fill_places(
    inputs_embeds: torch.Tensor,
    input_ids: torch.Tensor,
    token: str,
    token_id: int,
    present: torch.Tensor,
    rows: torch.Tensor,
) -> torch.Tensor:
    """Replace every embedded placeholder by its soft token.

    Args:
        inputs_embeds: ``(batch, sequence, hidden_size)``.
        input_ids: ``(batch, sequence)``.
        token: The placeholder, for the error.
        token_id: Its id.
        present: ``(batch,)`` bool, which samples bring a soft token.
        rows: ``(samples that do, hidden_size)``, in the order of the batch.

    Returns:
        New embeddings of the same shape.

    Raises:
        ValueError: A sample has more or fewer placeholders than soft tokens.
    """
    places = input_ids == token_id
    found = places.sum(dim=1)
    if (found != present).any():
        sample = int((found != present).nonzero()[0])
        raise ValueError(
            f"sample {sample} has {int(found[sample])} {token} placeholders but "
            f"{int(present[sample])} feature rows, expected as many of each. Check that processor "
            "and model share their configuration, and that media and their mask are both passed."
        )
    rows = rows.to(inputs_embeds.device, inputs_embeds.dtype)
    return inputs_embeds.masked_scatter(places.unsqueeze(-1), rows)


def samples_with(
    values: tuple[torch.Tensor | None, torch.Tensor | None],
    mask: torch.Tensor | None,
    input_ids: torch.Tensor,
) -> torch.Tensor:
    """Tell which samples have a modality, ``(batch,)`` bool: all if it came without a mask.

    Example:
        >>> ids = torch.zeros(2, 5)
        >>> samples_with((None, torch.ones(2, 3)), None, ids).tolist()
        [True, True]
        >>> samples_with((None, None), torch.tensor([True, True]), ids).tolist()
        [False, False]
    """
    given = any(value is not None for value in values)
    if given and mask is not None:
        return mask.to(input_ids.device, torch.bool)
    return torch.full((len(input_ids),), given, dtype=torch.bool, device=input_ids.device)


def rows_of(values: torch.Tensor | None, present: torch.Tensor) -> torch.Tensor | None:
    """Keep the rows of the samples that have the modality."""
    return None if values is None else values[present.to(values.device)]


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
