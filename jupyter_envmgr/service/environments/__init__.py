"""What is done with environments made here: create, change, copy, rename, remove, verify."""
