"""Architecture search: networks and multipliers chosen together."""
