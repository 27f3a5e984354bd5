"""M3ED: Chinese dialogues of two, from 56 television series."""
