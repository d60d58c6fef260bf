"""The flow ID: a voter receives a new voting identifier by SMS."""
