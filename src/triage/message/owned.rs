//! Messages that no longer borrow from the bytes they were read from.

use std::borrow::Cow;

use super::{Address, Attachment, HeaderFacts, Message};

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

impl Message<'_> {
    /// The same message, owning all its text.
    #[must_use]
    pub fn into_owned(self) -> Message<'static> {
        Message {
            message_id: self.message_id.map(owned),
            date: self.date,
            day: self.day,
            from: self.from.map(Address::into_owned),
            to: self.to.into_iter().map(Address::into_owned).collect(),
            cc: self.cc.into_iter().map(Address::into_owned).collect(),
            delivered_to: self.delivered_to.into_iter().map(owned).collect(),
            subject: owned(self.subject),
            text: self.text.map(owned),
            html: self.html.map(owned),
            attachments: self.attachments.into_iter().map(Attachment::into_owned).collect(),
            enclosed: self.enclosed.into_iter().map(Message::into_owned).collect(),
            header: self.header.into_owned(),
            defects: self.defects,
        }
    }
}

impl Address<'_> {
    /// The same address, owning its text.
    #[must_use]
    pub fn into_owned(self) -> Address<'static> {
        Address { name: owned(self.name), address: owned(self.address) }
    }
}

impl Attachment<'_> {
    pub(super) fn into_owned(self) -> Attachment<'static> {
        Attachment { name: owned(self.name), media_type: self.media_type, inline: self.inline }
    }
}

impl HeaderFacts<'_> {
    pub(super) fn into_owned(self) -> HeaderFacts<'static> {
        HeaderFacts {
            in_reply_to: self.in_reply_to,
            auto_submitted: self.auto_submitted.map(owned),
            precedence: self.precedence,
            list_id: self.list_id.map(owned),
            list_unsubscribe: self.list_unsubscribe,
            null_return_path: self.null_return_path,
            report: self.report,
            calendar: self.calendar,
            authentication_results: self.authentication_results.into_iter().map(owned).collect(),
        }
    }
}
