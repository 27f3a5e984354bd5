"""Tokens of captions: pinned by hand, and against the Java program they stand for."""

import json
import shutil
import subprocess

import pytest

from affecthub.metrics.captions.java import coco_folder
from affecthub.metrics.captions.tokenizers import (
    language_of,
    tokenize_characters,
    tokenize_characters_and_marks,
    tokenize_jieba,
    tokenize_ptb,
    tokenizer_of,
)

needs_java = pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed")

# What pycocoevalcap 1.2 drops after the program has run.
DROPPED = "'' ' `` ` -LRB- -RRB- -LCB- -RCB- . ? ! , : - -- ... ;".split()

SENTENCES = [
    "She doesn't shout; it's a \"calm\" voice -- rising (slightly) to 3.5 times, isn't it?",
    "Mr. Smith's tone can't be described... he'd say \"I'm angry!\" and they're gone.",
    "The U.S. speaker's pitch is 20% higher, at 1,000 Hz / 2-3 times; e.g. loud, etc.",
    "I cannot stay, they won't go, we wanna sing, he's gonna cry, you gotta listen.",
    "He says: [quiet] {odd} a/b and/or $5 50% half–done — yes … well.",
    "a woman’s voice, the boys' voices, it’s “fine”, o'clock, ma'am, he'd've known.",
    "naïve café O'Brien 10:30 a.m. 1/2 of the 3rd take; the end.",
    "an out-of-breath, high-pitched cry & a + b, £",
    "No way!! Really?! What?? wow!!! hm...... so :) and :( and :-D <3 - great 😀 job 👍🏽 yes",
    "see https://www.example.org/a?b=c&d=1 or www.test.org, or write to foo.bar@mail.example.com.",
    "the end.Then it stops, go.justifies, please!Honey, <b>bold</b> &amp; a--b, rock 'n' roll",
    "Y'know it’s y’know fine, it’s-it’s so, push 'em out, 'cause we can, 'tis the season, y'all",
    "语速很快，声音低沉。“好的”、《书》（括号）！？；：……——嗯~",
    "她很angry，声音low pitch。「引」【注】·二",
]


@pytest.fixture
def program():
    def run(lines):
        jar = coco_folder("test") / "tokenizer" / "stanford-corenlp-3.4.1.jar"
        done = subprocess.run(
            ["java", "-Dfile.encoding=UTF-8", "-cp", str(jar)]
            + ["edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase"],
            input="\n".join(lines),
            capture_output=True,
            encoding="utf-8",
            check=True,
            timeout=120,
        )
        output = done.stdout.split("\n")[: len(lines)]
        return [[token for token in line.split() if token not in DROPPED] for line in output]

    return run


@needs_java
def test_common_sentences_are_cut_as_the_program_cuts_them(program):
    expected = program(SENTENCES)
    # The program turns the pound sign into a hash; that is its alone.
    expected[7] = ["£" if token == "#" else token for token in expected[7]]
    assert [tokenize_ptb(sentence) for sentence in SENTENCES] == expected


@needs_java
def test_synthetic_captions_are_cut_as_the_program_cuts_them(program, reference_data):
    file = reference_data / "caption_reference" / "synthetic_captions.json"
    texts = [
        text
        for item in json.loads(file.read_text())["items"]
        for language in ("en", "zh")
        for text in (item[language]["cand"], *item[language]["refs"])
    ]
    assert [tokenize_ptb(text) for text in texts] == program(texts)


def test_ptb_by_hand():
    assert tokenize_ptb("It's the man's: he can't, won't and cannot!") == (
        "it 's the man 's he ca n't wo n't and can not".split()
    )
    assert tokenize_ptb("50% of (3.5) well-known") == ("50 % of -lrb- 3.5 -rrb- well-known".split())
    assert tokenize_ptb("") == tokenize_ptb(" ... -- '' ") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("她很angry，语速3.5倍。", ["她", "很", "angry", "语", "速", "3.5", "倍"]),
        ("ＡＢ１２ 声　音！", ["ab12", "声", "音"]),  # full width and an ideographic space
        ("〇一𠀀カナ", ["〇", "一", "𠀀", "カ", "ナ"]),
        ("well-known, O'Neil 1,000.", ["well", "known", "o", "neil", "1,000"]),
        ("，。…… ", []),
        ("", []),
    ],
)
def test_characters(text, expected):
    assert tokenize_characters(text) == expected


def test_marks_are_tokens_of_their_own_where_kept():
    text = "语速快，音调高。"
    kept = tokenize_characters_and_marks(text)
    assert kept == ["语", "速", "快", ",", "音", "调", "高", "。"]
    assert [token for token in kept if token not in ",。"] == tokenize_characters(text)


def test_jieba_words_without_marks():
    assert tokenize_jieba("一位年轻女性声音沙哑，语速很快。") == (
        ["一位", "年轻", "女性", "声音", "沙哑", "语速", "很快"]
    )
    assert tokenize_jieba("。，") == []


def test_tokenizers_are_known_by_name_or_are_functions():
    assert tokenizer_of("char") is tokenize_characters
    assert tokenizer_of(str.split) is str.split
    with pytest.raises(ValueError, match="unknown tokenizer: got 'chars'.*Did you mean 'char'"):
        tokenizer_of("chars")


def test_language_is_that_of_most_letters():
    assert language_of(["她很 OK", "语速很快"]) == "zh"
    assert language_of(["she says 你好", "a voice"]) == "en"
    assert language_of(["123", "...", ""]) is None


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Really?! No way!!", ["really", "?!", "no", "way", "!!"]),
        ("so :) and :(", ["so", ":-rrb-", "and", ":-lrb-"]),
        ("great 😀 job 👍🏽!", ["great", "job"]),
        ("see https://a.example/b?c=d&e, ok", ["see", "https://a.example/b?c=d&e", "ok"]),
        ("write to a.b@c.example.", ["write", "to", "a.b@c.example"]),
        ("the end.Then", ["the", "end.then"]),
        ("it's-it's", ["it", "'s", "it", "'s"]),
        ("y'know, push 'em", ["y'", "know", "push", "'em"]),
        ("<b>bold</b> &amp; loud", ["<b>", "bold", "</b>", "&", "loud"]),
    ],
)
def test_marks_faces_and_addresses(text, tokens):
    assert tokenize_ptb(text) == tokens
