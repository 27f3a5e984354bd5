"""Ids made of a source video and a clip in it: text, never numbers, and split where they belong."""

import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.reading.tables import require_unique


@dataclass(frozen=True)
class ClipIds:
    """How the clips of a corpus are named: ``<video>_<clip>``.

    Video ids hold ``_`` and ``-`` and may be all digits; clip ids may begin with zeros. Both are
    strings throughout.

    Attributes:
        video: Pattern of a video id.
        clip: Pattern of a clip id.
        example: An id, for errors.
        widths: Pattern of video ids to the digits of their clip ids. A spreadsheet turns ``0001``
            into ``1``; the zeros are put back. The first pattern that matches decides.
    """

    video: str
    clip: str
    example: str
    widths: tuple[tuple[str, int], ...] = ()

    def join(
        self, videos: pa.ChunkedArray, clips: pa.ChunkedArray, source: object
    ) -> dict[str, pa.ChunkedArray]:
        """Make ids out of the two columns of an annotation file.

        Args:
            videos: Video ids as released.
            clips: Clip ids as released.
            source: The file, for errors.

        Returns:
            Columns ``id``, ``video_id`` and ``clip_id``; a clip may stand several times.

        Raises:
            ValueError: An id is none of this corpus (names the line).
        """
        videos, clips = pc.utf8_trim_whitespace(videos), pc.utf8_trim_whitespace(clips)
        is_number = pc.match_substring_regex(clips, r"^\d+$")
        padded = clips
        for pattern, width in reversed(self.widths):
            own = pc.and_(is_number, pc.match_substring_regex(videos, f"^(?:{pattern})$"))
            padded = pc.if_else(own, pc.utf8_lpad(clips, width, "0"), padded)
        for name, column, pattern in (
            ("video_id", videos, self.video),
            ("clip_id", padded, self.clip),
        ):
            known = pc.match_substring_regex(column, f"^(?:{pattern})$")
            if pc.any(pc.invert(known)).as_py():
                row = pc.index(known, False).as_py()
                raise ValueError(
                    f"{source}, line {row + 2}: got {name} {column[row].as_py()!r}, expected that "
                    f"of a clip such as {self.example}. Correct the file, or pass the folder of "
                    "this corpus."
                )
        ids = pc.binary_join_element_wise(videos, padded, "_")
        return {"id": ids, "video_id": videos, "clip_id": padded}

    def split(self, ids: pa.Array, source: object) -> dict[str, pa.Array]:
        r"""Take whole ids apart.

        Args:
            ids: Ids as released.
            source: The file, for errors.

        Returns:
            Columns ``id``, ``video_id`` and ``clip_id``.

        Raises:
            ValueError: An id is none of this corpus, or stands twice.

        Example:
            >>> ids = ClipIds(r"[\w-]+", r"\d+", "03bSnISJMiM_1")
            >>> ids.split(pa.array(["a_-b_12"]), "label.npz")["video_id"].to_pylist()
            ['a_-b']
        """
        parts = pc.extract_regex(ids, f"^(?P<video>{self.video})_(?P<clip>{self.clip})$")
        if parts.null_count:
            first = ids[pc.index(pc.is_null(parts), True).as_py()].as_py()
            raise ValueError(
                f"{source}: got clip {first!r}, expected an id such as {self.example}. "
                "Pass the folder of this corpus."
            )
        require_unique(ids, source)
        video, clip = pc.struct_field(parts, "video"), pc.struct_field(parts, "clip")
        return {"id": ids, "video_id": video, "clip_id": clip}

    def of_path(self, path: str) -> str | None:
        r"""The id of the clip whose media lie at a path.

        Both ``<video>/<clip>.mp4`` and ``<video>_<clip>.mp4`` are known; None for whole videos,
        which lie in a folder ``Full``.

        Example:
            >>> ids = ClipIds(r"[\w-]+", r"\d+", "03bSnISJMiM_1")
            >>> ids.of_path("Raw/208322/3.mp4"), ids.of_path("Segmented/208322_3.mp4")
            ('208322_3', '208322_3')
        """
        folders, _, name = path.rpartition("/")
        if "/full/" in f"/{folders.lower()}/":
            return None
        stem = name.rpartition(".")[0]
        if re.fullmatch(self.clip, stem):
            return f"{folders.rpartition('/')[2]}_{stem}"
        return stem
