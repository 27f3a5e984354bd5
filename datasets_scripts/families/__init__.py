"""What corpora of one family share: names of clips, label files, transcripts."""
