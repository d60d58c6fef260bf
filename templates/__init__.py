"""Templates of pages, mails and handouts, and the style sheets of the design system."""
