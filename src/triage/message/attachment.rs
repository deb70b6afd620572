//! What an attachment is, by media type and by name.

use super::Attachment;
use crate::terms::AttachmentKind as Kind;

impl Attachment<'_> {
    /// What it is: by media type, and by the name's extension where the type says nothing.
    ///
    /// A picture shown within the text is [`None`](Kind::None): mostly the logo of a signature.
    /// `winmail.dat` (TNEF) is [`Other`](Kind::Other), for what it holds is not looked at.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let kind = match by_type(&self.media_type) {
            // Senders that know no type say octet-stream, or plain text for anything with letters in it.
            Kind::Other | Kind::Document => match by_extension(&self.name) {
                Kind::Other => by_type(&self.media_type),
                named => named,
            },
            typed => typed,
        };
        if self.inline && kind == Kind::Image { Kind::None } else { kind }
    }
}

fn by_type(media_type: &str) -> Kind {
    let (top, sub) = media_type.split_once('/').unwrap_or((media_type, ""));
    let has = |words: &[&str]| words.iter().any(|word| sub.contains(word));
    match top {
        _ if has(&["photoshop", "illustrator", "postscript", "figma", "sketch", "indesign"]) => Kind::Design,
        "image" => Kind::Image,
        "audio" => Kind::Audio,
        "video" => Kind::Video,
        "message" => match sub {
            "rfc822" | "global" | "partial" | "external-body" => Kind::Mail,
            _ => Kind::Other,
        },
        _ if has(&["spreadsheet", "ms-excel", "csv", "tab-separated", "apple.numbers"]) => Kind::Sheet,
        _ if has(&["presentation", "powerpoint", "apple.keynote"]) => Kind::Slides,
        _ if has(&["pdf"]) => Kind::Pdf,
        "text" if has(&["calendar"]) => Kind::Calendar,
        "text" if has(&["vcard", "x-amp", "rfc822-headers"]) => Kind::Other,
        "text" => Kind::Document,
        "application" if sub == "ics" => Kind::Calendar,
        "application" if has(&["wordprocessing", "msword", "opendocument.text", "rtf", "apple.pages"]) => {
            Kind::Document
        }
        "application" if has(&["zip", "x-tar", "compressed", "x-rar", "vnd.rar", "zstd"]) => Kind::Archive,
        _ => Kind::Other,
    }
}

fn by_extension(name: &str) -> Kind {
    let Some((_, extension)) = name.rsplit_once('.') else { return Kind::Other };
    match extension.trim().to_ascii_lowercase().as_str() {
        "doc" | "docx" | "docm" | "dot" | "dotx" | "odt" | "rtf" | "txt" | "md" | "pages" | "html"
        | "htm" => Kind::Document,
        "xls" | "xlsx" | "xlsm" | "xlsb" | "ods" | "csv" | "tsv" | "numbers" => Kind::Sheet,
        "ppt" | "pptx" | "pptm" | "pps" | "ppsx" | "odp" | "key" => Kind::Slides,
        "pdf" => Kind::Pdf,
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "svg" | "bmp" | "tif" | "tiff" | "heic" | "heif"
        | "avif" => Kind::Image,
        "mp3" | "wav" | "m4a" | "aac" | "ogg" | "opus" | "flac" | "amr" => Kind::Audio,
        "mp4" | "mov" | "avi" | "mkv" | "webm" | "m4v" | "wmv" => Kind::Video,
        "zip" | "rar" | "7z" | "tar" | "gz" | "tgz" | "bz2" | "xz" | "zst" => Kind::Archive,
        "psd" | "psb" | "ai" | "eps" | "indd" | "idml" | "fig" | "sketch" | "xd" | "afdesign" | "afphoto" => {
            Kind::Design
        }
        "ics" | "ical" | "ifb" => Kind::Calendar,
        "eml" | "msg" => Kind::Mail,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_type_then_by_name() {
        for (media_type, name, inline, want) in [
            ("application/pdf", "", false, Kind::Pdf),
            ("application/octet-stream", "Brief.PDF", false, Kind::Pdf),
            ("application/octet-stream", "noextension", false, Kind::Other),
            (
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "x",
                false,
                Kind::Document,
            ),
            (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "x.xlsx",
                false,
                Kind::Sheet,
            ),
            (
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
                "x",
                false,
                Kind::Slides,
            ),
            ("text/plain", "notes.txt", false, Kind::Document),
            ("text/plain", "prices.csv", false, Kind::Sheet),
            ("text/csv", "", false, Kind::Sheet),
            ("text/calendar", "invite.ics", false, Kind::Calendar),
            ("application/ics", "invite.ics", false, Kind::Calendar),
            ("image/png", "logo.png", true, Kind::None),
            ("application/octet-stream", "logo.png", true, Kind::None),
            ("image/png", "screen.png", false, Kind::Image),
            ("image/vnd.adobe.photoshop", "home.psd", false, Kind::Design),
            ("application/octet-stream", "home.fig", false, Kind::Design),
            ("application/zip", "assets.zip", false, Kind::Archive),
            ("application/x-gzip-compressed", "a.tgz", false, Kind::Archive),
            ("audio/mpeg", "", false, Kind::Audio),
            ("video/quicktime", "demo.mov", false, Kind::Video),
            ("message/rfc822", "", false, Kind::Mail),
            ("message/delivery-status", "", false, Kind::Other),
            ("application/ms-tnef", "winmail.dat", false, Kind::Other),
            ("application/vnd.ms-outlook", "old.msg", false, Kind::Mail),
        ] {
            let attachment = Attachment { name: name.into(), media_type: media_type.to_owned(), inline };
            assert_eq!(attachment.kind(), want, "{media_type} {name}");
        }
    }
}
