"""A page to try label_agreement in the browser."""

from affecthub.metrics.modules.widget import launch

launch("label_agreement")
