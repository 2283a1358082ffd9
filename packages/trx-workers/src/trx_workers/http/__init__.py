"""Workers behind an HTTP endpoint; needs the extra ``http``."""
