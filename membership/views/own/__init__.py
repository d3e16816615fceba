"""One's own organisation: what is shown, what may be changed, and the doors that lead there."""
