//! Whatever clients do, in any order, against what must always hold and against a model of what they were told.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const CLIENTS: usize = 4;

/// What clients may do, in any order.
#[derive(Debug, Clone)]
enum Act {
    Join {
        who: usize,
        fixed: bool,
        anew: bool,
        needs_id: bool,
        protocols: &'static [&'static str],
    },
    Sync {
        who: usize,
        stale: bool,
    },
    Beat {
        who: usize,
        stale: bool,
    },
    Commit {
        who: usize,
        stale: bool,
    },
    Leave {
        who: usize,
        by_instance: bool,
    },
    /// Whoever had a static member's place before.
    Fenced {
        who: usize,
    },
    Pass {
        ms: u16,
    },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let who = 0..CLIENTS;
    let protocols = prop_oneof![
        3 => Just(&["range"][..]),
        1 => Just(&["sticky", "range"][..]),
        1 => Just(&["range", "sticky"][..]),
    ];
    let stale = prop::bool::weighted(0.2);
    let act = prop_oneof![
        6 => (who.clone(), any::<bool>(), prop::bool::weighted(0.3), any::<bool>(), protocols).prop_map(
            |(who, fixed, anew, needs_id, protocols)| Act::Join { who, fixed, anew, needs_id, protocols }
        ),
        6 => (who.clone(), stale).prop_map(|(who, stale)| Act::Sync { who, stale }),
        2 => (who.clone(), stale).prop_map(|(who, stale)| Act::Beat { who, stale }),
        2 => (who.clone(), stale).prop_map(|(who, stale)| Act::Commit { who, stale }),
        1 => (who.clone(), any::<bool>()).prop_map(|(who, by_instance)| Act::Leave { who, by_instance }),
        1 => who.prop_map(|who| Act::Fenced { who }),
        2 => (0u16..20_000).prop_map(|ms| Act::Pass { ms }),
    ];
    prop::collection::vec(act, 1..80)
}

/// What a client believes.
#[derive(Debug, Clone, Default)]
struct Client {
    id: String,
    instance: Option<String>,
    generation: i32,
    /// What a leader was told of the members.
    members: Vec<String>,
}

/// What the clients were told of one generation.
#[derive(Debug, Default)]
struct Generation {
    leaders: BTreeSet<String>,
    protocols: BTreeSet<Option<String>>,
}

#[derive(Debug, Clone, Copy)]
enum Asked {
    Join,
    Sync { generation: i32 },
}

/// The clients beside the group.
struct Model {
    world: World,
    clients: Vec<Client>,
    asked: BTreeMap<Ticket, (usize, Asked)>,
    answered: BTreeSet<Ticket>,
    /// Whose each id is.
    owners: BTreeMap<String, usize>,
    /// Ids that were replaced, with their instances.
    fenced: Vec<(String, String)>,
    generations: BTreeMap<i32, Generation>,
    /// Generations whose leader's assignment was taken.
    assigned: BTreeSet<i32>,
    /// What was committed last, and in which generation.
    committed: i32,
}

impl Model {
    fn new(delay_ms: Millis) -> Self {
        Self {
            world: World::new(delay_ms),
            clients: vec![Client::default(); CLIENTS],
            asked: BTreeMap::new(),
            answered: BTreeSet::new(),
            owners: BTreeMap::new(),
            fenced: Vec::new(),
            generations: BTreeMap::new(),
            assigned: BTreeSet::new(),
            committed: 0,
        }
    }

