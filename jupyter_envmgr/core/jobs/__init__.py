"""Jobs: long operations, their states and their events."""
