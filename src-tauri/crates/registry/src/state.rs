//! The log's content in memory: what every answer is read from.
//!
//! [`State::apply`] takes the log's records in order; nothing else changes it.

mod ids;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) use ids::{Ids, Stored};

use crate::{
    Mode,
    record::Record,
    schema::Guid,
    settings::Settings,
    subject::{DEFAULT_CONTEXT, Prefix, Subject},
};

/// One version of a subject.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) stored: Arc<Stored>,
    pub(crate) deleted: bool,
}

impl Version {
    pub(crate) fn is_shown(&self, deleted: Deleted) -> bool {
        match deleted {
            Deleted::Hide => !self.deleted,
            Deleted::Show | Deleted::Negative => true,
            Deleted::Only => self.deleted,
        }
    }
}

/// What a listing does with the softly deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deleted {
    Hide,
    Show,
    Only,
    /// Show them with their version below zero.
    Negative,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    subjects: BTreeMap<Subject, BTreeMap<i32, Version>>,
    /// By context.
    ids: BTreeMap<String, Ids>,
    /// Which schemas refer to a version: their context and id.
    referrers: BTreeMap<(Subject, i32), BTreeSet<(String, i32)>>,
    settings: BTreeMap<Subject, Settings>,
    modes: BTreeMap<Subject, Mode>,
    contexts: BTreeSet<String>,
}

impl State {
    pub(crate) fn apply(&mut self, record: Record) {
        match record {
            Record::Schema { subject, version, value: Some(value) } => {
                if !subject.is_in_default_context() {
                    self.contexts.insert(subject.context().to_owned());
                }
                self.forget(&subject, version);
                let stored = self.ids_of_mut(&subject).add(&subject, version, value.id, value.schema);
                self.refer(&subject, &stored);
                let version_of = Version { stored, deleted: value.deleted };
                self.subjects.entry(subject).or_default().insert(version, version_of);
            }
            Record::Schema { subject, version, value: None } => self.forget(&subject, version),
            Record::Config { subject, value: Some(value) } => drop(self.settings.insert(subject, *value)),
            Record::Config { subject, value: None } => drop(self.settings.remove(&subject)),
            Record::Mode { subject, value: Some(mode) } => drop(self.modes.insert(subject, mode)),
            Record::Mode { subject, value: None } => drop(self.modes.remove(&subject)),
            Record::Context { context, is_gone: false } => drop(self.contexts.insert(context)),
            Record::Context { context, is_gone: true } => drop(self.contexts.remove(&context)),
            Record::DeleteSubject { subject, version } => {
                let last = version.unwrap_or(i32::MAX);
                for (_, version) in
                    self.subjects.get_mut(&subject).into_iter().flat_map(|v| v.range_mut(..=last))
                {
                    version.deleted = true;
                }
            }
            Record::ClearSubject { subject } => {
                let deleted: Vec<(Subject, i32)> = self
                    .versions_held_by(&subject)
                    .filter(|(_, _, version)| version.deleted)
                    .map(|(subject, number, _)| (subject.clone(), number))
                    .collect();
                deleted.iter().for_each(|(subject, version)| self.forget(subject, *version));
            }
            Record::Noop => {}
        }
    }

    fn forget(&mut self, subject: &Subject, number: i32) {
        let Some(versions) = self.subjects.get_mut(subject) else { return };
        let Some(version) = versions.remove(&number) else { return };
        if versions.is_empty() {
            self.subjects.remove(subject);
        }
        let id = version.stored.id;
        if !self.ids_of_mut(subject).remove(subject, number, id) {
            return;
        }
        for reference in &version.stored.schema.references {
            let key = (subject.sibling(&reference.subject), reference.version);
            if let Some(referrers) = self.referrers.get_mut(&key) {
                referrers.remove(&(subject.context().to_owned(), id));
                if referrers.is_empty() {
                    self.referrers.remove(&key);
                }
            }
        }
    }

    fn refer(&mut self, subject: &Subject, stored: &Stored) {
        for reference in &stored.schema.references {
            let key = (subject.sibling(&reference.subject), reference.version);
            self.referrers.entry(key).or_default().insert((subject.context().to_owned(), stored.id));
        }
    }

    fn ids_of_mut(&mut self, subject: &Subject) -> &mut Ids {
        self.ids.entry(subject.context().to_owned()).or_default()
    }

