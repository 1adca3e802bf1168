"""Sources: named once, fetched again and again, read like files, and known by their rhythm."""
