"""Frames to figures, one file per shape."""
