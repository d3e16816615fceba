"""What changes people and their accounts."""
