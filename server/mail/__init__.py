"""E-mail: the words of a mail, the mail as a message, and the conversation with the mail server. No queue and no Redis."""
