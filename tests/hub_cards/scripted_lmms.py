"""A model for lmms-eval that answers from a file and notes what it is handed. Runs inside of it."""

import json
from pathlib import Path

from lmms_eval.api.model import lmms
from lmms_eval.models.registry_v2 import ModelManifest
from lmms_eval.protocol import ChatMessages

MANIFEST = ModelManifest("scripted", chat_class_path="scripted_lmms.Scripted")


class Scripted(lmms):
    """Takes messages."""

    is_simple = False

    def __init__(self, answers, asked, **kwargs):
        super().__init__()
        self.answers = json.loads(Path(answers).read_text())
        self.asked = Path(asked)

    def generate_until(self, requests):
        said = []
        for request in requests:
            context, messages_of, settings, number, task, split = request.args
            row = self.task_dict[task][split][number]
            messages = ChatMessages(messages=messages_of(row))
            pictures, films, sounds = messages.extract_media()
            assert not pictures and all(Path(path).is_file() for path in films + sounds)
            (message,) = messages.messages
            line = {
                "task": task,
                "id": row["id"],
                "kinds": [part.type for part in message.content],
                "text": message.content[-1].text,
                "context": context,
                "settings": settings,
                # What a model that takes no messages would be handed.
                "visual": [type(each).__name__ for each in messages_of.__self__.doc_to_visual(row)],
            }
            with self.asked.open("a") as file:
                file.write(json.dumps(line) + "\n")
            said.append(self.answers[task][row["id"]])
        return said

    def loglikelihood(self, requests):
        raise NotImplementedError

    def generate_until_multi_round(self, requests):
        raise NotImplementedError
