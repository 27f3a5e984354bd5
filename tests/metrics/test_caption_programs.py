"""METEOR and SPICE: recorded scores, the calls of the Java programs, and what is said without."""

import json
import os
import shutil
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest

from affecthub.metrics.captions.java import coco_folder, java_process
from affecthub.metrics.captions.lexical import mean_score
from affecthub.metrics.captions.meteor import meteor_java, meteor_nltk
from affecthub.metrics.captions.spice import CORENLP_JARS, find_corenlp, spice, spider
from affecthub.metrics.captions.tokenizers import tokenizer_of

needs_java = pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed")


def recorded(reference_data, name, language, tokenizer):
    folder = reference_data / "caption_reference"
    items = json.loads((folder / "synthetic_captions.json").read_text())["items"]
    scores = json.loads((folder / "reference_scores.json").read_text())[name]
    cut = tokenizer_of(tokenizer)
    candidates = [cut(item[language]["cand"]) for item in items]
    return candidates, [[cut(text) for text in item[language]["refs"]] for item in items], scores


@pytest.mark.parametrize(
    "made",
    [("en/ptb", "en", "ptb"), ("zh/char", "zh", "char"), ("zh/jieba", "zh", "jieba")]
    + [("zh/ptb_raw", "zh", "ptb")],
    ids=lambda made: made[0],
)
def test_nltk_meteor_is_as_recorded(reference_data, made):
    candidates, references, scores = recorded(reference_data, *made)
    found = meteor_nltk(candidates, references)
    expected = scores["corpus"]["meteor nltk exact+stem(no WordNet)"]
    assert found.corpus == pytest.approx(expected, abs=1e-12)
    first = scores["per_sentence_first30"]["meteor_nltk_nowordnet"]
    np.testing.assert_allclose(found.per_clip[:30], first, atol=6e-9)


@pytest.fixture(scope="module")
def one_java():
    """Lets every call of METEOR 1.5 use the same program, which takes ten seconds to start."""
    running = []

    @contextmanager
    def kept(arguments, *, folder, timeout_s):
        if not running:
            running.append(
                programs.enter_context(java_process(arguments, folder=folder, timeout_s=300))
            )
        yield running[0]

    with ExitStack() as programs, pytest.MonkeyPatch.context() as patch:
        patch.setattr("affecthub.metrics.captions.meteor.java_process", kept)
        yield


@needs_java
@pytest.mark.slow
@pytest.mark.parametrize(
    "made", [("en/ptb", "en", "ptb"), ("zh/char", "zh", "char")], ids=lambda made: made[0]
)
def test_java_meteor_is_as_recorded(reference_data, one_java, made):
    candidates, references, scores = recorded(reference_data, *made)
    found = meteor_java(candidates, references)
    corpus = scores["corpus"]
    assert found.corpus == pytest.approx(corpus["meteor java1.5 (corpus)"], abs=1e-12)
    mean = corpus["meteor java1.5 (mean of sentence)"]
    assert found.per_clip.mean() == pytest.approx(mean, abs=1e-12)
    # The two variants are different metrics: close to twice as high, and not the same order.
    other = meteor_nltk(candidates, references)
    assert other.corpus > 1.6 * found.corpus
    correlation = np.corrcoef(other.per_clip, found.per_clip)[0, 1]
    assert correlation == pytest.approx(corpus["corr meteor java~nltk-nown"], abs=1e-9)


@needs_java
@pytest.mark.slow
def test_java_meteor_survives_what_would_break_its_line_protocol(one_java):
    low = ["a", "low", "voice"]
    candidates = [["a", "|||", "low", "voice"], [], ["声", "音"], low, low]
    references = [[low], [low], [["声音"]], [["he", "shouts"], ["a", "voice"]], [["a", "voice"]]]
    found = meteor_java(candidates, references)
    # Bars are dropped; an empty caption has nothing; Chinese is cut by the program itself; the
    # best of several references counts.
    assert found.per_clip[:3].tolist() == [1, 0, 1]
    assert 0 < found.per_clip[3] == found.per_clip[4] < 1
    assert np.isnan(meteor_java([], []).corpus)


def test_nltk_meteor_by_hand():
    # Identical captions of n words are one chunk: 1 - 0.5 * (1 / n) ** 3.
    for words, expected in [("a low voice", 0.98148148), ("low voice", 0.9375), ("voice", 0.5)]:
        caption = words.split()
        assert meteor_nltk([caption], [[caption]]).corpus == pytest.approx(expected)
    # Stems match: "speaks" and "speaking"; the best reference counts; nothing scores 0.
    found = meteor_nltk([["speaks"], [], ["x"]], [[["speaking"]], [["a"]], [["a"], ["x"]]])
    assert found.per_clip.tolist() == [0.5, 0, 0.5]


def test_nltk_meteor_asks_for_wordnet_where_it_is_missing(monkeypatch):
    import nltk
    from nltk.corpus.util import LazyCorpusLoader

    monkeypatch.setattr(nltk.data, "path", [])
    fresh = LazyCorpusLoader("wordnet", nltk.corpus.WordNetCorpusReader, None)
    monkeypatch.setattr(nltk.corpus, "wordnet", fresh)
    with pytest.raises(FileNotFoundError, match="WordNet not found.*wordnet=False"):
        meteor_nltk([["a"]], [[["a"]]], wordnet=True)


