"""The words that faces and commands show around steps; a step's own words are in its flow."""
