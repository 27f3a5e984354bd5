"""A chat model is asked once per question, its answers are read, and a token never shows."""

import json
import logging

import httpx
import pytest

from affecthub.metrics.answers.chat import ChatExtractor, Endpoint, Pipeline


class Model:
    """Gives prepared answers and remembers what it was asked."""

    def __init__(self, *answers, name="model"):
        self.answers, self.name, self.asked = list(answers), name, []

    def answer(self, questions):
        self.asked.extend(questions)
        return [self.answers.pop(0) for _ in questions]


@pytest.mark.parametrize(
    ("answer", "labels"),
    [
        ("[Worried, tired]", ["worried", "tired"]),
        ("Sure! Here it is: ['sad', 'sad', 'angry'].", ["sad", "angry"]),
        ("happy, calm", ["happy", "calm"]),
        ("[]", []),
        ("none", []),
        ("", []),
        ("word " * 40, []),
        ("[开心、激动]", ["开心", "激动"]),
    ],
)
def test_answers_become_labels(tmp_path, answer, labels):
    assert ChatExtractor(Model(answer), cache_dir=tmp_path)("He smiles.") == labels


@pytest.mark.parametrize(
    ("answer", "sentiment"),
    [
        ("Positive.", "positive"),
        ("negative", "negative"),
        ("It is neutral", "neutral"),
        ("positive or negative", None),
        ("no idea", None),
    ],
)
def test_answers_become_sentiments(tmp_path, answer, sentiment):
    model = Model(answer)
    assert ChatExtractor(model, cache_dir=tmp_path).sentiments([["a", "b"], []]) == [
        sentiment,
        None,
    ]
    assert len(model.asked) == 1 and model.asked[0].rstrip().endswith("Labels: a, b")


def test_every_question_is_asked_once_and_kept(tmp_path):
    model = Model("[a]", "[b]")
    texts = ["one", "two", "one", " "]
    first = ChatExtractor(model, cache_dir=tmp_path, chunk=1).batch(texts)
    assert first == [["a"], ["b"], ["a"], []] and len(model.asked) == 2
    assert ChatExtractor(Model(), cache_dir=tmp_path).batch(texts) == first
    other = Model("[c]", "[d]", name="another")
    assert ChatExtractor(other, cache_dir=tmp_path)("one") == ["c"]


def test_a_damaged_answer_is_asked_for_again(tmp_path):
    ChatExtractor(Model("[a]"), cache_dir=tmp_path)("one")
    (path,) = tmp_path.rglob("*.json")
    path.write_text("{")
    assert ChatExtractor(Model("[b]"), cache_dir=tmp_path)("one") == ["b"]


def test_a_prompt_of_ones_own(tmp_path):
    prompt = tmp_path / "mine.txt"
    prompt.write_text("List feelings in: {text}")
    model = Model("[a]")
    ChatExtractor(model, labels_prompt=prompt, cache_dir=tmp_path)("{odd} text")
    assert model.asked == ["List feelings in: {odd} text"]
    prompt.write_text("no place")
    with pytest.raises(ValueError, match="`labels_prompt` has no place for the text"):
        ChatExtractor(model, labels_prompt=prompt)
    with pytest.raises(FileNotFoundError):
        ChatExtractor(model, labels_prompt=tmp_path / "gone.txt")


def endpoint(handler, **options):
    return Endpoint(
        "http://chat.test/v1", "small", transport=httpx.MockTransport(handler), **options
    )


def test_an_endpoint_is_asked_as_its_interface_says(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    seen = []

    def reply(request):
        seen.append(
            (str(request.url), request.headers["authorization"], json.loads(request.read()))
        )
        return httpx.Response(200, json={"choices": [{"message": {"content": "[sad]"}}]})

    model = endpoint(reply, seed=7)
    with caplog.at_level(logging.DEBUG):
        assert ChatExtractor(model, cache_dir=tmp_path)("He cries.") == ["sad"]
    ((url, authorization, body),) = seen
    assert url == "http://chat.test/v1/chat/completions" and authorization == "Bearer sk-secret"
    assert (body["model"], body["temperature"], body["seed"]) == ("small", 0, 7)
    assert body["messages"][0]["content"].rstrip().endswith("He cries.")
    kept = "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    assert "secret" not in caplog.text + kept + repr(model) + model.name


def test_a_busy_endpoint_is_asked_again(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    codes = [503, 429, 200]

    def reply(request):
        return httpx.Response(codes.pop(0), json={"choices": [{"message": {"content": "[sad]"}}]})

    assert endpoint(reply, batch_size=1).answer(["q"]) == ["[sad]"]


def test_a_refusing_endpoint_is_named_without_the_token(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with pytest.raises(ConnectionError, match="got status 401, .*`OPENAI_API_KEY`") as caught:
        endpoint(lambda request: httpx.Response(401)).answer(["q"])
    assert "secret" not in str(caught.value)

    def broken(request):
        raise httpx.ConnectError("no route")

    with pytest.raises(ConnectionError, match="got ConnectError"):
        endpoint(broken, n_tries=2).answer(["q"])


def test_what_is_no_answer_is_asked_for_again(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    bodies = [b"<html>", b'{"choices": []}', b'{"choices": [{"message": {"content": "[sad]"}}]}']

    def reply(request):
        return httpx.Response(200, content=bodies.pop(0))

    assert endpoint(reply, batch_size=1).answer(["q"]) == ["[sad]"]
    with pytest.raises(ConnectionError, match="got no JSON in the body, expected status 200"):
        endpoint(lambda request: httpx.Response(200, content=b"{")).answer(["q"])


def test_an_address_with_a_secret_is_refused():
    with pytest.raises(ValueError, match="may hold no user, password") as caught:
        Endpoint("https://me:hidden@chat.test/v1", "small")
    assert "hidden" not in str(caught.value)


def test_a_pipeline_is_called_with_chats():
    calls = []

    def pipeline(chats, **options):
        calls.append(options)
        return [[{"generated_text": chat[0]["content"].upper()}] for chat in chats]

    model = Pipeline(pipeline, batch_size=2)
    assert model.answer(["a", "b", "c"]) == ["A", "B", "C"]
    assert calls[0]["batch_size"] == 2 and calls[0]["do_sample"] is False
    assert "seed=0" in model.name


def tiny_chat_pipeline():
    """A text-generation pipeline over a random model of a few thousand weights."""
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = ["<pad>", "</s>", "[", "]", ",", "happy", "sad", "worried", "calm", "question"]
    vocabulary = {word: number for number, word in enumerate(words)}
    cut = Tokenizer(models.WordLevel(vocabulary, unk_token="question"))
    cut.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=cut, pad_token="<pad>", eos_token="</s>", padding_side="left"
    )
    tokenizer.chat_template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=None,
    )
    model = transformers.LlamaForCausalLM(config)
    return transformers.pipeline("text-generation", model=model, tokenizer=tokenizer)


def test_a_real_pipeline_answers_alike_alone_and_in_a_batch(tmp_path):
    model = Pipeline(tiny_chat_pipeline(), max_new_tokens=6, batch_size=2)
    questions = ["sad happy", "calm , calm", "worried"]
    answers = model.answer(questions)
    assert answers == [model.answer([question])[0] for question in questions]
    extract = ChatExtractor(model, cache_dir=tmp_path)
    assert extract.batch(["He is sad."]) == [extract("He is sad.")]
