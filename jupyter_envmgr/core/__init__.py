"""What things are and what should happen. May look at the disk, never changes it."""
