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
    /// Rows in one page of a pull, at most.
    pub page: usize,
    /// How often to pull although nothing was heard, while the channel is joined; never for nothing.
    pub poll_ms: Option<i64>,
    /// The same while there is no channel.
    pub poll_alone_ms: Option<i64>,
    /// Whether a first load begins with a snapshot, where the server has one.
    pub snapshots: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy {
            retries: 3,
            delay_ms: 5_000,
            probe_first_ms: 5_000,
            probe_longest_ms: 300_000,
            batch: 500,
            page: 2_000,
            poll_ms: Some(300_000),
            poll_alone_ms: Some(15_000),
            snapshots: true,
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
    /// Whether the account's session can be used.
    pub session: Session,
    /// Whether the device has begun its own session with this server.
    pub opened: bool,
    /// Whether it took a new identity and has not been accepted with it yet.
    pub renamed: bool,
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
    /// Whether there is a range to fetch.
    pub ranges: bool,
    /// Whether that range fills an empty database, so that sending waits for it.
    pub filling: bool,
    /// Whether there may be something to pull.
    pub stale: bool,
    /// Whether the last thing done was a push, so that a pull has its turn.
    pub pushed: bool,
    /// Whether the shop wants a channel at all.
    pub realtime: bool,
    /// The channel on which the server pokes.
    pub live: Live,
    /// When to pull although nothing was heard, by the clock that counts sleep.
    pub poll_at: Option<i64>,
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
    /// It was refused again right after, or could not be refreshed: somebody has to sign in.
    Refused,
    /// The account is no member of this shop any more.
    Outside,
}

/// The channel on which the server pokes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    /// There is none, and none is wanted now.
    Off,
    /// It is being joined.
    Joining {
        /// How often it was lost in a row.
        losses: u32,
    },
    /// It is joined.
    Joined,
    /// It was lost, and is joined again at this moment.
    Waiting {
        /// The moment, by the clock that counts sleep.
        until: i64,
        /// How often it was lost in a row.
        losses: u32,
    },
}

/// What is going on. One request is on its way at a time: what is wanted meanwhile gathers, and goes together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing.
    Idle,
    /// The account's token is being refreshed.
    Refreshing,
    /// The device's session is being begun.
    Opening,
    /// A push is on its way.
    Sending {
        /// How many operations it holds.
        operations: usize,
        /// Whether it is one operation, or one group, and so cannot be halved.
        alone: bool,
    },
    /// A page of what changed is on its way.
    Pulling,
    /// A page of a range is on its way.
    Ranging,
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
    /// A request was answered, or was not.
    Answered(Answer),
    /// The token was refreshed.
    TokenRefreshed,
    /// It cannot be refreshed any more.
    TokenRefused,
    /// The person signed in again.
    SignedIn,
    /// The device took a new identity.
    Renamed,
    /// A range is wanted.
    RangeWanted {
        /// Whether it fills an empty database.
        filling: bool,
    },
    /// The channel is joined.
    Joined,
    /// The server says that there is a commit that this device has not seen.
    Poked,
    /// The channel is lost.
    Left,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The session has begun.
    Opened,
    /// A push, with receipts.
    Receipts,
    /// A page.
    Page {
        /// Whether another one follows.
        more: bool,
    },
    /// The cursor is of another history: everything is fetched anew.
    Reset,
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
    /// The device has to begin a session; or, when it tried to, is taken for a copy.
    NoSession,
    /// The server has another history than the one that the device named.
    OtherEpoch,
    /// The account is no member of the shop.
    NoShop,
    /// The server answered in its own shape that it cannot take this.
    NotTaken,
    /// Anything that is not in the protocol's own shape: refused, timed out, TLS, a redirect, a page of HTML.
    NoAnswer,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Begin the device's session.
    Open,
    /// What a stranger to the shop may not hold goes.
    LeaveShop,
    /// Take a new identity: the server knows this one from another file.
    NewIdentity,
    /// Send the next operations, at most that many.
    Send {
        /// How many.
        operations: usize,
    },
    /// Fetch the next page of what changed.
    Pull,
    /// Fetch the next page of a range.
    FetchRange,
    /// Set the operation that stands alone aside for a person.
    ParkAlone,
    /// Ask for a new token.
    RefreshToken,
    /// Join the channel on which the server pokes.
    Join,
    /// Leave it.
    Leave,
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
            opened: false,
            renamed: false,
            phase: Phase::Idle,
            failures: 0,
            probe_ms: None,
            batch: policy.batch,
            alone: 0,
            work: true,
            ranges: false,
            filling: false,
            stale: true,
            pushed: false,
            realtime: true,
            live: Live::Off,
            poll_at: None,
        }
    }

    /// Whether the server answers, as far as is known.
    pub fn is_reachable(&self) -> bool {
        self.probe_ms.is_none()
    }

    /// Whether a push is on its way.
    pub fn is_sending(&self) -> bool {
        matches!(self.phase, Phase::Sending { .. })
    }

    /// Whether any request is on its way.
    pub fn is_asking(&self) -> bool {
        match self.phase {
            Phase::Refreshing | Phase::Opening | Phase::Sending { .. } | Phase::Pulling | Phase::Ranging => {
                true
            }
            Phase::Idle | Phase::Waiting { .. } => false,
        }
    }

    /// Whether there is nothing to send and nothing to fetch, as far as is known.
    pub fn is_done(&self) -> bool {
        self.opened && self.phase == Phase::Idle && !self.work && !self.ranges && !self.stale
    }

    /// The next moment at which something is due without being asked for.
    pub(super) fn next_wake(&self) -> Option<i64> {
        if !(self.online && self.awake) {
            return None;
        }
        let phase = match self.phase {
            Phase::Waiting { until, .. } => Some(until),
            Phase::Idle => self.poll_at,
            Phase::Refreshing | Phase::Opening | Phase::Sending { .. } | Phase::Pulling | Phase::Ranging => {
                None
            }
        };
        let live = match self.live {
            Live::Waiting { until, .. } => Some(until),
            Live::Off | Live::Joining { .. } | Live::Joined => None,
        };
        phase.into_iter().chain(live).min()
    }
}
