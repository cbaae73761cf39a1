"""Checks that the expression language cannot say, one module each."""
