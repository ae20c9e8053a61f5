"""The formats that others can read without our code."""
