"""The ID flow: a voter requests a new voting identifier and receives it by SMS."""
