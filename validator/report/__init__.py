"""Renders a report: one module a format, listed in one table (`formats.FORMATS`)."""
