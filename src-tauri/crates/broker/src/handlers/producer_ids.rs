//! InitProducerId: ids for idempotent producers, and new epochs for transactional ones.

use tracing::error;
use wire::ErrorCode;
use wire::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};

use crate::Broker;
use crate::transactions::Identity;

/// From here on clients know that a newer producer has taken over (KIP-588).
const KNOWS_FENCED: i16 = 4;

pub(super) fn init_producer_id(
    broker: &Broker,
    version: i16,
    request: InitProducerIdRequest,
) -> InitProducerIdResponse {
    match identity(broker, request) {
        Ok(Identity { id: producer_id, epoch: producer_epoch }) => {
            InitProducerIdResponse { producer_id, producer_epoch, ..Default::default() }
        }
        Err(error) => {
            let error = match error {
                ErrorCode::ProducerFenced if version < KNOWS_FENCED => ErrorCode::InvalidProducerEpoch,
                error => error,
            };
            InitProducerIdResponse { error_code: error.into(), producer_epoch: -1, ..Default::default() }
        }
    }
}

fn identity(broker: &Broker, request: InitProducerIdRequest) -> Result<Identity, ErrorCode> {
    let expected = match (request.producer_id, request.producer_epoch) {
        (-1, -1) => None,
        (id, epoch) if id >= 0 && epoch >= 0 => Some(Identity { id, epoch }),
        _ => return Err(ErrorCode::InvalidRequest),
    };
    let Some(transactional_id) = request.transactional_id else {
        let id = broker.next_producer_id().map_err(|reason| {
            error!(%reason, "no producer id");
            ErrorCode::KafkaStorageError
        })?;
        return Ok(Identity { id, epoch: 0 });
    };
    if transactional_id.is_empty() {
        return Err(ErrorCode::InvalidRequest);
    }
    let timeout_ms = request.transaction_timeout_ms;
    let timeout_ms_max = broker.settings().number("transaction.max.timeout.ms");
    if timeout_ms <= 0 || i64::from(timeout_ms) > timeout_ms_max {
        return Err(ErrorCode::InvalidTransactionTimeout);
    }
    broker.transactions().initialize(broker, &transactional_id, timeout_ms, expected)
}