    fn act(&mut self, round: usize, act: &Act) {
        match *act {
            Act::Join { who, fixed, anew, needs_id, protocols } => {
                let fresh_id = format!("m{round}");
                self.owners.insert(fresh_id.clone(), who);
                let mut join = member(&fresh_id).protocols(protocols);
                join.needs_known_id = needs_id && !fixed;
                join.instance_id = fixed.then(|| format!("i{who}"));
                let client = &mut self.clients[who];
                // Another kind of member is another member.
                if anew || client.instance != join.instance_id {
                    *client = Client { instance: join.instance_id.clone(), ..Client::default() };
                }
                join.member_id.clone_from(&client.id);
                if let Some(instance) = join.instance_id.clone().filter(|_| join.member_id.is_empty())
                    && let Some(old) = self.world.group.instances.get(&instance).cloned()
                {
                    self.fenced.push((old, instance));
                }
                let ticket = self.world.join(join);
                self.asked.insert(ticket, (who, Asked::Join));
            }
            Act::Sync { who, stale } => {
                let client = self.clients[who].clone();
                let generation = client.generation - i32::from(stale);
                let state = self.world.group.state();
                let assignments: Vec<(String, Bytes)> = client
                    .members
                    .iter()
                    .map(|id| (id.clone(), assignment(generation, self.owners.get(id).copied())))
                    .collect();
                self.world.next_ticket += 1;
                let ticket = self.world.next_ticket;
                let sync = Sync {
                    member_id: client.id.clone(),
                    instance_id: client.instance.clone(),
                    generation,
                    protocol_type: None,
                    protocol: None,
                    assignments,
                };
                let effects = self.world.group.sync(self.world.now, ticket, sync);
                self.world.take(effects);
                self.asked.insert(ticket, (who, Asked::Sync { generation }));
                if state == State::CompletingRebalance && self.world.group.state() == State::Stable {
                    assert_eq!(self.world.group.leader(), Some(client.id.as_str()), "somebody else assigned");
                    assert!(self.assigned.insert(generation), "generation {generation} was assigned twice");
                }
            }
            Act::Beat { who, stale } => {
                let (claim, current) = self.claim(who, stale);
                let code = self.world.group.heartbeat(self.world.now, claim.as_claim());
                if code == ErrorCode::None {
                    assert!(current, "a heartbeat of {claim:?} was taken");
                }
            }
            Act::Commit { who, stale } => {
                let (claim, current) = self.claim(who, stale);
                let state = self.world.group.state();
                let code = self.world.group.check_commit(self.world.now, claim.as_claim());
                // Without members anybody may commit who is in no generation.
                let anybody = state == State::Empty && claim.generation < 0;
                if code == ErrorCode::None && !anybody {
                    assert!(current, "a commit of {claim:?} was taken");
                    assert!(matches!(state, State::Stable | State::PreparingRebalance), "{state:?}");
                    assert!(claim.generation >= self.committed, "a commit of an older generation was taken");
                    self.committed = claim.generation;
                }
            }
            Act::Leave { who, by_instance } => {
                let client = self.clients[who].clone();
                let instance = client.instance.clone().filter(|_| by_instance);
                let id = if instance.is_some() { "" } else { &client.id };
                let (code, effects) = self.world.group.leave(self.world.now, id, instance.as_deref());
                self.world.take(effects);
                if code == ErrorCode::None && instance.is_none() {
                    assert!(
                        self.world.group.members().all(|member| member.id != client.id),
                        "it is still there"
                    );
                }
            }
            Act::Fenced { who } => {
                for (id, instance) in
                    self.fenced.iter().filter(|(_, instance)| *instance == format!("i{who}"))
                {
                    let generation = self.world.group.generation();
                    let claim = Claim { member_id: id, instance_id: Some(instance), generation };
                    let code = self.world.group.heartbeat(self.world.now, claim);
                    let refused = [ErrorCode::FencedInstanceId, ErrorCode::UnknownMemberId].contains(&code);
                    assert!(refused, "{id} was replaced, and is answered {code:?}");
                    let commit = self.world.group.check_commit(self.world.now, claim);
                    assert_ne!(commit, ErrorCode::None, "{id} was replaced and may commit");
                }
            }
            Act::Pass { ms } => self.world.pass(Millis::from(ms)),
        }
        self.listen();
    }

    /// Who a client says it is, and whether the group has to agree.
    fn claim(&self, who: usize, stale: bool) -> (Said, bool) {
        let client = &self.clients[who];
        let said = Said {
            id: client.id.clone(),
            instance: client.instance.clone(),
            generation: client.generation - i32::from(stale),
        };
        let group = &self.world.group;
        let same = |member: &Member| said.instance.is_none() || member.instance_id == said.instance;
        let known = group.members().any(|member| member.id == said.id && same(member));
        let current = known && said.generation == group.generation();
        (said, current)
    }

