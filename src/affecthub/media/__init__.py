"""Sound and pictures out of whatever holds them: the one place that opens media.

The model's folder carries copies of these files (``make copies``), because what it imports must
travel to the Hub with it.
"""

from affecthub.media.cut import cut_sound, cut_video, mp4, video_cut, wav
from affecthub.media.frames import frame_indices, load_frames, load_frames_in_sizes
from affecthub.media.loudness import loudness
from affecthub.media.probe import MediaInfo, check_media, probe, video_end_s
from affecthub.media.sound import load_waveform
from affecthub.media.sources import Media, MediaError
from affecthub.media.tracks import has_audio_track, has_video_track, tracks_of

__all__ = [
    "Media",
    "MediaError",
    "MediaInfo",
    "check_media",
    "cut_sound",
    "cut_video",
    "frame_indices",
    "has_audio_track",
    "has_video_track",
    "load_frames",
    "load_frames_in_sizes",
    "load_waveform",
    "loudness",
    "mp4",
    "probe",
    "tracks_of",
    "video_cut",
    "video_end_s",
    "wav",
]
