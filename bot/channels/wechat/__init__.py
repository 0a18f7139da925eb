"""The WeChat official account, in server mode."""
