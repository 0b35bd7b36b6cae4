//! The APIs by number, their versions and which of them are flexible.

use std::fmt;

/// The versions of one API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    pub min: i16,
    pub max: i16,
    /// The first version with compact lengths and tagged fields (KIP-482).
    pub flexible: i16,
}

/// Every API that can be read and written, in the order of their numbers.
macro_rules! apis {
    ($( $name:ident = $key:literal, $min:literal ..= $max:literal, flexible $flexible:expr; )*) => {
        /// An API of the protocol.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(i16)]
        pub enum ApiKey { $( $name = $key, )* }

        impl ApiKey {
            /// Every known API.
            pub const ALL: &[ApiKey] = &[ $( ApiKey::$name, )* ];

            /// The API with this number.
            pub fn from_number(number: i16) -> Option<Self> {
                match number { $( $key => Some(ApiKey::$name), )* _ => None }
            }

            /// Its versions.
            pub fn versions(self) -> Versions {
                match self { $( ApiKey::$name => Versions { min: $min, max: $max, flexible: $flexible }, )* }
            }
        }
    };
}

/// For APIs without a flexible version.
const NEVER: i16 = i16::MAX;

apis! {
    // Produce is advertised from 0 because librdkafka turns compression off otherwise; 3 is the first served.
    Produce = 0, 0..=13, flexible 9;
    Fetch = 1, 4..=18, flexible 12;
    ListOffsets = 2, 1..=11, flexible 6;
    Metadata = 3, 0..=13, flexible 9;
    OffsetCommit = 8, 2..=10, flexible 8;
    OffsetFetch = 9, 1..=10, flexible 6;
    FindCoordinator = 10, 0..=6, flexible 3;
    JoinGroup = 11, 0..=9, flexible 6;
    Heartbeat = 12, 0..=4, flexible 4;
    LeaveGroup = 13, 0..=5, flexible 4;
    SyncGroup = 14, 0..=5, flexible 4;
    DescribeGroups = 15, 0..=6, flexible 5;
    ListGroups = 16, 0..=5, flexible 3;
    SaslHandshake = 17, 0..=1, flexible NEVER;
    ApiVersions = 18, 0..=4, flexible 3;
    CreateTopics = 19, 2..=7, flexible 5;
    DeleteTopics = 20, 1..=6, flexible 4;
    DeleteRecords = 21, 0..=2, flexible 2;
    InitProducerId = 22, 0..=5, flexible 2;
    OffsetForLeaderEpoch = 23, 2..=4, flexible 4;
    AddPartitionsToTxn = 24, 0..=5, flexible 3;
    AddOffsetsToTxn = 25, 0..=4, flexible 3;
    EndTxn = 26, 0..=5, flexible 3;
    WriteTxnMarkers = 27, 1..=2, flexible 1;
    TxnOffsetCommit = 28, 0..=5, flexible 3;
    DescribeAcls = 29, 1..=3, flexible 2;
    CreateAcls = 30, 1..=3, flexible 2;
    DeleteAcls = 31, 1..=3, flexible 2;
    DescribeConfigs = 32, 1..=4, flexible 4;
    AlterConfigs = 33, 0..=2, flexible 2;
    AlterReplicaLogDirs = 34, 1..=2, flexible 2;
    DescribeLogDirs = 35, 1..=5, flexible 2;
    SaslAuthenticate = 36, 0..=2, flexible 2;
    CreatePartitions = 37, 0..=3, flexible 2;
    DeleteGroups = 42, 0..=2, flexible 2;
    ElectLeaders = 43, 0..=2, flexible 2;
    IncrementalAlterConfigs = 44, 0..=1, flexible 1;
    AlterPartitionReassignments = 45, 0..=1, flexible 0;
    ListPartitionReassignments = 46, 0..=0, flexible 0;
    OffsetDelete = 47, 0..=0, flexible NEVER;
    DescribeClientQuotas = 48, 0..=1, flexible 1;
    AlterClientQuotas = 49, 0..=1, flexible 1;
    DescribeUserScramCredentials = 50, 0..=0, flexible 0;
    AlterUserScramCredentials = 51, 0..=0, flexible 0;
    DescribeQuorum = 55, 0..=2, flexible 0;
    UpdateFeatures = 57, 0..=2, flexible 0;
    DescribeCluster = 60, 0..=2, flexible 0;
    DescribeProducers = 61, 0..=0, flexible 0;
    DescribeTransactions = 65, 0..=0, flexible 0;
    ListTransactions = 66, 0..=2, flexible 0;
    ConsumerGroupHeartbeat = 68, 0..=1, flexible 0;
    ConsumerGroupDescribe = 69, 0..=1, flexible 0;
    GetTelemetrySubscriptions = 71, 0..=0, flexible 0;
    PushTelemetry = 72, 0..=0, flexible 0;
    ListConfigResources = 74, 0..=1, flexible 0;
    DescribeTopicPartitions = 75, 0..=0, flexible 0;
    ShareGroupHeartbeat = 76, 1..=1, flexible 0;
    ShareGroupDescribe = 77, 1..=1, flexible 0;
    ShareFetch = 78, 1..=2, flexible 0;
    ShareAcknowledge = 79, 1..=2, flexible 0;
    StreamsGroupHeartbeat = 88, 0..=0, flexible 0;
    StreamsGroupDescribe = 89, 0..=0, flexible 0;
    DescribeShareGroupOffsets = 90, 0..=1, flexible 0;
    AlterShareGroupOffsets = 91, 0..=0, flexible 0;
    DeleteShareGroupOffsets = 92, 0..=0, flexible 0;
}

impl ApiKey {
    /// Its number on the wire.
    pub fn number(self) -> i16 {
        self as i16
    }

    /// Whether this version has compact lengths and tagged fields.
    pub fn is_flexible(self, version: i16) -> bool {
        version >= self.versions().flexible
    }

    /// How to read and write the body at `version`.
    pub fn cx(self, version: i16) -> crate::codec::Cx {
        crate::codec::Cx { version, flexible: self.is_flexible(version) }
    }

    /// Whether the response's header carries tagged fields. That of ApiVersions never does: a client reads it
    /// before it knows which versions the broker speaks.
    pub fn response_has_tags(self, version: i16) -> bool {
        self != ApiKey::ApiVersions && self.is_flexible(version)
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
