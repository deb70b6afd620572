//! Colours of text: enough of HTML and CSS to tell words that stand out from those around them.
//!
//! Takes the value of an attribute or a style; gives the colour, unless it is one of the blacks, greys
//! and whites that text has anyway.

/// A colour that stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Colour {
    rgb: [u8; 3],
    /// It is behind the words, as a marker pen leaves it.
    pub behind: bool,
}

/// What people call a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hue {
    Red,
    Green,
    Blue,
    /// One of the others.
    Other,
}

/// How far apart the strongest and the weakest part of a colour are at least, or else it is a grey.
const LEAST_CHROMA: u8 = 48;

impl Colour {
    /// The colour that text is written in, as `color` says it; `None` when it doesn't stand out.
    pub(super) fn of_words(value: &str) -> Option<Self> {
        Self::standing_out(parse(value)?, false)
    }

    /// The colour behind the words, as `background` says it.
    pub(super) fn behind_words(value: &str) -> Option<Self> {
        Self::standing_out(parse(value)?, true)
    }

    fn standing_out(rgb: [u8; 3], behind: bool) -> Option<Self> {
        let [red, green, blue] = rgb;
        let chroma = red.max(green).max(blue) - red.min(green).min(blue);
        (chroma >= LEAST_CHROMA).then_some(Self { rgb, behind })
    }

    /// What people call it.
    pub(super) fn hue(self) -> Hue {
        let [red, green, blue] = self.rgb.map(i32::from);
        let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
        let chroma = (most - least).max(1);
        let degrees = if most == red {
            60 * (green - blue) / chroma
        } else if most == green {
            120 + 60 * (blue - red) / chroma
        } else {
            240 + 60 * (red - green) / chroma
        };
        match degrees.rem_euclid(360) {
            0..=20 | 335.. => Hue::Red,
            75..=169 => Hue::Green,
            185..=265 => Hue::Blue,
            _ => Hue::Other,
        }
    }
}

/// Names of colours that mail programs offer, with their values.
const NAMES: &[(&str, [u8; 3])] = &[
    ("red", [255, 0, 0]),
    ("blue", [0, 0, 255]),
    ("green", [0, 128, 0]),
    ("lime", [0, 255, 0]),
    ("navy", [0, 0, 128]),
    ("maroon", [128, 0, 0]),
    ("purple", [128, 0, 128]),
    ("orange", [255, 165, 0]),
    ("yellow", [255, 255, 0]),
    ("aqua", [0, 255, 255]),
    ("cyan", [0, 255, 255]),
    ("teal", [0, 128, 128]),
    ("olive", [128, 128, 0]),
    ("fuchsia", [255, 0, 255]),
    ("magenta", [255, 0, 255]),
    ("darkred", [139, 0, 0]),
    ("darkblue", [0, 0, 139]),
    ("darkgreen", [0, 100, 0]),
    ("crimson", [220, 20, 60]),
    ("royalblue", [65, 105, 225]),
    ("violet", [238, 130, 238]),
    ("pink", [255, 192, 203]),
    ("brown", [165, 42, 42]),
];

/// Reads `#f00`, `#ff0000`, `rgb(255,0,0)`, `rgba(…)`, a name; what follows it is left alone.
fn parse(value: &str) -> Option<[u8; 3]> {
    let value = value.trim();
    if let Some(digits) = value.strip_prefix('#') {
        return hex(digits);
    }
    if let Some(parts) = value.strip_prefix("rgb").map(|rest| rest.trim_start_matches(['a', '('])) {
        let mut parts = parts.split([',', ' ', ')']).filter(|part| !part.is_empty());
        let mut next = || parts.next()?.parse::<u16>().ok().map(|part| u8::try_from(part).unwrap_or(255));
        return Some([next()?, next()?, next()?]);
    }
    let name = value.split(|c: char| !c.is_ascii_alphabetic()).next()?;
    NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, rgb)| *rgb)
}

fn hex(digits: &str) -> Option<[u8; 3]> {
    let len = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
    let digit = |at: usize| digits.get(at..=at).and_then(|d| u8::from_str_radix(d, 16).ok());
    let pair = |at: usize| Some(digit(at)? * 16 + digit(at + 1)?);
    if len >= 6 {
        return Some([pair(0)?, pair(2)?, pair(4)?]);
    }
    Some([digit(0)? * 17, digit(1)? * 17, digit(2)? * 17])
}

/// The colour that a style, lower case and without white space, gives to words: of the words themselves,
/// or else behind them. `Some(None)` says that it makes them plain.
pub(super) fn of_style(style: &str) -> Option<Option<Colour>> {
    let (mut words, mut behind) = (None, [None; 3]);
    for (key, value) in style.split(';').filter_map(|property| property.split_once(':')) {
        match key {
            "color" => words = Some(value),
            "mso-highlight" => behind[0] = Some(value),
            "background" => behind[1] = Some(value),
            "background-color" => behind[2] = Some(value),
            _ => {}
        }
    }
    let behind = behind.into_iter().flatten().next().and_then(Colour::behind_words);
    match words {
        Some(words) => Some(Colour::of_words(words).or(behind)),
        None => behind.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_what_people_call_them() {
        let table = [
            ("color:red", Some(Some(Hue::Red))),
            ("color:#c00000", Some(Some(Hue::Red))),
            ("color:rgb(255,38,0)", Some(Some(Hue::Red))),
            ("color:#F00", Some(Some(Hue::Red))),
            ("font-size:11pt;color:#0070c0", Some(Some(Hue::Blue))),
            ("color:#1f497d", Some(Some(Hue::Blue))),
            ("color:#00b050", Some(Some(Hue::Green))),
            ("color:#7030a0", Some(Some(Hue::Other))),
            ("color:black", None),
            ("color:windowtext", None),
            ("color:#222222", Some(None)),
            ("color:#000", Some(None)),
            ("background:yellow;mso-highlight:yellow", Some(Some(Hue::Other))),
            ("background-color:#ffffff", None),
            ("border-color:red", None),
            ("color:#ff", None),
            ("", None),
        ];
        for (style, expected) in table {
            let found = of_style(style).map(|colour| colour.map(Colour::hue));
            let plain = |found: Option<Option<Hue>>| found.flatten();
            assert_eq!(plain(found), plain(expected), "{style}");
        }
    }
}
