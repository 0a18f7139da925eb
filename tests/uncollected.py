"""Imported first where processes are forked from: all that it imports lasts, so none of it is collected as garbage."""

import gc

gc.disable()
