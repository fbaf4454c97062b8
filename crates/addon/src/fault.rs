use std::fmt::{self, Display};

/// A call that was wrong: thrown as "`owner`: `name` must be `expected`, got `got`".
pub(crate) struct Fault {
    /// A stable code, `ERR_…`.
    pub(crate) code: &'static str,
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) expected: String,
    pub(crate) got: String,
}

impl Fault {
    pub(crate) fn new(
        code: &'static str,
        owner: &str,
        name: &str,
        expected: impl Display,
        got: impl Display,
    ) -> Self {
        Self {
            code,
            owner: owner.to_string(),
            name: name.to_string(),
            expected: expected.to_string(),
            got: got.to_string(),
        }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { owner, name, expected, got, .. } = self;
        write!(f, "{owner}: `{name}` must be {expected}, got {got}")
    }
}
