"""Archives: environments that are packed into one file and travel to another machine."""
