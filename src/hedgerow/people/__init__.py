"""people owns identifiers, evidence, clusters, decisions, profiles and accounts; it scores and contacts nobody."""

from hedgerow.people.accounts import (
    Account,
    account_at,
    account_of,
    accounts,
    all_accounts,
    codes_of,
    memberships,
    owners,
    rolled_up,
)
from hedgerow.people.asking.person import evidence_of, history, identifiers, name_of, summaries, ties, timeline
from hedgerow.people.asking.review import questions
from hedgerow.people.asking.search import ONLY, search
from hedgerow.people.clusters import Clusters, clusters
from hedgerow.people.consents import consents
from hedgerow.people.deciding import (
    Plan,
    Preview,
    edit,
    plan_apart,
    plan_cut,
    plan_merge,
    plan_split,
    plan_undo,
    write,
)
from hedgerow.people.decisions import Decision, decisions, in_force
from hedgerow.people.folding import RULES_VERSION, TABLE_NAMES, fold, prepare
from hedgerow.people.holding import known_as, person_with, write_archive
from hedgerow.people.profiles import fields, profiles, values

__all__ = [
    "ONLY",
    "RULES_VERSION",
    "TABLE_NAMES",
    "Account",
    "Clusters",
    "Decision",
    "Plan",
    "Preview",
    "account_at",
    "account_of",
    "accounts",
    "all_accounts",
    "clusters",
    "codes_of",
    "consents",
    "decisions",
    "edit",
    "evidence_of",
    "fields",
    "fold",
    "history",
    "identifiers",
    "in_force",
    "known_as",
    "memberships",
    "name_of",
    "owners",
    "person_with",
    "plan_apart",
    "plan_cut",
    "plan_merge",
    "plan_split",
    "plan_undo",
    "prepare",
    "profiles",
    "questions",
    "rolled_up",
    "search",
    "summaries",
    "ties",
    "timeline",
    "values",
    "write",
    "write_archive",
]
