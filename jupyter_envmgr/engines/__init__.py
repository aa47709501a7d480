"""A plan becomes the commands of an engine; what the engine says becomes events and errors."""
