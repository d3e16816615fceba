"""What changes the member zone."""
