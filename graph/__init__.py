"""The store of tables, and the engines that are built from it."""
