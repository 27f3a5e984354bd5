"""The streaming monologues as tables: a row per clip, per annotated utterance, per spoken sentence.

Utterances and segments divide a clip independently: one by what was annotated, the other by a
speech recogniser.
"""

from typing import Any

import pyarrow as pa

from affecthub.datasets_scripts.emos.films import Film, primary_emotion


def clips_table(films: list[Film]) -> pa.Table:
    """A row per clip, with its utterances and segments as lists."""
    rows = []
    for film in films:
        utterances = film.annotation["utterances"]
        trend = film.annotation["overall_emotion_trend"]
        turns = [u["turning_point"] for u in utterances[1:]]
        rows.append(
            {
                "id": film.title,
                "_video_key": film.title,
                "text": " ".join(segment["text"] for segment in film.times["segments"]),
                "start_s": film.times["t_start_global"],
                "end_s": film.times["t_end_global"],
                "duration_s": film.times["duration"],
                "emotion": primary_emotion(trend["dominant"]),
                "emotion_raw": trend["dominant"],
                "description": film.annotation["summary"],
                "trajectory": trend["trajectory"],
                "utterances": utterances,
                "segments": film.times["segments"],
                "n_turning_points": sum(turns),
                "n_boundaries": len(turns),
                **_film_columns(film),
            }
        )
    return _table(rows)


def utterances_table(films: list[Film]) -> pa.Table:
    """A row per annotated utterance; its video is the whole clip, cut by start and end."""
    rows = []
    for film in films:
        for i, utterance in enumerate(film.annotation["utterances"]):
            columns = {**utterance, **_film_columns(film)}
            columns |= {
                "id": f"{film.title}/utterance{i + 1:03d}",
                "_video_key": film.title,
                "dialogue_id": film.title,
                "turn_index": i,
                "text": utterance[f"transcript_{film.times['lang']}"],
                "text_en": utterance["transcript_en"],
                "duration_s": utterance["end_s"] - utterance["start_s"],
                "description": utterance["evidence"],
            }
            rows.append({k: v for k, v in columns.items() if k != "evidence"})
    return _table(rows)


def segments_table(films: list[Film]) -> pa.Table:
    """A row per sentence of the speech recogniser; nobody labelled these."""
    rows = []
    for film in films:
        for i, segment in enumerate(film.times["segments"]):
            rows.append(
                {
                    "id": f"{film.title}/segment{segment['index']:03d}",
                    "_video_key": f"{film.title}/{segment['filename'].rpartition('.')[0]}",
                    "dialogue_id": film.title,
                    "turn_index": i,
                    "text": segment["text"],
                    "start_s": segment["start_s"],
                    "end_s": segment["end_s"],
                    "duration_s": round(segment["end_s"] - segment["start_s"], 3),
                    **_film_columns(film),
                }
            )
    return _table(rows)


def _film_columns(film: Film) -> dict[str, Any]:
    return {
        "language": film.times["lang"],
        "group_id": film.title,
        "source_id": film.title,
        "film": film.times["film"],
        "source_video": film.times["source_rel"],
    }


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    for row in rows:
        row["_audio_key"] = row["_video_key"]
        row["batch"] = "streaming"
        row["source_split"] = "test"  # films come from no other corpus; they are for testing
    return pa.Table.from_pylist(rows)
