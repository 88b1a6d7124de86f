"""Tests mirror the tree; being a package lets two folders hold files of the same name."""
