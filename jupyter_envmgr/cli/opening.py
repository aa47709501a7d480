"""The service's context for one run of the command line, from the same configuration files."""
