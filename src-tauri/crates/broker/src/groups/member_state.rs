//! How members of groups with epochs move from what they have to what they are to have.

/// How far a member is on its way to its target. The numbers are those of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum MemberState {
    /// It has all of its target at its epoch.
    Stable = 0,
    /// It has to give partitions or tasks up and say so.
    Unrevoked = 1,
    /// It waits for what others have not given up.
    Unreleased = 2,
}

impl MemberState {
    pub fn from_number(number: i8) -> Option<Self> {
        [MemberState::Stable, MemberState::Unrevoked, MemberState::Unreleased]
            .into_iter()
            .find(|state| *state as i8 == number)
    }
}
