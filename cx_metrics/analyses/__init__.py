"""Questions that take more than one metric."""
