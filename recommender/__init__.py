"""Trending papers in your inbox: digests in, ranked newsletters out."""

__version__ = "1.0.0"
