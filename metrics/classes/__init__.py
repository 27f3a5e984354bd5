"""What classification scores are made of: answers as classes, counts, divergences."""
