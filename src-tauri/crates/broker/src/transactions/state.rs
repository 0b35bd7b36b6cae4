/// Where a transactional id stands; the numbers are those in `__transaction_state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i8)]
pub enum State {
    /// Nothing was written under the current epoch.
    Empty = 0,
    Ongoing = 1,
    /// The commit is decided; markers are being written.
    PrepareCommit = 2,
    /// The abort is decided; markers are being written.
    PrepareAbort = 3,
    CompleteCommit = 4,
    CompleteAbort = 5,
    /// Expired: about to be forgotten.
    Dead = 6,
    /// The epoch is about to be bumped, to fence a producer. Never written down.
    PrepareEpochFence = 7,
}

impl State {
    pub const ALL: [State; 8] = [
        State::Empty,
        State::Ongoing,
        State::PrepareCommit,
        State::PrepareAbort,
        State::CompleteCommit,
        State::CompleteAbort,
        State::Dead,
        State::PrepareEpochFence,
    ];

    /// The name Kafka shows.
    pub fn name(self) -> &'static str {
        match self {
            State::Empty => "Empty",
            State::Ongoing => "Ongoing",
            State::PrepareCommit => "PrepareCommit",
            State::PrepareAbort => "PrepareAbort",
            State::CompleteCommit => "CompleteCommit",
            State::CompleteAbort => "CompleteAbort",
            State::Dead => "Dead",
            State::PrepareEpochFence => "PrepareEpochFence",
        }
    }

    pub fn from_name(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name)
    }

    pub(crate) fn from_id(id: i8) -> Option<State> {
        State::ALL.into_iter().find(|state| *state as i8 == id)
    }

    /// Whether the end is decided and not yet everywhere.
    pub fn is_prepared(self) -> bool {
        matches!(self, State::PrepareCommit | State::PrepareAbort)
    }

    /// Whether an id that nobody uses may be forgotten in this state.
    pub(crate) fn may_expire(self) -> bool {
        matches!(self, State::Empty | State::CompleteCommit | State::CompleteAbort)
    }

    /// Which states may follow.
    pub fn may_become(self, next: State) -> bool {
        match next {
            State::Empty => matches!(self, State::Empty | State::CompleteCommit | State::CompleteAbort),
            State::Ongoing => {
                matches!(self, State::Ongoing | State::Empty | State::CompleteCommit | State::CompleteAbort)
            }
            State::PrepareCommit => self == State::Ongoing,
            // From the idle states, too: aborting nothing still bumps the epoch (KIP-890).
            State::PrepareAbort => !matches!(self, State::PrepareCommit | State::PrepareAbort | State::Dead),
            State::CompleteCommit => self == State::PrepareCommit,
            State::CompleteAbort => self == State::PrepareAbort,
            State::Dead => self.may_expire(),
            State::PrepareEpochFence => self == State::Ongoing,
        }
    }
}
