"""The user site: pip's ``--user`` tree, seen from the interpreters that load it."""
