"""What the faces draw with: page templates, message templates, and the one design system; found as package data."""
