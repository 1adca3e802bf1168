"""The papers room, lists in JSON: the daily papers, services' answers, JSON Lines. Pure."""
