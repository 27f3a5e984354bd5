"""Folders of models: whether a path can be one, and where its checkpoints lie."""

from pathlib import Path


def require_model_folder(folder_or_id: str | Path) -> None:
    """Refuse a path that is no saved model; what may be a Hub id is left to the Hub.

    Args:
        folder_or_id: Folder of a saved model or of adapters, or a Hub id.

    Raises:
        FileNotFoundError: A path that is not there.
        ValueError: The folder holds no model.
    """
    folder = Path(folder_or_id)
    # A Hub id is OWNER/NAME; where the first part is a folder here, a path was meant.
    may_be_id = len(folder.parts) == 2 and not folder.is_absolute() and not folder.parent.is_dir()
    may_be_id = may_be_id and not str(folder_or_id).startswith((".", "~"))
    if not may_be_id and not folder.is_dir():
        raise FileNotFoundError(
            f"model folder not found: {folder}. Check the path, or name a model of the Hub as "
            "OWNER/NAME."
        )
    if folder.is_dir() and not any(
        (folder / name).is_file() for name in ("config.json", "adapter_config.json")
    ):
        raise ValueError(
            f"{folder} holds no model: expected config.json or adapter_config.json in it."
        )


def checkpoint_folder(output_dir: str | Path) -> Path:
    """Where the checkpoints of a run lie whose model goes to `output_dir`.

    Example:
        >>> checkpoint_folder("runs/demo").as_posix()
        'runs/demo-checkpoints'
    """
    output_dir = Path(output_dir).absolute()
    folder = output_dir.with_name(f"{output_dir.name}-checkpoints")
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder
