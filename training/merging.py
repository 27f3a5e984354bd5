"""One file of what shards left beside each other."""

from collections.abc import Sequence
from pathlib import Path

from affecthub.training.answer_lines import Lines
from affecthub.training.journal import Journal, first_key


def merge_parts(path: Path, ids: Sequence[str]) -> Lines:
    """Make one file of the parts that lie beside it, and remove them.

    Args:
        path: As it was given to every shard.
        ids: Of all clips, in their order.

    Returns:
        The lines of the file.

    Raises:
        FileNotFoundError: There are no answers.
        ValueError: Clips without an answer, answers of several models, or a shard still writes.
    """
    with Journal(path, first_key(path)) as journal:
        missing = [clip_id for clip_id in ids if clip_id not in journal.lines]
        if missing:
            raise ValueError(
                f"{path} is not whole: got no answer to {len(missing)} of {len(ids)} clips "
                f"({', '.join(missing[:3])}{', ...' if len(missing) > 3 else ''}), expected one to "
                "each. Run the shards that are missing, or go on without a shard: what there is "
                "is not asked again."
            )
        journal.finish(ids)
        return journal.lines
