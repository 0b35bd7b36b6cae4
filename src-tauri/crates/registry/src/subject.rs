//! Subjects and the contexts they live in: `:.context:subject`.

use std::fmt;

/// A subject's name, qualified by its context.
///
/// Without a name it stands for the context as a whole, and in the default
/// context for the whole registry: configs and modes are kept for those too.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Subject {
    context: String,
    name: String,
}

/// The context of subjects that name none.
pub(crate) const DEFAULT_CONTEXT: &str = ".";

/// The context whose settings are every context's last resort.
const GLOBAL_CONTEXT: &str = ".__GLOBAL";

/// In a prefix: every context.
const WILDCARD: &str = ":*:";

impl Subject {
    /// The whole registry.
    pub(crate) fn global() -> Self {
        Self::context_wide(DEFAULT_CONTEXT)
    }

    /// What settings fall back on last.
    pub(crate) fn last_resort() -> Self {
        Self::context_wide(GLOBAL_CONTEXT)
    }

    /// A context as a whole.
    pub(crate) fn context_wide(context: &str) -> Self {
        Self { context: context.to_owned(), name: String::new() }
    }

    /// Splits `:.context:name`; anything else is a name in the default context.
    pub(crate) fn parse(text: &str) -> Self {
        let Some(rest) = text.strip_prefix(":.") else {
            return Self { context: DEFAULT_CONTEXT.into(), name: text.into() };
        };
        let (context, name) = rest.split_once(':').unwrap_or((rest, ""));
        Self { context: format!(".{context}"), name: name.into() }
    }

    /// A subject a schema in `self` refers to: unqualified, it is in the same
    /// context.
    pub(crate) fn sibling(&self, text: &str) -> Self {
        let other = Self::parse(text);
        if other.is_in_default_context() { self.in_own_context(&other.name) } else { other }
    }

    /// `name` in the context of `self`.
    pub(crate) fn in_own_context(&self, name: &str) -> Self {
        Self { context: self.context.clone(), name: name.into() }
    }

    /// The same name in another context.
    pub(crate) fn moved_to(&self, context: &str) -> Self {
        Self { context: context.into(), name: self.name.clone() }
    }

    /// The context as a whole.
    pub(crate) fn own_context(&self) -> Self {
        Self::context_wide(&self.context)
    }

    pub(crate) fn context(&self) -> &str {
        &self.context
    }

    pub(crate) fn is_in_default_context(&self) -> bool {
        self.context == DEFAULT_CONTEXT
    }

    pub(crate) fn is_context(&self) -> bool {
        self.name.is_empty()
    }

    /// The whole registry: the default context, without a name.
    pub(crate) fn is_global(&self) -> bool {
        self.is_context() && self.is_in_default_context()
    }

    pub(crate) fn is_last_resort(&self) -> bool {
        self.context == GLOBAL_CONTEXT
    }

    /// `self` is a context that holds `other`, the last resort holding all.
    pub(crate) fn holds(&self, other: &Self) -> bool {
        self == other || (self.is_context() && (self.is_last_resort() || self.context == other.context))
    }

    /// A name schemas can be registered under.
    pub(crate) fn is_valid(&self) -> bool {
        self.is_valid_for_settings() && !self.is_context() && self.name != "*" && !self.is_last_resort()
    }

    /// A name configs and modes can be kept for.
    pub(crate) fn is_valid_for_settings(&self) -> bool {
        let controls = self.name.chars().chain(self.context.chars()).any(char::is_control);
        !controls && self.name != "__GLOBAL" && self.name != "__EMPTY"
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_in_default_context() {
            f.write_str(&self.name)
        } else {
            write!(f, ":{}:{}", self.context, self.name)
        }
    }
}

/// Which subjects a listing is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Prefix {
    /// Names that begin so, in every context.
    Anywhere(String),
    /// Full names that begin so.
    Of(String),
}

impl Prefix {
    pub(crate) fn parse(text: &str) -> Self {
        match text.strip_prefix(WILDCARD) {
            Some(name) => Self::Anywhere(name.into()),
            // `:.:` is the default context spelt out.
            None => Self::Of(text.strip_prefix(":.:").unwrap_or(text).into()),
        }
    }

    pub(crate) fn matches(&self, subject: &Subject) -> bool {
        match self {
            Self::Anywhere(name) => subject.name.starts_with(name),
            Self::Of(text) => subject.to_string().starts_with(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, context: &str, name: &str, normal: &str) {
        let subject = Subject::parse(text);
        assert_eq!((subject.context(), subject.name.as_str()), (context, name));
        assert_eq!(subject.to_string(), normal);
    }

    #[test]
    fn a_subject_is_a_context_and_a_name() {
        check("orders-value", ".", "orders-value", "orders-value");
        check(":.:orders-value", ".", "orders-value", "orders-value");
        check(":.eu:orders-value", ".eu", "orders-value", ":.eu:orders-value");
        check(":.eu:", ".eu", "", ":.eu:");
        check(":.eu", ".eu", "", ":.eu:");
        check(":.eu:a:b", ".eu", "a:b", ":.eu:a:b");
        check("a:.eu:b", ".", "a:.eu:b", "a:.eu:b");
        check("", ".", "", "");
    }

    #[test]
    fn references_stay_in_their_context() {
        let parent = Subject::parse(":.eu:orders");
        assert_eq!(parent.sibling("address").to_string(), ":.eu:address");
        assert_eq!(parent.sibling(":.us:address").to_string(), ":.us:address");
    }

    #[test]
    fn some_names_are_taken() {
        for (text, valid) in [
            ("a", true),
            ("", false),
            (":.eu:", false),
            ("__GLOBAL", false),
            ("__EMPTY", false),
            ("a\nb", false),
            ("*", false),
        ] {
            assert_eq!(Subject::parse(text).is_valid(), valid, "{text:?}");
        }
        assert!(Subject::parse(":.eu:").is_valid_for_settings());
    }

    #[test]
    fn a_prefix_may_reach_into_every_context() {
        let (here, there) = (Subject::parse("orders"), Subject::parse(":.eu:orders"));
        for (text, matches) in [
            ("", [true, true]),
            ("ord", [true, false]),
            (":*:", [true, true]),
            (":*:ord", [true, true]),
            (":.eu:", [false, true]),
        ] {
            let prefix = Prefix::parse(text);
            assert_eq!([prefix.matches(&here), prefix.matches(&there)], matches, "{text:?}");
        }
    }
}
