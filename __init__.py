"""A dated, evidence-carrying knowledge graph of how care organisations in England work together."""
