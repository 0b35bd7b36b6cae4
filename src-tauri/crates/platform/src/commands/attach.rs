//! Attaching clusters: `[clusters.<id>]` of `config.toml`, from the window.

use api::ApiError;
use api::cluster::*;
use api::commands::Done;
use cluster::Cluster;

use super::count;
use crate::clusters::{cluster_config, missing};
use crate::config::{self, AttachedCluster};
use crate::error::{internal, invalid};
use crate::platform::Services;

const PROTOCOL: &str = "security.protocol";
const MECHANISM: &str = "sasl.mechanism";
const USERNAME: &str = "sasl.username";
const PASSWORD: &str = "sasl.password";
const CA_FILE: &str = "ssl.ca.location";
const PROTOCOLS: [&str; 4] = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];

pub(super) fn get(it: &Services, params: &ClusterSettingsGet) -> Result<ClusterSettings, ApiError> {
    let attached = it.clusters.attached(&params.id).ok_or_else(|| missing(&params.id))?;
    let property = |name: &str| attached.properties.get(name).cloned();
    let stored = |secret: Option<&String>| if secret.is_some() { Secret::Stored } else { Secret::None };
    Ok(ClusterSettings {
        id: params.id.clone(),
        name: attached.name.clone(),
        color: attached.color.clone(),
        bootstrap_servers: attached.bootstrap_servers.clone(),
        read_only: attached.read_only,
        security_protocol: property(PROTOCOL).map_or_else(|| PROTOCOLS[0].to_owned(), |it| it.to_uppercase()),
        sasl_mechanism: property(MECHANISM),
        sasl_username: property(USERNAME),
        sasl_password: stored(attached.properties.get(PASSWORD)),
        ca_file: property(CA_FILE),
        // A password in the URL goes back in as it is stored.
        registry_url: cluster_config(&attached).registry.map(|registry| registry.shown_url()),
        registry_username: attached.registry_username.clone(),
        registry_password: stored(attached.registry_password.as_ref()),
        registry_token: stored(attached.registry_token.as_ref()),
        registry_ca_file: attached.registry_ca_file.clone(),
    })
}

pub(super) async fn attach(it: &Services, params: ClusterAttach) -> Result<ClusterRow, ApiError> {
    let id = params.settings.id.clone();
    let attached = attached(it, &params.settings)?;
    config::save_cluster(&it.config.paths().config_file(), &id, Some(&attached))?;
    it.clusters.set(&id, Some(attached)).await;
    let row = it.clusters.rows().into_iter().find(|row| row.id == id);
    row.ok_or_else(|| internal("the cluster is gone again"))
}

pub(super) async fn detach(it: &Services, params: &ClusterDetach) -> Result<Done, ApiError> {
    if it.clusters.attached(&params.id).is_none() {
        return Err(missing(&params.id));
    }
    config::save_cluster(&it.config.paths().config_file(), &params.id, None)?;
    it.clusters.set(&params.id, None).await;
    Ok(Done {})
}

pub(super) async fn attempt(it: &Services, params: &ClusterTry) -> Result<ClusterTried, ApiError> {
    let cluster = Cluster::connect(cluster_config(&attached(it, &params.settings)?));
    let registry = async {
        match cluster.schemas() {
            Ok(schemas) => Some(schemas.subject_names().await),
            Err(_) => None,
        }
    };
    let (brokers, registry) = tokio::join!(cluster.metadata(std::time::Duration::ZERO), registry);
    cluster.close().await;
    let (brokers, brokers_error) = match brokers {
        Ok(metadata) => (Some(count(metadata.brokers.len())), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let (subjects, registry_error) = match registry {
        Some(Ok(subjects)) => (Some(count(subjects.len())), None),
        Some(Err(error)) => (None, Some(error.to_string())),
        None => (None, None),
    };
    Ok(ClusterTried { brokers, brokers_error, subjects, registry_error })
}

/// The settings as the file has them, with the secrets that are stored.
fn attached(it: &Services, settings: &ClusterSettings) -> Result<AttachedCluster, ApiError> {
    check(settings)?;
    let before = it.clusters.attached(&settings.id).unwrap_or_default();
    let secret = |new: &Secret, stored: Option<&String>| match new {
        Secret::None => None,
        Secret::Stored => stored.cloned(),
        Secret::New { text } => Some(text.clone()).filter(|text| !text.is_empty()),
    };
    let mut properties = before.properties.clone();
    let is_sasl = settings.security_protocol.starts_with("SASL");
    let password = secret(&settings.sasl_password, before.properties.get(PASSWORD));
    for (name, value) in [
        (PROTOCOL, Some(&settings.security_protocol).filter(|protocol| *protocol != PROTOCOLS[0])),
        (MECHANISM, settings.sasl_mechanism.as_ref().filter(|_| is_sasl)),
        (USERNAME, settings.sasl_username.as_ref().filter(|_| is_sasl)),
        (PASSWORD, password.as_ref().filter(|_| is_sasl)),
        (CA_FILE, settings.ca_file.as_ref()),
    ] {
        match value.filter(|value| !value.is_empty()) {
            Some(value) => drop(properties.insert(name.to_owned(), value.clone())),
            None => drop(properties.remove(name)),
        }
    }
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let shown_before = cluster_config(&before).registry.map(|registry| registry.shown_url());
    let registry_url = match given(&settings.registry_url) {
        same if same == shown_before => before.registry_url.clone(),
        other => other,
    };
    Ok(AttachedCluster {
        name: given(&settings.name),
        color: given(&settings.color),
        bootstrap_servers: settings.bootstrap_servers.trim().to_owned(),
        registry_username: given(&settings.registry_username),
        registry_password: secret(&settings.registry_password, before.registry_password.as_ref()),
        registry_token: secret(&settings.registry_token, before.registry_token.as_ref()),
        registry_ca_file: given(&settings.registry_ca_file),
        registry_url,
        read_only: settings.read_only,
        properties,
    })
}

fn check(settings: &ClusterSettings) -> Result<(), ApiError> {
    let id = settings.id.as_str();
    let is_plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !is_plain || id == LOCAL {
        return Err(invalid("id: letters, digits, - and _ make a name; `local` is the embedded cluster's"));
    }
    if settings.bootstrap_servers.trim().is_empty() {
        return Err(invalid("bootstrap_servers: give at least one host:port"));
    }
    if !PROTOCOLS.contains(&settings.security_protocol.as_str()) {
        return Err(invalid(format!("security_protocol: one of {}", PROTOCOLS.join(", "))));
    }
    let url = settings.registry_url.as_deref().unwrap_or_default().trim();
    if !url.is_empty() && !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(invalid("registry_url: begins with http:// or https://"));
    }
    Ok(())
}
