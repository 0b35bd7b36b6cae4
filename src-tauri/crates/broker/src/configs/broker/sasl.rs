//! SASL.

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "sasl.client.callback.handler.class" Class[] Any, ReadOnly,
        "A Java class for SASL between brokers. None is loaded here.";

    "sasl.enabled.mechanisms" List["PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"] SomeOf(&["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]), PerBroker,
        "How clients of SASL listeners may prove who they are.";

    "sasl.jaas.config" Password[] Any, PerBroker,
        "Users of a listener and mechanism, given as listener.name.<listener>.plain.sasl.jaas.config.";

    "sasl.kerberos.kinit.cmd" String["/usr/bin/kinit"] Any, PerBroker,
        "Where Kerberos' kinit is. Kerberos is not spoken here.";

    "sasl.kerberos.min.time.before.relogin" Long["60000"] Any, PerBroker,
        "The shortest time between two log-ins to Kerberos.";

    "sasl.kerberos.principal.to.local.rules" List["DEFAULT"] Any, PerBroker,
        "How users' names are made of Kerberos'.";

    "sasl.kerberos.service.name" String[] Any, PerBroker,
        "The broker's name in Kerberos.";

    "sasl.kerberos.ticket.renew.jitter" Double["0.05"] Any, PerBroker,
        "The random part of the time before a ticket is renewed.";

    "sasl.kerberos.ticket.renew.window.factor" Double["0.8"] Any, PerBroker,
        "The part of a ticket's life after which it is renewed.";

    "sasl.login.callback.handler.class" Class[] Any, ReadOnly,
        "A Java class for the broker's own log-in. None is loaded here.";

    "sasl.login.class" Class[] Any, ReadOnly,
        "A Java class that logs the broker in. None is loaded here.";

    "sasl.login.connect.timeout.ms" Int[] Any, ReadOnly,
        "How long a connection to an OAuth provider may take.";

    "sasl.login.read.timeout.ms" Int[] Any, ReadOnly,
        "How long an answer of an OAuth provider may take.";

    "sasl.login.refresh.buffer.seconds" Short["300"] Any, PerBroker,
        "How long before its end an OAuth token is renewed.";

    "sasl.login.refresh.min.period.seconds" Short["60"] Any, PerBroker,
        "The shortest time before an OAuth token is renewed.";

    "sasl.login.refresh.window.factor" Double["0.8"] Any, PerBroker,
        "The part of an OAuth token's life after which it is renewed.";

    "sasl.login.refresh.window.jitter" Double["0.05"] Any, PerBroker,
        "The random part of that time.";

    "sasl.login.retry.backoff.max.ms" Long["10000"] Any, ReadOnly,
        "The longest wait before an OAuth provider is asked again.";

    "sasl.login.retry.backoff.ms" Long["100"] Any, ReadOnly,
        "The wait before an OAuth provider is asked again.";

    "sasl.mechanism.controller.protocol" String["GSSAPI"] Any, ReadOnly,
        "The SASL mechanism between broker and controller. Both are one process here.";

    "sasl.mechanism.inter.broker.protocol" String["GSSAPI"] Any, PerBroker,
        "The SASL mechanism between brokers. There is one.";

    "sasl.oauthbearer.assertion.algorithm" String["RS256"] OneOfAnyCase(&["ES256", "RS256"]), ReadOnly,
        "How assertions to an OAuth provider are signed. OAUTHBEARER is not spoken here.";

    "sasl.oauthbearer.assertion.claim.aud" String[] Any, ReadOnly,
        "The audience of such assertions.";

    "sasl.oauthbearer.assertion.claim.exp.seconds" Int["300"] Between(0, 86400), ReadOnly,
        "How long such assertions are valid.";

    "sasl.oauthbearer.assertion.claim.iss" String[] Any, ReadOnly,
        "The issuer of such assertions.";

    "sasl.oauthbearer.assertion.claim.jti.include" Boolean["false"] Any, ReadOnly,
        "Whether such assertions have an id.";

    "sasl.oauthbearer.assertion.claim.nbf.seconds" Int["60"] Between(0, 3600), ReadOnly,
        "How long before they are made such assertions are valid.";

    "sasl.oauthbearer.assertion.claim.sub" String[] Any, ReadOnly,
        "The subject of such assertions.";

    "sasl.oauthbearer.assertion.file" String[] Any, ReadOnly,
        "A file with a finished assertion.";

    "sasl.oauthbearer.assertion.private.key.file" String[] Any, ReadOnly,
        "The key by which assertions are signed.";

    "sasl.oauthbearer.assertion.private.key.passphrase" Password[] Any, ReadOnly,
        "The password of that key.";

    "sasl.oauthbearer.assertion.template.file" String[] Any, ReadOnly,
        "A file with claims for assertions.";

    "sasl.oauthbearer.client.credentials.client.id" String[] Any, ReadOnly,
        "The client's id at the OAuth provider.";

    "sasl.oauthbearer.client.credentials.client.secret" Password[] Any, ReadOnly,
        "The client's secret at the OAuth provider.";

    "sasl.oauthbearer.clock.skew.seconds" Int["30"] Any, ReadOnly,
        "How far clocks may differ when OAuth tokens are checked.";

    "sasl.oauthbearer.expected.audience" List[""] Any, ReadOnly,
        "The audiences an OAuth token may be for.";

    "sasl.oauthbearer.expected.issuer" String[] Any, ReadOnly,
        "Who must have issued an OAuth token.";

    "sasl.oauthbearer.jwks.endpoint.refresh.ms" Long["3600000"] Any, ReadOnly,
        "How often the OAuth provider's keys are read.";

    "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms" Long["10000"] Any, ReadOnly,
        "The longest wait before those keys are asked for again.";

    "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms" Long["100"] Any, ReadOnly,
        "The wait before those keys are asked for again.";

    "sasl.oauthbearer.jwks.endpoint.url" String[] Any, ReadOnly,
        "Where the OAuth provider's keys are.";

    "sasl.oauthbearer.jwt.retriever.class" Class["org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever"] Any, ReadOnly,
        "A Java class that gets OAuth tokens. None is loaded here.";

    "sasl.oauthbearer.jwt.validator.class" Class["org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator"] Any, ReadOnly,
        "A Java class that checks OAuth tokens. None is loaded here.";

    "sasl.oauthbearer.scope" String[] Any, ReadOnly,
        "The scope asked of the OAuth provider.";

    "sasl.oauthbearer.scope.claim.name" String["scope"] Any, ReadOnly,
        "The claim that holds the scope of an OAuth token.";

    "sasl.oauthbearer.sub.claim.name" String["sub"] Any, ReadOnly,
        "The claim that holds the subject of an OAuth token.";

    "sasl.oauthbearer.token.endpoint.url" String[] Any, ReadOnly,
        "Where OAuth tokens are had.";

    "sasl.server.callback.handler.class" Class[] Any, ReadOnly,
        "A Java class that checks passwords. None is loaded here.";

    "sasl.server.max.receive.size" Int["524288"] Any, ReadOnly,
        "The largest request taken before a client has authenticated.";
};
