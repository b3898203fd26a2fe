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
from hedgerow.people.asking.person import evidence_of, history, identifiers, name_of, names, summaries, ties, timeline
from hedgerow.people.asking.review import questions
from hedgerow.people.asking.search import ONLY, known_by, search
from hedgerow.people.clusters import Clusters, clusters
from hedgerow.people.consents import consents
from hedgerow.people.deciding import (
    Plan,
    Preview,
    edit,
    plan_apart,
    plan_cut,
    plan_doubt,
    plan_merge,
    plan_split,
    plan_undo,
    write,
)
from hedgerow.people.decisions import Decision, decisions, in_force
from hedgerow.people.folding import RULES_VERSION, TABLE_NAMES, fold, prepare
from hedgerow.people.holding import known_as, person_with, write_archive
from hedgerow.people.profiles import edits, fields, profiles, values
from hedgerow.people.proposing import (
    PROPOSALS,
    find_matches,
    keep_proposals,
    matches_of,
    matching_due,
    open_proposals,
    proposal_between,
)

__all__ = [
    "ONLY",
    "PROPOSALS",
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
    "edits",
    "evidence_of",
    "fields",
    "find_matches",
    "fold",
    "history",
    "identifiers",
    "in_force",
    "keep_proposals",
    "known_as",
    "known_by",
    "matches_of",
    "matching_due",
    "memberships",
    "name_of",
    "names",
    "open_proposals",
    "owners",
    "person_with",
    "plan_apart",
    "plan_cut",
    "plan_doubt",
    "plan_merge",
    "plan_split",
    "plan_undo",
    "prepare",
    "profiles",
    "proposal_between",
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
