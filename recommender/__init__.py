"""Trending papers in your inbox: digests in, ranked newsletters out."""

__version__ = "0.1.0"
