"""Several small fusions trained side by side, their weights in stacks over one input."""
