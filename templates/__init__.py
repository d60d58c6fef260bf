"""Templates of pages, emails and handouts, and the style sheets of the design system."""
