"""A page to try emotion_classification in the browser."""

from affecthub.metrics.modules.widget import launch

launch("emotion_classification")
