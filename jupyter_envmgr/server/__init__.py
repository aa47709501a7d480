"""The HTTP door: a few lines a verb, all work in threads."""
