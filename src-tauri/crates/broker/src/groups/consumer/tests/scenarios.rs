//! What members and time do, case by case.

use super::*;

#[test]
fn a_second_member_gets_its_share_once_the_first_gave_it_up() {
    let mut world = World::new(&[("t", 4)]);
    let first = world.join("a", &["t"]);
    world.check(&first, 2, Some(&[("t", &[0, 1, 2, 3])]));
    let second = world.join("b", &["t"]);
    world.check(&second, 3, Some(&[]));
    assert_eq!(world.group.state(), GroupState::Reconciling);

    // The first is told, and stays at its epoch until it says that it did.
    let told = world.go_on("a", 2, &[("t", &[0, 1, 2, 3])]).unwrap();
    world.check(&told, 2, Some(&[("t", &[0, 1])]));
    let waits = world.go_on("b", 3, &[]).unwrap();
    world.check(&waits, 3, None);
    let done = world.go_on("a", 2, &[("t", &[0, 1])]).unwrap();
    world.check(&done, 3, None);
    let gets = world.go_on("b", 3, &[]).unwrap();
    world.check(&gets, 3, Some(&[("t", &[2, 3])]));
    assert_eq!(world.group.state(), GroupState::Stable);
}

#[test]
fn a_member_that_leaves_frees_what_it_had() {
    let mut world = World::new(&[("t", 2)]);
    world.join("a", &["t"]);
    world.join("b", &["t"]);
    let (beaten, _, leaving) = world.group.leave("g", "a", None, LEAVE_EPOCH).unwrap();
    assert_eq!((beaten.member_epoch, leaving.as_slice()), (-1, &["a".to_owned()][..]));
    let changes = world.remove(&["a"]);
    let gone = [Change::Current, Change::Target, Change::Member].map(|change| change("a".into()));
    assert_eq!(changes, [&gone[..], &[Change::Epoch]].concat());
    assert_eq!(world.group.state(), GroupState::Assigning);
    let gets = world.go_on("b", 3, &[]).unwrap();
    world.check(&gets, 4, Some(&[("t", &[0, 1])]));
    assert_eq!(world.group.leave("g", "a", None, LEAVE_EPOCH).unwrap_err().code, ErrorCode::UnknownMemberId);
}

#[test]
fn epochs_fence() {
    let mut world = World::new(&[("t", 2)]);
    world.join("a", &["t"]);
    let code = |world: &mut World, epoch, owned: &[(&str, &[i32])]| {
        world.go_on("a", epoch, owned).map_or_else(|refusal| refusal.code, |_| ErrorCode::None)
    };
    assert_eq!(code(&mut world, 3, &[]), ErrorCode::FencedMemberEpoch);
    // The answer with epoch 2 was lost.
    assert_eq!(code(&mut world, 0, &[]), ErrorCode::None);
    world.topics.set("t", 3);
    assert_eq!(code(&mut world, 2, &[("t", &[0, 1])]), ErrorCode::None);
    assert_eq!(code(&mut world, 2, &[("t", &[0, 1])]), ErrorCode::None);
    assert_eq!(code(&mut world, 2, &[("t", &[7])]), ErrorCode::FencedMemberEpoch);
    assert_eq!(world.beat(&beat("x", 4)).unwrap_err().code, ErrorCode::UnknownMemberId);
}

#[test]
fn topics_that_change_make_a_new_epoch() {
    let mut world = World::new(&[]);
    let first = world.join("a", &["t"]);
    world.check(&first, 2, Some(&[]));
    world.topics.set("other", 1);
    let same = world.beat(&beat("a", 2)).unwrap();
    world.check(&same, 2, None);
    world.topics.set("t", 1);
    let made = world.beat(&beat("a", 2)).unwrap();
    world.check(&made, 3, Some(&[("t", &[0])]));
    world.topics.set("t", 2);
    let grown = world.beat(&beat("a", 3)).unwrap();
    world.check(&grown, 4, Some(&[("t", &[0, 1])]));
    world.topics.remove("t");
    // What it still has of a topic that is gone it has to give up.
    let told = world.beat(&beat("a", 4)).unwrap();
    world.check(&told, 4, Some(&[]));
    let gone = world.go_on("a", 4, &[]).unwrap();
    world.check(&gone, 5, None);
    assert!(world.group.taken.is_empty());
}

#[test]
fn expressions_match_whole_names_and_follow_the_topics() {
    let mut world = World::new(&[("orders", 1), ("old-orders", 1)]);
    let ask = |expression: &str| Heartbeat { regex: Some(expression.into()), ..joining("a", &[]) };
    for broken in ["(", ")", "a{2", "(?=x)", r"\1"] {
        let refused = world.beat(&ask(broken));
        assert_eq!(refused.unwrap_err().code, ErrorCode::InvalidRegularExpression, "{broken}");
    }
    assert_eq!(world.group.members().count(), 0);
    let first = world.beat(&ask("orders|payments.*")).unwrap();
    world.check(&first, 2, Some(&[("orders", &[0])]));
    world.topics.set("payments-eu", 1);
    let more = world.beat(&beat("a", 2)).unwrap();
    world.check(&more, 3, Some(&[("orders", &[0]), ("payments-eu", &[0])]));
    assert!(world.group.is_subscribed("payments-eu") && !world.group.is_subscribed("old-orders"));
    world.remove(&["a"]);
    assert!(world.group.regexes().is_empty());
}

