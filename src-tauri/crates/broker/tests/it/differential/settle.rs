//! Groups whose members are led step by step: everyone beats until nothing changes any more.

use std::time::Duration;

use super::script::Text;
use super::side::Side;
use super::tree::Node;

/// Rounds, 5 ms apart.
const ROUNDS: usize = 40;

/// What keeps a group: each describes, and beats, by requests of its own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Led {
    Club,
    Flow,
}

impl Side {
    /// How the group is described once it rests.
    pub(super) async fn settle(&mut self, led: Led, group: Text) -> Node {
        let mut last = None;
        for _ in 0..ROUNDS {
            for member in self.led(led, group) {
                match led {
                    Led::Club => self.beat_on_in_club(group, member).await,
                    Led::Flow => self.beat_on_in_flow(group, member).await,
                }
            }
            let (state, node) = match led {
                Led::Club => {
                    let (answer, node) = self.describe_club(1, group).await;
                    (answer.groups[0].group_state.clone(), node)
                }
                Led::Flow => {
                    let (answer, node) = self.describe_flow(0, group).await;
                    (answer.groups[0].group_state.clone(), node)
                }
            };
            let rests = ["Stable", "Empty", "NotReady", ""].contains(&state.as_str());
            if rests && last.as_ref() == Some(&node) {
                return node;
            }
            last = Some(node);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        last.unwrap_or(Node::Leaf("never settled".into()))
    }

    fn led(&self, led: Led, group: Text) -> Vec<Text> {
        let keys: Vec<&(Text, Text)> = match led {
            Led::Club => self.club_seats.keys().collect(),
            Led::Flow => self.flow_seats.keys().collect(),
        };
        keys.into_iter().filter(|(of, _)| *of == group).map(|(_, member)| *member).collect()
    }
}
