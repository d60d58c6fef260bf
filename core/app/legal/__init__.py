"""The pages that the law asks for: accessibility declaration, privacy notice, legal notice."""
