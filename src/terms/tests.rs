//! Words and the values they stand for.

use super::*;

#[test]
fn every_word_reads_back_as_itself() {
    for &class in Class::ALL {
        assert_eq!(class.as_str().parse::<Class>(), Ok(class));
    }
    for &topic in Topic::ALL {
        assert_eq!(topic.as_str().parse::<Topic>(), Ok(topic));
    }
    for (&aspect, word) in Aspect::ALL.iter().zip(Aspect::WORDS) {
        assert_eq!((aspect.as_str(), word.parse()), (*word, Ok(aspect)));
        assert_eq!(Aspect::ALL[aspect.index()], aspect);
    }
    assert_eq!("schedul".parse::<Aspect>().unwrap_err().known, Aspect::WORDS);
    assert_eq!("project_update".parse::<Class>().unwrap_err().what, "class");
}

#[test]
fn dates_exist_or_are_refused() {
    assert_eq!("2028-02-29".parse::<Date>().unwrap().to_string(), "2028-02-29");
    for wrong in ["2026-02-29", "2026-13-01", "2026-1-01", "tomorrow", "2026-00-10", "2026-01-01T00:00"] {
        assert!(wrong.parse::<Date>().is_err(), "{wrong}");
    }
    assert!("2026-03-31".parse::<Date>() < "2026-04-01".parse::<Date>());
}
