"""Several small fusions trained side by side: their weights in stacks, the input multiplied once."""
