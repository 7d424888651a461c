"""Explanations for people: text and pages. Each module is imported by name, so that a list needs no charts."""
