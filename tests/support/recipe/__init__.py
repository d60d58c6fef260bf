"""A complete flow for tests: a recipe is ordered, cooked after an invitation by mail, and served."""
