"""The papers room, files: the watched folder, and what was rejected. Knows no format."""
