//! Settings and modes of subjects, contexts and the whole registry.

use serde_json::{Map, Value as Json};

use super::{Registry, delete::permit};
use crate::{Mode, RegistryError, record::Record, settings::Settings, state::Deleted, subject::Subject};

impl Registry {
    /// What was set for a subject, or what is in force for it.
    pub(crate) fn settings(&self, subject: &Subject, in_force: bool) -> Result<Settings, RegistryError> {
        let state = self.inner.state.read();
        let settings =
            if in_force { Some(state.settings(subject)) } else { state.own_settings(subject).cloned() };
        let has_default = subject.is_global() || subject.is_last_resort();
        let settings = settings.or_else(|| has_default.then(Settings::default));
        let mut settings =
            settings.ok_or_else(|| RegistryError::NoSubjectCompatibility(subject.to_string()))?;
        settings.compatibility_level.get_or_insert(self.inner.config.compatibility);
        Ok(settings)
    }

    /// The settings in force ask for normal form.
    pub(crate) fn normalizes(&self, subject: &Subject) -> bool {
        self.inner.state.read().settings(subject).normalize == Some(true)
    }

    /// The subject a name is an alias of, or the named one.
    pub(crate) fn resolve_alias(&self, subject: Subject) -> Subject {
        let state = self.inner.state.read();
        let alias = state.own_settings(&subject).and_then(|settings| settings.alias.as_deref());
        match alias.filter(|alias| !alias.is_empty()) {
            Some(alias) => subject.sibling(alias),
            None => subject,
        }
    }

    /// Changes settings by the body of a `PUT`.
    pub(crate) async fn update_settings(
        &self,
        subject: &Subject,
        patch: Map<String, Json>,
    ) -> Result<Settings, RegistryError> {
        if !subject.is_valid_for_settings() {
            return Err(RegistryError::InvalidSubject(subject.to_string()));
        }
        let mut writer = self.inner.writer.lock().await;
        self.catch_up(&mut writer).await?;
        let settings = {
            let state = self.inner.state.read();
            permit(&state, subject)?;
            state.own_settings(subject).cloned().unwrap_or_default().patched(patch)?
        };
        let value = Some(Box::new(settings.clone()));
        self.append(&mut writer, &Record::Config { subject: subject.clone(), value }).await?;
        Ok(settings)
    }

    /// Forgets what was set for a subject and answers it.
    pub(crate) async fn delete_settings(&self, subject: &Subject) -> Result<Settings, RegistryError> {
        let mut writer = self.inner.writer.lock().await;
        self.catch_up(&mut writer).await?;
        let old =
            self.settings(subject, false).map_err(|_| RegistryError::SubjectNotFound(subject.to_string()))?;
        permit(&self.inner.state.read(), subject)?;
        self.append(&mut writer, &Record::Config { subject: subject.clone(), value: None }).await?;
        Ok(old)
    }

    /// The mode set for a subject, or the one in force.
    pub(crate) fn mode(&self, subject: &Subject, in_force: bool) -> Result<Mode, RegistryError> {
        let state = self.inner.state.read();
        if in_force {
            return Ok(state.mode(subject));
        }
        let has_default = subject.is_global() || subject.is_last_resort();
        let mode = state.own_mode(subject).or_else(|| has_default.then(Mode::default));
        mode.ok_or_else(|| RegistryError::NoSubjectMode(subject.to_string()))
    }

    /// Sets a mode. Importing begins with nothing there, unless forced: ids
    /// brought along would collide.
    pub(crate) async fn set_mode(
        &self,
        subject: &Subject,
        mode: Option<Mode>,
        force: bool,
    ) -> Result<(), RegistryError> {
        if !subject.is_valid_for_settings() {
            return Err(RegistryError::InvalidSubject(subject.to_string()));
        }
        if mode == Some(Mode::Forward) && !subject.is_last_resort() {
            return Err(RegistryError::ForwardBelowGlobal);
        }
        let mut writer = self.inner.writer.lock().await;
        self.catch_up(&mut writer).await?;
        if mode == Some(Mode::Import) && self.inner.state.read().mode(subject) != Mode::Import && !force {
            let gone: Vec<(Subject, i32)> = {
                let state = self.inner.state.read();
                if state.versions_held_by(subject).any(|(_, _, version)| version.is_shown(Deleted::Hide)) {
                    let reason = "Cannot import since found existing subjects".to_owned();
                    return Err(RegistryError::NotPermitted(reason));
                }
                let held = state.versions_held_by(subject);
                held.map(|(subject, version, _)| (subject.clone(), version)).collect()
            };
            for (subject, version) in gone {
                if self.inner.state.read().referrers(&subject, version).next().is_some() {
                    return Err(RegistryError::ReferenceExists { subject: subject.to_string(), version });
                }
                self.append(&mut writer, &Record::Schema { subject, version, value: None }).await?;
            }
            self.append(&mut writer, &Record::ClearSubject { subject: subject.clone() }).await?;
        }
        self.append(&mut writer, &Record::Mode { subject: subject.clone(), value: mode }).await
    }

    /// Forgets a mode and answers it; `recursive`: those of a context's
    /// subjects too.
    pub(crate) async fn delete_mode(
        &self,
        subject: &Subject,
        recursive: bool,
    ) -> Result<Option<Mode>, RegistryError> {
        let mut writer = self.inner.writer.lock().await;
        self.catch_up(&mut writer).await?;
        let old = self.mode(subject, false).ok();
        if old.is_none() && !recursive {
            return Err(RegistryError::SubjectNotFound(subject.to_string()));
        }
        let holders: Vec<Subject> = if recursive {
            self.inner.state.read().modes_held_by(subject).cloned().collect()
        } else {
            vec![subject.clone()]
        };
        for subject in holders {
            self.append(&mut writer, &Record::Mode { subject, value: None }).await?;
        }
        Ok(old)
    }
}
