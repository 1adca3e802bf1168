"""The papers room, digests as text: titles and abstracts by turns, Markdown, and alike. Pure."""
