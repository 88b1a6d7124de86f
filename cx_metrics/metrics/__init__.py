"""What is measured, each declared once."""