    /// All versions of a subject, the softly deleted too.
    pub(crate) fn versions(&self, subject: &Subject) -> Option<&BTreeMap<i32, Version>> {
        self.subjects.get(subject)
    }

    pub(crate) fn version(&self, subject: &Subject, number: i32) -> Option<&Version> {
        self.subjects.get(subject)?.get(&number)
    }

    /// The newest version that is not deleted.
    pub(crate) fn latest(&self, subject: &Subject) -> Option<(i32, &Version)> {
        let versions = self.subjects.get(subject)?;
        versions
            .iter()
            .rev()
            .find(|(_, version)| !version.deleted)
            .map(|(number, version)| (*number, version))
    }

    /// The subject has a version that is shown.
    pub(crate) fn has(&self, subject: &Subject, deleted: Deleted) -> bool {
        self.subjects
            .get(subject)
            .is_some_and(|versions| versions.values().any(|version| version.is_shown(deleted)))
    }

    /// Versions of `holder`, or of all subjects in it if it is a context.
    pub(crate) fn versions_held_by<'s>(
        &'s self,
        holder: &Subject,
    ) -> impl Iterator<Item = (&'s Subject, i32, &'s Version)> {
        self.subjects.iter().filter(move |(subject, _)| holder.holds(subject)).flat_map(
            |(subject, versions)| versions.iter().map(move |(number, version)| (subject, *number, version)),
        )
    }

    /// Subjects that match, in order of their full names.
    pub(crate) fn subjects(&self, prefix: &Prefix) -> Vec<(&Subject, &BTreeMap<i32, Version>)> {
        let mut found: Vec<_> = self.subjects.iter().filter(|(subject, _)| prefix.matches(subject)).collect();
        found.sort_by_cached_key(|(subject, _)| subject.to_string());
        found
    }

    pub(crate) fn ids(&self, context: &str) -> Option<&Ids> {
        self.ids.get(context)
    }

    /// Contexts and ids of a schema, the default context first.
    pub(crate) fn ids_of_guid(&self, guid: Guid) -> Vec<(&str, i32)> {
        let found = self.contexts().into_iter();
        found.filter_map(|context| Some((context, self.ids.get(context)?.id_of(guid)?))).collect()
    }

    /// Contexts and ids of the schemas that refer to a version.
    pub(crate) fn referrers(&self, subject: &Subject, number: i32) -> impl Iterator<Item = (&str, i32)> {
        let found = self.referrers.get(&(subject.clone(), number)).into_iter().flatten();
        found.map(|(context, id)| (context.as_str(), *id))
    }

    /// The default context, then the others by name.
    pub(crate) fn contexts(&self) -> Vec<&str> {
        let others = self.contexts.iter().map(String::as_str).filter(|context| *context != DEFAULT_CONTEXT);
        [DEFAULT_CONTEXT].into_iter().chain(others).collect()
    }

    /// What was set for exactly this subject.
    pub(crate) fn own_settings(&self, subject: &Subject) -> Option<&Settings> {
        self.settings.get(subject)
    }

    pub(crate) fn own_mode(&self, subject: &Subject) -> Option<Mode> {
        self.modes.get(subject).copied()
    }

    /// The settings in force for a subject.
    pub(crate) fn settings(&self, subject: &Subject) -> Settings {
        let global = self.settings.get(&Subject::global()).cloned().unwrap_or_default();
        if let Some(own) = self.settings.get(subject) {
            return own.clone().over(&global);
        }
        [subject.own_context(), Subject::last_resort()]
            .iter()
            .find_map(|holder| self.settings.get(holder))
            .cloned()
            .unwrap_or_default()
    }

    /// The mode in force for a subject.
    pub(crate) fn mode(&self, subject: &Subject) -> Mode {
        let holders = [Some(subject), Some(&subject.own_context()), Some(&Subject::last_resort())]
            .into_iter()
            .flatten()
            .find_map(|holder| self.own_mode(holder));
        match self.own_mode(&Subject::global()) {
            Some(Mode::ReadonlyOverride) => Mode::ReadonlyOverride,
            _ => holders.unwrap_or_default(),
        }
    }

    pub(crate) fn modes_held_by<'s>(&'s self, holder: &Subject) -> impl Iterator<Item = &'s Subject> {
        self.modes.keys().filter(move |subject| holder.holds(subject))
    }
}
