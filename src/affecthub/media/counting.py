"""How many pictures a film has, as they are counted when some of them are taken."""

from affecthub.media.seeking import read_packets
from affecthub.media.sources import Media, opened, require_span, require_stream, unwrap
from affecthub.media.spans import times_in_span


def count_frames(
    video: Media, name: str = "video", *, start_s: float | None = None, end_s: float | None = None
) -> int:
    """Count the frames that ``load_frames`` chooses among.

    Args:
        video: A path, the bytes of a file, a file opened with ``"rb"`` or a datasets row
            ``{"bytes", "path"}``.
        name: What to call the video in errors where it has no path.
        start_s: As for ``load_frames``.
        end_s: As for ``load_frames``.

    Raises:
        FileNotFoundError: There is no such file.
        MediaError: An unreadable file, no video stream, or a span past the end of the film.
        ValueError: It is in memory, or the span is empty.
    """
    require_span(start_s, end_s)
    source, name = unwrap(video, name)
    with opened(source, name) as container:
        stream = require_stream(container, "video", name)
        if start_s is None and end_s is None:
            return sum(packet.is_shown for packet in read_packets(container, stream))
        return len(times_in_span(container, stream, start_s or 0.0, end_s, name))
