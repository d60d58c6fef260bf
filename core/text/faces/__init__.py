"""The words that faces and commands print around steps; a step's own words are in its flow."""
