"""Exports on the Hub: refused where the terms forbid it, private unless asked otherwise."""

from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.datasets_scripts.corpus import Corpus
from affecthub.datasets_scripts.exports.export import Export
from affecthub.hub_cards.datasets.corpus import require_right

# Files of an earlier export, which this one's card would otherwise take for its own.
_REPLACED = ["data/*", "media/*", "*.jsonl"]


def publish_export(
    corpus: Corpus,
    out_dir: str | PathLike[str],
    repo_id: str,
    *,
    private: bool = True,
    i_have_the_right: bool = False,
    **options: Any,
) -> tuple[Export, str]:
    """Export a corpus and upload the folder.

    The right, the name and the token are looked at first, so that a mistake costs no time.

    Args:
        corpus: An opened corpus.
        out_dir: Folder to write.
        repo_id: ``name`` or ``owner/name``.
        private: Whether only you may see it there.
        i_have_the_right: You may pass on a corpus whose terms do not let everybody do so.
        **options: As ``Corpus.export``.

    Returns:
        The export, and its address on the Hub.

    Raises:
        ValueError: The terms forbid it, the repository is public but should not be, or as
            ``Corpus.export``.
        OSError: The Hub refuses, or cannot be reached.
    """
    options |= require_right(corpus, i_have_the_right, options)
    repository = Repository(repo_id, private)
    done = corpus.export(out_dir, **options)
    form = options.get("to", "parquet")
    return done, repository.upload(done.folder, f"{corpus.name} as {form}, by affecthub")


class Repository:
    """A dataset repository that an export goes to.

    Made before the export is written, so that a wrong name or a missing token costs no time.

    Args:
        repo_id: ``name`` or ``owner/name``.
        private: Whether nobody else may see it.

    Raises:
        OSError: The Hub refuses, or cannot be reached.
        ValueError: The repository exists and is public, but should be private.
    """

    def __init__(self, repo_id: str, private: bool) -> None:
        from huggingface_hub import HfApi

        self._api, self._repo_id = HfApi(), repo_id
        self._call("create_repo", private=private, exist_ok=True)
        if private and not self._call("repo_info").private:
            raise ValueError(
                f"push to {repo_id}: got a repository that everybody can see, expected a private "
                "one. Make it private in its settings, or pass --public (private=False)."
            )

    def upload(self, folder: Path, message: str) -> str:
        """Upload a folder as one commit in place of an earlier export; give the address.

        Raises:
            OSError: The Hub refuses, or cannot be reached. The folder stays as it is.
        """
        self._call(
            "upload_folder",
            folder_path=folder,
            commit_message=message,
            delete_patterns=_REPLACED,
        )
        return f"{self._api.endpoint}/datasets/{self._repo_id}"

    def _call(self, method: str, **arguments: Any) -> Any:
        """Call the Hub; its errors are told in words that cannot hold the token."""
        from huggingface_hub import get_token

        try:
            return getattr(self._api, method)(
                repo_id=self._repo_id, repo_type="dataset", **arguments
            )
        except Exception as error:  # whatever the network or the Hub has to say
            said = str(error).replace(get_token() or "\0", "<token>")
            raise OSError(
                f"push to {self._repo_id}: {method} got {type(error).__name__}: {said}, expected "
                "success. See `hf auth whoami` for who you are to the Hub."
            ) from None
