"""The ID flow, which sends voters a new voting identifier by SMS."""
