"""Numbered steps of the schema, oldest first."""
