"""What changes subscriptions."""
