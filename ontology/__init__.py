"""The words: node kinds, relationship kinds, vocabularies, dates and identifiers."""
