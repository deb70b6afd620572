//! Undoes `format=flowed` (RFC 3676).
//!
//! Takes text with LF line endings, gives text in which each paragraph is one line. Quoted lines keep
//! their depth as `>` signs.

/// Joins flowed lines; with `delsp` the space that marks a line as flowed is dropped (section 4.1).
pub(super) fn join(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        let unquoted = line.trim_start_matches('>');
        let depth = line.len() - unquoted.len();
        let content = unquoted.strip_prefix(' ').unwrap_or(unquoted);
        // The line before a signature is never flowed, whatever it looks like (section 4.3).
        let separator = content == "-- ";
        let flowed = !separator && content.ends_with(' ');
        // An empty line ends a paragraph even when the line before it says that it goes on.
        if open != Some(depth) || separator || content.is_empty() {
            if open.is_some() {
                end_paragraph(&mut out);
            }
            out.push_str(line.get(..depth).unwrap_or_default());
            // A stuffed `>` is no quotation; without its space it would be taken for one.
            if !content.is_empty() && (depth > 0 || content.starts_with('>')) {
                out.push(' ');
            }
        }
        out.push_str(if flowed && delsp { content.strip_suffix(' ').unwrap_or(content) } else { content });
        open = flowed.then_some(depth);
        if !flowed {
            out.push('\n');
        }
    }
    if open.is_some() {
        end_paragraph(&mut out);
    }
    out
}

/// Ends a paragraph whose last line wrongly says that another follows.
fn end_paragraph(out: &mut String) {
    if out.ends_with(' ') {
        out.pop();
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flowed_text_in_all_forms() {
        for (text, delsp, want) in [
            ("one \ntwo\n", false, "one two\n"),
            ("one \ntwo\n", true, "onetwo\n"),
            ("one  \ntwo\n", true, "one two\n"),
            ("fixed\nlines\n", false, "fixed\nlines\n"),
            ("> one \n> two\nanswer\n", false, "> one two\nanswer\n"),
            ("> one \n>> two\n", false, "> one\n>> two\n"),
            (" stuffed\n From here\n", false, "stuffed\nFrom here\n"),
            (" > no quote\n", false, " > no quote\n"),
            ("end \n-- \nAnna\n", false, "end\n-- \nAnna\n"),
            ("> end\n> -- \n> Anna\n", false, "> end\n> -- \n> Anna\n"),
            ("one \n\ntwo\n", false, "one\n\ntwo\n"),
            ("open ", false, "open\n"),
            (">\n> x\n", false, ">\n> x\n"),
        ] {
            assert_eq!(join(text, delsp), want, "{text:?}");
        }
    }
}
