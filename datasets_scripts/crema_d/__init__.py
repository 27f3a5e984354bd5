"""CREMA-D: sentences acted in six emotions, rated by ear, by eye and by both."""
