"""Plays Stripe on this machine, so that a newcomer can pay without a key. Production refuses it."""
