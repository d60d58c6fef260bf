"""The flow ID: a lost voting identifier is replaced by SMS."""
