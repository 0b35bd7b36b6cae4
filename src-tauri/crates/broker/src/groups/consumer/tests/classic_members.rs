//! Members of the classic protocol in a consumer group.

use super::*;
use crate::groups::classic::Limits;

const LIMITS: Limits = Limits { initial_rebalance_delay_ms: 0, members_max: 10 };

pub(super) fn subscription(topics: &[&str], owned: &[(&str, &[i32])]) -> Protocol {
    use wire::codec::{Cx, encode};
    use wire::messages::group_records::{ConsumerProtocolSubscription, ConsumerProtocolTopic};
    let owned = owned.iter().map(|(topic, partitions)| ConsumerProtocolTopic {
        topic: (*topic).into(),
        partitions: partitions.to_vec(),
    });
    let body = ConsumerProtocolSubscription {
        topics: topics.iter().map(|name| (*name).to_owned()).collect(),
        owned_partitions: owned.collect(),
        ..Default::default()
    };
    let body = encode(&body, Cx { version: 1, flexible: false });
    Protocol { name: "cooperative-sticky".into(), metadata: [&[0, 1][..], &body].concat().into() }
}

pub(super) fn classic(id: &str, owned: &[(&str, &[i32])]) -> ClassicJoin {
    ClassicJoin {
        member_id: id.into(),
        fresh_id: "fresh".into(),
        instance_id: None,
        client_id: "client".into(),
        client_host: "/127.0.0.1".into(),
        protocol_type: "consumer".into(),
        protocols: vec![subscription(&["t"], owned)],
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: REBALANCE_MS,
        needs_known_id: true,
    }
}

#[test]
fn classic_members_live_beside_the_others() {
    let mut world = World::new(&[("t", 4)]);
    world.join("a", &["t"]);
    let topics = Map::with(&[("t", 4)]);
    let step = World::step(&topics, 1, 0);
    let refused = world.group.classic_join(&step, &classic("", &[])).unwrap_err();
    assert_eq!(refused.code, ErrorCode::MemberIdRequired);
    let (joined, _) = world.group.classic_join(&step, &classic("c", &[])).unwrap();
    assert_eq!((joined.generation, joined.protocol.as_str()), (3, "cooperative-sticky"));
    let claim = |generation| Claim { member_id: "c", instance_id: None, generation };
    let empty = world.group.classic_sync(&step, "g", claim(3), (Some("consumer"), None)).unwrap();
    assert_eq!(protocol::assignment(&empty, &topics), Some(Assignment::new()));
    assert!(world.group.classic_heartbeat(&step, "g", claim(3)).is_ok());
    // Once the other has given up its part, the heartbeat tells the classic one to join anew.
    world.go_on("a", 2, &[("t", &[0, 1, 2, 3])]).unwrap();
    world.go_on("a", 2, &[("t", &[0, 1])]).unwrap();
    let told = world.group.classic_heartbeat(&step, "g", claim(3)).unwrap_err();
    assert_eq!(told.code, ErrorCode::RebalanceInProgress);
    let (joined, _) = world.group.classic_join(&step, &classic("c", &[])).unwrap();
    let bytes = world.group.classic_sync(&step, "g", claim(joined.generation), (None, None)).unwrap();
    let expected = Assignment::from([(topics.id("t"), BTreeSet::from([2, 3]))]);
    assert_eq!(protocol::assignment(&bytes, &topics), Some(expected.clone()));

    // The last of the others leaves: a classic group remains, with what was assigned.
    let downgrade = world.group.downgrade_without(&step.settings, &["a".to_owned()]).unwrap();
    let group = world.group.to_classic(&step, LIMITS, &downgrade);
    assert_eq!((group.generation(), group.members().count()), (3, 1));
    let upgraded = Group::from_classic(1, &group, &topics).unwrap();
    assert_eq!(upgraded.member("c").unwrap().assigned(), expected);
    assert_eq!(upgraded.state(), GroupState::Stable);
}

#[test]
fn a_dynamic_member_that_turns_classic_leaves_the_group_what_it_is() {
    let mut world = World::new(&[("t", 4)]);
    world.join("a", &["t"]);
    let topics = Map::with(&[("t", 4)]);
    let step = World::step(&topics, 1, 0);
    let (joined, _) = world.group.classic_join(&step, &classic("a", &[])).unwrap();
    assert_eq!(joined.downgrade, None);
    // So a member that nobody knows may still come by an id of its own.
    let (joined, _) = world.group.classic_join(&step, &classic("b", &[])).unwrap();
    assert_eq!((joined.member_id.as_str(), joined.downgrade), ("b", None));
    assert_eq!(world.group.members().filter(|member| member.is_classic()).count(), 2);
    // The next that goes finds only classic members, which is a classic group's.
    let downgrade = world.group.downgrade_without(&step.settings, &["b".to_owned()]).unwrap();
    assert!(downgrade.rebalances);
    assert_eq!(downgrade.generation, world.group.epoch());
}

#[test]
fn the_last_static_member_that_turns_classic_takes_the_group_along() {
    let joining = |topics: &[&str]| ClassicJoin {
        instance_id: Some("i".into()),
        needs_known_id: false,
        protocols: vec![subscription(topics, &[])],
        ..classic("", &[])
    };
    // With what it read before it keeps what it had, and nobody needs to join anew.
    let mut world = World::new(&[("t", 2), ("u", 1)]);
    world.beat(&Heartbeat { instance_id: Some("i".into()), ..super::joining("a", &["t"]) }).unwrap();
    let topics = Map::with(&[("t", 2), ("u", 1)]);
    let step = World::step(&topics, 1, 0);
    let mut same = world.group.clone();
    let (joined, _) = same.classic_join(&step, &joining(&["t"])).unwrap();
    let expected =
        Downgrade { generation: 2, rebalances: false, leaving: Vec::new(), newest: Some("fresh".into()) };
    assert_eq!((joined.generation, joined.downgrade), (2, Some(expected.clone())));
    let group = same.to_classic(&step, LIMITS, &expected);
    let member = group.members().next().unwrap();
    assert_eq!((group.generation(), group.leader(), member.id.as_str()), (2, Some("fresh"), "fresh"));
    let both = Assignment::from([(topics.id("t"), BTreeSet::from([0, 1]))]);
    assert_eq!(protocol::assignment(&member.assignment, &topics), Some(both));
    // With another subscription the assignment is out of date.
    let (joined, _) = world.group.classic_join(&step, &joining(&["u"])).unwrap();
    assert_eq!((joined.generation, joined.downgrade), (0, Some(Downgrade { rebalances: true, ..expected })));
}

#[test]
fn where_the_protocols_may_not_mix_no_classic_member_comes_in() {
    let mut world = World::new(&[("t", 1)]);
    world.join("a", &["t"]);
    let topics = Map::with(&[("t", 1)]);
    let mut step = World::step(&topics, 1, 0);
    step.settings.migration = MigrationPolicy::Disabled;
    let refused = world.group.classic_join(&step, &classic("c", &[])).unwrap_err();
    assert_eq!(refused.code, ErrorCode::InconsistentGroupProtocol);
}