    /// Takes in what was answered since.
    fn listen(&mut self) {
        for (ticket, (who, asked)) in &self.asked {
            match asked {
                Asked::Join => {
                    let Some(answer) = self.world.joined.get(ticket).cloned() else { continue };
                    if !self.answered.insert(*ticket) {
                        continue;
                    }
                    let client = &mut self.clients[*who];
                    match answer.error {
                        ErrorCode::MemberIdRequired => client.id = answer.member_id,
                        ErrorCode::None => {
                            let of = self.generations.entry(answer.generation).or_default();
                            of.protocols.insert(answer.protocol.clone());
                            let leads = answer.leader == answer.member_id;
                            assert!(
                                leads || answer.members.is_empty(),
                                "only the leader is told of the others"
                            );
                            // A static leader that came back has a new id, and is not asked to assign.
                            if leads && !answer.skip_assignment {
                                of.leaders.insert(answer.leader.clone());
                            }
                            client.id = answer.member_id;
                            client.generation = answer.generation;
                            client.members = answer.members.into_iter().map(|(id, _, _)| id).collect();
                        }
                        _ => {}
                    }
                }
                Asked::Sync { generation } => {
                    let Some(answer) = self.world.synced.get(ticket) else { continue };
                    if !self.answered.insert(*ticket) || answer.error != ErrorCode::None {
                        continue;
                    }
                    assert!(self.assigned.contains(generation), "an assignment before the leader's");
                    let expected = assignment(*generation, Some(*who));
                    let given = &answer.assignment;
                    // Whoever joined while the leader already knew its members has nothing yet.
                    assert!(given.is_empty() || *given == expected, "{given:?} instead of {expected:?}");
                }
            }
        }
        for (number, of) in &self.generations {
            assert!(of.leaders.len() <= 1, "generation {number} is led by {:?}", of.leaders);
            assert_eq!(of.protocols.len(), 1, "generation {number} speaks {:?}", of.protocols);
        }
    }

    fn check(&self, generation_before: i32) {
        let group = &self.world.group;
        assert!(group.generation() >= generation_before, "the generation went back");
        match group.state() {
            State::Empty | State::Dead => {
                assert_eq!(group.members().count(), 0);
                assert_eq!(group.leader(), None);
            }
            State::CompletingRebalance | State::Stable => {
                let leader = group.leader().expect("a settled group is led");
                assert!(group.members().any(|member| member.id == leader), "the leader is no member");
                let protocol = group.protocol().expect("a settled group has a protocol");
                assert!(group.members().all(|member| member.knows(protocol)));
                assert!(group.members().all(|member| member.joining.is_none()));
            }
            State::PreparingRebalance => {
                assert!(group.phase_ends_at.is_some(), "nothing ends the wait");
                assert!(group.members().all(|member| member.syncing.is_none()));
            }
        }
        if group.state() == State::Stable {
            assert!(group.members().all(|member| member.syncing.is_none()));
            assert!(self.assigned.contains(&group.generation()), "nobody assigned");
        }
        for (instance, id) in &group.instances {
            let member = group.members.get(id).expect("an instance has its member");
            assert_eq!(member.instance_id.as_ref(), Some(instance));
        }
        // Whoever waits is a member that the group will answer.
        let waiting: BTreeSet<Ticket> =
            group.members().flat_map(|member| [member.joining, member.syncing]).flatten().collect();
        let open: BTreeSet<Ticket> =
            self.asked.keys().filter(|ticket| !self.answered.contains(ticket)).copied().collect();
        assert_eq!(waiting, open, "requests that wait, and requests without an answer");
    }
}

#[derive(Debug)]
struct Said {
    id: String,
    instance: Option<String>,
    generation: i32,
}

impl Said {
    fn as_claim(&self) -> Claim<'_> {
        Claim { member_id: &self.id, instance_id: self.instance.as_deref(), generation: self.generation }
    }
}

fn assignment(generation: i32, who: Option<usize>) -> Bytes {
    Bytes::from(format!("what {who:?} reads in generation {generation}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_clients_do(acts in acts(), delay in prop_oneof![Just(0), Just(3000)]) {
        let mut model = Model::new(delay);
        for (round, act) in acts.iter().enumerate() {
            let before = model.world.group.generation();
            model.act(round, act);
            model.check(before);
        }
        // Left alone, everyone is answered and the group ends empty.
        for _ in 0..20 {
            let Some(deadline) = model.world.group.next_deadline() else { break };
            let before = model.world.group.generation();
            model.world.pass((deadline - model.world.now).max(0));
            model.listen();
            model.check(before);
        }
        prop_assert_eq!(model.world.group.state(), State::Empty);
        prop_assert_eq!(model.world.group.next_deadline(), None);
        prop_assert_eq!(model.answered.len(), model.asked.len());
    }
}
