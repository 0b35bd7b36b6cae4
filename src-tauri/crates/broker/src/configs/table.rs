//! How tables of keys are written down.

/// Keys, each on two lines: name, type, default in brackets (none: unset), what it must be, who sets it; then
/// what it says of itself, behind `hidden` if it is shown only where it was set.
macro_rules! keys {
    ($($name:literal $kind:ident [$($default:literal)?] $check:expr, $scope:expr, $($hidden:ident)? $doc:literal;)*) => {{
        use $crate::configs::{Check::*, Scope::*};
        &[$($crate::configs::Definition {
            name: $name,
            kind: $crate::configs::Kind::$kind,
            default: $crate::configs::table::keys!(@default $($default)?),
            check: $check,
            scope: $scope,
            hidden: $crate::configs::table::keys!(@hidden $($hidden)?),
            doc: $doc,
        }),*]
    }};
    (@default) => { None };
    (@default $default:literal) => { Some($default) };
    (@hidden) => { false };
    (@hidden hidden) => { true };
}

pub(super) use keys;
