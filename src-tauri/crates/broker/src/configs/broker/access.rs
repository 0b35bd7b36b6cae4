//! Who may do what, and who one is.

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "allow.everyone.if.no.acl.found" Unknown["false"] Any, ReadOnly,
        hidden "Whether everyone may use what no rule is about, where there is an authorizer.";

    "authorizer.class.name" String[""] Any, ReadOnly,
        "org.apache.kafka.metadata.authorizer.StandardAuthorizer enforces access control lists. Empty: everyone may do everything.";

    "delegation.token.expiry.check.interval.ms" Long["3600000"] AtLeast(1), ReadOnly,
        "Time between two looks for expired delegation tokens. There are none.";

    "delegation.token.expiry.time.ms" Long["86400000"] AtLeast(1), ReadOnly,
        "How long a delegation token lives unless it is renewed. There are none.";

    "delegation.token.max.lifetime.ms" Long["604800000"] AtLeast(1), ReadOnly,
        "The longest a delegation token can live. There are none.";

    "delegation.token.secret.key" Password[] Any, ReadOnly,
        "The key by which delegation tokens are signed. There are none.";

    "principal.builder.class" Class["org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder"] Any, PerBroker,
        "A Java class that names users. Kafka's default rules are what is used here.";

    "security.providers" String[] Any, ReadOnly,
        "Java classes that provide cryptography. None is loaded here.";

    "super.users" Unknown[] Any, ReadOnly,
        hidden "Users who may do everything, separated by semicolons: User:alice;User:bob.";
};
