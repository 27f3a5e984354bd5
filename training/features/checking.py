"""Whether the media of clips are still those that a cache was filled from."""

from typing import Any

from affecthub.training.features.clips import changed, digest_names

# Rows that are looked at together.
_ROWS = 1000
_NEEDED = ("id", "video_start_s", "video_end_s", "video_crop")


def changed_clips(cache: Any, rows: Any, media: list[str]) -> list[str]:
    """Ids of clips whose media are there and are others than the cache was filled from.

    Args:
        cache: A `FeatureCache`.
        rows: Clips of a corpus; those that the cache lacks are passed over.
        media: Which of their media to look at.
    """
    media = [name for name in media if name in rows.column_names]
    if not media:
        return []
    needed = [name for name in (*_NEEDED, *media) if name in rows.column_names]
    rows = rows.select_columns(needed)
    kept = cache.dataset().select_columns(digest_names(media)).with_format(None)
    found = []
    for start in range(0, len(rows), _ROWS):
        clips = rows.select(range(start, min(start + _ROWS, len(rows)))).to_list()
        places = cache.places(clip["id"] for clip in clips)
        here = [(clip, at) for clip, at in zip(clips, places, strict=True) if at is not None]
        noted = kept.select([at for _, at in here]).to_list()
        found += [
            clip["id"]
            for (clip, _), then in zip(here, noted, strict=True)
            if changed(clip, then, media)
        ]
    return found
