//! Everything about security that one broker holds: who is known, what is allowed, what is used.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use super::acl::{Operation, ResourceType};
use super::principal::Principal;
use super::quota::{Entity, Limits};
use super::quotas::Quotas;
use super::rate::Windows;
use super::scram::{ITERATIONS_MIN, ScramCredential, ScramHash};
use super::store::{Content, SecurityFile, Snapshot};
use super::telemetry::Telemetry;
use crate::config::{OpenError, Users};
use crate::configs::Settings;

/// Kafka's own authorizer, which is also ours.
const AUTHORIZER: &str = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

/// Everything about security that one broker holds.
pub(crate) struct Security {
    file: SecurityFile,
    quotas: Quotas,
    telemetry: Telemetry,
    users: Users,
    /// SCRAM credentials made of configured passwords, when they are first asked for.
    derived: Mutex<HashMap<(String, ScramHash), ScramCredential>>,
    /// None: everything is allowed.
    authorizer: Option<Authorizer>,
}

struct Authorizer {
    /// `User:…`
    super_users: BTreeSet<String>,
    allow_without_rule: bool,
}

impl Authorizer {
    fn is_super(&self, principal: &Principal) -> bool {
        principal.is_internal() || self.super_users.contains(&principal.to_string())
    }
}

impl Security {
    pub(crate) fn open(root: &Path, settings: &Settings, users: Users) -> Result<Self, OpenError> {
        let file = SecurityFile::open(root)?;
        let windows = |prefix: &str| Windows {
            count: settings.number(&format!("{prefix}.window.num")).max(1),
            size_ms: settings.number(&format!("{prefix}.window.size.seconds")).max(1) * 1000,
        };
        let quotas =
            Quotas::new(&file.current().content.quotas, windows("quota"), windows("controller.quota"));
        let authorizer = match settings.text("authorizer.class.name").trim() {
            "" => None,
            AUTHORIZER => Some(Authorizer {
                super_users: settings
                    .text("super.users")
                    .split(';')
                    .map(|user| user.trim().to_owned())
                    .filter(|user| !user.is_empty())
                    .collect(),
                allow_without_rule: settings.flag("allow.everyone.if.no.acl.found"),
            }),
            other => {
                return Err(OpenError::Security(format!(
                    "authorizer.class.name: {other} is not known; {AUTHORIZER} is, and empty allows everything"
                )));
            }
        };
        Ok(Self {
            file,
            quotas,
            telemetry: Telemetry::default(),
            users,
            derived: Mutex::default(),
            authorizer,
        })
    }

    pub(crate) fn users(&self) -> &BTreeMap<String, String> {
        &self.users.0
    }

    pub(crate) fn quotas(&self) -> &Quotas {
        &self.quotas
    }

    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    pub(crate) fn current(&self) -> Arc<Snapshot> {
        self.file.current()
    }

    /// See [`SecurityFile::change`].
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut Content) -> Option<T>,
    ) -> std::io::Result<Option<T>> {
        self.file.change(change)
    }

    /// How often something was changed since the start.
    pub(crate) fn changes(&self) -> u64 {
        self.file.changes()
    }

    /// The same for quotas, which are in force at once.
    pub(crate) fn change_quotas(
        &self,
        change: impl FnOnce(&mut Vec<(Entity, Limits)>),
    ) -> std::io::Result<()> {
        self.file.change(|content| {
            change(&mut content.quotas);
            Some(())
        })?;
        self.quotas.set(&self.current().content.quotas);
        Ok(())
    }

    /// What SCRAM checks a user by: set by an administrator, or made of a configured password.
    pub(crate) fn scram_credential(&self, user: &str, hash: ScramHash) -> Option<ScramCredential> {
        let current = self.current();
        let set = current.content.scram.get(user).and_then(|by_hash| by_hash.get(&hash));
        if let Some(credential) = set {
            return Some(credential.clone());
        }
        let password = self.users().get(user)?;
        let mut derived = self.derived.lock();
        let credential = derived.entry((user.to_owned(), hash)).or_insert_with(|| {
            let salt = uuid::Uuid::new_v4().into_bytes().to_vec();
            let salted = hash.salted_password(password, &salt, ITERATIONS_MIN);
            ScramCredential::new(hash, salt, &salted, ITERATIONS_MIN)
        });
        Some(credential.clone())
    }

    /// Whether anything can be forbidden.
    pub(crate) fn is_enforced(&self) -> bool {
        self.authorizer.is_some()
    }

    /// Whether anything may be forbidden to a principal.
    pub(crate) fn may_refuse(&self, principal: &Principal) -> bool {
        self.authorizer.as_ref().is_some_and(|rules| !rules.is_super(principal))
    }

    /// Whether a principal at a host may do something to a resource.
    pub(crate) fn allows(
        &self,
        principal: &Principal,
        host: &str,
        operation: Operation,
        resource: ResourceType,
        name: &str,
    ) -> bool {
        let Some(authorizer) = &self.authorizer else { return true };
        if authorizer.is_super(principal) {
            return true;
        }
        let shown = principal.to_string();
        let decided = self.current().rules.decide(&shown, host, operation, resource, name);
        decided.unwrap_or(authorizer.allow_without_rule)
    }

    /// Whether there may be a resource of the type on which the principal may do something.
    pub(crate) fn allows_some(
        &self,
        principal: &Principal,
        host: &str,
        operation: Operation,
        resource: ResourceType,
    ) -> bool {
        let Some(authorizer) = &self.authorizer else { return true };
        let shown = principal.to_string();
        authorizer.is_super(principal)
            || authorizer.allow_without_rule
            || self.current().rules.allows_some(&shown, host, operation, resource)
    }
}
