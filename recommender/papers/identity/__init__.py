"""The papers room, identity: which descriptions are of one paper, what is kept of each. Pure."""
