"""Room 6, what they click: pages and links.

Handlers parse a request, call one function of `jobs`, and render a page. They decide nothing else,
and GET and HEAD reach only functions that read.
"""
