"""The papers room, mails: alerts and newsletters, and the lists in HTML that they are. Pure."""
