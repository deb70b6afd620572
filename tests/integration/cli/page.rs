//! The page that `eval --html` writes, with mail that means harm, in a real browser where there is one.

use std::path::Path;
use std::process::Command;

use crate::common::{fixture, folder, ran};

/// Mails that would change the title, or break out of where they stand. Each is labelled as what it is not.
const HOSTILE: &[(&str, &str)] = &[
    (
        "<script>document.title='owned'</script>",
        "<script>document.title='owned'</script> when will it be ready?",
    ),
    (
        "</script><img src=x onerror=\"document.title='owned'\">",
        "</pre></details><img src=x onerror=document.title='owned'>",
    ),
    (
        "<svg onload=document.title='owned'>",
        "See javascript:document.title='owned' and https://evil.example/track",
    ),
    ("<!-- ]]> --!>", "<!--\n]]>\n</style><style>*{display:none}</style>"),
    ("fdp.\u{202e}exe", "Pay \u{202e}drawkcab\u{202c} now\u{2066}.\u{200b}"),
    (
        "' onmouseover='document.title=1' \" autofocus onfocus=\"document.title='owned'",
        "&lt;b&gt; &#60;script&#62;",
    ),
    (
        "a",
        "<a href=\"javascript:document.title='owned'\">x</a> {{constructor.constructor('document.title=1')()}}",
    ),
];

fn page(folder: &Path) -> String {
    let file = folder.join("report.html");
    let mailbox = folder.join("other.mbox").display().to_string();
    let ended = ran(&["eval", &mailbox, "--html", file.to_str().unwrap()]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    std::fs::read_to_string(file).unwrap()
}

/// Hostile mails as an mbox labelled `other`, with words that make them anything else.
fn hostile() -> tempfile::TempDir {
    let mail = |(number, (subject, body)): (usize, &(&str, &str))| {
        format!(
            "From a@b.example Mon Mar  2 08:37:00 2026\nFrom: a@b.example\nSubject: {subject}\n\
             Message-ID: <{number}\"><script>document.title='owned'</script>@b.example>\n\
             Content-Type: text/plain; charset=utf-8\n\n\
             Could you send a quote for a new website? Could you quote for it? {body}\n\n"
        )
    };
    let mbox: String = HOSTILE.iter().enumerate().map(mail).collect();
    folder(&[("other.mbox", &mbox)])
}

#[test]
fn text_of_mails_stays_text() {
    let folder = hostile();
    let page = page(folder.path());
    assert_eq!(page.matches("<script").count(), 1, "the page's own");
    assert_eq!(page.matches("<style").count(), 1);
    assert_eq!(
        page.matches("<details class=\"mail\"").count(),
        HOSTILE.len(),
        "every mail is a mistake, shown in full"
    );
    for tag in ["<img", "<a ", "<!--", "<svg onload", "<link", "<iframe"] {
        assert!(!page.contains(tag), "{tag}");
    }
    let body = page.split_once("<body>").unwrap().1.split_once("<script>").unwrap().0;
    for tag in body.split('<').filter_map(|part| part.split_once('>')).map(|(tag, _)| tag) {
        let attribute = |name: &str| tag.contains(&format!(" {name}"));
        assert!(!["href=", "src=", "style=", "onload=", "onerror="].into_iter().any(attribute), "{tag}");
    }
    assert!(!page.contains(['\u{202e}', '\u{202c}', '\u{2066}', '\u{200b}']));
    assert!(
        page.contains("U+202E")
            && page.contains("&lt;script&gt;document.title=&#39;owned&#39;&lt;/script&gt;")
    );
    let policy = page.lines().find(|line| line.contains("Content-Security-Policy")).unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
}

#[test]
fn the_same_mail_gives_the_same_page() {
    let inbox = fixture("inbox.mbox");
    let pages = ["1", "3"].map(|jobs| ran(&["eval", &inbox, "--format", "html", "--jobs", jobs]).stdout);
    assert_eq!(pages[0], pages[1]);
    assert!(pages[0].ends_with("</html>\n"));
}

/// What a browser makes of a page; `None` where there is no browser and none is asked for.
fn dom(page: &Path) -> Option<String> {
    let profile = tempfile::tempdir().unwrap();
    let browser = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", page.display()))
        .output();
    let must = std::env::var_os("POSTROOM_BROWSER_TESTS").is_some_and(|value| value == "1");
    match browser {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(cause) => {
            assert!(!must, "chromium: {cause}");
            None
        }
    }
}

#[test]
fn no_script_of_a_mail_runs_in_a_browser_and_the_page_s_own_does() {
    let folder = hostile();
    page(folder.path());
    let Some(dom) = dom(&folder.path().join("report.html")) else { return };
    assert!(dom.contains("data-ready=\"yes\""), "the page's own script ran: {}", &dom[..dom.len().min(500)]);
    assert!(dom.contains("<title>Mail sorting, judged</title>"), "{}", &dom[..dom.len().min(2000)]);
    assert!(dom.contains("&lt;script&gt;document.title='owned'&lt;/script&gt;"), "the text shows");
    assert!(!dom.contains("<img") && !dom.contains("<a "));
    assert_eq!(dom.matches("<details").count(), HOSTILE.len());
}

#[test]
fn the_browser_would_have_run_it_without_the_policy() {
    // Proves that the test above can fail: the same script in a bare page does change the title.
    let folder = folder(&[("bare.html", "<title>before</title><script>document.title='owned'</script>")]);
    let Some(dom) = dom(&folder.path().join("bare.html")) else { return };
    assert!(dom.contains("<title>owned</title>"), "{dom}");
}

#[test]
fn cells_and_rules_open_their_mails_and_the_table_sorts() {
    let inbox = fixture("inbox.mbox");
    let page = ran(&["eval", &inbox, "--format", "html"]).stdout;
    // The policy lets no other script in, so this copy goes without it.
    let policy = page.lines().find(|line| line.contains("Content-Security-Policy")).unwrap();
    let clicks = "<script>
        const seen = () => [...document.querySelectorAll('.mail')].filter((mail) => !mail.hidden).length;
        const wrong = [];
        for (const cell of document.querySelectorAll('.heat button')) {
            cell.click();
            if (seen() !== Number(cell.textContent)) wrong.push(cell.dataset.words);
        }
        for (const row of document.querySelectorAll('#rules tbody tr')) {
            row.querySelector('button').click();
            if (seen() !== Number(row.children[3].textContent)) wrong.push(row.children[0].textContent);
        }
        document.querySelectorAll('[data-sort]')[3].click();
        const hits = [...document.querySelectorAll('#rules tbody tr')].map((row) => Number(row.children[3].textContent));
        if (hits.some((number, at) => at > 0 && number > hits[at - 1])) wrong.push('sort');
        document.title = wrong.length ? wrong.join() : 'all open ' + hits.length;
        </script></body>";
    let page = page.replace(policy, "").replace("</body>", clicks);
    let folder = folder(&[("page.html", &page)]);
    let Some(dom) = dom(&folder.path().join("page.html")) else { return };
    let title = dom.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0;
    let rules = title.strip_prefix("all open ").and_then(|count| count.parse::<usize>().ok());
    assert!(rules.is_some_and(|rules| rules > 50), "{title}");
}
