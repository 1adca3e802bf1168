"""Membership, room 4: who gets the newsletter. Deciding only: no clock, no database, no network."""
