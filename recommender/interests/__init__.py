"""What people like: features of papers, one linear interest per subscriber, and why, in words.

Pure: no database, no clock, no network.
"""
