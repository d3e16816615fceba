"""Changes to the public site that no editor makes."""
