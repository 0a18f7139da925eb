"""The staff's pages, in a browser: what merchants ask, and the content that answers them.

What is done here is what an editor could do by hand: the files stay the truth, and the same lint judges them.
"""
