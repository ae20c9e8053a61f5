"""Networks, and how they drive."""
