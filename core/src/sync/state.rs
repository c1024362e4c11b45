//! The words of the state machine: where the link to the server stands, what can happen, what follows.

/// How often and how long to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// After the first attempt, that many more.
    pub retries: u32,
    /// Milliseconds between them.
    pub delay_ms: i64,
    /// The first wait of the probes that follow, in milliseconds. Each one doubles it.
    pub probe_first_ms: i64,
    /// The longest wait between probes.
    pub probe_longest_ms: i64,
    /// Operations in one push, at most.
    pub batch: usize,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy {
            retries: 3,
            delay_ms: 5_000,
            probe_first_ms: 5_000,
            probe_longest_ms: 300_000,
            batch: 500,
        }
    }
}

/// Where the link to the server stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Whether the shell says that there is a network.
    pub online: bool,
    /// Whether the app is in the foreground and may use it.
    pub awake: bool,
    /// Whether the session can be used. A second refusal of the token ends it until sign-in or foreground.
    pub session: Session,
    /// What is going on.
    pub phase: Phase,
    /// Attempts since the server last answered in its own shape.
    pub failures: u32,
    /// The wait before the next probe, once all retries are used up; nothing while the server answers.
    pub probe_ms: Option<i64>,
    /// Operations that the next push may hold.
    pub batch: usize,
    /// Attempts of an operation that stands alone because the server could not take it.
    pub alone: u32,
    /// Whether there may be something to send.
    pub work: bool,
}

/// Whether the server accepts who we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// As far as is known.
    Good,
    /// The token was refused once and is being refreshed.
    Refreshing,
    /// It was refreshed, and the server has not said yet whether it accepts the new one.
    Renewed,
    /// It was refused again right after.
    Refused,
}

/// What is going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing.
    Idle,
    /// A push is on its way.
    Sending {
        /// How many operations it holds.
        operations: usize,
        /// Whether it is one operation, or one group, and so cannot be halved.
        alone: bool,
    },
    /// Until a moment, by the clock that counts sleep.
    Waiting {
        /// The moment.
        until: i64,
        /// For what.
        wait: Wait,
    },
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The next attempt after a failed one.
    Retry,
    /// The server asked for it.
    Told,
    /// The next probe of a server that cannot be reached.
    Probe,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The shell says whether there is a network.
    Network {
        /// Whether there is.
        up: bool,
    },
    /// The app goes to the background.
    Suspended,
    /// The app comes to the foreground.
    Resumed,
    /// Something was written, or revived.
    Wrote,
    /// A person asks for it now.
    Asked,
    /// Time has passed.
    Tick,
    /// There was nothing to send.
    NothingToSend,
    /// A push left.
    Sent {
        /// How many operations it holds.
        operations: usize,
        /// Whether it cannot be halved.
        alone: bool,
    },
    /// A push was answered, or was not.
    Answered(Answer),
    /// The token was refreshed.
    TokenRefreshed,
    /// The person signed in again.
    SignedIn,
}

/// How a push ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With receipts.
    Receipts,
    /// The server is busy, and says for how long. It costs no retry.
    Busy {
        /// Milliseconds.
        wait_ms: i64,
    },
    /// It took the server too long: busy, and half as much next time.
    TooLong,
    /// Too many requests; wait as told.
    Limited {
        /// Milliseconds.
        wait_ms: i64,
    },
    /// The server does not accept the token.
    Unauthorised,
    /// The server answered in its own shape that it cannot take this batch.
    NotTaken,
    /// Anything that is not in the protocol's own shape: refused, timed out, TLS, a redirect, a page of HTML.
    NoAnswer,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send the next operations, at most that many.
    Send {
        /// How many.
        operations: usize,
    },
    /// Set the operation that stands alone aside for a person.
    ParkAlone,
    /// Ask for a new token.
    RefreshToken,
    /// Come back with [`Event::Tick`] at this moment of the clock that counts sleep.
    WakeAt {
        /// The moment.
        at: i64,
    },
}

impl Link {
    /// A link that has not been used: no network until the shell says so.
    pub fn new(policy: RetryPolicy) -> Link {
        Link {
            online: false,
            awake: true,
            session: Session::Good,
            phase: Phase::Idle,
            failures: 0,
            probe_ms: None,
            batch: policy.batch,
            alone: 0,
            work: true,
        }
    }

    /// Whether the server answers, as far as is known.
    pub fn is_reachable(&self) -> bool {
        self.probe_ms.is_none()
    }

    /// Whether a push is on its way.
    pub fn is_sending(&self) -> bool {
        match self.phase {
            Phase::Sending { .. } => true,
            Phase::Idle | Phase::Waiting { .. } => false,
        }
    }
}
