//! The quickstart pipeline, by a click.

use api::ApiError;
use api::quickstart::Quickstart;

use crate::platform::Services;

pub(super) async fn start(it: &Services) -> Result<Quickstart, ApiError> {
    it.quickstart.start().await?;
    Ok(it.quickstart.get().await)
}

pub(super) async fn stop(it: &Services) -> Result<Quickstart, ApiError> {
    it.quickstart.stop().await?;
    Ok(it.quickstart.get().await)
}

pub(super) async fn remove(it: &Services) -> Result<Quickstart, ApiError> {
    it.quickstart.remove().await?;
    Ok(it.quickstart.get().await)
}
