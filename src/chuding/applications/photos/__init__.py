"""Pages photographed with a phone, before they become one PDF."""
