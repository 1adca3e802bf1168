"""Jobs, wing pages: what everybody may read: papers of days, each paper, what a search finds."""
