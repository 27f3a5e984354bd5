"""Models: media and text to tokens to an answer."""
