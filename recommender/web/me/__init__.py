"""Room 6, what they click: a subscriber's own pages, one module each; `actions` is what they do."""
