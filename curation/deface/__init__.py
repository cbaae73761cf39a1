"""Faces removed from images: the method, its automatic test, and what they measure."""
