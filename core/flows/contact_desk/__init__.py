"""The DA flow: a voter who cannot telephone sends a request to the helpdesk through the website."""
