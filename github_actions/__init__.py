"""Composite actions and workflow templates for GitHub; `spinegate init` writes the latter."""
