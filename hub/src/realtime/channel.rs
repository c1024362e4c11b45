//! One joined channel of one socket: what it asked for, on whose token it lives, and when that is looked at again.

use super::payload::Join;
use crate::auth::token::TokenError;
use crate::caller::Caller;
use crate::clock::Clock;
use std::collections::VecDeque;
use std::time::Duration;

/// A membership that ended is noticed at the latest after this, even on a quiet channel.
const LONGEST_TRUST: Duration = Duration::from_secs(300);
/// How many presence calls a channel may make in [`PRESENCE_WINDOW`].
const PRESENCE_CALLS: usize = 5;
const PRESENCE_WINDOW: Duration = Duration::from_secs(30);

/// A token that was believed, and whom it names.
#[derive(Clone, Debug)]
pub(super) struct Trust {
    pub(super) caller: Caller,
    pub(super) token: Option<String>,
    /// Unix seconds; nothing for a connection that lives on a key.
    pub(super) expires_at: Option<i64>,
}

impl Trust {
    /// How many seconds ago it ended, if it has.
    pub(super) fn over(&self, now_s: i64) -> Option<i64> {
        self.expires_at.map(|end| now_s - end).filter(|ago| *ago >= 0)
    }

    fn look_again(&self, clock: &dyn Clock) -> Duration {
        let left = self.expires_at.map_or(i64::MAX, |end| end.saturating_mul(1000) - clock.now_ms());
        let left = Duration::from_millis(u64::try_from(left).unwrap_or_default());
        clock.elapsed() + left.min(LONGEST_TRUST)
    }
}

/// A joined channel.
pub(super) struct Channel {
    pub(super) id: u64,
    pub(super) join_ref: Option<String>,
    pub(super) ack: bool,
    pub(super) to_self: bool,
    pub(super) presence_key: String,
    pub(super) trust: Trust,
    pub(super) check_at: Duration,
    presence_calls: VecDeque<Duration>,
}

impl Channel {
    pub(super) fn new(
        (id, join_ref): (u64, Option<String>),
        join: Join,
        trust: Trust,
        clock: &dyn Clock,
    ) -> Channel {
        let check_at = trust.look_again(clock);
        let presence_key = join.presence_key.unwrap_or_else(|| format!("channel-{id}"));
        let (ack, to_self) = (join.ack, join.to_self);
        Channel { id, join_ref, ack, to_self, presence_key, trust, check_at, presence_calls: VecDeque::new() }
    }

    /// Goes on with another token, or with the same one after it was looked at.
    pub(super) fn trust(&mut self, trust: Trust, clock: &dyn Clock) {
        self.check_at = trust.look_again(clock);
        self.trust = trust;
    }

    /// Counts a presence call; false when there were too many.
    pub(super) fn presence_call(&mut self, now: Duration) -> bool {
        while self.presence_calls.front().is_some_and(|call| now.saturating_sub(*call) >= PRESENCE_WINDOW) {
            self.presence_calls.pop_front();
        }
        self.presence_calls.push_back(now);
        self.presence_calls.len() <= PRESENCE_CALLS
    }
}

/// Supabase's words for a token that is not believed.
pub(super) fn reason(error: TokenError) -> String {
    match error {
        TokenError::Expired { seconds } => {
            format!("InvalidJWTToken: Token has expired {seconds} seconds ago")
        }
        TokenError::FromTheFuture => "InvalidJWTToken: Token is issued at future".to_owned(),
        TokenError::Parts(_) | TokenError::Malformed => {
            "MalformedJWT: The token provided is not a valid JWT".to_owned()
        }
        TokenError::Algorithm | TokenError::Key => "JwtSignerError: Failed to generate JWT signer".to_owned(),
        TokenError::Signature => "JwtSignatureError: Failed to validate JWT signature".to_owned(),
    }
}
