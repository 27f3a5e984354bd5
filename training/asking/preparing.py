"""From a clip's number to a question that is ready to be asked, or the reason why it is not."""

from dataclasses import dataclass

from affecthub.training.asking.asks import Ask
from affecthub.training.asking.clips import Clips
from affecthub.training.asking.media import Shown, read_media
from affecthub.training.asking.questions import LANGUAGE, Questions


@dataclass(frozen=True)
class Ready:
    """A clip whose media are decoded and whose question is filled.

    Attributes:
        number: Of the clip.
        clip_id: Of the clip.
        key: See `Clips.key`.
        media: Letters of what there is to be handed over.
        ask: None where it cannot be asked.
        error: Why it cannot.
    """

    number: int
    clip_id: str
    key: str
    media: str = ""
    ask: Ask | None = None
    error: str = ""


class Preparer:
    """Makes questions of clips; threads may share it.

    Args:
        clips: The clips.
        questions: What to ask about them.
        shown: How much of a film.
    """

    def __init__(self, clips: Clips, questions: Questions, shown: Shown) -> None:
        self.clips, self.questions, self.shown = clips, questions, shown

    def key(self, number: int) -> str:
        """The key of what is given of a clip; its media are read, not decoded."""
        row = self.clips.row(number)
        try:
            words = self.questions.of(row).words
        except ValueError:  # it has an error, which stays as long as its media do
            words = {}
        return self.clips.key(row, words, with_text=self.questions.reads_subtitle)

    def ready(self, number: int) -> Ready:
        """The question about a clip."""
        clip_id, row = self.clips.ids[number], self.clips.row(number)
        with_text = self.questions.reads_subtitle
        try:
            asked = self.questions.of(row)
        except ValueError as error:
            key = self.clips.key(row, {}, with_text=with_text)
            return Ready(number, clip_id, key, error=str(error))
        key = self.clips.key(row, asked.words, with_text=with_text)
        try:
            sound, film = read_media(row, self.clips.kinds_of(number), self.shown)
        except (ValueError, OSError) as error:
            return Ready(number, clip_id, key, error=f"clip {clip_id!r}: {error}")
        there = {"a": sound is not None, "v": film is not None, "t": asked.has_subtitle}
        media = "".join(letter for letter, is_there in there.items() if is_there)
        if not media and not asked.words.keys() - {LANGUAGE}:
            wanted = [*sorted(self.clips.kinds), *(["text"] if with_text else [])]
            why = row.get("media_issue") or "There is nothing to ask about."
            reason = f"clip {clip_id!r} has none of {', '.join(wanted)}: expected one. {why}"
            return Ready(number, clip_id, key, error=reason)
        ask = Ask(clip_id, asked.question, asked.system, sound, film)
        return Ready(number, clip_id, key, media, ask)
