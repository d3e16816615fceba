"""The events app's views: calendar files, signing up, and what the holder of a place may do."""
