//! Rehearsals for the hosts that need nothing installed; the others are rehearsed where hosts are tested.

use crate::common::{folder, postroom};

/// What a rehearsal prints, and how it ended.
fn rehearse(host: &str) -> (Option<i32>, String) {
    let mut command = postroom(&["rehearse", "--host", host]);
    let output = command.env("PATH", "/usr/bin:/bin").output().unwrap();
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.code(), told)
}

const WAITS: &str = "not delivered; exit 75: the mail server keeps it and tries again";
const BARE: &str = "delivered whole, without fields";

/// Lines that are the same for every host that reads mail whole.
fn table(broken: &str) -> String {
    format!(
        "nothing wrong         delivered whole, with fields, owner pm\n\
         rules broken          delivered whole, marked as unjudged: rules\n\
         takes too long        delivered whole, marked as unjudged: timeout\n\
         fault in postroom     delivered whole, marked as unjudged: internal\n\
         killed while writing  {broken}\n\
         stopped for good      {broken}\n\
         postroom removed      {broken}\n\
         disk full             {WAITS}\n\
         100 MB                delivered whole, marked as unjudged: oversize\n"
    )
}

#[test]
fn postfix_keeps_what_it_cannot_hand_on() {
    assert_eq!(rehearse("postfix"), (Some(0), table(WAITS)));
}

#[test]
fn dovecot_goes_on_with_the_mail_as_it_was() {
    assert_eq!(rehearse("sieve"), (Some(0), table(BARE)));
}

#[test]
fn the_rules_that_are_named_are_those_that_judge() {
    let ours = folder(&[("accounts.toml", "[agency]\nprefers = { delivery = 'am' }\n")]);
    let broken = folder(&[("x.toml", "never closed = [")]);
    for (rules, by_variable, came) in
        [(&ours, true, "with fields, owner am"), (&broken, false, "marked as unjudged: rules")]
    {
        let mut command = postroom(&["rehearse", "--host", "sieve"]);
        command.env("PATH", "/usr/bin:/bin");
        let path = rules.path();
        if by_variable {
            command.env("POSTROOM_RULES", path)
        } else {
            command.arg("--rules").arg(path)
        };
        let told = String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned();
        assert!(told.starts_with(&format!("nothing wrong         delivered whole, {came}\n")), "{told}");
        assert!(
            told.contains("rules broken          delivered whole, marked as unjudged: rules\n"),
            "{told}"
        );
    }
}

#[test]
#[ignore = "needs mail filters: see .ci/run"]
fn installed_filters_do_what_their_recipes_say() {
    for host in ["procmail", "maildrop", "notmuch"] {
        assert_eq!(rehearse(host), (Some(0), table(BARE)), "{host}");
    }
}
