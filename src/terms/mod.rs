//! The closed vocabularies: classes, topics, roles, zones, acts.
//!
//! Each word is spelt in this one place. Rules, JSON, header fields and labels all read and write
//! these enums through [`as_str`](Class::as_str) and [`FromStr`].

mod aspect;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use aspect::Aspect;

/// Declares an enum whose variants each have one spelling.
macro_rules! closed_vocabulary {
    ($(#[$meta:meta])* $name:ident, $what:literal { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vmeta])* $variant,)+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Every spelling, in the same order as [`ALL`](Self::ALL).
            pub const WORDS: &[&str] = &[$($word,)+];

            /// The one spelling, lower case with hyphens.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Position in [`ALL`](Self::ALL), for tables indexed by this vocabulary.
            #[must_use]
            pub fn index(self) -> usize {
                self as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord { what: $what, word: word.to_owned(), known: Self::WORDS }),
                }
            }
        }
    };
}

closed_vocabulary! {
    /// What a mail is, by the sender's main purpose.
    Class, "class" {
        /// Asks about what is delivered: content, scope, behaviour, wording, design.
        DeliverableQuestion = "deliverable-question",
        /// Asks about how or when it is delivered: dates, order, people, process, environments.
        DeliveryQuestion = "delivery-question",
        /// Brings or asks for news on work already under way.
        ProjectUpdate = "project-update",
        /// Starts work that is not under way.
        NewProject = "new-project",
        /// Not client work: newsletters, automatic replies, invoices, recruitment, pure thanks.
        Other = "other",
    }
}

/// The word for a mail that no class claims clearly enough; it stands where a class would.
pub const UNSURE: &str = "unsure";

closed_vocabulary! {
    /// What else the new text touches, each decided on its own.
    Topic, "topic" {
        /// States, changes or asks for dates, durations, deadlines or readiness.
        Timeline = "timeline",
        /// Something waits on something or someone else.
        Dependency = "dependency",
        /// Puts one thing before another, drops or postpones one for another.
        Prioritisation = "prioritisation",
        /// Asks the agency to promise or confirm a date, a price or a scope.
        Commitment = "commitment",
        /// Adds to, takes from, or asks for the limits of what was agreed.
        Scope = "scope",
        /// Is about money.
        Budget = "budget",
        /// Gives or withholds the sender's own approval.
        Approval = "approval",
        /// Shows dissatisfaction or brings in a more senior person under pressure.
        Escalation = "escalation",
    }
}

closed_vocabulary! {
    /// The two roles that own replies.
    Role, "role" {
        /// Account manager: why, and the order of things.
        Am = "am",
        /// Project manager: how, and what is promised when.
        Pm = "pm",
    }
}

impl Role {
    /// The other one of the two.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Am => Self::Pm,
            Self::Pm => Self::Am,
        }
    }
}

closed_vocabulary! {
    /// Which part of a mail a piece of text belongs to.
    Zone, "zone" {
        /// The decoded `Subject` field.
        Subject = "subject",
        /// What the sender newly wrote.
        New = "new",
        /// Earlier mail carried along in a reply, and the line that introduces it.
        Quoted = "quoted",
        /// Contact block, sign-off device line.
        Signature = "signature",
        /// Disclaimer, confidentiality notice, list footer.
        Footer = "footer",
        /// Somebody else's mail passed on, with its header block.
        Forwarded = "forwarded",
        /// A line put in by a mail system, such as `[External]`.
        Banner = "banner",
        /// Not text but a fact read from the header, such as `Auto-Submitted: auto-replied`.
        Header = "header",
    }
}

closed_vocabulary! {
    /// What a sentence does.
    Act, "act" {
        /// Asks for an answer.
        Question = "question",
        /// Asks for something to be done.
        Request = "request",
        /// Tells.
        Statement = "statement",
        /// Greets, thanks, signs off, or asks only to be polite.
        Courtesy = "courtesy",
    }
}

closed_vocabulary! {
    /// A fact about a mail that rules can ask for under `when`.
    Fact, "fact" {
        /// Yes or no: it answers a mail (`In-Reply-To`, `References`, "Re:" or a quoted mail).
        Reply = "reply",
        /// Yes or no: it passes a mail on.
        Forward = "forward",
        /// Yes or no: the new text only points to a forwarded mail.
        Pointer = "pointer",
        /// Yes or no: `Auto-Submitted` other than `no`, a null return path, or `multipart/report`.
        Automatic = "automatic",
        /// Yes or no: `Precedence` is bulk, junk or list.
        Bulk = "bulk",
        /// Yes or no: it has a `List-Id` that is not one of the agency's own.
        List = "list",
        /// Yes or no: it has `List-Unsubscribe`.
        Unsubscribe = "unsubscribe",
        /// One of the words `none`, `request`, `reply`, `cancel`, `publish`, `other`: the calendar part's method.
        Calendar = "calendar",
        /// Yes or no: the sender belongs to a known account.
        Account = "account",
        /// Yes or no: the sender belongs to the agency itself.
        Internal = "internal",
        /// Yes or no: the sender's address says that nobody reads it (no-reply, mailer-daemon).
        NoReply = "no-reply",
        /// Kinds of attachments: `none`, `document`, `sheet`, `slides`, `pdf`, `image`, `audio`, `video`, `archive`,
        /// `design`, `calendar`, `mail`, `other`; holds when any attachment is of a kind named.
        Attachment = "attachment",
        /// A number: words in the new text.
        Words = "words",
        /// A number: questions and requests in the new text, courtesies left out.
        Questions = "questions",
    }
}

