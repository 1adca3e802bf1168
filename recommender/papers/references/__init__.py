"""The papers room, references: what people name papers by, from BibTeX to identifiers. Pure."""
