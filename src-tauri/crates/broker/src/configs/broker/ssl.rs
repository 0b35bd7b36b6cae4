//! TLS.

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "ssl.allow.dn.changes" Boolean["false"] Any, ReadOnly,
        "Whether a new certificate may have another subject.";

    "ssl.allow.san.changes" Boolean["false"] Any, ReadOnly,
        "Whether a new certificate may have other names.";

    "ssl.cipher.suites" List[""] Any, PerBroker,
        "Cipher suites that may be used. Empty: all that are safe.";

    "ssl.client.auth" String["none"] OneOf(&["required", "requested", "none"]), PerBroker,
        "Whether clients of TLS listeners must or may show a certificate.";

    "ssl.enabled.protocols" List["TLSv1.2,TLSv1.3"] SomeOf(&["TLSv1.2", "TLSv1.3"]), PerBroker,
        "Versions of TLS that are spoken.";

    "ssl.endpoint.identification.algorithm" String["https"] Any, PerBroker,
        "How a server's name is compared with its certificate where the broker connects to others. It does not.";

    "ssl.engine.factory.class" Class[] Any, PerBroker,
        "A Java class that makes TLS. None is loaded here.";

    "ssl.key.password" Password[] Any, PerBroker,
        "The password of the private key in ssl.keystore.location. Encrypted keys are not read here.";

    "ssl.keymanager.algorithm" String["SunX509"] Any, PerBroker,
        "How Java reads its keys.";

    "ssl.keystore.certificate.chain" Password[] Any, PerBroker,
        "The certificate chain in PEM, where ssl.keystore.location is not set.";

    "ssl.keystore.key" Password[] Any, PerBroker,
        "The private key in PEM, where ssl.keystore.location is not set.";

    "ssl.keystore.location" String[] Any, PerBroker,
        "A PEM file with certificate chain and private key.";

    "ssl.keystore.password" Password[] Any, PerBroker,
        "The password of a store in another format than PEM.";

    "ssl.keystore.type" String["PEM"] Any, PerBroker,
        "How ssl.keystore.location is written. PEM is what is read here.";

    "ssl.principal.mapping.rules" String["DEFAULT"] Any, ReadOnly,
        "How users' names are made of certificates' distinguished names.";

    "ssl.protocol" String["TLSv1.3"] Any, PerBroker,
        "The TLS version preferred by Java. The newest in ssl.enabled.protocols is used here.";

    "ssl.provider" String[] Any, PerBroker,
        "The Java provider of TLS.";

    "ssl.secure.random.implementation" String[] Any, PerBroker,
        "Java's source of randomness.";

    "ssl.trustmanager.algorithm" String["PKIX"] Any, PerBroker,
        "How Java checks certificates.";

    "ssl.truststore.certificates" Password[] Any, PerBroker,
        "The certificates by which clients' are checked, in PEM, where ssl.truststore.location is not set.";

    "ssl.truststore.location" String[] Any, PerBroker,
        "A PEM file with the certificates by which clients' are checked.";

    "ssl.truststore.password" Password[] Any, PerBroker,
        "The password of a store in another format than PEM.";

    "ssl.truststore.type" String["PEM"] Any, PerBroker,
        "How ssl.truststore.location is written. PEM is what is read here.";
};
