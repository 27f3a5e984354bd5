"""The annotation platform: a local web page on which people label a corpus' clips."""
