"""A page to try emotion_classification in the browser."""

from affecthub.metrics.modules.page import launch

launch("emotion_classification")
