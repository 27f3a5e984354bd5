"""What a system answered, read: labels in words, in sentences, in files, and their counts."""
