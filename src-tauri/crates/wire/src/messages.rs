//! Every request and response the broker speaks, one file per API.
//!
//! A message is a list of fields in wire order. After the type comes, where it is needed, the range of
//! versions that carry the field, its default where that is not zero or empty, and its tag (KIP-482):
//!
//! ```text
//! current_leader: LeaderIdAndEpoch [12..] = … => tag 1,
//! ```
//!
//! The macro turns the list into a plain struct with [`Default`] and [`Wire`](crate::codec::Wire), nothing else.

/// Structs from field lists; see the module.
macro_rules! messages {
    (@plain) => { true };
    (@plain $tag:literal) => { false };
    (@default) => { Default::default() };
    (@default $default:literal) => { $default };
    ($(
        $(#[$meta:meta])*
        $name:ident {
            $( $field:ident : $ty:ty $([$versions:expr])? $(= $default:literal)? $(=> tag $tag:literal)?, )*
        }
    )*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name { $( pub $field: $ty, )* }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: messages!(@default $($default)?), )* }
            }
        }

        impl $crate::codec::Wire for $name {
            fn read(
                reader: &mut $crate::codec::Reader<'_>,
                cx: $crate::codec::Cx,
            ) -> Result<Self, $crate::codec::DecodeError> {
                let mut value = Self::default();
                $( let $field = $( ($versions).contains(&cx.version) && )? true; )*
                $(
                    if $field && messages!(@plain $($tag)?) {
                        value.$field = $crate::codec::Wire::read(reader, cx)?;
                    }
                )*
                if cx.flexible {
                    reader.tags(|tag, reader| {
                        match tag {
                            $($( $tag if $field => value.$field = $crate::codec::Wire::read(reader, cx)?, )?)*
                            _ => {}
                        }
                        let _ = reader;
                        Ok(())
                    })?;
                }
                Ok(value)
            }

            fn write(&self, writer: &mut $crate::codec::Writer, cx: $crate::codec::Cx) {
                $( let $field = $( ($versions).contains(&cx.version) && )? true; )*
                $(
                    if $field && messages!(@plain $($tag)?) {
                        $crate::codec::Wire::write(&self.$field, writer, cx);
                    }
                )*
                if cx.flexible {
                    let tags: &[(u32, bool)] =
                        &[ $($( ($tag, $field && self.$field != Self::default().$field), )?)* ];
                    writer.varint(tags.iter().filter(|(_, present)| *present).count() as u32);
                    for &(tag, present) in tags {
                        if present {
                            writer.tag(tag, |writer| match tag {
                                $($( $tag => $crate::codec::Wire::write(&self.$field, writer, cx), )?)*
                                _ => { let _ = writer; }
                            });
                        }
                    }
                }
            }
        }

        #[cfg(test)]
        impl $crate::messages::fill::Fill for $name {
            fn fill(random: &mut $crate::messages::fill::Random, cx: $crate::codec::Cx) -> Self {
                let mut value = Self::default();
                $(
                    let $field = $( ($versions).contains(&cx.version) && )? true;
                    if $field {
                        value.$field = $crate::messages::fill::Fill::fill(random, cx);
                    }
                )*
                value
            }
        }

        #[cfg(test)]
        impl $crate::messages::fill::Fill for Option<$name> {
            fn fill(random: &mut $crate::messages::fill::Random, cx: $crate::codec::Cx) -> Self {
                random.nullable(|random| $crate::messages::fill::Fill::fill(random, cx))
            }
        }

        impl $crate::codec::Wire for Option<$name> {
            fn read(
                reader: &mut $crate::codec::Reader<'_>,
                cx: $crate::codec::Cx,
            ) -> Result<Self, $crate::codec::DecodeError> {
                match <i8 as $crate::codec::Wire>::read(reader, cx)? {
                    -1 => Ok(None),
                    _ => Ok(Some($crate::codec::Wire::read(reader, cx)?)),
                }
            }

            fn write(&self, writer: &mut $crate::codec::Writer, cx: $crate::codec::Cx) {
                match self {
                    None => writer.put(&[0xff]),
                    Some(value) => {
                        writer.put(&[1]);
                        $crate::codec::Wire::write(value, writer, cx);
                    }
                }
            }
        }
    )* };
}
#[cfg(test)]
mod fill;
#[cfg(test)]
mod oracle;

pub mod add_offsets_to_txn;
pub mod add_partitions_to_txn;
pub mod alter_client_quotas;
pub mod alter_configs;
pub mod alter_partition_reassignments;
pub mod alter_replica_log_dirs;
pub mod alter_share_group_offsets;
pub mod alter_user_scram_credentials;
pub mod api_versions;
pub mod consumer_group_describe;
pub mod consumer_group_heartbeat;
pub mod consumer_group_records;
pub mod control_records;
pub mod create_acls;
pub mod create_partitions;
pub mod create_topics;
pub mod delete_acls;
pub mod delete_groups;
pub mod delete_records;
pub mod delete_share_group_offsets;
pub mod delete_topics;
pub mod describe_acls;
pub mod describe_client_quotas;
pub mod describe_cluster;
pub mod describe_configs;
pub mod describe_groups;
pub mod describe_log_dirs;
pub mod describe_producers;
pub mod describe_quorum;
pub mod describe_share_group_offsets;
pub mod describe_topic_partitions;
pub mod describe_transactions;
pub mod describe_user_scram_credentials;
pub mod elect_leaders;
pub mod end_txn;
pub mod fetch;
pub mod find_coordinator;
pub mod get_telemetry_subscriptions;
pub mod group_records;
pub mod heartbeat;
pub mod incremental_alter_configs;
pub mod init_producer_id;
pub mod join_group;
pub mod leave_group;
pub mod list_config_resources;
pub mod list_groups;
pub mod list_offsets;
pub mod list_partition_reassignments;
pub mod list_transactions;
pub mod metadata;
pub mod offset_commit;
pub mod offset_delete;
pub mod offset_fetch;
pub mod offset_for_leader_epoch;
pub mod produce;
pub mod push_telemetry;
pub mod sasl_authenticate;
pub mod sasl_handshake;
pub mod share_acknowledge;
pub mod share_fetch;
pub mod share_group_describe;
pub mod share_group_heartbeat;
pub mod share_group_records;
pub mod share_state_records;
pub mod streams_group_describe;
pub mod streams_group_heartbeat;
pub mod streams_group_records;
pub mod sync_group;
pub mod transaction_records;
pub mod txn_offset_commit;
pub mod update_features;
pub mod write_txn_markers;
