"""The record in PostgreSQL: the same laws of users, sessions and one-time links hold there."""

import pytest

from tests.access.test_invitations import (  # noqa: F401
    test_a_link_made_before_a_user_was_ended_or_changed_is_taken_back,
    test_a_link_that_was_never_made_is_told_so,
    test_a_link_used_by_many_at_one_time_makes_one_user,
    test_an_ended_user_comes_back_by_an_invitation_in_its_role,
)
from tests.access.test_keys import test_a_key_is_limited_and_revoked_and_keeps_its_name  # noqa: F401
from tests.access.test_sessions import (  # noqa: F401
    test_a_session_that_is_used_ends_after_90_days_and_another_after_14,
    test_a_wrong_password_and_an_unknown_user_are_told_alike,
    test_being_seen_is_written_down_once_a_minute,
    test_no_other_token_finds_a_session,
    test_one_session_ends_or_all_others_and_never_anybody_elses,
)
from tests.access.test_users import (  # noqa: F401
    test_a_new_password_ends_the_sessions_and_the_old_one,
    test_another_role_ends_the_sessions_and_the_same_one_does_not,
    test_one_who_is_ended_can_not_sign_in_and_is_signed_out,
    test_there_is_always_an_admin_whatever_is_changed,
    test_two_admins_who_end_each_other_at_one_time_leave_one,
)
from tests.ledger.test_postgres import server, workspace  # noqa: F401

pytestmark = pytest.mark.slow
