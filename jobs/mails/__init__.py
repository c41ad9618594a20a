"""The mails that job apps send: written from templates, sent over SMTP, with an outcome for each.

Not a job itself; a documented door for those that write to people:

    from jobs.mails.messages import mail, stable_message_id
    from jobs.mails.sending import Post
"""
