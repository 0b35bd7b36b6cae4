//! Deleting: softly first, for good second.

use tracing::info;

use super::{Registry, Writer, lookup::is_used};
use crate::{
    Mode, RegistryError,
    record::{Record, SchemaVersion},
    state::{Deleted, State},
    subject::Subject,
};

impl Registry {
    /// Deletes a version and answers its number. `number` may be -1.
    pub(crate) async fn delete_version(
        &self,
        subject: &Subject,
        number: i32,
        permanent: bool,
    ) -> Result<i32, RegistryError> {
        let mut writer = self.inner.writer.lock().await;
        self.catch_up(&mut writer).await?;
        let (number, value) = {
            let state = self.inner.state.read();
            let name = || subject.to_string();
            let found = match number {
                -1 => state.latest(subject),
                _ => state.version(subject, number).map(|version| (number, version)),
            };
            let Some((number, version)) = found else {
                let exists = state.has(subject, Deleted::Show);
                return Err(if exists {
                    RegistryError::VersionNotFound(number)
                } else {
                    RegistryError::SubjectNotFound(name())
                });
            };
            match (permanent, version.deleted) {
                (false, true) => {
                    return Err(RegistryError::VersionSoftDeleted { subject: name(), version: number });
                }
                (true, false) => {
                    return Err(RegistryError::VersionNotSoftDeleted { subject: name(), version: number });
                }
                (false, false) | (true, true) => {}
            }
            permit(&state, subject)?;
            let counted = if permanent { Deleted::Show } else { Deleted::Hide };
            if state.referrers(subject, number).any(|(context, id)| is_used(&state, context, id, counted)) {
                return Err(RegistryError::ReferenceExists { subject: name(), version: number });
            }
            let stored = &version.stored;
            let value = SchemaVersion { id: stored.id, schema: stored.schema.clone(), deleted: true };
            (number, (!permanent).then(|| Box::new(value)))
        };
        self.append(&mut writer, &Record::Schema { subject: subject.clone(), version: number, value })
            .await?;
        if permanent && !self.inner.state.read().has(subject, Deleted::Show) {
            self.forget_settings(&mut writer, subject).await?;
        }
        info!(%subject, version = number, permanent, "schema version deleted");
        Ok(number)
    }

    /// Deletes all versions of a subject and answers their numbers.
    pub(crate) async fn delete_subject(
        &self,
        subject: &Subject,
        permanent: bool,
    ) -> Result<Vec<i32>, RegistryError> {
        let mut writer = self.inner.writer.lock().await;
        self.catch_up(&mut writer).await?;
        let numbers: Vec<i32> = {
            let state = self.inner.state.read();
            let name = || subject.to_string();
            if !state.has(subject, Deleted::Show) {
                return Err(RegistryError::SubjectNotFound(name()));
            }
            if !permanent && !state.has(subject, Deleted::Hide) {
                return Err(RegistryError::SubjectSoftDeleted(name()));
            }
            permit(&state, subject)?;
            let counted = if permanent { Deleted::Show } else { Deleted::Hide };
            let versions = state.versions(subject).into_iter().flatten();
            let numbers: Vec<i32> = versions
                .filter(|(_, version)| version.is_shown(counted))
                .map(|(number, _)| *number)
                .collect();
            for number in &numbers {
                if is_referenced_from_outside(&state, subject, *number, counted) {
                    return Err(RegistryError::ReferenceExists { subject: name(), version: *number });
                }
            }
            if permanent && state.has(subject, Deleted::Hide) {
                return Err(RegistryError::SubjectNotSoftDeleted(name()));
            }
            numbers
        };
        if permanent {
            // Newest first: a version may refer to an older one.
            for version in numbers.iter().rev().copied() {
                self.append(&mut writer, &Record::Schema { subject: subject.clone(), version, value: None })
                    .await?;
            }
            self.forget_settings(&mut writer, subject).await?;
        } else {
            let version = numbers.last().copied();
            self.append(&mut writer, &Record::DeleteSubject { subject: subject.clone(), version }).await?;
        }
        info!(%subject, versions = numbers.len(), permanent, "subject deleted");
        Ok(numbers)
    }

    /// Forgets a context that has no subjects.
    pub(crate) async fn delete_context(&self, context: &Subject) -> Result<(), RegistryError> {
        let mut writer = self.inner.writer.lock().await;
        self.catch_up(&mut writer).await?;
        if context.is_in_default_context()
            || self.inner.state.read().versions_held_by(context).next().is_some()
        {
            return Err(RegistryError::ContextNotEmpty(context.context().to_owned()));
        }
        let name = context.context().to_owned();
        if !self.inner.state.read().contexts().contains(&name.as_str()) {
            return Ok(());
        }
        self.append(&mut writer, &Record::Context { context: name, is_gone: true }).await
    }

    async fn forget_settings(&self, writer: &mut Writer, subject: &Subject) -> Result<(), RegistryError> {
        let (has_mode, has_settings) = {
            let state = self.inner.state.read();
            (state.own_mode(subject).is_some(), state.own_settings(subject).is_some())
        };
        if has_mode {
            self.append(writer, &Record::Mode { subject: subject.clone(), value: None }).await?;
        }
        if has_settings {
            self.append(writer, &Record::Config { subject: subject.clone(), value: None }).await?;
        }
        Ok(())
    }
}

/// A schema of another subject refers to this version.
fn is_referenced_from_outside(state: &State, subject: &Subject, number: i32, counted: Deleted) -> bool {
    state.referrers(subject, number).any(|(context, id)| {
        let uses = state.ids(context).into_iter().flat_map(|ids| ids.uses(id));
        uses.into_iter().any(|(user, version)| {
            user != subject && state.version(user, version).is_some_and(|version| version.is_shown(counted))
        })
    })
}

/// The subject's mode lets it be changed.
pub(super) fn permit(state: &State, subject: &Subject) -> Result<(), RegistryError> {
    match state.mode(subject) {
        Mode::Readonly | Mode::ReadonlyOverride => Err(RegistryError::NotPermitted(format!(
            "Subject {subject} in context {} is in read-only mode",
            subject.own_context()
        ))),
        Mode::Readwrite | Mode::Import | Mode::Forward => Ok(()),
    }
}