closed_vocabulary! {
    /// What was wrong with a mail's bytes.
    Defect, "defect" {
        /// No bytes at all. Given alone.
        Empty = "empty",
        /// No header field could be read; the whole mail is taken for its body. Implies [`NoSender`](Self::NoSender).
        NoHeader = "no-header",
        /// No text could be read from the body.
        NoBody = "no-body",
        /// No `From` or `Sender` address.
        NoSender = "no-sender",
        /// A NUL byte in the mail.
        Nul = "nul",
        /// A transfer encoding or character set did not decode cleanly.
        Encoding = "encoding",
        /// A character set nobody knows; read as UTF-8 or Windows-1252.
        UnknownCharset = "unknown-charset",
        /// Header or multipart structure broken: no blank line, missing boundary, missing end, too deep.
        Structure = "structure",
        /// Text beyond the limit was left out of the search.
        Truncated = "truncated",
    }
}

closed_vocabulary! {
    /// What an attachment is, told from its media type and its name.
    AttachmentKind, "attachment kind" {
        /// No attachment: a mail without any, or a picture shown within the text.
        None = "none",
        /// Text to read or edit.
        Document = "document",
        /// A spreadsheet.
        Sheet = "sheet",
        /// A presentation.
        Slides = "slides",
        /// PDF.
        Pdf = "pdf",
        /// A picture.
        Image = "image",
        /// Sound.
        Audio = "audio",
        /// Moving pictures.
        Video = "video",
        /// Packed files.
        Archive = "archive",
        /// A design tool's own format.
        Design = "design",
        /// A calendar entry.
        Calendar = "calendar",
        /// An enclosed mail.
        Mail = "mail",
        /// Anything else.
        Other = "other",
    }
}

closed_vocabulary! {
    /// The method of a calendar part (RFC 5546, section 1.4), as far as rules tell them apart.
    CalendarMethod, "calendar method" {
        /// The mail has no calendar part.
        None = "none",
        /// An invitation.
        Request = "request",
        /// An answer to an invitation.
        Reply = "reply",
        /// An invitation withdrawn.
        Cancel = "cancel",
        /// An entry without invitation.
        Publish = "publish",
        /// Another method, or none named.
        Other = "other",
    }
}

/// A word that is not in its vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    /// The vocabulary's name: "class", "topic", "role", "zone" or "act".
    pub what: &'static str,
    /// The word given.
    pub word: String,
    /// The words that would have done.
    pub known: &'static [&'static str],
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown {} `{}`; known: {}", self.what, self.word, self.known.join(", "))
    }
}

impl std::error::Error for UnknownWord {}

/// A set of zones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneSet(u8);

impl ZoneSet {
    /// No zone.
    pub const EMPTY: Self = Self(0);

    /// This set with `zone` in it.
    #[must_use]
    pub const fn with(self, zone: Zone) -> Self {
        Self(self.0 | 1 << zone as u8)
    }

    /// Whether `zone` is in the set.
    #[must_use]
    pub const fn contains(self, zone: Zone) -> bool {
        self.0 & (1 << zone as u8) != 0
    }

    /// The set as a number, a bit for each zone.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether some zone is in both sets.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Every zone that is in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<Zone> for ZoneSet {
    fn from_iter<I: IntoIterator<Item = Zone>>(zones: I) -> Self {
        zones.into_iter().fold(Self::EMPTY, Self::with)
    }
}

/// A day in the proleptic Gregorian calendar, as written in `accounts.toml` and on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date {
    /// Year, 0 to 9999.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
}

impl Date {
    /// The day, when the three numbers name one that exists.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
        let last = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        (year <= 9999 && (1..=last).contains(&day)).then_some(Self { year, month, day })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault = || format!("`{text}` is not a date; write it as 2026-03-31");
        let mut parts = text.splitn(3, '-');
        let mut number = |digits: usize| -> Option<u16> {
            let part = parts.next()?;
            let plain = part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
            if plain { part.parse().ok() } else { None }
        };
        let (year, month, day) = (number(4), number(2), number(2));
        let (Some(year), Some(month), Some(day)) = (year, month, day) else {
            return Err(fault());
        };
        Self::new(year, u8::try_from(month).map_err(|_| fault())?, u8::try_from(day).map_err(|_| fault())?)
            .ok_or_else(fault)
    }
}

#[cfg(test)]
mod tests;
