"""Interactive maps, each one file that opens anywhere."""
