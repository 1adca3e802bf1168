"""The papers room, text: characters, names, dates and abstracts as sources write them. Pure."""
