//! What both sides can do: version, changes the filter may make, and which commands come and are answered.
//!
//! We take the lower version and, of what is offered, what we have a use for. What is not offered is done
//! without: with fewer steps left out more is answered; without the right to add fields a mail goes
//! through as it is.

/// Highest version spoken.
const VERSION: u32 = 6;

/// Lowest version spoken: that of Sendmail 8.11, of 2000.
const OLDEST: u32 = 2;

/// Changes a filter may make (`SMFIF_*`).
pub mod action {
    /// Add and insert header fields.
    pub const ADD_HEADERS: u32 = 0x01;
    /// Add recipients.
    pub const ADD_RECIPIENTS: u32 = 0x04;
    /// Remove recipients.
    pub const DELETE_RECIPIENTS: u32 = 0x08;
    /// Change and remove header fields.
    pub const CHANGE_HEADERS: u32 = 0x10;
}

/// Steps that may be left out, and answers that may (`SMFIP_*`).
pub mod step {
    /// No connection information.
    pub const NO_CONNECT: u32 = 0x01;
    /// No HELO.
    pub const NO_HELLO: u32 = 0x02;
    /// No end of header.
    pub const NO_END_OF_HEADER: u32 = 0x40;
    /// No answer to a header field.
    pub const SILENT_HEADER: u32 = 0x80;
    /// No unknown SMTP commands.
    pub const NO_UNKNOWN: u32 = 0x100;
    /// No DATA.
    pub const NO_DATA: u32 = 0x200;
    /// The rest of the body may be declined.
    pub const SKIP: u32 = 0x400;
    /// No answer to connection information.
    pub const SILENT_CONNECT: u32 = 0x1000;
    /// No answer to HELO.
    pub const SILENT_HELLO: u32 = 0x2000;
    /// No answer to a sender.
    pub const SILENT_MAIL: u32 = 0x4000;
    /// No answer to a recipient.
    pub const SILENT_RECIPIENT: u32 = 0x8000;
    /// No answer to DATA.
    pub const SILENT_DATA: u32 = 0x1_0000;
    /// No answer to an unknown SMTP command.
    pub const SILENT_UNKNOWN: u32 = 0x2_0000;
    /// No answer to the end of the header.
    pub const SILENT_END_OF_HEADER: u32 = 0x4_0000;
    /// No answer to a piece of the body.
    pub const SILENT_BODY: u32 = 0x8_0000;
    /// The space after a field's colon is part of its value, in both directions.
    pub const LEADING_SPACE: u32 = 0x10_0000;
}

/// Steps asked for when they are offered.
const STEPS: u32 = step::NO_CONNECT
    | step::NO_HELLO
    | step::NO_END_OF_HEADER
    | step::NO_UNKNOWN
    | step::NO_DATA
    | step::SILENT_HEADER
    | step::SILENT_CONNECT
    | step::SILENT_HELLO
    | step::SILENT_MAIL
    | step::SILENT_RECIPIENT
    | step::SILENT_DATA
    | step::SILENT_UNKNOWN
    | step::SILENT_END_OF_HEADER
    | step::SILENT_BODY
    | step::LEADING_SPACE;

/// What was agreed. Before anything was: the least, which is what version 2 takes for granted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreed {
    version: u32,
    actions: u32,
    steps: u32,
}

impl Agreed {
    /// Agrees to an offer; `None` when it is none, or of a version that is not spoken any more.
    #[must_use]
    pub fn to(offer: &[u8], recipients: bool) -> Option<Self> {
        let (version, rest) = number(offer)?;
        let (actions, rest) = number(rest)?;
        let (steps, _) = number(rest)?;
        if version < OLDEST {
            return None;
        }
        let mut wanted = action::ADD_HEADERS | action::CHANGE_HEADERS;
        if recipients {
            wanted |= action::ADD_RECIPIENTS | action::DELETE_RECIPIENTS;
        }
        let mut agreed =
            Self { version: version.min(VERSION), actions: actions & wanted, steps: steps & STEPS };
        // Worth asking for only where pieces of the body are answered.
        if !agreed.has_step(step::SILENT_BODY) {
            agreed.steps |= steps & step::SKIP;
        }
        Some(agreed)
    }

    /// The answer to the offer.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        for (place, number) in bytes.chunks_mut(4).zip([self.version, self.actions, self.steps]) {
            place.copy_from_slice(&number.to_be_bytes());
        }
        bytes
    }

    /// Whether a change may be made.
    #[must_use]
    pub fn may(self, action: u32) -> bool {
        self.actions & action == action
    }

    /// Whether a step was agreed.
    #[must_use]
    pub fn has_step(self, step: u32) -> bool {
        self.steps & step != 0
    }
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(version: u32, actions: u32, steps: u32) -> Vec<u8> {
        [version, actions, steps].iter().flat_map(|number| number.to_be_bytes()).collect()
    }

    #[test]
    fn of_what_is_offered_what_is_of_use() {
        let postfix = Agreed::to(&offer(6, 0x1ff, 0x1f_ffff), false).unwrap();
        assert_eq!(postfix.to_bytes()[..8], [0, 0, 0, 6, 0, 0, 0, 0x11]);
        assert!(postfix.has_step(step::SILENT_BODY) && !postfix.has_step(step::SKIP));
        let old = Agreed::to(&offer(2, 0x3f, 0x7f), false).unwrap();
        assert_eq!(old.to_bytes(), [0, 0, 0, 2, 0, 0, 0, 0x11, 0, 0, 0, 0x43]);
        let newer = Agreed::to(&offer(9, u32::MAX, u32::MAX), true).unwrap();
        assert_eq!(newer.to_bytes()[..8], [0, 0, 0, 6, 0, 0, 0, 0x1d]);
        let middling = Agreed::to(&offer(4, 0x1f, 0x7ff), false).unwrap();
        assert!(middling.has_step(step::SKIP) && !middling.has_step(step::SILENT_BODY));
    }

    #[test]
    fn what_is_not_offered_is_not_done() {
        let poor = Agreed::to(&offer(6, action::CHANGE_HEADERS, 0), true).unwrap();
        assert!(!poor.may(action::ADD_HEADERS) && poor.may(action::CHANGE_HEADERS));
        assert!(!poor.may(action::ADD_RECIPIENTS | action::DELETE_RECIPIENTS));
        for nonsense in [offer(1, 1, 1), b"".to_vec(), b"\0\0\0\x06\0\0\0\x01\0\0\0".to_vec()] {
            assert_eq!(Agreed::to(&nonsense, false), None);
        }
    }
}
