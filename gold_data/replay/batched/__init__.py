"""MetaDrive's scene without its engine: many at once, compiled. One idea a file; environment.py puts them together."""
