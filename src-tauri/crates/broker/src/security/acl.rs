//! Access control lists as values: what a rule is, which filters find it, what it allows.

use serde::{Deserialize, Serialize};

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $number:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[repr(i8)]
        pub(crate) enum $name { $($variant = $number),* }

        impl $name {
            pub(crate) fn from_number(number: i8) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

numbered! {
    /// What a rule is about; the numbers are the protocol's.
    ResourceType { Topic = 2, Group = 3, Cluster = 4, TransactionalId = 5, DelegationToken = 6, User = 7 }
}
numbered! {
    /// What somebody does; the numbers are the protocol's.
    Operation {
        All = 2,
        Read = 3,
        Write = 4,
        Create = 5,
        Delete = 6,
        Alter = 7,
        Describe = 8,
        ClusterAction = 9,
        DescribeConfigs = 10,
        AlterConfigs = 11,
        IdempotentWrite = 12,
        CreateTokens = 13,
        DescribeTokens = 14,
        TwoPhaseCommit = 15,
    }
}
numbered! {
    /// How a rule's name is compared.
    PatternType { Literal = 3, Prefixed = 4 }
}
numbered! {
    Permission { Deny = 2, Allow = 3 }
}

/// "Any" in filters.
const ANY: i8 = 1;
/// In a filter of patterns: every rule that would apply to the name.
const MATCH: i8 = 2;

/// Every name, user or host.
pub(crate) const WILDCARD: &str = "*";
/// Every user.
pub(crate) const ALL_USERS: &str = "User:*";
/// The one resource of type cluster.
pub(crate) const CLUSTER_NAME: &str = "kafka-cluster";

impl ResourceType {
    /// What can be done to it.
    pub(crate) fn operations(self) -> &'static [Operation] {
        use Operation::*;
        match self {
            Self::Topic => &[Read, Write, Create, Delete, Alter, Describe, DescribeConfigs, AlterConfigs],
            Self::Group => &[Read, Delete, Describe, DescribeConfigs, AlterConfigs],
            Self::Cluster => {
                &[Create, Alter, Describe, ClusterAction, DescribeConfigs, AlterConfigs, IdempotentWrite]
            }
            Self::TransactionalId => &[Write, Describe, TwoPhaseCommit],
            Self::DelegationToken => &[Describe],
            Self::User => &[CreateTokens, DescribeTokens],
        }
    }
}

impl Operation {
    /// Whether a rule that allows this one allows `wanted`.
    pub(crate) fn implies(self, wanted: Operation) -> bool {
        use Operation::*;
        match wanted {
            _ if self == All || self == wanted => true,
            Describe => matches!(self, Read | Write | Delete | Alter),
            DescribeConfigs => self == AlterConfigs,
            _ => false,
        }
    }

    /// Whether a rule that denies this one denies `wanted`: nothing is implied.
    pub(crate) fn covers(self, wanted: Operation) -> bool {
        self == Self::All || self == wanted
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Acl {
    pub(crate) resource: ResourceType,
    pub(crate) name: String,
    pub(crate) pattern: PatternType,
    /// `User:alice`
    pub(crate) principal: String,
    pub(crate) host: String,
    pub(crate) operation: Operation,
    pub(crate) permission: Permission,
}

/// Numbers of a request, none of them checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AclNumbers {
    pub(crate) resource: i8,
    pub(crate) name: Option<String>,
    pub(crate) pattern: i8,
    pub(crate) principal: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) operation: i8,
    pub(crate) permission: i8,
}

impl Acl {
    /// A rule to be made. The error is for the client.
    pub(crate) fn checked(given: AclNumbers) -> Result<Self, String> {
        let resource = ResourceType::from_number(given.resource)
            .ok_or_else(|| format!("Invalid resource type {}", given.resource))?;
        let pattern = PatternType::from_number(given.pattern)
            .ok_or_else(|| format!("Invalid pattern type {}", given.pattern))?;
        let operation = Operation::from_number(given.operation)
            .ok_or_else(|| format!("Invalid operation type {}", given.operation))?;
        let permission = Permission::from_number(given.permission)
            .ok_or_else(|| format!("Invalid permission type {}", given.permission))?;
        let name = given.name.unwrap_or_default();
        if name.is_empty() {
            return Err("Resource name should not be empty".to_owned());
        }
        if resource == ResourceType::Cluster && name != CLUSTER_NAME {
            return Err(format!("The only valid name for the CLUSTER resource is {CLUSTER_NAME}"));
        }
        if operation != Operation::All && !resource.operations().contains(&operation) {
            return Err(format!("{operation:?} is not an operation of {resource:?}"));
        }
        let principal = given.principal.unwrap_or_default();
        if !principal.contains(':') {
            return Err(format!("Could not parse principal from `{principal}` (no colon is present)."));
        }
        let host = given.host.filter(|host| !host.is_empty()).unwrap_or_else(|| WILDCARD.to_owned());
        Ok(Self { resource, name, pattern, principal, host, operation, permission })
    }

