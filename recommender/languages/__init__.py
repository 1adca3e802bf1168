"""Languages: the words of mails and pages in the reader's language; the only room that knows Babel.

What a template says stands in it, between ``_(…)``. What Python says to readers is a `Message`,
which reads as English and can be told in any language of the catalogue.
"""
