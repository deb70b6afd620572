//! Text of strangers on its way into a page.

use std::fmt::Write as _;

use crate::triage::output::escape::acts;

/// Appends text as the content of an element. Characters that would reorder or hide text are shown by their
/// numbers.
pub(super) fn push(out: &mut String, text: &str) {
    escape(out, text, |out, c| {
        // Writing to a string cannot fail.
        let _ = write!(out, "<span class=\"ctl\">U+{:04X}</span>", u32::from(c));
    });
}

/// Appends text as the value of an attribute in double quotes.
pub(super) fn push_value(out: &mut String, text: &str) {
    escape(out, text, |out, c| {
        let _ = write!(out, "U+{:04X}", u32::from(c));
    });
}

fn escape(out: &mut String, text: &str, mut visible: impl FnMut(&mut String, char)) {
    let mut before = None;
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\r' => {}
            c if acts(c, before) => visible(out, c),
            c => out.push(c),
        }
        before = Some(c);
    }
}

/// Text as the content of an element.
pub(super) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    push(&mut out, text);
    out
}

/// Text as the value of an attribute in double quotes.
pub(super) fn value(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_value(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_where_it_stands() {
        for (hostile, shown) in [
            ("</pre><script>x</script>", "&lt;/pre&gt;&lt;script&gt;x&lt;/script&gt;"),
            ("<!-- ]]> -->", "&lt;!-- ]]&gt; --&gt;"),
            ("\" onclick='x'", "&quot; onclick=&#39;x&#39;"),
            ("&lt;", "&amp;lt;"),
            ("a\u{202e}b", "a<span class=\"ctl\">U+202E</span>b"),
            ("a\0b\u{1b}", "a<span class=\"ctl\">U+0000</span>b<span class=\"ctl\">U+001B</span>"),
        ] {
            assert_eq!(text(hostile), shown);
            assert!(!value(hostile).contains(['<', '>', '"', '\'', '\u{202e}', '\0']));
        }
    }
}
