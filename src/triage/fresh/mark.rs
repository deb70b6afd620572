//! Marks: the zone of a line and what decided it.

use crate::terms::Zone;

/// What decided a zone. Each has its fixed words for the explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Written,
    Subject,
    Attribution,
    QuoteMark,
    HeaderBlock,
    OriginalMarker,
    ReplyAbove,
    AfterHistory,
    /// Words of the sender inside earlier mail.
    Answer,
    /// Not a cause yet: earlier mail begins at this line, by an HTML container.
    Below,
    SignatureContainer,
    ForwardMarker,
    ForwardedText,
    Enclosed,
    Delimiter,
    ContactBlock,
    DeviceLine,
    AfterDevice,
    Disclaimer,
    FooterLine,
    RuledLine,
    Banner,
}

impl Cause {
    /// The words shown.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Written => "new text",
            Self::Subject => "subject field",
            Self::Attribution => "attribution line",
            Self::QuoteMark => "quote mark",
            Self::HeaderBlock => "header block",
            Self::OriginalMarker => "original-message line",
            Self::ReplyAbove => "reply-above line",
            Self::AfterHistory => "text below earlier mail's heading",
            Self::Answer => "answer inside earlier mail",
            Self::Below => "quote container",
            Self::SignatureContainer => "signature container",
            Self::ForwardMarker => "forwarded-message line",
            Self::ForwardedText => "forwarded text",
            Self::Enclosed => "enclosed mail",
            Self::Delimiter => "signature delimiter",
            Self::ContactBlock => "contact block",
            Self::DeviceLine => "device line",
            Self::AfterDevice => "text below device line",
            Self::Disclaimer => "disclaimer",
            Self::FooterLine => "footer line",
            Self::RuledLine => "ruled line",
            Self::Banner => "banner line",
        }
    }
}

/// A zone and its cause.
#[derive(Clone, Copy, Debug, Eq)]
pub(super) struct Mark {
    pub zone: Zone,
    pub cause: Cause,
}

impl PartialEq for Mark {
    /// As a derived one, but of both at once.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let both = |mark: &Self| u16::from_le_bytes([mark.zone as u8, mark.cause as u8]);
        both(self) == both(other)
    }
}

impl Mark {
    /// What everything is until something says otherwise.
    pub(super) const NEW: Self = Self { zone: Zone::New, cause: Cause::Written };

    /// A mark.
    pub(super) const fn new(zone: Zone, cause: Cause) -> Self {
        Self { zone, cause }
    }

    /// Whether this is text somebody meant to be read as the matter: new, or passed on.
    pub(super) fn is_matter(self) -> bool {
        matches!(self.cause, Cause::Written | Cause::ForwardedText | Cause::Enclosed)
    }
}
