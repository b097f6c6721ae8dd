"""From publishers' files to validated records: one module for each publisher."""
