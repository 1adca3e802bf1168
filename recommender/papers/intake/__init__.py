"""The papers room, intake: what of a digest is new, and what of it is attention."""
