"""A complete flow for tests. A recipe is ordered, cooked after an invitation by mail, and served."""
