"""CX Metrics: the customer-experience dashboard that shows its working."""
