//! Styles, widths and fitting, for the sections of the text.

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::super::{Look, escape};
use super::MIN_WIDTH;
use crate::terms::Zone;

/// The terminal as the sections see it.
pub(super) struct Paint {
    pub(super) width: usize,
    pub(super) color: bool,
}

impl Paint {
    pub(super) fn new(look: Look) -> Self {
        Self { width: look.width.max(MIN_WIDTH), color: look.color }
    }

    pub(super) fn styled(&self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    pub(super) fn strong(&self, text: &str) -> String {
        self.styled(Style::new().bold(), text)
    }

    pub(super) fn dim(&self, text: &str) -> String {
        self.styled(Style::new().dimmed(), text)
    }

    /// The colour of a class's name and bar.
    pub(super) fn class(&self, text: &str) -> String {
        self.styled(AnsiColor::Cyan.on_default(), text)
    }

    pub(super) fn number(&self, text: &str, number: f64) -> String {
        let color = if number < 0.0 { AnsiColor::Red } else { AnsiColor::Green };
        if number == 0.0 { self.dim(text) } else { self.styled(color.on_default(), text) }
    }

    /// The style of a zone's name and gutter.
    pub(super) fn zone(zone: Zone) -> Style {
        match zone {
            Zone::Subject => AnsiColor::Cyan.on_default().bold(),
            Zone::New => AnsiColor::Green.on_default().bold(),
            Zone::Forwarded => AnsiColor::Blue.on_default(),
            Zone::Banner => AnsiColor::Yellow.on_default(),
            Zone::Signature => AnsiColor::Magenta.on_default().dimmed(),
            Zone::Quoted | Zone::Footer | Zone::Header => Style::new().dimmed(),
        }
    }
}

/// Columns that text takes on a terminal.
pub(in crate::triage::output) fn columns(text: &str) -> usize {
    text.width()
}

/// Columns of one character.
pub(super) fn char_columns(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// One line of mail text made safe and cut to a width, with an ellipsis when cut.
pub(in crate::triage::output) fn fit(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    let mut before = None;
    for c in text.chars() {
        let start = out.len();
        escape::push(&mut out, c, before);
        before = Some(c);
        // Character by character: a sequence never takes more columns than its characters do alone.
        let wide: usize = out[start..].chars().map(char_columns).sum();
        if column + wide > width {
            out.truncate(start);
            while column + 1 > width {
                let Some(last) = out.pop() else { break };
                column -= char_columns(last).min(column);
            }
            out.push('…');
            return out;
        }
        column += wide;
    }
    out
}

/// A probability for a person: whole percent, never rounded to a certainty it is not.
pub(in crate::triage::output) fn percent(share: f64) -> String {
    let whole = (share * 100.0).round();
    if whole >= 100.0 && share < 1.0 {
        ">99%".to_owned()
    } else if whole <= 0.0 && share > 0.0 {
        "<1%".to_owned()
    } else {
        format!("{:.0}%", whole.abs())
    }
}

/// A number in small raised digits.
pub(super) fn raised(number: usize) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    number.to_string().bytes().filter_map(|digit| DIGITS.get(usize::from(digit - b'0'))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_to_columns_not_characters() {
        for (text, width, cut) in [
            ("short", 10, "short"),
            ("exactly", 7, "exactly"),
            ("too long", 5, "too …"),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("a\nb", 20, "a\\u{a}b"),
            ("", 3, ""),
        ] {
            assert_eq!(fit(text, width), cut, "{text} {width}");
            assert!(columns(&fit(text, width)) <= width);
        }
    }

    #[test]
    fn percents_do_not_overstate() {
        for (share, shown) in
            [(0.0, "0%"), (0.004, "<1%"), (0.855, "86%"), (0.999, ">99%"), (1.0, "100%"), (-0.0, "0%")]
        {
            assert_eq!(percent(share), shown);
        }
    }

    #[test]
    fn numbers_are_raised() {
        assert_eq!(raised(10), "¹⁰");
    }
}
