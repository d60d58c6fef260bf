"""The DA flow, in which voters contact the helpdesk through the website."""
