"""Bytes of a text file to text: UTF-8, and what else is certain."""

import codecs
import re
import unicodedata

from affecthub.labels import EMOTIONS

# The most frequent characters of Chinese text, and those of its words for emotions.
_COMMON = frozenset(
    "的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那"
    "后能对着事其里所去行过家十用发天然作方成多日都三小没好看心"
) | {char for emotion in EMOTIONS for word in emotion.words for char in word if char > "\u2e80"}
# Punctuation and letters that GBK has two bytes for, and that no text of it is made of alone.
_MARKS = frozenset("‘’“”–—…·áàéèêíìóòúùü")
# What Windows-1252 adds to ASCII in English text: punctuation, and letters of borrowed words.
_WESTERN = frozenset("‘’“”«»–—…•€£©®°½¿¡àáâäçèéêëíîïñóôöúûüßÀÁÂÄÇÈÉÊËÍÎÏÑÓÔÖÚÛÜ\xa0")
_HIGH = re.compile(rb"[\x80-\xff]+")
# Control characters that nobody writes: Windows-1252 that was once read as Latin-1.
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_C1_MENDED = {
    bytes([0xC2, code]): bytes([code]).decode("cp1252").encode()
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # which it leaves undefined
}
BOMS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def decode(data: bytes, where: object, encoding: str | None = None) -> tuple[str, str]:
    """Decode the bytes of a text file.

    Args:
        data: The bytes.
        where: The file, for the error.
        encoding: What it is; None takes UTF-8 with or without BOM, UTF-16 with BOM or with a head
            of ASCII, GBK where the text is certainly Chinese, and Windows-1252 where it certainly
            is Western.

    Returns:
        The text without BOM, and the encoding.

    Raises:
        ValueError: The encoding is unknown, or the bytes are not of it, or of none that is certain.

    Example:
        >>> decode("\ufeff高兴".encode("utf-16"), "a.csv")
        ('高兴', 'utf-16')
        >>> decode("It’s a café".encode("cp1252"), "a.csv")
        ('It’s a café', 'cp1252')
    """
    wide = _utf16(data) if encoding is None else None
    if encoding is None:
        encoding = wide
    try:
        return data.decode(encoding or "utf-8-sig").removeprefix("\ufeff"), encoding or "utf-8"
    except LookupError:
        raise ValueError(
            f"`encoding`: got {encoding!r}, expected a name such as 'utf-8' or 'gbk'"
        ) from None
    except UnicodeError as error:
        if encoding is None:
            for name, text in (("gbk", _gbk(data)), ("cp1252", _western(data))):
                if text is not None:
                    return text, name
        raise ValueError(
            f"{where}: got text that is not {encoding or 'UTF-8'} ({error}), expected UTF-8. Save "
            "it as UTF-8, or where the corpus has an option `encoding` say what it is, as in "
            "encoding='gbk'."
        ) from error


def mend_controls(data: bytes) -> tuple[bytes, int]:
    r"""Put back the quotation marks and dashes that stand as control characters.

    Text of Windows-1252 that was once read as Latin-1 has U+0092 for an apostrophe. Nobody writes
    these characters, so that it is certain what they were.

    Args:
        data: UTF-8.

    Returns:
        UTF-8, and how many characters were put back; those that Windows-1252 leaves undefined stay.

    Example:
        >>> mend_controls("It\x92s".encode())[0].decode()
        'It’s'
    """
    if _C1.search(data) is None:
        return data, 0
    n_mended = 0

    def mended(match: re.Match[bytes]) -> bytes:
        nonlocal n_mended
        n_mended += match[0] in _C1_MENDED
        return _C1_MENDED.get(match[0], match[0])

    return _C1.sub(mended, data), n_mended


def _utf16(data: bytes) -> str | None:
    """Which UTF-16 it is by its BOM, or by every second byte of its first being zero."""
    if data[:2] in BOMS:
        return BOMS[data[:2]]
    head = data[:8] if len(data) > 3 else b""  # of less nothing can be told
    zeros = [not any(head[start::2]) for start in (0, 1)]
    return {(False, True): "utf-16-le", (True, False): "utf-16-be"}.get((zeros[0], zeros[1]))


def _gbk(data: bytes) -> str | None:
    """The text of bytes that are certainly Chinese in GBK, else None.

    Bytes of other encodings often pass for GBK, but as characters that nobody writes.
    """
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    foreign = [char for char in text if char > "\x7f"]
    if _MARKS.issuperset(foreign):  # English text, whose quotation marks alone are not ASCII
        return text
    known = sum(unicodedata.category(char) != "Lo" or _in_gb2312(char) for char in foreign)
    common = sum(char in _COMMON for char in foreign)
    return text if known >= 0.98 * len(foreign) and common >= 0.1 * len(foreign) else None


def _in_gb2312(char: str) -> bool:
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def _western(data: bytes) -> str | None:
    """The text of bytes that are certainly Windows-1252, else None.

    Certain is text in which nearly all bytes are ASCII, the others stand alone or before a space
    (scripts other than Latin have them in rows, and so has UTF-8), and each is one of those that
    English text has.
    """
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    foreign = [char for char in text if char > "\x7f"]
    rows = _HIGH.findall(data)
    alone = sum(len(row) == 1 for row in rows)
    is_rare = len(foreign) <= 0.2 * len(text)
    return text if is_rare and alone >= 0.9 * len(rows) and _WESTERN.issuperset(foreign) else None
