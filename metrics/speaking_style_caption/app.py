"""A page to try speaking_style_caption in the browser."""

from affecthub.metrics.modules.page import launch

launch("speaking_style_caption")
