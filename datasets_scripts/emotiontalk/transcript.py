"""EmotionTalk transcripts without their markup, and without losing words to malformed tags."""

import pyarrow as pa
import pyarrow.compute as pc

# As released: overlapped speech is opened, closed or marked; the rest are events.
TAGS = ("over", "interrupted", "laughing", "sobbing", "crying", "screaming")

# A tag is a known word beside at least one bracket, with its slashes ("[over/", "/over]",
# "[[/over]"), or any run of Latin letters between two. The words of "[over/我敲您]", whose author
# forgot a bracket, therefore stay; a pattern that drops all from "[" to "]" deletes them. What
# then remains of brackets never belongs to the speech.
_MARKUP = rf"(?i)\[+/?(?:{'|'.join(TAGS)})/?\]*|/?(?:{'|'.join(TAGS)})/?\]+|\[+[a-z/ ]+\]+|[\[\]]"
_SPACE = r"[\s\x{3000}]+"


def clean_transcripts(raw: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Remove the markup of transcripts.

    Args:
        raw: Transcripts as released; null stays null.

    Returns:
        What was said, runs of white space (also the ideographic one) as one space.

    Example:
        >>> raw = pa.array(["[over/]还给他点[/over]饭。", "干嘛[over/呀[/over]？"])
        >>> clean_transcripts(raw).to_pylist()
        ['还给他点饭。', '干嘛呀？']
    """
    text = pc.replace_substring_regex(raw, pattern=_MARKUP, replacement="")
    text = pc.replace_substring_regex(text, pattern=_SPACE, replacement=" ")
    return pc.utf8_trim_whitespace(text)
