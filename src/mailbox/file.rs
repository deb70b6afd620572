//! One file, whatever it holds: an mbox, a mail, either of them compressed.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::Options;
use super::block::Blocks;
use super::compressed::unpack;
use super::detect::{self, Content};
use super::feed::{Context, Feed, Found};
use super::mail::{Kind, Mail, Source};
use super::marks::Flags;
use super::mbox::Mbox;
use super::warning::Remark;
use crate::Error;

/// How often compression is undone: a `.gz` of a `.xz` is read, a chain of them is not.
const MOST_LAYERS: usize = 3;

/// A file or stream with its beginning read and recognised.
pub(super) struct Opened {
    /// The input, nothing passed over.
    pub(super) blocks: Blocks,
    /// What it holds, after decompression.
    pub(super) content: Content,
}

impl Opened {
    /// Opens a file. A regular one is read to the length it has now, so that a mailbox growing
    /// meanwhile still has an end, and one that does not depend on how fast it is read.
    pub(super) fn file(path: &Path, options: Options) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|meta| meta.len());
        match length.filter(|length| *length > 0) {
            Some(length) => {
                let block = usize::try_from(length + 1).unwrap_or(options.block).min(options.block);
                Self::recognise(Box::new(file.take(length)), block, options)
            }
            None => Self::recognise(Box::new(file), options.block, options),
        }
    }

    /// Reads the beginning of a stream.
    pub(super) fn stream(reader: Box<dyn Read + Send>, options: Options) -> io::Result<Self> {
        Self::recognise(reader, options.block, options)
    }

    fn recognise(reader: Box<dyn Read + Send>, block: usize, options: Options) -> io::Result<Self> {
        let mut blocks = begin(reader, block);
        for _ in 0..MOST_LAYERS {
            let prefix = blocks.window().get(..detect::PREFIX).unwrap_or(blocks.window());
            let content = detect::content(prefix, blocks.ended());
            let Content::Compressed(packing) = content else {
                return match blocks.take_fault() {
                    Some(fault) if blocks.window().is_empty() => Err(fault),
                    fault => Ok(Self { blocks: blocks.with_fault(fault), content }),
                };
            };
            blocks = begin(unpack(packing, blocks.into_reader())?, options.block);
        }
        Ok(Self { blocks, content: Content::Other("is compressed too many times over") })
    }
}

fn begin(reader: Box<dyn Read + Send>, block: usize) -> Blocks {
    let mut blocks = Blocks::new(reader, block);
    while !blocks.ended() && blocks.window().len() < detect::PREFIX {
        blocks.more();
    }
    blocks
}

/// Whether a name ends as the names of single mails do.
pub(super) fn is_named_mail(path: &Path) -> bool {
    has_extension(path, &["eml", "emlx"])
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let given = path.extension().unwrap_or_default();
    extensions.iter().any(|extension| given.eq_ignore_ascii_case(extension))
}

/// The mails of the file or stream that was named to us. With `any_text`, text without a header is
/// one mail.
///
/// # Errors
///
/// When it holds no mail, in words.
pub(super) fn feed(
    path: &Path,
    opened: Opened,
    any_text: bool,
    context: &mut Context,
) -> Result<Box<dyn Feed>, Error> {
    let source = |kind| Source { path: path.to_owned(), kind };
    match opened.content {
        Content::Empty => {
            context.warnings.whole(&Arc::new(source(Kind::Mbox)), Remark::Empty);
            Ok(Box::new(Nothing))
        }
        Content::Mbox => Ok(Box::new(Mbox::new(source(Kind::Mbox), opened.blocks))),
        // The first mail lost its `From ` line; the name says that more may follow.
        Content::Mail if has_extension(path, &["mbox", "mbx"]) => {
            Ok(Box::new(Mbox::new(source(Kind::Mbox), opened.blocks)))
        }
        Content::Mail | Content::Emlx => Ok(Box::new(Single::new(source(Kind::Mail), opened))),
        Content::Text if any_text => Ok(Box::new(Single::new(source(Kind::Mail), opened))),
        Content::Text => {
            let what = "starts with neither a From line nor a mail header; \
                        give it a name ending in .eml to have it read as one mail";
            Err(Error::data(Some(path), what))
        }
        Content::Other(what) => Err(Error::data(Some(path), what)),
        Content::Compressed(_) => Err(Error::data(Some(path), "is compressed too many times over")),
    }
}

/// No mail at all.
struct Nothing;

impl Feed for Nothing {
    fn next(&mut self, _: &mut Context) -> Option<Found> {
        None
    }
}

/// A file that is one mail.
struct Single {
    source: Arc<Source>,
    opened: Option<Opened>,
    fault: Option<Error>,
}

impl Single {
    fn new(source: Source, opened: Opened) -> Self {
        Self { source: Arc::new(source), opened: Some(opened), fault: None }
    }
}

impl Feed for Single {
    fn next(&mut self, context: &mut Context) -> Option<Found> {
        let Some(opened) = self.opened.take() else {
            return self.fault.take().map(Found::Fault);
        };
        let (mail, fault) = whole(opened, &self.source, None, 0, context);
        self.fault = fault.map(|fault| Error::io("read", &self.source.path, fault));
        Some(Found::Mail(mail))
    }
}

/// Reads a file that is one mail, and what stopped the reading when something did.
pub(super) fn whole(
    mut opened: Opened,
    source: &Arc<Source>,
    file: Option<&Path>,
    index: u64,
    context: &mut Context,
) -> (Mail, Option<io::Error>) {
    let emlx = match opened.content {
        Content::Emlx => detect::emlx_count(opened.blocks.window()),
        _ => None,
    };
    let limit = context.options.max_mail;
    let (begin, end) = match emlx {
        Some((count, begin)) => (begin, begin.saturating_add(count)),
        None => (0, usize::MAX),
    };
    while !opened.blocks.ended() && opened.blocks.window().len() <= limit.saturating_add(begin).min(end) {
        opened.blocks.more();
    }
    let end = end.min(opened.blocks.window().len());
    let oversize = end - begin > limit;
    if oversize {
        context.warnings.whole(source, Remark::Oversize);
    }
    let (block, start) = opened.blocks.share();
    let mail = Mail {
        source: Arc::clone(source),
        index,
        offset: 0,
        line: 1,
        file: file.map(Arc::from),
        block,
        from_line: 0..0,
        content: start + begin..start + end.min(begin.saturating_add(limit)),
        quoted: false,
        oversize,
        flags: Flags::default(),
    };
    (mail, opened.blocks.take_fault())
}
