"""Conversations: the emotion of each utterance of a dialogue, and of the next one.

Source: EmotionTalk (Sun et al., 2025), Tables 13 and 14.
"""

from affecthub.training.conversations.collating import collate_dialogues
from affecthub.training.conversations.dialogues import Dialogue, read_dialogues
from affecthub.training.conversations.experiment import Conversation, run_conversation
from affecthub.training.conversations.recipe import ConversationRecipe, load_conversation_recipe
from affecthub.training.conversations.tables import tables_13_14

__all__ = [
    "Conversation",
    "ConversationRecipe",
    "Dialogue",
    "collate_dialogues",
    "load_conversation_recipe",
    "read_dialogues",
    "run_conversation",
    "tables_13_14",
]
