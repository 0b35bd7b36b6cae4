//! InitProducerId: ids for idempotent producers.

use tracing::error;
use wire::ErrorCode;
use wire::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};

use crate::Broker;

pub(super) fn init_producer_id(broker: &Broker, request: InitProducerIdRequest) -> InitProducerIdResponse {
    if request.transactional_id.is_some() {
        // The APIs of transactions are not advertised, so a client that reads them never comes here.
        return InitProducerIdResponse {
            error_code: ErrorCode::TransactionalIdAuthorizationFailed.into(),
            producer_epoch: -1,
            ..Default::default()
        };
    }
    match broker.next_producer_id() {
        Ok(producer_id) => InitProducerIdResponse { producer_id, producer_epoch: 0, ..Default::default() },
        Err(reason) => {
            error!(%reason, "no producer id");
            InitProducerIdResponse {
                error_code: ErrorCode::KafkaStorageError.into(),
                producer_epoch: -1,
                ..Default::default()
            }
        }
    }
}
