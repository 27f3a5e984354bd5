"""An export that goes to the Hub as well: looked at first, written, then pushed."""

from os import PathLike
from typing import Any

from affecthub.datasets_scripts.corpus import Corpus
from affecthub.datasets_scripts.exports.export import Export
from affecthub.hub_cards.datasets import export_staged, require_right
from affecthub.hub_cards.publishing.publish import publish
from affecthub.hub_cards.publishing.target import look


def publish_export(
    corpus: Corpus,
    out_dir: str | PathLike[str],
    repo_id: str,
    *,
    private: bool = True,
    i_have_the_right: bool = False,
    **options: Any,
) -> tuple[Export, str]:
    """Export a corpus and push the folder.

    The right, the name and the token are looked at first, so that a mistake costs no time.

    Args:
        corpus: An opened corpus.
        out_dir: Folder to write; it stays, whatever becomes of the push.
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
    require_right(corpus, i_have_the_right, options)
    look(repo_id, "dataset", private=private)
    done, staged = export_staged(corpus, out_dir, i_have_the_right=i_have_the_right, **options)
    return done, publish(staged, repo_id, private=private).url
