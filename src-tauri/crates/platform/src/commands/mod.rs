//! The window's commands: one file per noun, one arm per command.

mod attach;
mod clusters;
mod dags;
mod groups;
mod messages;
mod overview;
mod quickstart;
mod schemas;
mod settings;
mod status;
mod topics;

pub(crate) use topics::SizeCache;

use api::{ApiError, ErrorCode, Request};
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::{internal, invalid};
use crate::platform::Services;

/// Answers one command by its name.
pub(crate) async fn dispatch(services: &Services, command: &str, params: Value) -> Result<Value, ApiError> {
    let params = if params.is_null() { json!({}) } else { params };
    let request = serde_json::from_value::<Request>(json!({ "command": command, "params": params }));
    let request = request.map_err(|error| {
        let reason = error.to_string();
        if reason.starts_with("unknown variant") {
            return ApiError::new(ErrorCode::NotFound, format!("There is no command '{command}'"));
        }
        invalid(format!("The parameters of '{command}' are wrong: {reason}"))
    })?;
    let started = std::time::Instant::now();
    let outcome = answer(services, request).await;
    tracing::debug!(
        command,
        elapsed_ms = started.elapsed().as_millis() as u64,
        ok = outcome.is_ok(),
        "command"
    );
    outcome
}

async fn answer(services: &Services, request: Request) -> Result<Value, ApiError> {
    let it = services;
    match request {
        Request::StatusGet(_) => reply(status::get(it).await),
        Request::ClustersList(_) => reply(Ok(it.clusters.rows())),
        Request::ClusterSettingsGet(params) => reply(attach::get(it, &params)),
        Request::ClusterAttach(params) => reply(attach::attach(it, params).await),
        Request::ClusterDetach(params) => reply(attach::detach(it, &params).await),
        Request::ClusterTry(params) => reply(attach::attempt(it, &params).await),
        Request::SettingsGet(_) => reply(settings::get(it)),
        Request::SettingsSet(params) => reply(settings::set(it, params)),
        Request::QuickstartGet(_) => reply(Ok(it.quickstart.get().await)),
        Request::QuickstartStart(_) => reply(quickstart::start(it).await),
        Request::QuickstartStop(_) => reply(quickstart::stop(it).await),
        Request::QuickstartRemove(_) => reply(quickstart::remove(it).await),

        Request::OverviewGet(params) => reply(overview::get(it, params).await),
        Request::MetricsGet(params) => reply(overview::metrics(it, params).await),
        Request::BrokersList(params) => reply(clusters::brokers(it, params).await),
        Request::BrokerConfigGet(params) => reply(clusters::broker_config(it, params).await),

        Request::TopicsList(params) => reply(topics::list(it, params).await),
        Request::TopicGet(params) => reply(topics::get(it, params).await),
        Request::TopicConfigGet(params) => reply(topics::config(it, params).await),
        Request::TopicConfigSet(params) => reply(topics::config_set(it, params).await),
        Request::TopicCreate(params) => reply(topics::create(it, params).await),
        Request::TopicDelete(params) => reply(topics::delete(it, params).await),
        Request::TopicPartitionsAdd(params) => reply(topics::partitions_add(it, params).await),
        Request::TopicEmpty(params) => reply(topics::empty(it, params).await),

        Request::MessagesBrowse(params) => reply(messages::browse(it, params).await),
        Request::MessagesTail(params) => reply(messages::tail(it, params).await),
        Request::MessageGet(params) => reply(messages::get(it, params).await),
        Request::MessageProduce(params) => reply(messages::produce(it, params).await),

        Request::GroupsList(params) => reply(groups::list(it, params).await),
        Request::GroupGet(params) => reply(groups::get(it, params).await),
        Request::GroupReset(params) => reply(groups::reset(it, params).await),
        Request::GroupDelete(params) => reply(groups::delete(it, params).await),

        Request::SubjectsList(params) => reply(schemas::list(it, params).await),
        Request::SubjectGet(params) => reply(schemas::get(it, params).await),
        Request::SchemaCheck(params) => reply(schemas::check(it, params).await),
        Request::SchemaRegister(params) => reply(schemas::register(it, params).await),
        Request::SubjectDelete(params) => reply(schemas::delete(it, params).await),
        Request::CompatibilitySet(params) => reply(schemas::compatibility_set(it, params).await),

        Request::DagsList(_) => reply(dags::list(it).await),
        Request::DagGet(params) => reply(dags::get(it, params).await),
        Request::DagPause(params) => reply(dags::pause(it, params).await),
        Request::DagTrigger(params) => reply(dags::trigger(it, params).await),
        Request::RunsList(params) => reply(dags::runs(it, params).await),
        Request::RunGet(params) => reply(dags::run(it, params).await),
        Request::RunStop(params) => reply(dags::run_stop(it, params).await),
        Request::TasksClear(params) => reply(dags::clear(it, params).await),
        Request::TaskInstanceGet(params) => reply(dags::task_instance(it, params).await),
        Request::TaskLogGet(params) => reply(dags::task_log(it, params).await),
    }
}

fn reply<T: Serialize>(outcome: Result<T, ApiError>) -> Result<Value, ApiError> {
    serde_json::to_value(outcome?).map_err(|error| internal(format!("the reply can't be written: {error}")))
}

/// A count for the window; nothing there comes near the limit.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
