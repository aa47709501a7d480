"""The command-line door: ``jupyter envmgr`` and ``jupyter-envmgr``."""
