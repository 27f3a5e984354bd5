"""What language models answer, read into values with a status; see `reading.read_reply`."""
