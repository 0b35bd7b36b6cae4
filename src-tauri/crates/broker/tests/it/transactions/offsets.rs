//! Offsets that are committed with a transaction.

use super::*;

#[tokio::test]
async fn offsets_count_once_their_transaction_is_committed() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("in", 1, &[]).await;
    let mut producer = Transactional::new(&mut client, "a").await;

    let asked = AddOffsetsToTxnRequest {
        transactional_id: "a".into(),
        producer_id: producer.producer_id,
        producer_epoch: producer.epoch,
        group_id: "g".into(),
    };
    assert_eq!(
        producer.commit_offset(&mut client, 3, "g", 1).await,
        ErrorCode::InvalidTxnState.number(),
        "the group is not added"
    );
    assert_eq!(
        producer.commit_offset(&mut client, 4, "g", 1).await,
        ErrorCode::TransactionAbortable.number()
    );
    let added: AddOffsetsToTxnResponse = client.call(ApiKey::AddOffsetsToTxn, 0, &asked).await;
    assert_eq!(added.error_code, 0);
    assert_eq!(producer.commit_offset(&mut client, 3, "g", 1).await, 0);
    let unstable = ErrorCode::UnstableOffsetCommit.number();
    assert_eq!(group_offset(&mut client, "g", true).await, (unstable, -1));
    assert_eq!(group_offset(&mut client, "g", false).await, (0, -1));
    assert_eq!(producer.end(&mut client, 3, true).await, 0);
    assert_eq!(group_offset(&mut client, "g", true).await, (0, 1));

    // A commit without a transaction that came later stays, whatever becomes of the transaction.
    assert_eq!(producer.commit_offset(&mut client, 5, "g", 50).await, 0);
    let plain = OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: -1,
        topics: vec![OffsetCommitRequestTopic {
            name: "in".into(),
            partitions: vec![OffsetCommitRequestPartition {
                partition_index: 0,
                committed_offset: 1,
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let answer: OffsetCommitResponse = client.call(ApiKey::OffsetCommit, 8, &plain).await;
    assert_eq!(answer.topics[0].partitions[0].error_code, 0);
    assert_eq!(group_offset(&mut client, "g", true).await, (unstable, -1));
    assert_eq!(producer.end(&mut client, 5, true).await, 0);
    assert_eq!(group_offset(&mut client, "g", true).await, (0, 1));
    let epoch = producer.epoch;

    // Version 5 adds the group itself.
    assert_eq!(producer.commit_offset(&mut client, 5, "g", 2).await, 0);
    assert_eq!(describe(&mut client, "a").await, ("Ongoing".into(), vec!["__consumer_offsets".into()]));
    let crashed = crate::server::crash_copy(dir.path());
    assert_eq!(producer.end(&mut client, 5, false).await, 0);
    assert_eq!(group_offset(&mut client, "g", true).await, (0, 1));
    server.stop().await;

    // After a crash the transaction is still open.
    let server = Server::start(crashed.path()).await;
    let mut client = server.client().await;
    assert_eq!(group_offset(&mut client, "g", true).await, (unstable, -1));
    assert_eq!(group_offset(&mut client, "g", false).await, (0, 1));
    let mut again = Transactional { epoch, ..producer };
    assert_eq!(again.end(&mut client, 5, true).await, 0);
    assert_eq!(group_offset(&mut client, "g", true).await, (0, 2));
    server.stop().await;

    let server = Server::start(crashed.path()).await;
    let mut client = server.client().await;
    assert_eq!(group_offset(&mut client, "g", true).await, (0, 2));
    server.stop().await;
}
