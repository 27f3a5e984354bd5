"""What is drawn in training: from which corpus, which clip, with which question, in which batch."""
