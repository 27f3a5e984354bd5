"""The released lexicon tables by name: fetched once from their repository, at a pinned commit.

The tables belong to their authors and are not part of this package. Every file is checked against
the hash it had when it was pinned; the pickle that lies beside the 2026 tables is never fetched.
"""

import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from affecthub.cache import cache_root, content_key, whole_folder
from affecthub.errors import require, unknown_name
from affecthub.metrics.lexicon.workbooks import (
    FORMS,
    FORMS_2026,
    TABLES,
    VERSION_LENGTH,
    key_of,
)

_REPOSITORY = "zeroQiaoba/MERTools"

# The workbooks are the same in both releases.
_WORKBOOKS = {
    "synonym.xlsx": "23f81f9ab1d2418aaf96775304fb5dc52c62bb5d5ef652a97471d045fc9d2e29",
    "wheel1.xlsx": "e70485d354b82a7491ff24648273182a5f4f13f92c76e6b3e4f9033f5e6afcc1",
    "wheel2.xlsx": "acc001e076a8e60440361f58dd8c05ed900c4890c84bb7d8d1df93708a7d9c87",
    "wheel3.xlsx": "d62f30bf88c17c55876634cd088eacaef98278fc25457474364439872f9dbf83",
    "wheel4.xlsx": "660260561b7fe15550f3679a01e7c783608ce3403d4c28db0a88520f68d83aea",
    "wheel5.xlsx": "2dd4595b2cf8e7628ca06a416a8e38ac831614b244f23d1ae613dc34007649f1",
}


@dataclass(frozen=True)
class Release:
    """Where the tables of one release lie, and what they must be.

    Attributes:
        commit: Of the repository.
        folder: In the repository.
        sha256: File name to hash of its content.
    """

    commit: str
    folder: str
    sha256: dict[str, str]

    @property
    def urls(self) -> dict[str, str]:
        """File name to address."""
        base = f"https://raw.githubusercontent.com/{_REPOSITORY}/{self.commit}/{self.folder}"
        return {name: f"{base}/{name}" for name in self.sha256}


RELEASES = {
    "mer2025": Release(
        commit="fb8dda0ebd52281f69affcbec3cc34dfd281f1ba",
        folder="MER2025/MER2025_Track23/emotion_wheel",
        sha256={
            FORMS: "ba6de7d61db8e129d1d7ef8a2aae22a9e93a2c2e3e683e6f2735d04455f016f2",
            **_WORKBOOKS,
        },
    ),
    "mer2026": Release(
        commit="1052cb82fb05b91f821bd197de5bb123fcc9b0e3",
        folder="MER2026/MER2026_Track2/emotion_wheel",
        sha256={
            FORMS: FORMS_2026,
            **_WORKBOOKS,
        },
    ),
}


@cache
def released_versions() -> dict[str, str]:
    """The version that a lexicon of each release's tables has, wherever their folder lies.

    Example:
        >>> released_versions()["mer2025"]
        '9954e320d170'
    """
    return {
        name: key_of([release.sha256[table] for table in TABLES], is_2026=name == "mer2026")[
            :VERSION_LENGTH
        ]
        for name, release in RELEASES.items()
    }


def fetch_tables(name: str, manager: Any | None = None) -> Path:
    """The folder of a release's tables, fetching it the first time.

    The tables come under their authors' terms (non-commercial research; see the LICENSE files of
    the repository): whoever asks for them by name accepts these.

    Args:
        name: ``"mer2025"`` or ``"mer2026"``.
        manager: A `datasets.DownloadManager`, or anything with its ``download``; by default one
            of our own.

    Returns:
        A folder named like the release, with ``format.csv``, ``synonym.xlsx`` and five wheels.

    Raises:
        ValueError: The release is unknown, or a file is not the one that was pinned.
        ConnectionError: A file could not be fetched.
    """
    if name not in RELEASES:
        raise unknown_name("lexicon", name, RELEASES)
    release = RELEASES[name]
    folder = cache_root() / "tables" / release.commit[:12] / name
    if not folder.is_dir():
        warnings.warn(
            f"fetching the emotion wheel tables of {name} from github.com/{_REPOSITORY}: they are "
            "released for non-commercial research under their authors' terms.",
            UserWarning,
            stacklevel=2,
        )
        _keep(_download(name, release, manager), release, folder)
    return folder


def _download(name: str, release: Release, manager: Any | None) -> dict[str, str]:
    """A local file for every table."""
    if manager is None:
        datasets = require("datasets", "metrics", "fetch released tables")
        manager = datasets.DownloadManager(dataset_name="affecthub")
    try:
        files: dict[str, str] = manager.download(release.urls)
    except OSError as error:  # of which offline, refused and not found are kinds
        raise ConnectionError(
            f"the tables of {name} could not be fetched: got {type(error).__name__} ({error}), "
            f"expected the files of https://github.com/{_REPOSITORY}/tree/{release.commit}/"
            f"{release.folder}. Copy that folder to this machine and pass its path as `lexicon`."
        ) from error
    return files


def _keep(files: dict[str, str], release: Release, folder: Path) -> None:
    """Check the files and copy them to their folder, all or none."""
    with whole_folder(folder) as scratch:
        for name, expected in release.sha256.items():
            content = Path(files[name]).read_bytes()
            found = content_key(content)
            if found != expected:
                raise ValueError(
                    f"{release.urls[name]} is not the pinned file: got sha256 {found}, expected "
                    f"{expected}. Clear the download cache, or pass a folder as `lexicon`."
                )
            (scratch / name).write_bytes(content)