#[test]
fn a_static_member_comes_back_to_its_partitions() {
    let mut world = World::new(&[("t", 2)]);
    let fixed = |id: &str| Heartbeat { instance_id: Some("i".into()), ..joining(id, &["t"]) };
    world.beat(&fixed("a")).unwrap();
    world.join("b", &["t"]);
    world
        .beat(&Heartbeat { owned: Some(Assignment::new()), instance_id: Some("i".into()), ..beat("a", 2) })
        .unwrap();
    assert_eq!(world.beat(&fixed("a2")).unwrap_err().code, ErrorCode::UnreleasedInstanceId);
    let (beaten, changes, leaving) = world.group.leave("g", "a", Some("i"), LEAVE_STATIC_EPOCH).unwrap();
    assert_eq!((beaten.member_epoch, changes.len(), leaving.len()), (-2, 1, 0));
    let epoch = world.group.epoch();
    let back = world.beat(&fixed("a2")).unwrap();
    assert_eq!((back.member_epoch, world.group.epoch()), (epoch, epoch));
    assert_eq!(back.assignment.unwrap().values().map(BTreeSet::len).sum::<usize>(), 1);
    let fenced = world.beat(&Heartbeat { instance_id: Some("i".into()), ..beat("a", 3) });
    assert_eq!(fenced.unwrap_err().code, ErrorCode::FencedInstanceId);
}

#[test]
fn a_full_group_takes_no_more_and_the_preferred_assignor_is_used() {
    let mut world = World::new(&[("t", 12)]);
    for id in ["a", "b", "c", "d", "e", "f"] {
        let range = Some("range".to_owned()).filter(|_| id < "d");
        world.beat(&Heartbeat { assignor: range, ..joining(id, &["t"]) }).unwrap();
    }
    let refused = world.beat(&joining("g", &["t"]));
    assert_eq!(refused.unwrap_err().code, ErrorCode::GroupMaxSizeReached);
    let settings = World::step(&world.topics, 0, 0).settings;
    assert_eq!(world.group.assignor(&settings), Assignor::Range);
}

#[test]
fn the_silent_and_the_slow_are_overdue() {
    let mut world = World::new(&[("t", 2)]);
    world.join("a", &["t"]);
    world.join("b", &["t"]);
    world.now += 10_000;
    world.go_on("a", 2, &[("t", &[0, 1])]).unwrap();
    assert_eq!(world.group.overdue(world.now), []);
    assert_eq!(world.group.next_deadline(), Some(world.now + i64::from(REBALANCE_MS)));
    world.now += i64::from(REBALANCE_MS);
    assert_eq!(world.group.overdue(world.now), [("a".to_owned(), Overdue::Revocation)]);
    world.now += SESSION_MS;
    let overdue: Vec<Overdue> = world.group.overdue(world.now).into_iter().map(|(_, why)| why).collect();
    assert_eq!(overdue, [Overdue::Session, Overdue::Session]);
}

#[test]
fn a_target_may_have_to_wait() {
    let mut world = World::new(&[("t", 2)]);
    world.interval_ms = 1000;
    world.join("a", &["t"]);
    let second = world.join("b", &["t"]);
    // The last target knows nothing of it.
    world.check(&second, 2, Some(&[]));
    world.now += 1000;
    world.beat(&beat("b", 2)).unwrap();
    assert_eq!(world.group.target_epoch(), 3);
}

#[test]
fn commits_count_from_the_epoch_a_partition_was_given_at() {
    let mut world = World::new(&[("t", 2)]);
    let topic = world.topics.id("t");
    let claim = |member_id, generation| Claim { member_id, instance_id: None, generation };
    assert_eq!(world.group.check_commit(claim("", -1), false), ErrorCode::None);
    world.join("a", &["t"]);
    assert_eq!(world.group.check_commit(claim("", -1), true), ErrorCode::UnknownMemberId);
    assert_eq!(world.group.check_commit(claim("a", 2), false), ErrorCode::UnsupportedVersion);
    assert_eq!(world.group.check_commit(claim("a", 3), true), ErrorCode::StaleMemberEpoch);
    world.topics.set("t", 3);
    world.beat(&beat("a", 2)).unwrap();
    assert_eq!(world.group.check_commit(claim("a", 2), true), ErrorCode::None);
    assert_eq!(world.group.check_commit_of(claim("a", 2), topic, 0), ErrorCode::None);
    assert_eq!(world.group.check_commit_of(claim("a", 2), topic, 2), ErrorCode::StaleMemberEpoch);
    assert_eq!(world.group.check_fetch(Some("a"), 2), ErrorCode::StaleMemberEpoch);
    assert_eq!(world.group.check_fetch(Some("a"), 3), ErrorCode::None);
    assert_eq!(world.group.check_fetch(None, -1), ErrorCode::None);
}
