"""protocols is a shelf: each file is a protocol that messages arrive in, and how a touch is made of one."""
