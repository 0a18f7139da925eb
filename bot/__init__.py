"""The merchant assistant."""

import os

# A question is a handful of small products: threads cost more than they save, above all beside other processes.
# It must be said before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
