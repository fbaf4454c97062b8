use std::fs;
use std::path::Path;

use crate::fuzz::Case;
use crate::fuzz::host::{self, GUARD};

/// Each file was the first of its kind when it was found; the host panics if a run does harm.
#[test]
fn kept_cases_do_no_harm() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut replayed = 0;
    for entry in fs::read_dir(folder).expect("the corpus is there") {
        let path = entry.expect("a file").path();
        let text = fs::read_to_string(&path).expect("text");
        let case = Case::read(&text).unwrap_or_else(|| panic!("{} is cut off", path.display()));
        assert_eq!(case.text(), text, "{}", path.display());
        for seed in 0..50 {
            host::run(&Case { seed, ..case.clone() }, GUARD);
        }
        replayed += 1;
    }
    assert!(replayed > 20, "{replayed} cases");
}
