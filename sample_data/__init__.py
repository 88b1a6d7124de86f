"""A generated company, Nordlicht Home: three years of contacts with known truths in them (see README.md)."""