def test_nltk_meteor_counts_synonyms_where_wordnet_is_there(monkeypatch):
    import nltk

    class Lemma:
        def __init__(self, name):
            self._name = name

        def name(self):
            return self._name

    class Synset:
        def lemmas(self):
            return [Lemma("cross"), Lemma("mad")]

    class WordNet:
        def ensure_loaded(self):
            pass

        def synsets(self, word):
            return [Synset()] if word in ("mad", "cross") else []

    monkeypatch.setattr(nltk.corpus, "wordnet", WordNet())
    pair = ([["mad", "voice"]], [[["cross", "voice"]]])
    assert meteor_nltk(*pair, wordnet=True).corpus == pytest.approx(0.9375)
    assert meteor_nltk(*pair).corpus < 0.6


def test_without_java_an_error_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="no `java`.*METEOR.*default-jre-headless"):
        meteor_java([["a"]], [[["a"]]])
    with pytest.raises(FileNotFoundError, match="no `java`.*SPICE"):
        find_corenlp(tmp_path)


@pytest.fixture
def java_of_ours(monkeypatch, tmp_path):
    """Puts a program of the test's own where Java is looked for."""

    def put(code):
        program = tmp_path / "bin" / "java"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!{sys.executable}\n{code}")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)

    return put


@pytest.fixture
def corenlp(tmp_path):
    folder = tmp_path / "corenlp"
    folder.mkdir()
    for name in CORENLP_JARS:
        (folder / name).touch()
    return folder


SCORER = """
import json, sys
arguments = sys.argv[1:]
assert "--add-opens=java.base/java.lang=ALL-UNNAMED" in arguments
class_path = arguments[arguments.index("-cp") + 1]
assert class_path.startswith("spice-1.0.jar") and "stanford-corenlp-3.6.0-models.jar" in class_path
task = json.load(open(arguments[arguments.index("edu.anu.spice.SpiceScorer") + 1]))
result = [
    {"image_id": item["image_id"],
     "scores": {"All": {"f": len(set(item["test"].split()) & set(item["refs"][0].split())) / 10}}}
    for item in task if item["test"]
]
json.dump(result[::-1], open(arguments[arguments.index("-out") + 1], "w"))
"""


def test_spice_hands_captions_over_and_reads_scores_by_clip(java_of_ours, corenlp):
    java_of_ours(SCORER)
    found = spice(
        ["low voice", " ", "shout"], [["low voice"], ["x"], ["he shouts"]], corenlp=corenlp
    )
    assert found.per_clip.tolist() == [0.2, 0, 0]
    assert found.corpus == pytest.approx(0.2 / 3)
    assert spice([""], [["a"]], corenlp=corenlp).corpus == 0
    assert np.isnan(spice([], [], corenlp=corenlp).corpus)


def test_spice_that_fails_gives_the_last_words_of_the_program(java_of_ours, corenlp):
    java_of_ours("import sys; sys.exit('no model')")
    with pytest.raises(RuntimeError, match=r"SpiceScorer.*It said: no model\."):
        spice(["a voice"], [["a voice"]], corenlp=corenlp)


def test_missing_jars_are_named_with_their_folder(java_of_ours, tmp_path):
    java_of_ours("")
    with pytest.raises(FileNotFoundError, match="no stanford-corenlp-3.6.0.jar and no .*models"):
        spice(["a"], [["a"]], corenlp=tmp_path)
    with pytest.raises(FileNotFoundError, match=f"models.jar in {coco_folder('test')}/spice/lib"):
        spice(["a"], [["a"]])


@needs_java
@pytest.mark.slow
def test_spice_starts_on_this_java_as_far_as_its_models(tmp_path):
    # The CoreNLP of the tokenizer stands in for the one that cannot be shipped; it has no parser.
    jar = coco_folder("test") / "tokenizer" / "stanford-corenlp-3.4.1.jar"
    shutil.copy(jar, tmp_path / CORENLP_JARS[0])
    shutil.copy(jar, tmp_path / CORENLP_JARS[1])
    with pytest.raises(RuntimeError) as error:
        spice(["a low voice"], [["a voice"]], corenlp=tmp_path)
    assert "InaccessibleObjectException" not in str(error.value)
    assert "englishPCFG" in str(error.value)


@pytest.mark.parametrize("code", ["import time; time.sleep(60)", "pass"], ids=["hangs", "ends"])
def test_a_program_that_hangs_or_ends_early_is_an_error(code):
    def ask():
        with java_process([sys.executable, "-c", code], folder=Path("."), timeout_s=0.5) as pipes:
            if not pipes[1].readline():
                raise EOFError

    with pytest.raises(RuntimeError, match="failed or took longer than 0 s|longer than 1 s"):
        ask()


def test_spider_is_the_mean_of_both():
    score = spider(mean_score(np.array([4.0, 0.0])), mean_score(np.array([1.0, 0.5])))
    assert score.per_clip.tolist() == [2.5, 0.25] and score.corpus == 1.375
