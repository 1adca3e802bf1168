"""The papers room, data sets: papers with their ratings, in a form that other programs read."""
