"""Cords laid upon each other."""
