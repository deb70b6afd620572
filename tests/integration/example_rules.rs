//! `fixtures/rules-example`: the accounts behind the inbox, on top of the built-in rules.

use postroom::rules::layer::Layer;
use postroom::rules::lint::lint;
use postroom::rules::load::load;

use crate::fixtures;

#[test]
fn they_load_without_a_finding() {
    let folder = fixtures::root().join("rules-example");
    let (sources, found) = load(&[Layer::BuiltIn, Layer::Folder(folder)]);
    assert!(found.list.is_empty(), "{}", found.render(false));
    let of_ours: Vec<_> = lint(&sources, None)
        .list
        .into_iter()
        .filter(|finding| {
            finding.place.as_ref().is_some_and(|place| place.file.name.contains("rules-example"))
        })
        .map(|finding| finding.message)
        .collect();
    assert!(of_ours.is_empty(), "{of_ours:?}");
    let accounts: Vec<&str> = sources.accounts.iter().map(|account| account.id.value.as_str()).collect();
    assert_eq!(accounts, ["harbour", "northgate", "quillfeather", "tannenhof", "verdier"]);
    let absences = sources.accounts.iter().map(|account| account.absences.len()).sum::<usize>();
    assert_eq!((sources.agency.absences.len(), absences), (1, 1));
}
