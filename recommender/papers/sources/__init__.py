"""The papers room, sources: when one is asked, what an answer means, and what its silence. Pure."""
