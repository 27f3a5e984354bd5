"""Whether a path can be a saved model: asked before anything heavy is imported."""

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
