"""The EmotionTalk paper's tables, with ours beside them."""
