"""A complete flow that no election has: a recipe is ordered, invited to by mail, cooked and served."""
