"""Content from elsewhere: tables of questions and answers, and the auto-replies of an account, as changes of a folder."""
