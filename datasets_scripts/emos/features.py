"""The columns beyond the leading ones, by configuration."""

from typing import Any

from datasets import ClassLabel, List, Value

from affecthub.labels import BASIC7, GOEMOTIONS_WITH_UNSURE

_TEXT, _FLAG, _COUNT = Value("string"), Value("bool"), Value("int32")
_WORDS = List(Value("string"))
_SOURCE = {"source_id": _TEXT, "source_split": _TEXT, "batch": _TEXT}
_CLIP_TEXT = {"text_raw": _TEXT, "text_damaged": _FLAG}
_FILM = {"film": _TEXT, "source_video": _TEXT}
_PROBABILITIES = List(Value("float32"), length=len(GOEMOTIONS_WITH_UNSURE))
_TRANSCRIPTS = {"transcript_zh": _TEXT, "transcript_en": _TEXT}
# What was said of an utterance.
_UTTERANCE = {
    "emotion_raw": _TEXT,
    "turning_point": _FLAG,
    "secondary": _WORDS,
    "secondary_raw": _WORDS,
    "intensity": _COUNT,
    "speaker_guess": _TEXT,
    "audio_cues": _TEXT,
    "visual_cues": _TEXT,
    "note": _TEXT,
    **_TRANSCRIPTS,
}
_SPAN = {"start_s": Value("float64"), "end_s": Value("float64")}

STATIC = {
    **_SOURCE,
    **_CLIP_TEXT,
    "votes": List({"annotator": _TEXT, "label": _TEXT}),
    "confidence": Value("float64"),
    "confidence_kind": _TEXT,
    "tier": _TEXT,
    "unique_labels": _COUNT,
    "original_label": ClassLabel(names=list(BASIC7)),
    "changed": _FLAG,
    "reason": _TEXT,
    "sentiment_text": Value("float32"),
    "sentiment_audio": Value("float32"),
    "sentiment_video": Value("float32"),
}
GOEMOTIONS = {
    **_SOURCE,
    **_CLIP_TEXT,
    "probs": _PROBABILITIES,
    "released_probs": _PROBABILITIES,
    "sets": List({"annotator": _TEXT, "labels": _WORDS, "raw": _TEXT}),
    "union_size": _COUNT,
    "labels_any": _WORDS,
    "labels_majority": _WORDS,
    "flags": _WORDS,
}
ANNOTATIONS = {
    **_SOURCE,
    "clip_id": _TEXT,
    "annotator": _TEXT,
    "taxonomy": _TEXT,
    "raw": _TEXT,
    "labels": _WORDS,
    "corrected": _FLAG,
}
STREAMING_UTTERANCES = {**_SOURCE, **_FILM, **_UTTERANCE}
STREAMING_SEGMENTS = {**_SOURCE, **_FILM}
STREAMING_CLIPS = {
    **_SOURCE,
    **_FILM,
    "emotion_raw": _TEXT,
    "trajectory": _TEXT,
    "n_turning_points": _COUNT,
    "n_boundaries": _COUNT,
    "utterances": List(
        {**_SPAN, "emotion": _TEXT, **_UTTERANCE, "open_vocabulary": _WORDS, "evidence": _TEXT}
    ),
    "segments": List({"index": _COUNT, **_SPAN, "text": _TEXT, "filename": _TEXT}),
}
BY_CONFIG: dict[str, dict[str, Any]] = {
    "static": STATIC,
    "static_zh": STATIC,
    "static_en": STATIC,
    "goemotions": GOEMOTIONS,
    "streaming_clips": STREAMING_CLIPS,
    "streaming_utterances": STREAMING_UTTERANCES,
    "streaming_segments": STREAMING_SEGMENTS,
    "annotations": ANNOTATIONS,
}
