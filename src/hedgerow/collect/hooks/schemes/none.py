"""None: nothing is checked; for senders that can't sign, behind an address that is hard to guess."""

from hedgerow.collect.hooks.scheme import Scheme

SCHEME = Scheme(
    says="None: anybody who knows the address may send; use it for senders that can't sign.",
    verify=lambda *_: None,
    needs_secret=False,
)
