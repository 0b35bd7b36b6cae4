//! Who may do what: rules looked up by resource, a denial above every permission. The order of rules does not
//! matter.

use std::collections::{BTreeSet, HashMap};

use super::acl::{Acl, Operation, PatternType, Permission, ResourceType, WILDCARD};

/// Rules made quick to look up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    literal: HashMap<ResourceType, HashMap<String, Vec<Acl>>>,
    prefixed: HashMap<ResourceType, Prefixes>,
}

#[derive(Debug, Clone, Default)]
struct Prefixes {
    by_prefix: HashMap<String, Vec<Acl>>,
    /// Lengths that occur, so that not every prefix of a name is tried.
    lengths: BTreeSet<usize>,
}

impl Rules {
    pub(crate) fn new<'a>(acls: impl IntoIterator<Item = &'a Acl>) -> Self {
        let mut rules = Self::default();
        for acl in acls {
            let acl = acl.clone();
            match acl.pattern {
                PatternType::Literal => {
                    let by_name = rules.literal.entry(acl.resource).or_default();
                    by_name.entry(acl.name.clone()).or_default().push(acl);
                }
                PatternType::Prefixed => {
                    let prefixes = rules.prefixed.entry(acl.resource).or_default();
                    prefixes.lengths.insert(acl.name.len());
                    prefixes.by_prefix.entry(acl.name.clone()).or_default().push(acl);
                }
            }
        }
        rules
    }

    /// The rules about a name.
    fn about<'a>(&'a self, resource: ResourceType, name: &'a str) -> impl Iterator<Item = &'a Acl> {
        let literal = self.literal.get(&resource);
        let wildcard = (name != WILDCARD).then_some(WILDCARD);
        let exact = std::iter::once(name)
            .chain(wildcard)
            .filter_map(move |name| literal.and_then(|by_name| by_name.get(name)));
        let prefixed = self.prefixed.get(&resource).into_iter().flat_map(move |prefixes| {
            let lengths = prefixes.lengths.iter().take_while(|length| **length <= name.len());
            lengths.filter_map(|length| prefixes.by_prefix.get(name.get(..*length)?))
        });
        exact.chain(prefixed).flatten()
    }

    /// Whether `principal` (`User:…`) at `host` may do `operation`. None: there is no rule about the resource.
    pub(crate) fn decide(
        &self,
        principal: &str,
        host: &str,
        operation: Operation,
        resource: ResourceType,
        name: &str,
    ) -> Option<bool> {
        let mut decision = None;
        for acl in self.about(resource, name) {
            let allowed = decision.get_or_insert(false);
            if !acl.concerns(principal, host) {
                continue;
            }
            match acl.permission {
                Permission::Deny if acl.operation.covers(operation) => return Some(false),
                Permission::Allow if acl.operation.implies(operation) => *allowed = true,
                Permission::Deny | Permission::Allow => {}
            }
        }
        decision
    }

    /// Whether there may be a resource of this type on which the operation is allowed.
    pub(crate) fn allows_some(
        &self,
        principal: &str,
        host: &str,
        operation: Operation,
        resource: ResourceType,
    ) -> bool {
        let all = || {
            let literal = self.literal.get(&resource).into_iter().flat_map(HashMap::values);
            let prefixed = self.prefixed.get(&resource).into_iter();
            literal.chain(prefixed.flat_map(|prefixes| prefixes.by_prefix.values())).flatten()
        };
        let denies: Vec<&Acl> = all()
            .filter(|acl| {
                acl.permission == Permission::Deny
                    && acl.concerns(principal, host)
                    && acl.operation.covers(operation)
            })
            .collect();
        // A denied prefix or a denied name takes away what lies wholly inside it.
        let denied = |allowed: &Acl| {
            denies.iter().any(|deny| match (deny.pattern, allowed.pattern) {
                (PatternType::Literal, PatternType::Literal) => {
                    deny.name == WILDCARD || deny.name == allowed.name
                }
                (PatternType::Literal, PatternType::Prefixed) => deny.name == WILDCARD,
                (PatternType::Prefixed, _) => {
                    allowed.name.starts_with(&deny.name)
                        && !(allowed.name == WILDCARD && allowed.pattern == PatternType::Literal)
                }
            })
        };
        all().any(|acl| {
            acl.permission == Permission::Allow
                && acl.concerns(principal, host)
                && acl.operation.implies(operation)
                && !denied(acl)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn acls() -> impl Strategy<Value = Vec<Acl>> {
        let one = (
            prop::sample::select(vec!["a", "ab", "abc", "b", "*"]),
            prop::bool::ANY,
            prop::sample::select(vec!["User:x", "User:y", "User:*"]),
            prop::sample::select(vec!["h1", "h2", "*"]),
            prop::sample::select(vec![
                Operation::All,
                Operation::Read,
                Operation::Write,
                Operation::Describe,
                Operation::AlterConfigs,
            ]),
            prop::bool::weighted(0.3),
        );
        let acl = one.prop_map(|(name, literal, principal, host, operation, deny)| Acl {
            resource: ResourceType::Topic,
            name: name.to_owned(),
            pattern: if literal { PatternType::Literal } else { PatternType::Prefixed },
            principal: principal.to_owned(),
            host: host.to_owned(),
            operation,
            permission: if deny { Permission::Deny } else { Permission::Allow },
        });
        prop::collection::vec(acl, 0..12)
    }

    const NAMES: [&str; 5] = ["a", "ab", "abcd", "b", "c"];
    const OPERATIONS: [Operation; 4] =
        [Operation::Read, Operation::Write, Operation::Describe, Operation::DescribeConfigs];

    /// The rule book read literally, one rule after the other.
    fn by_the_book(acls: &[Acl], operation: Operation, name: &str) -> Option<bool> {
        let about: Vec<&Acl> = acls.iter().filter(|acl| acl.is_about(name)).collect();
        if about.is_empty() {
            return None;
        }
        let mine: Vec<&&Acl> = about.iter().filter(|acl| acl.concerns("User:x", "h1")).collect();
        let has = |permission: Permission, fits: fn(Operation, Operation) -> bool| {
            mine.iter().any(|acl| acl.permission == permission && fits(acl.operation, operation))
        };
        Some(!has(Permission::Deny, Operation::covers) && has(Permission::Allow, Operation::implies))
    }

    proptest! {
        #[test]
        fn lookup_agrees_with_the_book_in_any_order(acls in acls(), seed in any::<u64>()) {
            let mut shuffled = acls.clone();
            shuffled.sort_by_key(|acl| {
                use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
                BuildHasherDefault::<DefaultHasher>::default().hash_one((seed, acl))
            });
            let (rules, other) = (Rules::new(&acls), Rules::new(&shuffled));
            for name in NAMES {
                for operation in OPERATIONS {
                    let decide = |rules: &Rules| {
                        rules.decide("User:x", "h1", operation, ResourceType::Topic, name)
                    };
                    prop_assert_eq!(decide(&rules), by_the_book(&acls, operation, name));
                    prop_assert_eq!(decide(&rules), decide(&other));
                }
            }
        }

        #[test]
        fn a_further_denial_never_allows_more(acls in acls(), deny in acls()) {
            let before = Rules::new(&acls);
            let denials: Vec<Acl> = deny
                .into_iter()
                .map(|acl| Acl { permission: Permission::Deny, ..acl })
                .chain(acls)
                .collect();
            let after = Rules::new(&denials);
            for name in NAMES {
                for operation in OPERATIONS {
                    let decide = |rules: &Rules| {
                        rules.decide("User:x", "h1", operation, ResourceType::Topic, name)
                    };
                    prop_assert!(decide(&after) != Some(true) || decide(&before) == Some(true));
                }
            }
        }

        #[test]
        fn whoever_may_do_it_somewhere_is_told_so(acls in acls()) {
            let rules = Rules::new(&acls);
            for operation in OPERATIONS {
                let somewhere = NAMES.iter().any(|name| {
                    rules.decide("User:x", "h1", operation, ResourceType::Topic, name) == Some(true)
                });
                let told = rules.allows_some("User:x", "h1", operation, ResourceType::Topic);
                prop_assert!(told || !somewhere);
            }
        }
    }

    #[test]
    fn other_types_of_resource_do_not_count() {
        let acl = Acl {
            resource: ResourceType::Group,
            name: "*".to_owned(),
            pattern: PatternType::Literal,
            principal: "User:*".to_owned(),
            host: "*".to_owned(),
            operation: Operation::All,
            permission: Permission::Allow,
        };
        let rules = Rules::new([&acl]);
        let decide = |resource| rules.decide("User:x", "h", Operation::Read, resource, "a");
        assert_eq!(decide(ResourceType::Topic), None);
        assert_eq!(decide(ResourceType::Group), Some(true));
    }
}
