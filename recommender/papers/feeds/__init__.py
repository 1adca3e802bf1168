"""The papers room, feeds: RSS, RDF and Atom of arXiv, servers and journals. Pure."""