    /// Whether the rule is about this name.
    pub(crate) fn is_about(&self, name: &str) -> bool {
        match self.pattern {
            PatternType::Literal => self.name == name || self.name == WILDCARD,
            PatternType::Prefixed => name.starts_with(&self.name),
        }
    }

    /// Whether the rule is about this principal (`User:…`) at this host.
    pub(crate) fn concerns(&self, principal: &str, host: &str) -> bool {
        (self.principal == principal || self.principal == ALL_USERS)
            && (self.host == host || self.host == WILDCARD)
    }
}

/// Which rules are described or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AclFilter(AclNumbers);

impl AclFilter {
    /// The error is for the client.
    pub(crate) fn checked(given: AclNumbers) -> Result<Self, String> {
        let known = |number: i8, known: bool, what: &str| {
            if number == ANY || known { Ok(()) } else { Err(format!("Invalid {what} {number}")) }
        };
        known(given.resource, ResourceType::from_number(given.resource).is_some(), "resource type")?;
        let pattern = given.pattern == MATCH || PatternType::from_number(given.pattern).is_some();
        known(given.pattern, pattern, "pattern type")?;
        known(given.operation, Operation::from_number(given.operation).is_some(), "operation type")?;
        known(given.permission, Permission::from_number(given.permission).is_some(), "permission type")?;
        Ok(Self(given))
    }

    pub(crate) fn finds(&self, acl: &Acl) -> bool {
        let wanted = &self.0;
        let number = |wanted: i8, has: i8| wanted == ANY || wanted == has;
        let text = |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|wanted| wanted == has);
        let named = match wanted.pattern {
            MATCH => wanted.name.as_deref().is_none_or(|name| acl.is_about(name)),
            pattern => number(pattern, acl.pattern as i8) && text(&wanted.name, &acl.name),
        };
        named
            && number(wanted.resource, acl.resource as i8)
            && number(wanted.operation, acl.operation as i8)
            && number(wanted.permission, acl.permission as i8)
            && text(&wanted.principal, &acl.principal)
            && text(&wanted.host, &acl.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acl(name: &str, pattern: PatternType) -> Acl {
        Acl {
            resource: ResourceType::Topic,
            name: name.to_owned(),
            pattern,
            principal: "User:a".to_owned(),
            host: WILDCARD.to_owned(),
            operation: Operation::Read,
            permission: Permission::Allow,
        }
    }

    fn filter(name: Option<&str>, pattern: i8) -> AclFilter {
        AclFilter::checked(AclNumbers {
            resource: ResourceType::Topic as i8,
            name: name.map(str::to_owned),
            pattern,
            principal: None,
            host: None,
            operation: ANY,
            permission: ANY,
        })
        .unwrap()
    }

    #[track_caller]
    fn check(name: Option<&str>, pattern: i8, expected: [bool; 4]) {
        let rules = [
            acl("foo", PatternType::Literal),
            acl("*", PatternType::Literal),
            acl("fo", PatternType::Prefixed),
            acl("foo", PatternType::Prefixed),
        ];
        assert_eq!(rules.map(|rule| filter(name, pattern).finds(&rule)), expected, "{name:?} {pattern}");
    }

    #[test]
    fn patterns_of_filters() {
        check(Some("foo"), 3, [true, false, false, false]);
        check(Some("foo"), 4, [false, false, false, true]);
        check(Some("foo"), ANY, [true, false, false, true]);
        check(Some("foo"), MATCH, [true, true, true, true]);
        check(Some("fox"), MATCH, [false, true, true, false]);
        check(Some("*"), 3, [false, true, false, false]);
        check(None, ANY, [true; 4]);
    }

    #[test]
    fn rules_that_make_no_sense_are_refused() {
        let numbers = |resource: i8, name: &str, operation: i8, principal: &str| AclNumbers {
            resource,
            name: Some(name.to_owned()),
            pattern: 3,
            principal: Some(principal.to_owned()),
            host: None,
            operation,
            permission: 3,
        };
        assert!(Acl::checked(numbers(2, "t", 3, "User:a")).is_ok_and(|acl| acl.host == WILDCARD));
        assert!(Acl::checked(numbers(2, "t", 12, "User:a")).is_err());
        assert!(Acl::checked(numbers(4, "other", 5, "User:a")).unwrap_err().contains(CLUSTER_NAME));
        assert!(Acl::checked(numbers(2, "", 3, "User:a")).is_err());
        assert!(Acl::checked(numbers(2, "t", 1, "User:a")).is_err());
        assert!(Acl::checked(numbers(2, "t", 3, "alice")).unwrap_err().contains("no colon"));
    }
}
