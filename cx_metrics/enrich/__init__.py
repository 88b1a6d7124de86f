"""Measures computed once, at import."""
