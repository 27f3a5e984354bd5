"""A page to try speaking_style_caption in the browser."""

from affecthub.metrics.modules.widget import launch

launch("speaking_style_caption")
