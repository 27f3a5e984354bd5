"""What the page says, in English and in Chinese."""

from affecthub.hub_cards.spaces.look import Words

WORDS = {
    "title": {"en": "What does this clip feel like?", "zh": "这段片段流露出什么情绪？"},
    "lead": {
        "en": "Drop a short clip, or record one. A multimodal model watches, listens and reads, "
        "and says in words which emotions it expresses.",
        "zh": "上传或录制一段短片。多模态模型看画面、听声音、读文字，"
        "然后用词语说出其中表达的情绪。",
    },
    "clip": {"en": "Clip", "zh": "片段"},
    "video": {"en": "Video", "zh": "视频"},
    "audio": {"en": "Sound alone", "zh": "仅声音"},
    "text": {"en": "What is said", "zh": "说的话"},
    "text_hint": {
        "en": "The transcript, if you have it. Text alone works, too.",
        "zh": "台词文本（可选）。只填文本也可以。",
    },
    "question": {"en": "Question", "zh": "问题"},
    "question_hint": {
        "en": "As the model was trained, or in your own words.",
        "zh": "可用模型训练时的问题，也可自己写。",
    },
    "ask": {"en": "Ask the model", "zh": "提问"},
    "examples": {"en": "Or try one of these", "zh": "或者试试这些例子"},
    "example": {"en": "“{text}”", "zh": "“{text}”"},
    "privacy": {
        "en": "Your clip is read on the machine that runs this page, is used for nothing else, and "
        "is deleted within the hour. At most {seconds} seconds and {megabytes} MB.",
        "zh": "您的片段只在运行本页面的机器上读取，不作他用，一小时内删除。"
        "最长 {seconds} 秒，最大 {megabytes} MB。",
    },
    "answer": {"en": "Answer", "zh": "回答"},
    "waiting": {
        "en": "The answer appears here, word by word: emotion words, where they stand on an "
        "emotion wheel, and what the model went by.",
        "zh": "回答会逐词出现在这里：情绪词、它们在情绪轮上的位置，以及模型的依据。",
    },
    "busy": {"en": "The model is looking at the clip …", "zh": "模型正在分析片段……"},
    "queued": {"en": "Waiting for the model …", "zh": "正在等待模型……"},
    "done": {"en": "The model says: {answer}", "zh": "模型的回答：{answer}"},
    "empty_answer": {"en": "The model said nothing.", "zh": "模型没有给出回答。"},
    "labels": {"en": "Emotion words", "zh": "情绪词"},
    "no_labels": {"en": "No emotion words.", "zh": "没有情绪词。"},
    "sentiment": {"en": "Sentiment", "zh": "情感倾向"},
    "positive": {"en": "positive", "zh": "积极"},
    "negative": {"en": "negative", "zh": "消极"},
    "neutral": {"en": "neutral", "zh": "中性"},
    "no_sentiment": {"en": "undecided", "zh": "无法判断"},
    "wheel": {"en": "On the emotion wheel", "zh": "在情绪轮上"},
    "on_wheel": {"en": "{label}: {core}, {group}.", "zh": "{label}：{core}，{group}。"},
    "on_core": {"en": "{label}: {core}.", "zh": "{label}：{core}。"},
    "off_wheel": {"en": "{label}: not on this wheel.", "zh": "{label}：不在这个轮上。"},
    "wheel_empty": {
        "en": "The words of an answer light up here.",
        "zh": "回答中的情绪词会在这里亮起。",
    },
    "mattered": {"en": "Which modality mattered", "zh": "哪种模态起了作用"},
    "mattered_hint": {
        "en": "How likely the model finds its own answer, per token, with everything and with one "
        "thing left out. The shorter a bar, the more the answer rests on what is missing.",
        "zh": "在全部信息和缺少一种信息时，模型认为自己这个回答（每个词元）的可能性。"
        "条越短，说明回答越依赖缺少的那种信息。",
    },
    "with_all": {"en": "with everything", "zh": "全部信息"},
    "without": {"en": "without {name}", "zh": "没有{name}"},
    "of_audio": {"en": "the sound", "zh": "声音"},
    "of_video": {"en": "the picture", "zh": "画面"},
    "of_text": {"en": "the words", "zh": "文字"},
    "most": {
        "en": "The answer rests most on {name}.",
        "zh": "这个回答最依赖{name}。",
    },
    "none_most": {
        "en": "Nothing that is left out makes the answer less likely.",
        "zh": "去掉任何一种信息都不会让这个回答变得更不可能。",
    },
    "only_one": {
        "en": "There is {name} alone, so nothing can be left out.",
        "zh": "只有{name}，没有可以去掉的信息。",
    },
    "seen": {"en": "What was in the clip", "zh": "片段里有什么"},
    "waveform": {"en": "Waveform, {seconds} seconds", "zh": "波形，{seconds} 秒"},
    "picture": {"en": "Picture {i} of {n}", "zh": "第 {i} 张，共 {n} 张"},
    "faces_found": {
        "en": "A face was found on {found} of {n} pictures.",
        "zh": "{n} 张画面中有 {found} 张找到了人脸。",
    },
    "faces_shown": {
        "en": "They are cut out for you; this model looks at whole frames.",
        "zh": "人脸只为您裁出；这个模型看的是整幅画面。",
    },
    "faces_seen": {"en": "The model looks at them.", "zh": "模型看的就是它们。"},
    "no_face": {
        "en": "No face was found; these are whole frames.",
        "zh": "没有找到人脸；这些是整幅画面。",
    },
    "frames_only": {
        "en": "Whole frames: this machine has no face detector.",
        "zh": "整幅画面：本机没有人脸检测器。",
    },
    "no_sound": {"en": "There is no sound in it.", "zh": "其中没有声音。"},
    "silent": {"en": "Its sound is silent.", "zh": "其中的声音是静音。"},
    "no_picture": {"en": "There is no picture in it.", "zh": "其中没有画面。"},
    "no_text": {"en": "There is no transcript.", "zh": "没有台词文本。"},
    "error_nothing": {
        "en": "There is nothing to look at: drop a clip, record one, or write what is said.",
        "zh": "没有可分析的内容：请上传或录制一段片段，或填写说的话。",
    },
    "error_empty": {"en": "{name} is empty: it has 0 bytes.", "zh": "{name} 是空文件（0 字节）。"},
    "error_media": {
        "en": "{name} cannot be read as video or sound: choose an mp4, webm, wav or mp3 file.",
        "zh": "{name} 无法作为视频或声音读取：请选择 mp4、webm、wav 或 mp3 文件。",
    },
    "error_long": {
        "en": "{name} is too long: got {got} seconds, expected at most {expected}.",
        "zh": "{name} 太长：有 {got} 秒，最多 {expected} 秒。",
    },
    "error_large": {
        "en": "{name} is too large: got {got} MB, expected at most {expected}.",
        "zh": "{name} 太大：有 {got} MB，最多 {expected} MB。",
    },
    "error_letters": {
        "en": "The text is too long: got {got} letters, expected at most {expected}.",
        "zh": "文字太长：有 {got} 个字符，最多 {expected} 个。",
    },
    "error_model": {
        "en": "The model cannot answer about this clip: {reason}",
        "zh": "模型无法回答这段片段：{reason}",
    },
    "legal": {
        "en": "For research. A label says how an expression may be read, not what a person feels: "
        "do not decide about people by it. In the European Union, article 5(1)(f) of the AI Act "
        "prohibits inferring emotions at work or in education, but for medical or safety reasons.",
        "zh": "仅供研究。标签说明一种表情或语气可能被如何理解，不代表一个人的真实感受；"
        "请勿据此对人作出决定。"
        "在欧盟，《人工智能法》第5条第1款（f）项禁止在工作场所和教育机构推断人的情绪，"
        "医疗或安全原因除外。",
    },
    "model": {"en": "Model: {name}", "zh": "模型：{name}"},
    "asked_labels": {"en": "Which emotions?", "zh": "有哪些情绪？"},
    "asked_description": {"en": "Describe the emotion", "zh": "描述情绪"},
    "asked_sentiment": {"en": "Which sentiment?", "zh": "情感倾向如何？"},
}
say = Words(WORDS)


def question_choices(names: list[str], language: str) -> list[tuple[str, str]]:
    """Named questions as a list to choose from; a name that the page has no words for stands."""
    return [(_asked(name, language), name) for name in names]


def _asked(name: str, language: str) -> str:
    key = f"asked_{name}"
    return say(key, language) if key in WORDS else name.replace("_", " ")
